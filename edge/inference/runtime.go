package inference

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	ort "github.com/yalue/onnxruntime_go"
)

var (
	// ErrLibrary: ONNX Runtime is not there, is something else, or is too old. The text names the file that was tried.
	ErrLibrary = errors.New("ONNX Runtime cannot be used")
	// ErrModel: a file is no net, or not the one that its manifest describes. The text names the difference.
	ErrModel = errors.New("the net cannot be used")
	// ErrClosed: the Runtime or the Net was closed.
	ErrClosed = errors.New("inference is closed")
)

// Config is what may be tuned.
type Config struct {
	Library string // path of libonnxruntime; empty: beside the program, else wherever the system's loader finds it
	Slots   int    // runs of one net at once, each with tensors of its own; fewer than 1 means 1

	// Wide is how many threads a run has while no other is in progress. 0 means as many as it is worth, which is found when a net is
	// loaded, up to the number of CPUs. It is 1 whatever is said here with an ONNX Runtime of which we do not know what its
	// threads keep of a picture.
	Wide int

	// Alone tells whether the run that asks is all that the program is at: with CPUs that are busy otherwise, several threads take
	// longer than one. nil says yes. Runs in progress need not be counted.
	Alone func() bool
}

// A Runtime is ONNX Runtime, loaded, and the nets loaded with it. It may be used by many goroutines.
type Runtime struct {
	*engine
	leak runtime.Cleanup
}

// engine is what a Runtime must give back: a value of its own, so that a cleanup can hold it and not the Runtime.
type engine struct {
	cfg     Config
	library string
	version string
	pools   bool         // sessions may have threads of their own
	running atomic.Int32 // runs in progress, of all nets

	mu     sync.Mutex
	nets   map[*net]struct{}
	slabs  []slab // those that no run has
	closed bool
	end    sync.Once
	err    error // of the end
}

// started says that ONNX Runtime is in use: its environment belongs to the process, not to us.
var started struct {
	sync.Mutex
	yes bool
}

// Start loads ONNX Runtime. The error wraps ErrLibrary where the library is to blame.
func Start(cfg Config) (*Runtime, error) {
	cfg.Slots = max(cfg.Slots, 1)
	if cfg.Alone == nil {
		cfg.Alone = func() bool { return true }
	}
	started.Lock()
	defer started.Unlock()
	if started.yes {
		return nil, errors.New("inference: started already, and not closed")
	}
	library, err := find(cfg.Library)
	if err != nil {
		return nil, err
	}
	ort.SetSharedLibraryPath(library)
	// Only what is fatal is printed: every other error comes back as a value, a deadline that was missed among them.
	if err := ort.InitializeEnvironment(ort.WithLogLevelFatal()); err != nil {
		return nil, fmt.Errorf("%w: %s: %s", ErrLibrary, library, reason(err))
	}
	if err := errors.Join(ort.DisableTelemetry(), register(library)); err != nil {
		unregister()
		return nil, errors.Join(fmt.Errorf("%w: %s: %w", ErrLibrary, library, err), ort.DestroyEnvironment())
	}
	started.yes = true
	version := ort.GetVersion()
	r := &Runtime{engine: &engine{cfg: cfg, library: library, version: version, pools: poolable(version), nets: map[*net]struct{}{}}}
	r.leak = runtime.AddCleanup(r, func(e *engine) { _ = e.close() }, r.engine) // catches a forgotten Close, nothing more
	return r, nil
}

// Version is that of the library in use, "1.27.0".
func (r *Runtime) Version() string { return r.version }

// Library is the file that was loaded, or a bare name if the system's loader was asked.
func (r *Runtime) Library() string { return r.library }

// Close waits for the runs in progress, then frees the nets and unloads the library. Whatever is run or loaded afterwards gets
// ErrClosed. Calling it again does nothing.
func (r *Runtime) Close() error {
	r.leak.Stop()
	return r.close()
}

func (e *engine) close() error {
	e.end.Do(func() {
		e.mu.Lock()
		e.closed = true
		nets := e.nets
		e.nets = nil
		e.mu.Unlock()
		var faults []error
		for n := range nets {
			faults = append(faults, n.close())
		}
		for _, s := range e.slabs { // all of them, since no run is left
			s.free()
		}
		started.Lock()
		defer started.Unlock()
		unregister()
		faults = append(faults, ort.DestroyEnvironment())
		started.yes = false
		e.err = errors.Join(faults...)
	})
	return e.err
}

// keep makes the engine the owner of a net.
func (e *engine) keep(n *net) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return ErrClosed
	}
	e.nets[n] = struct{}{}
	return nil
}

func (e *engine) forget(n *net) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.nets, n)
}

// slab gives a run its memory: as many slabs are made as there ever were runs at once.
func (e *engine) slab() (slab, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if last := len(e.slabs) - 1; last >= 0 {
		s := e.slabs[last]
		e.slabs = e.slabs[:last]
		return s, nil
	}
	return newSlab()
}

func (e *engine) back(s slab) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.slabs = append(e.slabs, s)
}
