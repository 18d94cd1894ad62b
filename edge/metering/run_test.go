package metering

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/professionalaistudio/studio/edge/wire"
)

// ticking notes when it was asked to ship.
type ticking struct {
	*control
	start time.Time
	at    []time.Duration
}

func (s *ticking) Ship(ctx context.Context, boot string, records []byte) (uint64, error) {
	s.mu.Lock()
	s.at = append(s.at, time.Since(s.start))
	s.mu.Unlock()
	return s.control.Ship(ctx, boot, records)
}

func (s *ticking) asked() []time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.at)
}

func TestRunShipsSoonAndBacksOff(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		m := open(t, Config{Dir: dir, Interval: time.Second})
		defer m.Close()
		s := &ticking{control: newControl(), start: time.Now()}
		s.down = errors.New("connection refused")
		ctx, cancel := context.WithCancel(t.Context())
		var run sync.WaitGroup
		count(t, m, 1, 1)
		run.Go(func() { m.Run(ctx, s) })
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		at := s.asked()
		gaps := make([]time.Duration, 0, len(at))
		for i := range at[1:] {
			gaps = append(gaps, at[i+1]-at[i])
		}
		if len(at) < 8 || len(at) > 30 || slices.Max(gaps) > 90*time.Second || gaps[0] > 3*time.Second {
			t.Errorf("in ten minutes without control it was asked at %v; want seconds apart at first, a minute or so later", at)
		}
		s.mu.Lock()
		s.down = nil
		s.mu.Unlock()
		time.Sleep(90 * time.Second)
		synctest.Wait()
		s.once(t, 1, 1)

		asked := len(s.asked())
		time.Sleep(time.Hour)
		if got := len(s.asked()) - asked; got != 0 {
			t.Errorf("with nothing to ship control was asked %d times in an hour, want none", got)
		}
		count(t, m, 2, 2)
		synctest.Wait()
		s.once(t, 1, 2) // at once, since the last time was long ago
		count(t, m, 3, 9)
		time.Sleep(1500 * time.Millisecond)
		synctest.Wait()
		s.once(t, 1, 9)
		if got := len(s.asked()) - asked; got != 2 {
			t.Errorf("8 records within a second took %d shipments, want 2", got)
		}

		cancel()
		run.Wait()
	})
}

func BenchmarkCount(b *testing.B) {
	for _, writers := range []int{1, 64} {
		b.Run(map[int]string{1: "1 writer", 64: "64 writers"}[writers], func(b *testing.B) {
			benchmarkCount(b, writers)
		})
	}
}

func benchmarkCount(b *testing.B, writers int) {
	m, err := Open(Config{Dir: b.TempDir(), MaxBytes: 1 << 30}, quiet)
	if err != nil {
		b.Fatal(err)
	}
	defer m.Close()
	took := make([][]time.Duration, writers)
	var all sync.WaitGroup
	start := time.Now()
	b.ResetTimer()
	for w := range writers {
		all.Go(func() {
			for range (b.N + writers - 1) / writers {
				start := time.Now()
				if err := m.Count(context.Background(), wire.Usage{Op: wire.OpImage, Units: 1}); err != nil {
					b.Error(err)
					return
				}
				took[w] = append(took[w], time.Since(start))
			}
		})
	}
	all.Wait()
	d := slices.Concat(took...)
	slices.Sort(d)
	b.ReportMetric(float64(len(d))/time.Since(start).Seconds(), "records/s")
	b.ReportMetric(float64(d[len(d)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(d[len(d)*99/100].Microseconds()), "p99-µs")
}

func BenchmarkShip(b *testing.B) {
	m, err := Open(Config{Dir: b.TempDir(), MaxBytes: 1 << 30}, quiet)
	if err != nil {
		b.Fatal(err)
	}
	defer m.Close()
	records := make([]wire.Usage, 10_000)
	for i := range records {
		records[i] = wire.Usage{Op: wire.OpImage, Units: 1}
	}
	c := newControl()
	for b.Loop() {
		b.StopTimer()
		m.write(&group{records: records, done: make(chan struct{})})
		c.counted = c.counted[:0]
		b.StartTimer()
		if err := m.Ship(b.Context(), c); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(records)*b.N)/b.Elapsed().Seconds(), "records/s")
}
