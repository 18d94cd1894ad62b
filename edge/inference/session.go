package inference

import (
	"errors"
	"math"
	"runtime"
	"sync/atomic"
	"time"

	ort "github.com/yalue/onnxruntime_go"
)

// A session is a net as ONNX Runtime has it, with a number of threads.
type session struct {
	*ort.DynamicAdvancedSession
	threads int   // of a run, the caller's among them
	pool    *pool // the others; nil if there are none
}

// session loads the net for so many threads. Nothing is kept between runs: no arena, no memory pattern; the memory is that of slabs.
//
// Between layers its threads wait awake: they are for moments in which nobody else wants the CPU, and sleep costs half of what they
// gain. When the run is over, they sleep.
func (n *net) session(data []byte, threads int) (_ *session, err error) {
	options, err := ort.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	defer options.Destroy()
	awake := "0"
	if threads > 1 {
		awake = "1"
	}
	if err := errors.Join(
		options.SetIntraOpNumThreads(threads),
		options.SetInterOpNumThreads(1),
		options.SetExecutionMode(ort.ExecutionModeSequential),
		options.SetGraphOptimizationLevel(ort.GraphOptimizationLevelEnableAll),
		options.SetLogSeverityLevel(ort.LoggingLevelFatal),
		options.SetCpuMemArena(false),
		options.SetMemPattern(false),
		options.AddSessionConfigEntry("session.use_env_allocators", "1"),
		options.AddSessionConfigEntry("session.intra_op.allow_spinning", awake),
		options.AddSessionConfigEntry("session.inter_op.allow_spinning", "0"),
		options.AddSessionConfigEntry("session.force_spinning_stop", "1"),
	); err != nil {
		return nil, err
	}
	outputs := make([]string, len(n.model.Outputs))
	for i, out := range n.model.Outputs {
		outputs[i] = out.Name
	}
	s := &session{threads: threads}
	create := func() error {
		s.DynamicAdvancedSession, err = ort.NewDynamicAdvancedSessionWithONNXData(data, []string{n.model.Input.Name}, outputs, options)
		return err
	}
	if threads > 1 {
		if s.pool, err = newPool(threads - 1); err != nil {
			return nil, err
		}
		if err = s.pool.making(create); err != nil {
			s.pool.free()
		}
	} else {
		err = create()
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// run is called on a thread that ends with the run. Nothing of it is left on the others by the time that run returns.
func (s *session) run(t *tensors) error {
	if s.pool != nil {
		defer s.pool.clean()
	}
	return s.RunWithOptions([]ort.Value{t.input}, t.outputs, t.options)
}

// destroy ends the threads too.
func (s *session) destroy() error {
	err := s.Destroy()
	if s.pool != nil {
		s.pool.free()
	}
	return err
}

const (
	worth = time.Millisecond // of work in a run, for each thread: below that they wait for one another more than they work
	most  = 4                // threads, of our own choice: our largest net has 5 ms of work
	tries = 5                // of a run, the fastest counts: what else this machine was at does not
)

// widen loads the net again, with more threads than one, if so configured or if a run is long enough to be worth it.
func (n *net) widen(data []byte) (err error) {
	if !n.engine.pools {
		return nil
	}
	threads := n.engine.cfg.Wide
	if threads <= 0 {
		if threads, err = n.worth(); err != nil {
			return err
		}
	}
	if threads > 1 {
		n.wide, err = n.several(data, threads)
	}
	return err
}

// worth is how many threads a run is worth, here.
func (n *net) worth() (int, error) {
	cpus := runtime.GOMAXPROCS(0)
	if cpus == 1 {
		return 1, nil
	}
	fastest := time.Duration(math.MaxInt64)
	for range tries {
		start := time.Now()
		if err := n.warm(n.one); err != nil {
			return 0, err
		}
		fastest = min(fastest, time.Since(start))
	}
	n.pays.one = fastest
	return max(1, min(cpus, most, int(fastest/worth))), nil
}

// pause is how long a net does with one thread when several have not paid.
const pause = 10 * time.Second

// pays tells whether several threads are faster than one. They are not while other programs have the CPUs: the thread that
// works waits for the one that may not, and a run takes twice as long.
type pays struct {
	one   time.Duration // of a run with one thread; 0 if nobody asked, and several are to be had whatever it costs
	again atomic.Int64  // when to try again, after a run that took longer; in Unix nanoseconds
}

func (p *pays) now() bool { return time.Now().UnixNano() >= p.again.Load() }

func (p *pays) took(wide time.Duration) {
	if p.one > 0 && wide > p.one {
		p.again.Store(time.Now().Add(pause).UnixNano())
	}
}

// several is a session with more threads than one, warm; nil if they could not be had.
func (n *net) several(data []byte, threads int) (*session, error) {
	s, err := n.session(data, threads)
	if err != nil {
		return nil, err
	}
	if !s.pool.complete() {
		return nil, s.destroy()
	}
	if err := n.warm(s); err != nil {
		return nil, errors.Join(err, s.destroy())
	}
	return s, nil
}
