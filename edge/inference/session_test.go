package inference_test

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/professionalaistudio/studio/edge/inference"
	"github.com/professionalaistudio/studio/edge/inference/inferencetest"
	"github.com/professionalaistudio/studio/models"
)

// A run has several threads if it is alone, and one if it is not, be it beside other runs or beside other work.
func TestWideWhenAlone(t *testing.T) {
	var busy atomic.Bool
	r := inferencetest.Start(t, inference.Config{Slots: 2, Wide: 2, Alone: func() bool { return !busy.Load() }})
	data, m := doubled()
	m.Name = "quick"
	quick := load(t, r, m, data)
	data, m = slow()
	m.Name = "slow"
	long := load(t, r, m, data)
	if got := inference.Threads(quick); got != 2 {
		t.Fatalf("a run that is alone has %d threads, want 2: is this the ONNX Runtime that pool.go was written for?", got)
	}
	wide := func(n *inference.Net) bool {
		before := inference.WideRuns(n)
		if err := n.Run(t.Context(), ramp, func([][]float32) error { return nil }); err != nil {
			t.Error(err)
		}
		return inference.WideRuns(n) > before
	}
	if !wide(quick) {
		t.Error("a run that is alone has one thread")
	}
	busy.Store(true)
	if wide(quick) {
		t.Error("a run beside other work has several threads")
	}
	busy.Store(false)

	before := inference.WideRuns(long)
	var wg sync.WaitGroup
	wg.Go(func() { wide(long) })
	for inference.WideRuns(long) == before {
		runtime.Gosched()
	}
	if wide(quick) {
		t.Error("a run beside another has several threads")
	}
	wg.Wait()
	if !wide(quick) {
		t.Error("a run after another has one thread")
	}
}

// Left to itself, a net has no more threads than there are CPUs, and one where a run is nothing.
func TestAsManyThreadsAsItIsWorth(t *testing.T) {
	r := inferencetest.Start(t, inference.Config{})
	cpus := runtime.GOMAXPROCS(0)
	data, m := doubled()
	if got := inference.Threads(load(t, r, m, data)); got != 1 {
		t.Errorf("a net of 24 additions has %d threads, want 1", got)
	}
	data, m = slow()
	if got, want := inference.Threads(load(t, r, m, data)), min(cpus, 4); got != want {
		t.Errorf("a net that takes long has %d threads with %d CPUs, want %d", got, cpus, want)
	}
	set, err := models.Open("")
	if err != nil {
		t.Fatal(err)
	}
	m, data, _ = set.For(models.Matte)
	if got, want := inference.Threads(load(t, r, m, data)), min(cpus, 2); got < want {
		t.Errorf("the matte has %d threads with %d CPUs, want %d or more", got, cpus, want)
	}
}

// Several threads that took longer than one are left alone for a while.
func TestSeveralThreadsThatDoNotPay(t *testing.T) {
	for name, test := range map[string]struct {
		one, wide time.Duration
		now       bool
	}{
		"faster":             {8 * time.Millisecond, 5 * time.Millisecond, true},
		"slower":             {8 * time.Millisecond, 9 * time.Millisecond, false},
		"asked for, however": {0, time.Second, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if now, later := inference.Pays(test.one, test.wide); now != test.now || !later {
					t.Errorf("the next run may be wide: %v, after a pause: %v; want %v and true", now, later, test.now)
				}
			})
		})
	}
}

// What ONNX Runtime's threads keep is known of one version only.
func TestOtherVersionsHaveOneThread(t *testing.T) {
	r := inferencetest.Start(t, inference.Config{Wide: 1})
	for version, want := range map[string]bool{r.Version(): true, "1.28.0": false, "1.26.1": false, "2.27.0": false, "": false} {
		if got := inference.Poolable(version); got != want {
			t.Errorf("ONNX Runtime %q may have several threads: %v, want %v", version, got, want)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if inference.Poolable("1.27.0") {
		t.Error("a library that is not loaded may have several threads")
	}
}
