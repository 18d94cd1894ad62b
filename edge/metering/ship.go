package metering

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"github.com/professionalaistudio/studio/edge/wire"
)

// A Shipper hands records of one boot to control and returns its watermark: the number of the last record of that boot
// that is counted. Where the records do not follow on the watermark, nothing is counted, and the error is ErrGap beside
// the watermark.
type Shipper interface {
	Ship(ctx context.Context, boot string, records []byte) (watermark uint64, err error)
}

// ErrGap: records before those shipped have not reached control.
var ErrGap = errors.New("records before these are missing")

// maxBatch is what one shipment holds at most, half of what control takes.
const maxBatch = 512 << 10 / wire.UsageSize * wire.UsageSize

// Run ships until ctx ends. While control cannot be reached it tries less and less often, down to once a minute.
func (m *Meter) Run(ctx context.Context, s Shipper) {
	const longest = time.Minute
	for wait := m.cfg.Interval; ; {
		if err := m.Ship(ctx, s); err != nil && ctx.Err() == nil {
			failures.WithLabelValues("ship").Inc()
			m.log.Warn("Usage could not be shipped.", "node", m.cfg.Node, "error", err)
			wait = min(2*wait, longest)
		} else {
			wait = m.cfg.Interval
		}
		timer := time.NewTimer(wait/2 + rand.N(wait)) // nodes that lost control together do not come back together
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		if wait > m.cfg.Interval {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-m.fresh:
		}
	}
}

// Ship hands over everything that is durable now, the oldest boot first.
func (m *Meter) Ship(ctx context.Context, s Shipper) error {
	m.shipping.Lock()
	defer m.shipping.Unlock()
	defer m.gauge()
	m.mu.Lock()
	boots := slices.Clone(m.boots)
	m.mu.Unlock()
	var faults []error
	for _, b := range boots {
		err := m.shipBoot(ctx, s, b)
		if err == nil {
			continue
		}
		faults = append(faults, fmt.Errorf("ship boot %s: %w", b.id, err))
		var refused *StatusError
		if !errors.As(err, &refused) { // control cannot be reached; the other boots would fare no better
			break
		}
	}
	return errors.Join(faults...)
}

// shipBoot sends what control has not acknowledged of one boot. It follows control's watermark back once, and then
// insists on progress.
func (m *Meter) shipBoot(ctx context.Context, s Shipper, b *boot) error {
	for rewound := false; ; {
		records, first, last, err := m.chunk(b)
		if err != nil {
			return err
		}
		if first == 0 {
			m.forget(b)
			return nil
		}
		mark, err := s.Ship(ctx, b.id, records)
		switch {
		case errors.Is(err, ErrGap):
			if mark+1 >= first || rewound {
				return fmt.Errorf("records from %d refused by watermark %d: %w", first, mark, err)
			}
			rewound = true
			m.acknowledge(b, mark)
			_, first, _, err := m.chunk(b)
			if err != nil {
				return err
			}
			if first == mark+1 {
				continue
			}
			if b, err = m.renumber(b, mark); err != nil || b == nil {
				return err
			}
		case err != nil:
			return err
		case mark < first:
			return fmt.Errorf("records from %d moved the watermark to %d only", first, mark)
		case mark > last && b == m.own():
			// Control has counted what we have not written: the disk forgot what it had synced, or these are not the
			// records it knows by these numbers. What comes next must not be taken for what it has.
			m.log.Error("Control's watermark is ahead of the spool.", "node", m.cfg.Node, "boot", b.id, "watermark", mark, "last", last)
			m.acknowledge(b, last)
			if b, err = m.renumber(b, last); err != nil || b == nil {
				return err
			}
		default:
			shipped.Add(float64(min(mark, last) - first + 1))
			m.acknowledge(b, min(mark, last))
		}
	}
}

func (m *Meter) own() *boot {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.ours
}

// chunk reads the next records to ship: numbers without a gap, after the last acknowledged one. first 0: there are none.
func (m *Meter) chunk(b *boot) (records []byte, first, last uint64, err error) {
	for {
		m.mu.Lock()
		i := slices.IndexFunc(b.segments, func(s *segment) bool { return s.last > b.acked })
		if i < 0 {
			m.mu.Unlock()
			return nil, 0, 0, nil
		}
		s, acked := *b.segments[i], b.acked
		m.mu.Unlock()
		data, err := s.after(acked)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, 0, 0, err
		}
		scan(data, func(u wire.Usage, raw []byte) {
			if u.Seq <= acked || first > 0 && u.Seq != last+1 || len(records) >= maxBatch {
				return
			}
			if first == 0 {
				first = u.Seq
			}
			last = u.Seq
			records = append(records, raw...)
		})
		if first > 0 {
			return records, first, last, nil
		}
		// The file has gone, or was spoiled after it was read at the start.
		lost.Add(float64(s.last - max(acked, s.first-1)))
		m.log.Error("Usage records cannot be read any more.", "node", m.cfg.Node, "boot", b.id, "from", s.first, "to", s.last)
		m.mu.Lock()
		m.drop(b, i)
		m.mu.Unlock()
	}
}

// after reads the part of a segment that may hold numbers above acked, at most a batch where it can be found by counting.
func (s segment) after(acked uint64) ([]byte, error) {
	f, err := os.Open(s.path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	offset, size := int64(0), s.size
	if count := int64(s.last - s.first + 1); count*wire.UsageSize == size && acked >= s.first {
		offset = int64(acked-s.first+1) * wire.UsageSize
		size = min(size-offset, maxBatch)
	}
	data := make([]byte, size)
	n, err := f.ReadAt(data, offset)
	if errors.Is(err, io.EOF) {
		err = nil // a file that is shorter than it was: what is there is read
	}
	return data[:n], err
}

// acknowledge notes control's watermark, and deletes what it covers.
func (m *Meter) acknowledge(b *boot, mark uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b.acked = mark
	for i := 0; i < len(b.segments); {
		if s := b.segments[i]; s.last <= mark && s != m.writer.growing {
			m.drop(b, i)
		} else {
			i++
		}
	}
}

// drop deletes a segment. Should its name come back after a crash, it is shipped again, and ignored. The caller holds mu.
func (m *Meter) drop(b *boot, i int) {
	s := b.segments[i]
	if err := os.Remove(s.path); err != nil && !errors.Is(err, os.ErrNotExist) {
		m.log.Warn("A shipped usage segment cannot be deleted.", "node", m.cfg.Node, "error", err)
	}
	b.segments = slices.Delete(b.segments, i, i+1)
	m.used -= s.size
}

// forget takes an old boot without records off the list.
func (m *Meter) forget(b *boot) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if b != m.ours && len(b.segments) == 0 {
		m.boots = slices.DeleteFunc(m.boots, func(x *boot) bool { return x == b })
	}
}
