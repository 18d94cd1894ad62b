package admission

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"
)

// ErrBusy: there is neither a slot nor a place in the queue, or the place was lost to a request that can still be
// answered in time.
var ErrBusy = errors.New("the queue for a CPU is full")

// Config is what may be tuned of a Gate.
type Config struct {
	Slots int           // requests that run at once; at least 1
	Queue int           // requests that wait beside them; 0 = nobody waits
	Late  time.Duration // once the oldest has waited this long, the newest goes first; 0 = 500 ms
}

// A Gate hands out slots. While the queue moves, it is fair: first come, first served. Once its oldest has waited
// longer than Late, the node is overloaded, and serving in order would give every caller an answer of the same,
// growing age: the newest is then served first, and a newcomer who finds the queue full takes the place of the oldest.
type Gate struct {
	cfg Config

	mu      sync.Mutex
	running int
	queue   list.List     // of *waiter, the oldest in front
	mean    time.Duration // how long a slot is held, a moving average
}

type waiter struct {
	since  time.Time
	answer chan error // buffered; nil: the slot is yours
}

// New makes a Gate. Fewer than one slot would be a node that does nothing, so it gets one.
func New(cfg Config) *Gate {
	cfg.Slots = max(cfg.Slots, 1)
	cfg.Queue = max(cfg.Queue, 0)
	if cfg.Late <= 0 {
		cfg.Late = 500 * time.Millisecond
	}
	slots.Set(float64(cfg.Slots))
	return &Gate{cfg: cfg}
}

// Enter waits for a slot until ctx ends; the caller gives it back by calling leave, for which once is enough and twice
// is harmless. The error is ErrBusy, or wraps the cause for which ctx ended.
func (g *Gate) Enter(ctx context.Context) (leave func(), err error) {
	if ctx.Err() != nil { // the client has gone, or the time was spent on the way here
		expired.Inc()
		return nil, waitError(ctx)
	}
	g.mu.Lock()
	if g.running < g.cfg.Slots { // nobody waits while a slot is free: give hands it on
		g.running++
		running.Inc()
		g.mu.Unlock()
		waited.Observe(0)
		return g.leave(time.Now()), nil
	}
	if g.queue.Len() >= g.cfg.Queue && !g.displace() {
		g.mu.Unlock()
		refused.Inc()
		return nil, ErrBusy
	}
	w := &waiter{since: time.Now(), answer: make(chan error, 1)}
	place := g.queue.PushBack(w)
	waiting.Inc()
	g.mu.Unlock()

	select {
	case err := <-w.answer:
		return g.answered(w, err)
	case <-ctx.Done():
	}
	g.mu.Lock()
	select {
	case err := <-w.answer: // both at once; what was granted is passed on, so that no slot is lost
		g.mu.Unlock()
		if err == nil {
			g.give(0)
		}
	default:
		g.queue.Remove(place)
		waiting.Dec()
		g.mu.Unlock()
	}
	expired.Inc()
	return nil, waitError(ctx)
}

func waitError(ctx context.Context) error {
	return fmt.Errorf("waiting for a CPU: %w", context.Cause(ctx))
}

func (g *Gate) answered(w *waiter, err error) (func(), error) {
	if err != nil {
		refused.Inc()
		return nil, err
	}
	waited.Observe(time.Since(w.since).Seconds())
	return g.leave(time.Now()), nil
}

// displace takes the place of the oldest in the queue, if that one is late. The caller holds mu.
func (g *Gate) displace() bool {
	oldest := g.queue.Front()
	if oldest == nil || !g.late(oldest) {
		return false
	}
	g.answer(oldest, ErrBusy)
	return true
}

func (g *Gate) late(place *list.Element) bool {
	return time.Since(place.Value.(*waiter).since) > g.cfg.Late
}

func (g *Gate) answer(place *list.Element, err error) {
	g.queue.Remove(place)
	waiting.Dec()
	place.Value.(*waiter).answer <- err
}

// leave makes the function that gives a slot back.
func (g *Gate) leave(start time.Time) func() {
	return sync.OnceFunc(func() { g.give(time.Since(start)) })
}

// give passes a slot that was held for so long to who is next. A slot that nobody used says nothing about the work.
func (g *Gate) give(held time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if held > 0 {
		if g.mean == 0 {
			g.mean = held
		}
		g.mean += (held - g.mean) / 16
	}
	next := g.queue.Front()
	if next == nil {
		g.running--
		running.Dec()
		return
	}
	if g.late(next) {
		next = g.queue.Back()
	}
	g.answer(next, nil)
}

// Load is the work at hand per slot: 0 idle, 1 every CPU busy, above 1 somebody waits.
func (g *Gate) Load() float64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return float64(g.running+g.queue.Len()) / float64(g.cfg.Slots)
}

// RetryAfter is when the work now waiting will be done, at the pace of late: whole seconds, from 1 to 30, as the HTTP
// header wants them.
func (g *Gate) RetryAfter() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	ahead := g.mean.Seconds() * float64(g.running+g.queue.Len()) / float64(g.cfg.Slots)
	return time.Duration(min(max(math.Ceil(ahead), 1), 30)) * time.Second
}
