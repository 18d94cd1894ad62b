package metering

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"time"

	"github.com/professionalaistudio/studio/edge/wire"
)

// totals are what is kept of records for which there is no room: how many units, by hour. They are written as records
// too, of a boot of their own, which is shipped like any other once it changes no more. So nothing has to be moved from
// one account to the other, and nothing can be counted in both.
type totals struct {
	cells map[cell]uint64 // units
	made  int             // boots of totals made so far
	id    string          // of the boot they will be; "" = none yet
	dirty bool
	saved time.Time
}

type cell struct {
	hour    uint32
	org     uint32
	op      wire.Op
	outcome wire.Outcome
	order   uint64
}

// maxCells bounds memory. Beyond, hours run together, and then what is new is lost.
const maxCells = 1 << 16

func (t *totals) add(u wire.Usage) {
	folded.Inc()
	c := cell{u.Time - u.Time%3600, u.Org, u.Op, u.Outcome, u.Order}
	if _, ok := t.cells[c]; !ok && len(t.cells) >= maxCells {
		c.hour -= c.hour % 86400
		if _, ok := t.cells[c]; !ok && len(t.cells) >= 2*maxCells {
			lost.Inc()
			return
		}
	}
	if t.cells == nil {
		t.cells = map[cell]uint64{}
	}
	t.cells[c] += uint64(u.Units)
	t.dirty = true
}

// save puts the totals on disk once a second: a crash costs at most that, in the customers' favour.
func (t *totals) save(m *Meter) {
	if !t.dirty || time.Since(t.saved) < time.Second {
		return
	}
	t.saved = time.Now()
	if t.id == "" {
		t.made++
		t.id = fmt.Sprintf("%s-t%d", m.ours.id, t.made)
	}
	if err := m.writeWhole(m.path(t.id, 1, totalsSuffix), t.records()); err != nil {
		failures.WithLabelValues("totals").Inc()
		return // the next second tries again; that the disk fails is said by others
	}
	t.dirty = false
}

// seal ends a boot of totals: from now on it can be shipped.
func (t *totals) seal(m *Meter) error {
	if len(t.cells) == 0 {
		return nil
	}
	t.dirty, t.saved = true, time.Time{}
	if t.save(m); t.dirty {
		return fmt.Errorf("totals of %d cells are not written", len(t.cells))
	}
	path := m.path(t.id, 1, segmentSuffix)
	if err := os.Rename(m.path(t.id, 1, totalsSuffix), path); err != nil {
		return err
	}
	s, err := readSegment(path)
	if err != nil {
		return err
	}
	m.mu.Lock()
	m.boots = slices.Insert(m.boots, len(m.boots)-1, &boot{id: t.id, segments: []*segment{s}})
	m.used += s.size
	m.mu.Unlock()
	*t = totals{made: t.made}
	poke(m.fresh)
	return m.syncDir()
}

// records writes the totals in a fixed order. What does not fit one record's units goes on in the next.
func (t *totals) records() (b []byte) {
	seq := uint64(0)
	for _, c := range slices.SortedFunc(maps.Keys(t.cells), cell.compare) {
		for left, first := t.cells[c], true; left > 0 || first; first = false {
			units := min(left, math.MaxUint32)
			left -= units
			seq++
			b = wire.AppendUsage(b, wire.Usage{
				Seq: seq, Time: c.hour, Org: c.org, Op: c.op, Outcome: c.outcome, Order: c.order, Units: uint32(units),
			})
		}
	}
	return b
}

func (c cell) compare(d cell) int {
	return cmp.Or(
		cmp.Compare(c.hour, d.hour), cmp.Compare(c.org, d.org), cmp.Compare(c.op, d.op),
		cmp.Compare(c.outcome, d.outcome), cmp.Compare(c.order, d.order),
	)
}
