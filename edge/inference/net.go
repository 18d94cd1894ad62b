package inference

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/professionalaistudio/studio/models"
)

// A Net is a model that is loaded, checked and warm. It may be used by many goroutines.
type Net struct {
	*net
	runtime *Runtime // so that none is collected while a net of it is in use
	leak    runtime.Cleanup
}

// net is what a Net must give back: a value of its own, so that a cleanup can hold it and not the Net.
type net struct {
	engine *engine
	model  models.Model
	one    *session      // runs on the thread that calls it
	wide   *session      // has several threads, the caller's among them; nil if a run is not worth them
	pays   pays          // whether wide is the faster one, these days
	sets   chan *tensors // those that no run has

	mu     sync.Mutex
	closed bool
	runs   sync.WaitGroup
	end    sync.Once
	err    error // of the end
}

// Load makes a Net of the file that m describes. The file is checked against m, and run once on a grey picture with each number
// of threads that it will run with. The error wraps ErrModel where the file is to blame and says what is wrong.
//
// data is not kept. Its digest must have been checked: ONNX Runtime refuses a damaged file with an error, but it is not made for
// files that somebody wrote in order to break it.
func (r *Runtime) Load(m models.Model, data []byte) (*Net, error) {
	defer runtime.KeepAlive(r)
	if err := match(data, m); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrModel, m.Name, err)
	}
	n := &net{engine: r.engine, model: m, sets: make(chan *tensors, r.cfg.Slots)}
	n.runs.Add(1) // whoever closes the Runtime meanwhile waits
	err := r.keep(n)
	if err == nil {
		err = n.load(data)
	}
	n.runs.Done()
	if errors.Is(err, ErrClosed) {
		return nil, err
	} else if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrModel, m.Name, errors.Join(err, n.close()))
	}
	took.WithLabelValues(m.Name)
	failed.WithLabelValues(m.Name)
	widened.WithLabelValues(m.Name)
	threads.WithLabelValues(m.Name).Set(float64(n.threads()))
	handle := &Net{net: n, runtime: r}
	handle.leak = runtime.AddCleanup(handle, func(n *net) { _ = n.close() }, n) // catches a forgotten Close, nothing more
	return handle, nil
}

func (n *net) load(data []byte) (err error) {
	for range cap(n.sets) {
		set, err := newTensors(n.model)
		if err != nil {
			return err
		}
		n.sets <- set
	}
	if n.one, err = n.session(data, 1); err != nil {
		return err
	}
	if err := n.warm(n.one); err != nil {
		return err
	}
	return n.widen(data)
}

// warm runs a session once, so that what it sets up at its first run is set up, and looks at what comes out.
func (n *net) warm(session *session) error {
	set := <-n.sets
	defer n.give(set)
	for i := range set.in {
		set.in[i] = 128
	}
	if err := n.engine.run(context.Background(), session, set); err != nil {
		return err
	}
	for i, out := range set.out {
		for _, v := range out {
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
				return fmt.Errorf("of a grey picture its output %s makes %s", strconv.Quote(n.model.Outputs[i].Name), strconv.FormatFloat(float64(v), 'g', -1, 32))
			}
		}
	}
	return nil
}

// threads is how many a run has that is alone.
func (n *net) threads() int {
	if n.wide == nil {
		return 1
	}
	return n.wide.threads
}

// Model is the description of the net.
func (n *Net) Model() models.Model { return n.model }

// Run runs the net once. It waits until one of the net's sets of tensors is free, then calls fill, which writes a picture of
// Model().Input's Width and Height: rows from top to bottom, red, green and blue of each pixel side by side; what is not written is
// black. The net gets it in the layout and the scale that it wants. read sees the outputs in the order of the manifest, and must not keep them: when it returns, input and outputs are zeroed. Neither may call
// Run on the same net.
//
// Its errors are those of fill and read as they are, what ended ctx (asked before the run, between the layers of the net, and
// after it), ErrClosed, and those of ONNX Runtime.
func (n *Net) Run(ctx context.Context, fill func(in []byte), read func(out [][]float32) error) error {
	defer runtime.KeepAlive(n)
	if err := n.begin(); err != nil {
		return err
	}
	defer n.runs.Done()
	var set *tensors
	select {
	case set = <-n.sets:
	case <-ctx.Done():
		return n.late(ctx)
	}
	defer n.give(set)
	if ctx.Err() != nil {
		return n.late(ctx)
	}
	fill(set.in)
	if err := n.compute(ctx, set); err != nil {
		return err
	}
	return read(set.out)
}

// compute runs the net on set, with as many threads as the moment allows.
func (n *net) compute(ctx context.Context, set *tensors) error {
	session := n.one
	if n.engine.running.Add(1) == 1 && n.wide != nil && n.pays.now() && n.engine.cfg.Alone() {
		session = n.wide
		widened.WithLabelValues(n.model.Name).Inc()
	}
	defer n.engine.running.Add(-1)
	start := time.Now()
	err := n.engine.run(ctx, session, set)
	if session == n.wide {
		n.pays.took(time.Since(start))
	}
	if ctx.Err() != nil {
		return n.late(ctx)
	}
	if err != nil {
		failed.WithLabelValues(n.model.Name).Inc()
		return fmt.Errorf("%s: %w", n.model.Name, err)
	}
	took.WithLabelValues(n.model.Name).Observe(time.Since(start).Seconds())
	return nil
}

// run calls ONNX Runtime, which is told to stop at the next layer when ctx ends.
func (e *engine) run(ctx context.Context, session *session, t *tensors) error {
	memory, err := e.slab()
	if err != nil {
		return err
	}
	defer e.back(memory)
	if t.enter != nil {
		t.enter()
	}
	told := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(told)
		_ = t.options.Terminate()
	})
	onThread(func() {
		err = memory.during(func() error { return session.run(t) })
	})
	if !stop() {
		<-told
		err = errors.Join(err, t.options.UnsetTerminate())
	}
	return err
}

func (n *net) late(ctx context.Context) error {
	return fmt.Errorf("%s: %w", n.model.Name, context.Cause(ctx))
}

// give puts a set back, with nothing of the run in it.
func (n *net) give(set *tensors) {
	set.clear()
	n.sets <- set
}

// begin counts a run, unless the net is closed.
func (n *net) begin() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return ErrClosed
	}
	n.runs.Add(1)
	return nil
}

// Close waits for the runs in progress and frees the net. Calling it again does nothing, and so does calling it after the
// Runtime was closed.
func (n *Net) Close() error {
	n.leak.Stop()
	return n.close()
}

func (n *net) close() error {
	n.end.Do(func() {
		n.mu.Lock()
		n.closed = true
		n.mu.Unlock()
		n.runs.Wait()
		var faults []error
		for _, session := range []*session{n.one, n.wide} {
			if session != nil {
				faults = append(faults, session.destroy())
			}
		}
		for range len(n.sets) {
			faults = append(faults, (<-n.sets).destroy())
		}
		n.engine.forget(n)
		n.err = errors.Join(faults...)
	})
	return n.err
}
