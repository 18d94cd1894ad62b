package metering

import (
	"errors"
	"os"
	"time"

	"github.com/professionalaistudio/studio/edge/wire"
)

// A writer puts groups of records on disk. It is guarded by Meter.writing.
type writer struct {
	next    uint64 // the number of the record to come
	number  int    // of the segment to come
	out     file   // the segment that grows; nil = the next write makes one
	growing *segment

	full     bool   // no room, until there is a quarter
	unsynced []byte // records that have numbers and could not be made durable; they come first, to a new file
	retry    time.Time
	logged   time.Time
	totals   totals
	alarm    bool
}

// write makes records durable, or folds them into totals.
func (w *writer) write(m *Meter, usages []wire.Usage) {
	w.mend(m)
	var records []byte
	first := w.next
	for _, u := range usages {
		if w.unsynced != nil || !w.room(m, u, len(records)) {
			w.totals.add(u)
			continue
		}
		u.Seq = w.next
		w.next++
		records = wire.AppendUsage(records, u)
	}
	if len(records) > 0 {
		w.append(m, records, first)
	}
	w.totals.save(m)
	w.report(m)
}

// mend tries again what failed, once a second, and ends the time of totals when there is room again.
func (w *writer) mend(m *Meter) {
	now := time.Now()
	if w.unsynced != nil && now.After(w.retry) {
		records := w.unsynced
		w.unsynced = nil
		w.append(m, records, w.next-uint64(len(records)/wire.UsageSize))
	}
	m.mu.Lock()
	used := m.used
	m.mu.Unlock()
	if w.full && used <= m.cfg.MaxBytes*3/4 {
		w.full = false
	}
	if !w.full && w.unsynced == nil && now.After(w.retry) {
		if err := w.totals.seal(m); err != nil {
			w.failed(m, "totals", err)
		}
	}
}

// room tells whether a record may still be written. The last sixteenth of the spool is for orders: somebody paid for just
// that photo, and a total would not say which.
func (w *writer) room(m *Meter, u wire.Usage, pending int) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	size := m.used + int64(pending) + wire.UsageSize
	if u.Order != 0 {
		return size <= m.cfg.MaxBytes
	}
	w.full = w.full || size > m.cfg.MaxBytes*15/16
	return !w.full
}

// append writes records to the growing segment. After a failure nothing more may be written there: what fsync could not
// write, a second fsync may call written although it is not. So they go to a new file, whole.
func (w *writer) append(m *Meter, records []byte, first uint64) {
	start := time.Now()
	err := w.tryAppend(m, records, first)
	if err != nil {
		w.failed(m, "write", err)
		w.close(m)
		err = w.tryAppend(m, records, first)
	}
	if err != nil {
		w.failed(m, "write", err)
		w.close(m)
		w.unsynced = records
		return
	}
	synced.Observe(time.Since(start).Seconds())
	counted.Add(float64(len(records) / wire.UsageSize))
	m.mu.Lock()
	if w.growing.size == 0 {
		m.ours.segments = append(m.ours.segments, w.growing)
	}
	w.growing.size += int64(len(records))
	w.growing.last = first + uint64(len(records)/wire.UsageSize) - 1
	m.used += int64(len(records))
	full := w.growing.size >= m.segment
	m.mu.Unlock()
	if full {
		w.close(m)
	}
	poke(m.fresh)
}

func (w *writer) tryAppend(m *Meter, records []byte, first uint64) error {
	if w.out == nil {
		path := m.path(m.ours.id, w.number, segmentSuffix)
		w.number++
		out, err := m.create(path)
		if err != nil {
			return err
		}
		m.mu.Lock()
		w.out, w.growing = out, &segment{path: path, first: first}
		m.mu.Unlock()
		if err := m.syncDir(); err != nil {
			return err
		}
	}
	if _, err := w.out.Write(records); err != nil {
		return err
	}
	return w.out.Sync()
}

// close ends the growing segment, of which every record that counts is synced.
func (w *writer) close(m *Meter) {
	if w.out != nil {
		w.out.Close()
		if w.growing.size == 0 {
			os.Remove(w.growing.path)
		}
	}
	m.mu.Lock()
	w.out, w.growing = nil, nil
	m.mu.Unlock()
}

// end writes what is left, as far as that is possible.
func (w *writer) end(m *Meter) {
	w.retry = time.Time{}
	w.mend(m)
	w.totals.saved = time.Time{}
	w.totals.save(m)
	if n := len(w.unsynced) / wire.UsageSize; n > 0 {
		lost.Add(float64(n))
		m.log.Error("Usage is lost: the spool cannot be written.", "node", m.cfg.Node, "records", n)
	}
	w.close(m)
}

func (w *writer) failed(m *Meter, step string, err error) {
	w.retry = time.Now().Add(time.Second)
	failures.WithLabelValues(step).Inc()
	if time.Since(w.logged) > time.Minute {
		w.logged = time.Now()
		m.log.Error("The usage spool cannot be written.", "node", m.cfg.Node, "step", step, "error", err)
	}
}

// report raises the alarm, once as a line and as long as it lasts as a metric.
func (w *writer) report(m *Meter) {
	now := w.full || w.unsynced != nil || len(w.totals.cells) > 0
	if now == w.alarm {
		return
	}
	w.alarm = now
	if now {
		degraded.Set(1)
		m.log.Error("Usage is kept as totals only: the spool is full, or its disk fails.", "node", m.cfg.Node)
	} else {
		degraded.Set(0)
		m.log.Info("Usage is kept record by record again.", "node", m.cfg.Node)
	}
}

// rebegin ends our boot in the middle, because its numbers no longer fit what control has counted.
func (m *Meter) rebegin() error {
	m.writing.Lock()
	defer m.writing.Unlock()
	if m.writer.unsynced != nil {
		return errors.New("records with numbers of this boot are not written yet")
	}
	m.writer.close(m)
	m.begin()
	return nil
}
