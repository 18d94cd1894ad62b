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
	in      []float32   // what the caller fills: planes of red, green and blue
	out     [][]float32 // what the caller reads, in the order of the manifest
	input   ort.Value
	outputs []ort.Value
	options *ort.RunOptions
	enter   func() // moves in into input, where the net wants another layout or type; nil where they are the same memory
	wipe    func() // zeroes the input that enter fills
	pin     runtime.Pinner
}

func newTensors(m models.Model) (_ *tensors, err error) {
	t := &tensors{}
	defer func() {
		if err != nil {
			t.destroy()
		}
	}()
	in := inputPort(m.Input)
	t.in = make([]float32, 3*m.Input.Width*m.Input.Height)
	switch {
	case m.Input.Type == "uint8":
		err = enterAs(t, in, m.Input.Layout == "NHWC", func(v float32) uint8 { return uint8(min(max(v+.5, 0), 255)) })
	case m.Input.Layout == "NHWC":
		err = enterAs(t, in, true, func(v float32) float32 { return v })
	default:
		err = enterAsIs(t, in)
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

// newTensor tells ONNX Runtime of data, which t keeps where it is.
func newTensor[T float32 | uint8](t *tensors, shape []int, data []T) (*ort.Tensor[T], error) {
	dims := make(ort.Shape, len(shape))
	for i, n := range shape {
		dims[i] = int64(n)
	}
	t.pin.Pin(&data[0])
	return ort.NewTensor(dims, data)
}

// enterAsIs gives t an input of planes of float32.
func enterAsIs(t *tensors, in port) error {
	tensor, err := newTensor(t, in.dims, t.in)
	if err != nil {
		return err
	}
	t.input = tensor
	return nil
}

// enterAs gives t an input of another type or layout than planes of float32.
func enterAs[T float32 | uint8](t *tensors, in port, interleaved bool, convert func(float32) T) error {
	data := make([]T, len(t.in))
	tensor, err := newTensor(t, in.dims, data)
	if err != nil {
		return err
	}
	t.input = tensor
	plane, step := len(t.in)/3, 1 // where the next channel begins, and the next pixel
	channel := plane
	if interleaved {
		channel, step = 1, 3
	}
	t.enter = func() {
		for c := range 3 {
			for i, v := range t.in[c*plane : (c+1)*plane] {
				data[c*channel+i*step] = convert(v)
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
