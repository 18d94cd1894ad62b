package inference

import (
	"errors"
	"runtime"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/professionalaistudio/studio/models"
)

// tensors are what one run of a net works on: its input, its outputs and the switch that stops it. They are made once, and
// their memory is Go's, pinned for as long as ONNX Runtime knows of it.
type tensors struct {
	in      []byte      // what the caller fills: a picture, red, green and blue of a pixel side by side
	out     [][]float32 // what the caller reads, in the order of the manifest
	input   ort.Value
	outputs []ort.Value
	options *ort.RunOptions
	enter   func() // moves in into input, where the net wants another layout, type or scale; nil where they are the same memory
	wipe    func() // zeroes the input that enter fills
	pin     runtime.Pinner
}

func newTensors(m models.Model) (_ *tensors, err error) {
	t := &tensors{in: make([]byte, 3*m.Input.Width*m.Input.Height)}
	defer func() {
		if err != nil {
			t.destroy()
		}
	}()
	switch {
	case asIs(m.Input):
		t.input, err = input(t, m.Input, t.in)
	case m.Input.Type == "uint8":
		err = enterAs(t, m.Input, func(v float64) uint8 { return uint8(min(max(v+.5, 0), 255)) })
	default:
		err = enterAs(t, m.Input, func(v float64) float32 { return float32(v) })
	}
	if err != nil {
		return nil, err
	}
	for _, out := range m.Outputs {
		count := 1
		for _, n := range out.Shape {
			count *= n
		}
		data := make([]float32, count)
		tensor, err := newTensor(t, out.Shape, data)
		if err != nil {
			return nil, err
		}
		t.out, t.outputs = append(t.out, data), append(t.outputs, tensor)
	}
	t.options, err = ort.NewRunOptions()
	return t, err
}

// asIs tells whether a net takes a picture as the caller writes it.
func asIs(in models.Input) bool {
	return in.Type == "uint8" && in.Layout == "NHWC" && in.Scale == 1 && in.Mean == [3]float64{} && in.Std == [3]float64{1, 1, 1}
}

// newTensor tells ONNX Runtime of data, which t keeps where it is.
func newTensor[T float32 | uint8](t *tensors, shape []int, data []T) (*ort.Tensor[T], error) {
	dims := make(ort.Shape, len(shape))
	for i, n := range shape {
		dims[i] = int64(n)
	}
	t.pin.Pin(&data[0])
	return ort.NewTensor(dims, data)
}

// input tells ONNX Runtime of data as the input of a net.
func input[T float32 | uint8](t *tensors, in models.Input, data []T) (ort.Value, error) {
	return newTensor(t, inputPort(in).dims, data)
}

// enterAs gives t an input of its own, as the net wants it.
func enterAs[T float32 | uint8](t *tensors, in models.Input, convert func(float64) T) (err error) {
	data := make([]T, len(t.in))
	if t.input, err = input(t, in, data); err != nil {
		return err
	}
	var values [3][256]T
	for c := range values {
		for v := range values[c] {
			values[c][v] = convert((float64(v)*in.Scale - in.Mean[c]) / in.Std[c])
		}
	}
	channel, step := len(t.in)/3, 1 // where the next channel begins, and the next pixel
	if in.Layout == "NHWC" {
		channel, step = 1, 3
	}
	t.enter = func() {
		for c := range values {
			for i := range len(t.in) / 3 {
				data[c*channel+i*step] = values[c][t.in[3*i+c]]
			}
		}
	}
	t.wipe = func() { clear(data) }
	return nil
}

// clear zeroes what a run left.
func (t *tensors) clear() {
	clear(t.in)
	if t.wipe != nil {
		t.wipe()
	}
	for _, out := range t.out {
		clear(out)
	}
}

func (t *tensors) destroy() error {
	var faults []error
	for _, v := range append([]ort.Value{t.input}, t.outputs...) {
		if v != nil {
			faults = append(faults, v.Destroy())
		}
	}
	if t.options != nil {
		faults = append(faults, t.options.Destroy())
	}
	t.input, t.outputs, t.options = nil, nil, nil
	t.pin.Unpin()
	return errors.Join(faults...)
}
