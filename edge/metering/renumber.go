package metering

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/professionalaistudio/studio/edge/wire"
)

// renumber gives the records after mark new numbers, in a new boot, because those between mark and them are gone: control
// was restored from an older state, or our disk was spoiled. Its name follows from the old one and the first number, so
// that a crash in between cannot make two of it. nil: there are none left.
func (m *Meter) renumber(b *boot, mark uint64) (*boot, error) {
	if b == m.own() {
		if err := m.rebegin(); err != nil {
			return nil, err
		}
	}
	m.mu.Lock()
	segments := slices.Clone(b.segments)
	m.mu.Unlock()
	var records []byte
	var first, last, missing uint64
	last = mark
	for _, s := range segments {
		data, err := s.after(0)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		scan(data, func(u wire.Usage, _ []byte) {
			if u.Seq <= last {
				return
			}
			missing += u.Seq - last - 1
			last = u.Seq
			if first == 0 {
				first = u.Seq
			}
			u.Seq = uint64(len(records)/wire.UsageSize) + 1
			records = wire.AppendUsage(records, u)
		})
	}
	m.log.Error("Usage records are missing between control and the spool.", "node", m.cfg.Node, "boot", b.id, "watermark", mark, "missing", missing)
	lost.Add(float64(missing))
	fresh := &boot{id: fmt.Sprintf("%s-r%d", b.id, first)}
	if first > 0 {
		s := &segment{path: m.path(fresh.id, 1, segmentSuffix), size: int64(len(records)), first: 1, last: uint64(len(records) / wire.UsageSize)}
		if err := m.writeWhole(s.path, records); err != nil {
			return nil, err
		}
		fresh.segments = []*segment{s}
	}
	m.mu.Lock()
	for len(b.segments) > 0 {
		m.drop(b, 0)
	}
	i := slices.Index(m.boots, b)
	if first == 0 {
		fresh = nil
		m.boots = slices.Delete(m.boots, i, i+1)
	} else {
		m.boots[i] = fresh
		m.used += fresh.segments[0].size
	}
	m.mu.Unlock()
	return fresh, m.syncDir() // before fresh is shipped and deleted, the old must be gone for good
}

// finishRenumbering deletes boots that were written anew just before a crash.
func (m *Meter) finishRenumbering() error {
	for _, fresh := range m.boots {
		from, ok := renumberedFrom(fresh.id)
		if !ok {
			continue
		}
		for _, b := range m.boots {
			for b.id == from && len(b.segments) > 0 {
				if err := os.Remove(b.segments[0].path); err != nil {
					return err
				}
				b.segments = b.segments[1:]
			}
		}
	}
	m.boots = slices.DeleteFunc(m.boots, func(b *boot) bool { return len(b.segments) == 0 })
	return nil
}

// renumberedFrom takes the name of a renumbered boot apart: which boot it replaces.
func renumberedFrom(id string) (from string, ok bool) {
	i := strings.LastIndex(id, "-r")
	if i < 0 {
		return "", false
	}
	_, err := strconv.ParseUint(id[i+2:], 10, 64)
	return id[:i], err == nil
}
