package admission

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// arrivals sends requests to a gate at stated times and notes how each ended.
type arrivals struct {
	gate  *Gate
	work  time.Duration
	wait  sync.WaitGroup
	mu    sync.Mutex
	order []string // of those who got a slot
	ended map[string]error
	took  map[string]time.Duration
}

func newArrivals(cfg Config, work time.Duration) *arrivals {
	return &arrivals{gate: New(cfg), work: work, ended: map[string]error{}, took: map[string]time.Duration{}}
}

func (a *arrivals) send(name string, patience time.Duration) {
	a.wait.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		start := time.Now()
		leave, err := a.gate.Enter(ctx)
		a.mu.Lock()
		a.ended[name], a.took[name] = err, time.Since(start)
		if err == nil {
			a.order = append(a.order, name)
		}
		a.mu.Unlock()
		if err == nil {
			time.Sleep(a.work)
			leave()
		}
	})
	synctest.Wait()
}

// end tells how a request ended and how long that took.
func (a *arrivals) end(name string) (time.Duration, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.took[name], a.ended[name]
}

func TestFirstComeFirstServedWhileTheQueueMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newArrivals(Config{Slots: 1, Queue: 3}, 100*time.Millisecond)
		for _, name := range []string{"a", "b", "c", "d"} {
			a.send(name, time.Minute)
		}
		if got := a.gate.Load(); got != 4 {
			t.Errorf("one runs and three wait on one slot: load %v, want 4", got)
		}
		a.send("e", time.Minute)
		if took, err := a.end("e"); !errors.Is(err, ErrBusy) || took != 0 {
			t.Errorf("a fifth ended with %v after %v, want %v at once", err, took, ErrBusy)
		}
		a.wait.Wait()
		if want := []string{"a", "b", "c", "d"}; !slices.Equal(a.order, want) {
			t.Errorf("served in the order %v, want %v", a.order, want)
		}
		if a.took["d"] != 300*time.Millisecond {
			t.Errorf("the last waited %v, want three jobs, 300ms", a.took["d"])
		}
		if got := a.gate.Load(); got != 0 {
			t.Errorf("load %v after all have left, want 0", got)
		}
	})
}

func TestNewestFirstWhenLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newArrivals(Config{Slots: 1, Queue: 2, Late: 500 * time.Millisecond}, 2*time.Second)
		a.send("running", time.Minute)
		a.send("old", time.Minute)
		a.send("older than the next", time.Minute)
		time.Sleep(501 * time.Millisecond)
		a.send("new", time.Minute) // the queue is full, but its oldest is late
		if _, err := a.end("old"); !errors.Is(err, ErrBusy) {
			t.Errorf("the oldest, late one ended with %v, want %v: its place goes to the newcomer", err, ErrBusy)
		}
		a.wait.Wait()
		if want := []string{"running", "new", "older than the next"}; !slices.Equal(a.order, want) {
			t.Errorf("served in the order %v, want %v", a.order, want)
		}
	})
}

func TestTheDeadlineHoldsInTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newArrivals(Config{Slots: 1, Queue: 1}, time.Second)
		a.send("running", time.Minute)
		a.send("impatient", 300*time.Millisecond)
		time.Sleep(300 * time.Millisecond)
		synctest.Wait()
		if _, err := a.end("impatient"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waited past its deadline: %v, want %v", err, context.DeadlineExceeded)
		}
		a.send("next", time.Minute) // whose place it left
		a.wait.Wait()
		if a.ended["next"] != nil {
			t.Errorf("the place of one who left is not free: %v", a.ended["next"])
		}
	})
}

func TestTheCauseOfLeavingIsTold(t *testing.T) {
	gone := errors.New("client gone")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(gone)
	if leave, err := New(Config{Slots: 1}).Enter(ctx); !errors.Is(err, gone) || leave != nil {
		t.Errorf("a client who has gone: %v and leave %t, want %v and none, though a slot was free", err, leave != nil, gone)
	}
}

func TestLeavingTwiceGivesOneSlot(t *testing.T) {
	g := New(Config{Slots: 1})
	leave, err := g.Enter(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	leave()
	leave()
	if _, err := g.Enter(context.Background()); err != nil {
		t.Fatalf("the slot did not come back: %v", err)
	}
	if _, err := g.Enter(context.Background()); !errors.Is(err, ErrBusy) {
		t.Errorf("leaving twice made a second slot: %v, want %v", err, ErrBusy)
	}
}

// A slot may be granted in the very moment its taker gives up. Whoever wins, the slot must not be lost.
func TestNoSlotIsLost(t *testing.T) {
	g := New(Config{Slots: 1, Queue: 1})
	granted := 0
	for i := range 5000 {
		leave, err := g.Enter(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		var both sync.WaitGroup
		both.Go(func() {
			if leave, err := g.Enter(ctx); err == nil {
				granted++
				leave()
			}
		})
		for g.Load() < 2 { // until it waits
			runtime.Gosched()
		}
		if i%2 == 0 {
			both.Go(leave)
			both.Go(cancel)
		} else {
			both.Go(cancel)
			both.Go(leave)
		}
		both.Wait()
		if got := g.Load(); got != 0 {
			t.Fatalf("load %v with nobody there, want 0", got)
		}
	}
	t.Logf("of 5000 slots offered to those about to leave, %d were taken", granted)
}

func TestRetryAfterFollowsTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newArrivals(Config{Slots: 2, Queue: 100}, 3*time.Second)
		if got := a.gate.RetryAfter(); got != time.Second {
			t.Errorf("idle: %v, want the least, 1s", got)
		}
		a.send("a", time.Hour)
		a.wait.Wait()
		for range 8 {
			a.send("b", time.Hour)
		}
		if got := a.gate.RetryAfter(); got != 12*time.Second {
			t.Errorf("eight jobs of 3 s on two slots: %v, want 12s", got)
		}
		for range 92 {
			a.send("c", time.Hour)
		}
		if got := a.gate.RetryAfter(); got != 30*time.Second {
			t.Errorf("a hundred jobs: %v, want the most, 30s", got)
		}
		a.wait.Wait()
	})
}

func BenchmarkEnter(b *testing.B) {
	g := New(Config{Slots: 4, Queue: 40})
	for b.Loop() {
		leave, err := g.Enter(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		leave()
	}
}
