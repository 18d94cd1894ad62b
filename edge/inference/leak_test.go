package inference_test

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/edge/inference"
	"github.com/professionalaistudio/studio/edge/inference/inferencetest"
	"github.com/professionalaistudio/studio/edge/vips"
	"github.com/professionalaistudio/studio/models"
)

// grown fails if doing work over and over takes more memory than having done it a few times.
func grown(t *testing.T, slack int, rounds int, work func()) {
	t.Helper()
	if raceEnabled {
		t.Skip("the race detector's own memory grows")
	}
	settle := func() int {
		debug.FreeOSMemory()
		vips.Trim()
		return resident(t)
	}
	for range rounds / 10 {
		work()
	}
	before := settle()
	for range rounds {
		work()
	}
	if now := settle(); now > before+slack {
		t.Errorf("after %d rounds %d KB are resident, before there were %d", rounds, now>>10, before>>10)
	}
}

func TestRunsDoNotGrow(t *testing.T) {
	r := inferencetest.Start(t, inference.Config{Slots: 2, Wide: 2})
	set, err := models.Open("")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range set.All() {
		_, data, _ := set.For(m.Task)
		n := load(t, r, m, data)
		grown(t, 4<<20, 500, func() {
			if err := n.Run(t.Context(), func(in []byte) { in[0] = 1 }, func([][]float32) error { return nil }); err != nil {
				t.Fatal(err)
			}
		})
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestLoadingDoesNotGrow(t *testing.T) {
	r := inferencetest.Start(t, inference.Config{Slots: 2, Wide: 2})
	set, err := models.Open("")
	if err != nil {
		t.Fatal(err)
	}
	m, data, _ := set.For(models.Face)
	grown(t, 8<<20, 50, func() {
		if err := load(t, r, m, data).Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Load(m, data[:len(data)/2]); err == nil {
			t.Fatal("half a file is taken")
		}
	})
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	small, description := doubled()
	threads := threads(t)
	grown(t, 8<<20, 30, func() {
		r, err := inference.Start(inference.Config{Library: inferencetest.Library(t), Wide: 3})
		if err != nil {
			t.Fatal(err)
		}
		load(t, r, description, small)
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	})
	if now := threadsAt(t, threads+4); now > threads+4 { // Go may have started some of its own
		t.Errorf("%d threads are left, before there were %d", now, threads)
	}
}

// A Runtime and its nets that nobody closed are given back all the same, so that another can be started.
func TestLeakIsCaught(t *testing.T) {
	library := inferencetest.Library(t)
	func() {
		r, err := inference.Start(inference.Config{Library: library})
		if err != nil {
			t.Fatal(err)
		}
		data, m := doubled()
		n := load(t, r, m, data)
		if err := n.Run(t.Context(), ramp, func([][]float32) error { return nil }); err != nil {
			t.Error(err)
		}
	}()
	if r, err := inference.Start(inference.Config{Library: library}); err == nil {
		r.Close()
		t.Fatal("nothing was left open: the test tests nothing")
	}
	for deadline := time.Now().Add(10 * time.Second); ; runtime.Gosched() {
		runtime.GC() // cleanups run some time after it
		r, err := inference.Start(inference.Config{Library: library})
		if err == nil {
			if err := r.Close(); err != nil {
				t.Error(err)
			}
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}
