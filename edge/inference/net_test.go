package inference_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/edge/inference"
	"github.com/professionalaistudio/studio/edge/inference/inferencetest"
	"github.com/professionalaistudio/studio/models"
)

func load(t testing.TB, r *inference.Runtime, m models.Model, data []byte) *inference.Net {
	t.Helper()
	n, err := r.Load(m, data)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// ramp fills an input with 0, 1, 2 …
func ramp(in []byte) {
	for i := range in {
		in[i] = byte(i)
	}
}

func TestRun(t *testing.T) {
	r := inferencetest.Start(t, inference.Config{Wide: 2})
	data, m := doubled()
	n := load(t, r, m, data)
	var kept []float32
	for round := range 3 {
		err := n.Run(t.Context(), func(in []byte) {
			for i, v := range in {
				if v != 0 {
					t.Errorf("round %d: fill sees %v at %d, want what is zeroed", round, v, i)
				}
			}
			ramp(in)
		}, func(out [][]float32) error {
			kept = out[0]
			for i, v := range out[0] {
				if at := 3*(i%8) + i/8; v != float32(2*at) { // planes of eight
					t.Errorf("round %d: %d becomes %v, want %d", round, at, v, 2*at)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range kept {
			if v != 0 {
				t.Errorf("round %d: after the run the output holds %v at %d", round, v, i)
			}
		}
	}
	if got := n.Model().Name; got != m.Name {
		t.Errorf("the net is called %q, want %q", got, m.Name)
	}
}

// An operator's net may want another layout and another type. Whoever fills it need not know.
func TestLayoutsAndTypes(t *testing.T) {
	r := inferencetest.Start(t, inference.Config{})
	for _, layout := range []string{"NCHW", "NHWC"} {
		for kind, number := range map[string]int{"float32": 1, "uint8": 2} {
			for _, scaled := range []models.Input{
				{Scale: 1, Std: [3]float64{1, 1, 1}},
				{Scale: 4, Std: [3]float64{1, 1, 1}},
				{Scale: 1, Mean: [3]float64{-1, 8, 4}, Std: [3]float64{1, 1, 1}},
				{Scale: 1, Std: [3]float64{1, 2, 3}},
				{Scale: 4, Mean: [3]float64{-1, 8, 400}, Std: [3]float64{1, 2, 3}},
			} {
				m := small(1, 3, 2, 4)
				m.Input.Layout, m.Input.Type, m.Input.Scale, m.Input.Mean, m.Input.Std = layout, kind, scaled.Scale, scaled.Mean, scaled.Std
				dims := []int{1, 3, 2, 4}
				nodes := []message{node("Cast", []string{"in"}, "float", integers("to", false, 1))}
				if layout == "NHWC" {
					dims = []int{1, 2, 4, 3}
					nodes = append(nodes, node("Transpose", []string{"float"}, "out", integers("perm", true, 0, 3, 1, 2)))
				} else {
					nodes = append(nodes, node("Identity", []string{"float"}, "out", nil))
				}
				n := load(t, r, m, file([]message{value("in", number, dims...)}, []message{value("out", 1, 1, 3, 2, 4)}, nodes...))
				err := n.Run(t.Context(), ramp, func(out [][]float32) error {
					for i, got := range out[0] {
						c := i / 8
						want := (float64(3*(i%8)+c)*m.Input.Scale - m.Input.Mean[c]) / m.Input.Std[c]
						if kind == "uint8" {
							want = math.Floor(max(want+.5, 0))
						}
						if got != float32(want) {
							t.Errorf("%s of %s, %v: channel %d of pixel %d comes as %v, want %v", layout, kind, m.Input, c, i%8, got, want)
						}
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		}
	}
}

// The nets of this build load, and what comes out of a picture without a person lies where it may.
func TestOurOwn(t *testing.T) {
	r := inferencetest.Start(t, inference.Config{})
	set, err := models.Open("")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range set.All() {
		_, data, _ := set.For(m.Task)
		n := load(t, r, m, data)
		err := n.Run(t.Context(), func(in []byte) {
			for i := range in {
				in[i] = byte(i % 251)
			}
		}, func(out [][]float32) error {
			if m.Task == models.Matte {
				if low, high := slices.Min(out[0]), slices.Max(out[0]); low < -1e-3 || high > 1+1e-3 {
					t.Errorf("%s: alpha goes from %v to %v, want 0 to 1", m.Name, low, high)
				}
			}
			return nil
		})
		if err != nil {
			t.Errorf("%s: %v", m.Name, err)
		}
	}
}

// With one thread and with several, the same comes out, time after time, although what the threads keep is zeroed in between.
func TestWideIsTheSame(t *testing.T) {
	set, err := models.Open("")
	if err != nil {
		t.Fatal(err)
	}
	first := map[string][][]float32{}
	for _, wide := range []int{1, 4} {
		r := inferencetest.Start(t, inference.Config{Wide: wide})
		for _, m := range set.All() {
			_, data, _ := set.For(m.Task)
			n := load(t, r, m, data)
			if got := inference.Threads(n); got != wide {
				t.Fatalf("%s has %d threads, want %d", m.Name, got, wide)
			}
			for round := range 4 {
				err := n.Run(t.Context(), func(in []byte) {
					for i := range in {
						in[i] = byte(i * i % 65521)
					}
				}, func(out [][]float32) error {
					for i, values := range out {
						if len(first[m.Name]) == i {
							first[m.Name] = append(first[m.Name], slices.Clone(values))
						}
						if !slices.Equal(values, first[m.Name][i]) {
							t.Errorf("%s: output %d of run %d with %d threads is not that of the first with one", m.Name, i, round, wide)
						}
					}
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestErrorsOfRun(t *testing.T) {
	r := inferencetest.Start(t, inference.Config{})
	data, m := doubled()
	n := load(t, r, m, data)
	run := func(ctx context.Context) error {
		return n.Run(ctx, ramp, func([][]float32) error { return nil })
	}
	if err := n.Run(t.Context(), ramp, func([][]float32) error { return io.ErrUnexpectedEOF }); err != io.ErrUnexpectedEOF {
		t.Errorf("an error of read comes back as %v", err)
	}
	ended, end := context.WithCancelCause(t.Context())
	end(io.ErrClosedPipe)
	if err := n.Run(ended, func([]byte) { t.Error("the input is filled after the deadline") }, nil); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a run whose time is over says %v, want its cause", err)
	}
	ctx, end := context.WithCancelCause(t.Context())
	if err := n.Run(ctx, func([]byte) { end(io.ErrClosedPipe) }, func([][]float32) error {
		t.Error("the result is read after the deadline")
		return nil
	}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a run whose time ends in it says %v, want its cause", err)
	}
	func() {
		defer func() { recover() }()
		_ = n.Run(t.Context(), func([]byte) { panic("in fill") }, nil)
	}()
	if err := run(t.Context()); err != nil { // neither the deadlines nor the panic took the only set away
		t.Errorf("the next run says %v", err)
	}

	if err := errors.Join(n.Close(), n.Close()); err != nil {
		t.Errorf("closing twice: %v", err)
	}
	if err := run(t.Context()); !errors.Is(err, inference.ErrClosed) {
		t.Errorf("a run of a closed net says %v, want ErrClosed", err)
	}
	other := load(t, r, m, data)
	if err := errors.Join(r.Close(), r.Close(), other.Close()); err != nil {
		t.Errorf("closing twice: %v", err)
	}
	if err := other.Run(t.Context(), ramp, nil); !errors.Is(err, inference.ErrClosed) {
		t.Errorf("a run after the Runtime is closed says %v, want ErrClosed", err)
	}
	if _, err := r.Load(m, data); !errors.Is(err, inference.ErrClosed) {
		t.Errorf("loading after the Runtime is closed says %v, want ErrClosed", err)
	}
}

// slow is a net of many layers that takes some hundred milliseconds.
func slow() ([]byte, models.Model) {
	const side, layers = 512, 200
	m := small(1, 3, side, side)
	m.Input.Width, m.Input.Height = side, side
	var nodes []message
	for i := range layers {
		from, to := fmt.Sprint("a", i), fmt.Sprint("a", i+1)
		if i == 0 {
			from = "in"
		}
		if i == layers-1 {
			to = "out"
		}
		nodes = append(nodes, node("Sin", []string{from}, to, nil))
	}
	return file([]message{value("in", 1, 1, 3, side, side)}, []message{value("out", 1, 1, 3, side, side)}, nodes...), m
}

// A deadline is honoured between the layers of a net, and the run after it is whole.
func TestDeadline(t *testing.T) {
	r := inferencetest.Start(t, inference.Config{Wide: 1})
	data, m := slow()
	n := load(t, r, m, data)
	run := func(ctx context.Context) (time.Duration, error) {
		start := time.Now()
		err := n.Run(ctx, ramp, func([][]float32) error { return nil })
		return time.Since(start), err
	}
	tries := 20
	// A machine that is busy stretches now the one run and now the other, so of several tries one must show it.
	var whole, cut time.Duration
	for soon := false; !soon; {
		var err error
		if whole, err = run(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), whole/10)
		cut, err = run(ctx)
		cancel()
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("with a tenth of its time a run says %v, want context.DeadlineExceeded", err)
		}
		if soon = err != nil && cut < whole/2; !soon && tries == 0 {
			t.Fatalf("with a tenth of its time a run of %v ends after %v and says %v, want context.DeadlineExceeded soon", whole, cut, err)
		}
		tries--
	}
	if _, err := run(t.Context()); err != nil {
		t.Errorf("the run after a deadline says %v", err)
	}
}

// As many run at once as there are sets of tensors, each with its own; who finds none waits, and no longer than its deadline.
func TestSlots(t *testing.T) {
	r := inferencetest.Start(t, inference.Config{Slots: 3, Wide: 2})
	data, m := doubled()
	n := load(t, r, m, data)
	var inside, most atomic.Int32
	var wg sync.WaitGroup
	for i := range 24 {
		wg.Go(func() {
			for range 20 {
				err := n.Run(t.Context(), func(in []byte) {
					if now := inside.Add(1); now > most.Load() {
						most.Store(now)
					}
					for j := range in {
						in[j] = byte(i)
					}
				}, func(out [][]float32) error {
					for _, v := range out[0] {
						if v != float32(2*i) {
							t.Errorf("the run with %d gets %v, want %d", i, v, 2*i)
						}
					}
					inside.Add(-1)
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got := most.Load(); got > 3 {
		t.Errorf("%d ran at once, want 3 at most", got)
	}

	hold, release := make(chan struct{}), make(chan struct{})
	for range 3 {
		wg.Go(func() {
			_ = n.Run(context.Background(), ramp, func([][]float32) error {
				hold <- struct{}{}
				<-release
				return nil
			})
		})
		<-hold
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := n.Run(ctx, ramp, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting for a set says %v, want context.DeadlineExceeded", err)
	}
	closed := make(chan error)
	go func() { closed <- r.Close() }()
	select {
	case <-closed:
		t.Error("Close does not wait for the runs")
	case <-time.After(20 * time.Millisecond):
	}
	close(release)
	if err := <-closed; err != nil {
		t.Error(err)
	}
	wg.Wait()
}

// A net that is not what its manifest says is refused when it is loaded, and the error names the difference.
func TestForeignFiles(t *testing.T) {
	r := inferencetest.Start(t, inference.Config{})
	good, _ := doubled()
	in, out := value("in", 1, 1, 3, 2, 4), value("out", 1, 1, 3, 2, 4)
	add := node("Add", []string{"in", "in"}, "out", nil)
	for name, test := range map[string]struct {
		data  []byte
		names string
	}{
		"nothing":            {nil, "there is no graph in it"},
		"text":               {[]byte("version https://git-lfs.github.com/spec/v1\noid sha256:00\n"), "not ONNX"},
		"a JPEG":             {[]byte("\xff\xd8\xff\xe0\x00\x10JFIF"), "not ONNX"},
		"cut short":          {good[:len(good)/2], "not ONNX"},
		"another input":      {file([]message{value("input", 1, 1, 3, 2, 4)}, []message{out}, node("Add", []string{"input", "input"}, "out", nil)), `input is "input" float32 [1 3 2 4], the manifest says "in"`},
		"another size":       {file([]message{value("in", 1, 1, 3, 4, 4)}, []message{value("out", 1, 1, 3, 4, 4)}, add), "[1 3 4 4], the manifest says"},
		"another type":       {file([]message{value("in", 11, 1, 3, 2, 4)}, []message{value("out", 11, 1, 3, 2, 4)}, add), `"in" float64 [1 3 2 4], the manifest says "in" float32`},
		"another layout":     {file([]message{value("in", 1, 1, 2, 4, 3)}, []message{value("out", 1, 1, 2, 4, 3)}, add), "[1 2 4 3], the manifest says"},
		"two inputs":         {file([]message{in, value("also", 1, 1)}, []message{out}, add), `and "also" float32 [1], the manifest says`},
		"no input":           {file(nil, []message{out}, node("Add", []string{"in", "in"}, "out", nil)), "input is missing"},
		"another output":     {file([]message{in}, []message{value("mask", 1, 1, 3, 2, 4)}, node("Add", []string{"in", "in"}, "mask", nil)), `output is "mask" float32 [1 3 2 4], the manifest says "out"`},
		"an output of int64": {file([]message{in}, []message{value("out", 7, 4)}, node("Shape", []string{"in"}, "out", nil)), `"out" int64 [4], the manifest says "out" float32`},
		"no output":          {file([]message{in}, nil, add), "output is missing"},
		"an unknown layer":   {file([]message{in}, []message{out}, node("Beautify", []string{"in"}, "out", nil)), "Beautify"},
		"a loop":             {file([]message{in}, []message{out}, node("Add", []string{"in", "out"}, "out", nil)), "small: "},
		// These lie, or leave open what then comes otherwise, and only the first run tells.
		"a shape that is another": {file([]message{value("in", 1, 1, 3, 0, 0)}, []message{value("out", 1, 1, 3, 0, 0)},
			node("Transpose", []string{"in"}, "out", integers("perm", true, 0, 1, 3, 2))), "small: "},
		"a type that is another": {file([]message{in}, []message{out}, node("Cast", []string{"in"}, "out", integers("to", false, 7))), "small: "},
		"no number":              {file([]message{in}, []message{out}, node("Neg", []string{"in"}, "n", nil), node("Sqrt", []string{"n"}, "out", nil)), `output "out" makes NaN`},
	} {
		t.Run(name, func(t *testing.T) {
			n, err := r.Load(small(1, 3, 2, 4), test.data)
			if !errors.Is(err, inference.ErrModel) || !strings.Contains(err.Error(), test.names) || n != nil {
				t.Errorf("Load says %v, want ErrModel with %q", err, test.names)
			}
		})
	}
	// What the file leaves open may be what the manifest says.
	open := file([]message{value("in", 1, 0, 3, 0, 0)}, []message{value("out", 1, 0, 3, 0, 0)}, add)
	if _, err := r.Load(small(1, 3, 2, 4), open); err != nil {
		t.Errorf("a net with open dimensions: %v", err)
	}
}

// ONNX Runtime says nothing on the terminal, whatever happens.
func TestSilent(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	said := make(chan []byte)
	go func() {
		text, _ := io.ReadAll(read)
		said <- text
	}()
	restore := redirect(t, write)
	func() {
		defer restore()
		r := inferencetest.Start(t, inference.Config{})
		data, m := slow()
		n := load(t, r, m, data)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
		defer cancel()
		_ = n.Run(ctx, ramp, nil)
		_, _ = r.Load(small(1, 3, 2, 4), []byte("no net"))
		_, _ = r.Load(small(1, 3, 2, 4), file([]message{value("in", 1, 1, 3, 0, 0)}, []message{value("out", 1, 1, 3, 0, 0)},
			node("Transpose", []string{"in"}, "out", integers("perm", true, 0, 1, 3, 2))))
	}()
	write.Close()
	if text := <-said; len(bytes.TrimSpace(text)) > 0 {
		t.Errorf("on the terminal stands %q", text)
	}
}
