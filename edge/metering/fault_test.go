package metering

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/edge/wire"
)

// A disk is one that fails when told to, and knows what would be left after the power went.
type disk struct {
	mu     sync.Mutex
	files  []*diskFile
	failed func(op string) bool // create, write, sync
}

type diskFile struct {
	*os.File
	disk            *disk
	written, synced int64
}

var errDisk = errors.New("input/output error")

func (d *disk) fails(op string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.failed != nil && d.failed(op)
}

func (d *disk) create(path string) (file, error) {
	if d.fails("create") {
		return nil, errDisk
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	df := &diskFile{File: f, disk: d}
	d.files = append(d.files, df)
	return df, nil
}

func (f *diskFile) Write(p []byte) (n int, err error) {
	if f.disk.fails("write") {
		p, err = p[:len(p)/2], errDisk // a disk that is full takes a part
	}
	n, werr := f.File.Write(p)
	f.written += int64(n)
	return n, errors.Join(err, werr)
}

func (f *diskFile) Sync() error {
	if f.disk.fails("sync") {
		return errDisk
	}
	f.synced = f.written
	return nil
}

// powerLoss leaves of each file what was synced, and an arbitrary part of the rest.
func (d *disk) powerLoss(t *testing.T) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, f := range d.files {
		if err := os.Truncate(f.Name(), f.synced+rand.Int64N(f.written-f.synced+1)); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
}

func (d *disk) fail(when func(op string) bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failed = when
}

func (m *Meter) on(d *disk) *Meter {
	m.writing.Lock()
	defer m.writing.Unlock()
	m.create = d.create
	return m
}

// abandon ends a meter as a crash does: nothing more is written.
func (m *Meter) abandon() {
	m.writing.Lock()
	m.create = func(string) (file, error) { return nil, errDisk }
	m.writer = writer{}
	m.writing.Unlock()
	m.Close()
}

func TestAFailureOfTheDiskStartsANewFile(t *testing.T) {
	for _, op := range []string{"write", "sync"} {
		t.Run(op, func(t *testing.T) {
			dir, c, d := t.TempDir(), newControl(), &disk{}
			m := open(t, Config{Dir: dir}).on(d)
			count(t, m, 1, 3)
			failed := false
			d.fail(func(o string) bool {
				now := o == op && !failed
				failed = failed || now
				return now
			})
			count(t, m, 4, 6)
			if !failed || len(files(t, dir, segmentSuffix)) != 2 {
				t.Errorf("after a failed %s there are %v, want a new file", op, files(t, dir, segmentSuffix))
			}
			// Both files hold record 4, perhaps; neither this boot nor the next ships it twice.
			if rand.IntN(2) == 0 {
				m.Close()
				m = open(t, Config{Dir: dir})
			}
			if err := m.Ship(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			c.once(t, 1, 6)
		})
	}
}

func TestPowerMayFailAtAnyTime(t *testing.T) {
	dir, c := t.TempDir(), newControl()
	next := uint64(1)
	var acknowledged []uint64
	for round := range 60 {
		d := &disk{}
		m := open(t, Config{Dir: dir, MaxBytes: 1 << 20}).on(d)
		d.fail(func(op string) bool { return rand.IntN(20) == 0 })
		var mu sync.Mutex
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for range 5 {
					mu.Lock()
					order := next
					next++
					mu.Unlock()
					if m.Count(t.Context(), wire.Usage{Op: wire.OpPhoto, Units: 1, Order: order}) != nil {
						continue
					}
					m.writing.Lock()
					certain := m.writer.unsynced == nil && len(m.writer.totals.cells) == 0 // degraded, nothing is promised
					m.writing.Unlock()
					if certain {
						mu.Lock()
						acknowledged = append(acknowledged, order)
						mu.Unlock()
					}
				}
			})
		}
		if round%3 == 0 {
			c.mu.Lock()
			c.forget = true
			c.mu.Unlock()
			m.Ship(t.Context(), c)
			c.mu.Lock()
			c.forget = false
			c.mu.Unlock()
		}
		all.Wait()
		m.abandon()
		d.powerLoss(t)
	}
	m := open(t, Config{Dir: dir})
	if err := m.Ship(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	got := c.orders()
	for _, order := range acknowledged {
		if got[order] == 0 {
			t.Errorf("order %d was acknowledged and is lost", order)
		}
	}
	for order, n := range got {
		if n > 1 {
			t.Errorf("order %d was counted %d times", order, n)
		}
	}
	t.Logf("%d orders, %d acknowledged, %d counted", next-1, len(acknowledged), len(got))
	if len(acknowledged) < int(next)/4 {
		t.Errorf("%d of %d orders were acknowledged: the test does not test", len(acknowledged), next-1)
	}
}

func TestADeadDiskKeepsServing(t *testing.T) {
	dir, c, d := t.TempDir(), newControl(), &disk{}
	m := open(t, Config{Dir: dir}).on(d)
	for from := uint64(0); from < 200; from += 100 { // it happens twice
		count(t, m, from+1, from+3)
		d.fail(func(string) bool { return true })
		count(t, m, from+4, from+98) // the first has a number already; the rest become totals
		if !m.degraded() {
			t.Error("the disk is dead, and no alarm is raised")
		}
		if err := m.Ship(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		c.once(t, 1, from+3)
		d.fail(nil)
		m.recover()
		count(t, m, from+99, from+100)
		if m.degraded() {
			t.Error("the disk is well again, and the alarm stays")
		}
		if err := m.Ship(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		c.once(t, 1, from+100)
	}
}

func (m *Meter) degraded() bool {
	m.writing.Lock()
	defer m.writing.Unlock()
	return m.writer.alarm
}

// recover does what the passing of a second does.
func (m *Meter) recover() {
	m.writing.Lock()
	defer m.writing.Unlock()
	m.writer.retry, m.writer.totals.saved = time.Time{}, time.Time{}
	m.writer.write(m, nil)
}

func TestAFullSpoolKeepsTotals(t *testing.T) {
	const room = 1600 // records
	for _, crash := range []bool{false, true} {
		t.Run(fmt.Sprintf("crash %t", crash), func(t *testing.T) {
			dir, c := t.TempDir(), newControl()
			m := open(t, Config{Dir: dir, MaxBytes: room * wire.UsageSize})
			var all sync.WaitGroup
			for org := range uint32(4) {
				all.Go(func() {
					for range room {
						if err := m.Count(t.Context(), wire.Usage{Op: wire.OpImage, Org: org, Units: 2}); err != nil {
							t.Error(err)
							return
						}
					}
				})
			}
			all.Wait()
			if !m.degraded() {
				t.Error("the spool is full, and no alarm is raised")
			}
			if limit := int64(room * wire.UsageSize * 15 / 16); m.used > limit {
				t.Errorf("%d bytes are used, want at most %d, the rest being for orders", m.used, limit)
			}
			count(t, m, 1, 50) // paid by the piece: still kept one by one
			m.writing.Lock()
			m.writer.totals.saved = time.Time{}
			m.writer.totals.save(m)
			m.writing.Unlock()
			if crash {
				m.abandon()
				m = open(t, Config{Dir: dir})
			}
			for range 2 { // first the spool, which makes room, then the totals
				if err := m.Ship(t.Context(), c); err != nil {
					t.Fatal(err)
				}
				m.recover()
			}
			if got, want := c.units(), uint64(4*room*2+50); got != want {
				t.Errorf("%d units counted, want %d", got, want)
			}
			for order, n := range c.orders() {
				if order > 0 && n != 1 {
					t.Errorf("order %d counted %d times", order, n)
				}
			}
			if got := len(c.orders()); got != 51 {
				t.Errorf("%d orders counted, want 50 and none", got)
			}
			if m.degraded() {
				t.Error("there is room again, and the alarm stays")
			}
			if got := files(t, dir, totalsSuffix); len(got) != 0 {
				t.Errorf("%v are left", got)
			}
		})
	}
}

func TestTotalsAreBounded(t *testing.T) {
	var totals totals
	for i := range uint32(3 * maxCells) {
		totals.add(wire.Usage{Op: wire.OpImage, Org: i, Units: 1, Time: 1_795_500_000})
	}
	if got := len(totals.cells); got > 2*maxCells {
		t.Errorf("%d cells, want at most %d", got, 2*maxCells)
	}
	totals.cells = map[cell]uint64{{org: 1, op: wire.OpImage}: 1<<33 + 5, {org: 2, op: wire.OpImage}: 0}
	var sum uint64
	var n int
	if !scan(totals.records(), func(u wire.Usage, _ []byte) { sum += uint64(u.Units); n++ }) || sum != 1<<33+5 || n != 4 {
		t.Errorf("%d units in %d records, want %d in 4", sum, n, uint64(1<<33+5))
	}
}

func TestOneBootThatIsRefusedDoesNotHoldUpTheOthers(t *testing.T) {
	dir, c := t.TempDir(), newControl()
	m := open(t, Config{Dir: dir})
	count(t, m, 1, 5)
	refused := m.own().id
	m.Close()
	m = open(t, Config{Dir: dir})
	count(t, m, 6, 9)
	err := m.Ship(t.Context(), &picky{c, refused})
	var status *StatusError
	if !errors.As(err, &status) || status.Code != 400 {
		t.Errorf("shipping with one boot refused: %v, want what control said", err)
	}
	c.once(t, 6, 9)
}

type picky struct {
	*control
	refused string
}

func (p *picky) Ship(ctx context.Context, boot string, records []byte) (uint64, error) {
	if boot == p.refused {
		return 0, &StatusError{400}
	}
	return p.control.Ship(ctx, boot, records)
}

func TestLeftoversOfACrashAreCleared(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"0123456789abcdef0123.000001.usage.tmp", "0123456789abcdef0123.000001.usage", "a stranger's file"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m := open(t, Config{Dir: dir})
	if err := m.Ship(t.Context(), newControl()); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if want := []string{"a stranger's file", "lock"}; !slices.Equal(names, want) {
		t.Errorf("left are %q, want %q", names, want)
	}
}
