package metering

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/professionalaistudio/studio/edge/wire"
)

var quiet = slog.New(slog.DiscardHandler)

// control is the other side as the contract has it: one watermark for each boot, and a gap is refused.
type control struct {
	mu      sync.Mutex
	marks   map[string]uint64
	counted []wire.Usage
	down    error // what Ship says instead of an answer
	forget  bool  // counts, but the answer is lost on the way
}

func newControl() *control { return &control{marks: map[string]uint64{}} }

func (c *control) Ship(_ context.Context, boot string, records []byte) (uint64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.down != nil {
		return 0, c.down
	}
	for raw := range slices.Chunk(records, wire.UsageSize) {
		u, err := wire.ReadUsage(raw)
		if err != nil {
			return 0, err
		}
		if u.Seq > c.marks[boot]+1 {
			return c.marks[boot], ErrGap
		}
		if u.Seq == c.marks[boot]+1 {
			c.marks[boot]++
			c.counted = append(c.counted, u)
		}
	}
	if c.forget {
		return 0, errors.New("the answer is lost")
	}
	return c.marks[boot], nil
}

// orders tells how often each order was counted.
func (c *control) orders() map[uint64]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := map[uint64]int{}
	for _, u := range c.counted {
		n[u.Order]++
	}
	return n
}

func (c *control) units() (sum uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, u := range c.counted {
		sum += uint64(u.Units)
	}
	return sum
}

func open(t *testing.T, cfg Config) *Meter {
	t.Helper()
	m, err := Open(cfg, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// count counts orders from first to last, one after the other.
func count(t *testing.T, m *Meter, first, last uint64) {
	t.Helper()
	for order := first; order <= last; order++ {
		if err := m.Count(t.Context(), wire.Usage{Op: wire.OpPhoto, Org: 1, Units: 1, Order: order}); err != nil {
			t.Fatalf("order %d: %v", order, err)
		}
	}
}

// once fails unless exactly the orders from first to last were counted, each once.
func (c *control) once(t *testing.T, first, last uint64) {
	t.Helper()
	got := c.orders()
	for order := first; order <= last; order++ {
		if got[order] != 1 {
			t.Errorf("order %d counted %d times, want once", order, got[order])
		}
	}
	if len(got) != int(last-first+1) {
		t.Errorf("%d orders counted, want %d", len(got), last-first+1)
	}
}

func files(t *testing.T, dir, suffix string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*"+suffix))
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func TestWhatIsCountedIsShippedOnce(t *testing.T) {
	dir, c := t.TempDir(), newControl()
	m := open(t, Config{Dir: dir})
	count(t, m, 1, 10)
	for range 2 {
		if err := m.Ship(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	c.once(t, 1, 10)

	// The next boot finds what is left, under the name and numbers that it had.
	count(t, m, 11, 20)
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	if err := m.Count(t.Context(), wire.Usage{Op: wire.OpPhoto}); !errors.Is(err, ErrClosed) {
		t.Errorf("counting after Close: %v, want %v", err, ErrClosed)
	}
	m = open(t, Config{Dir: dir})
	count(t, m, 21, 30)
	if err := m.Ship(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	c.once(t, 1, 30)
	if len(c.marks) != 2 {
		t.Errorf("%d boots at control, want 2: %v", len(c.marks), c.marks)
	}
	if got := files(t, dir, segmentSuffix); len(got) != 1 {
		t.Errorf("%d segments are left, want the growing one: %v", len(got), got)
	}
}

func TestNumbersAndTimeAreTheMetersToGive(t *testing.T) {
	c := newControl()
	m := open(t, Config{Dir: t.TempDir()})
	u := wire.Usage{Op: wire.OpMatte, Org: 7, Outcome: wire.OutcomeRefused, Units: 3, Order: 9}
	given := u
	given.Seq, given.Time = 4711, 1
	if err := m.Count(t.Context(), given); err != nil {
		t.Fatal(err)
	}
	if err := m.Ship(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	got := c.counted[0]
	if got.Seq != 1 || got.Time < 1_790_000_000 {
		t.Errorf("number %d at %d, want the first, now", got.Seq, got.Time)
	}
	got.Seq, got.Time = 0, 0
	if got != u {
		t.Errorf("counted %+v, want %+v", got, u)
	}
	if err := m.Count(t.Context(), wire.Usage{}); !errors.Is(err, wire.ErrUsage) {
		t.Errorf("usage of nothing: %v, want %v", err, wire.ErrUsage)
	}
}

func TestALostAnswerCountsNothingTwice(t *testing.T) {
	c := newControl()
	m := open(t, Config{Dir: t.TempDir()})
	count(t, m, 1, 5)
	c.forget = true
	if err := m.Ship(t.Context(), c); err == nil {
		t.Error("shipping succeeds although the answer was lost")
	}
	count(t, m, 6, 9)
	c.forget = false
	if err := m.Ship(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	c.once(t, 1, 9)
}

func TestSegmentsEndAndAreDeletedOnceAcknowledged(t *testing.T) {
	dir, c := t.TempDir(), newControl()
	m := open(t, Config{Dir: dir, MaxBytes: 160 * wire.UsageSize}) // ten records a segment
	count(t, m, 1, 45)
	if got := files(t, dir, segmentSuffix); len(got) != 5 {
		t.Errorf("45 records of 10 a segment lie in %d, want 5: %v", len(got), got)
	}
	if err := m.Ship(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	c.once(t, 1, 45)
	if got := files(t, dir, segmentSuffix); len(got) != 1 {
		t.Errorf("%d segments are left, want the growing one: %v", len(got), got)
	}
	if m.used != 5*wire.UsageSize {
		t.Errorf("%d bytes are thought to be in use, want those of 5 records", m.used)
	}
}

func TestATornTailIsPassedOver(t *testing.T) {
	for name, tail := range map[string][]byte{
		"half a record": wire.AppendUsage(nil, wire.Usage{Seq: 6, Op: wire.OpPhoto, Order: 6})[:17],
		"zeros":         make([]byte, 4096),
		"noise":         []byte("what a disk may leave where nothing was synced, longer than a record"),
	} {
		t.Run(name, func(t *testing.T) {
			dir, c := t.TempDir(), newControl()
			m := open(t, Config{Dir: dir})
			count(t, m, 1, 5)
			m.Close()
			appendTo(t, files(t, dir, segmentSuffix)[0], tail)
			m = open(t, Config{Dir: dir})
			count(t, m, 6, 7)
			if err := m.Ship(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			c.once(t, 1, 7)
		})
	}
}

func appendTo(t *testing.T, path string, b []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestASecondProcessIsKeptOff(t *testing.T) {
	dir := t.TempDir()
	m := open(t, Config{Dir: dir})
	if second, err := Open(Config{Dir: dir}, quiet); err == nil {
		second.Close()
		t.Error("two meters write to one spool")
	}
	m.Close()
	open(t, Config{Dir: dir})
}

func TestTheCallersContextEndsTheWait(t *testing.T) {
	m := open(t, Config{Dir: t.TempDir()})
	gone := errors.New("client gone")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(gone)
	m.writing.Lock() // a disk that takes its time
	defer m.writing.Unlock()
	if err := m.Count(ctx, wire.Usage{Op: wire.OpImage}); !errors.Is(err, gone) {
		t.Errorf("got %v, want %v", err, gone)
	}
}

// FuzzSegment: of a segment that was cut and then continued with anything, the reader yields every record before the cut,
// in order, and nothing that is not a record.
func FuzzSegment(f *testing.F) {
	f.Add(3, 100, []byte{})
	f.Add(1, 40, make([]byte, 80))
	f.Add(0, 0, []byte("noise that is a little longer than one record"))
	f.Add(2, 79, wire.AppendUsage(nil, wire.Usage{Seq: 9, Op: 1}))
	f.Fuzz(func(t *testing.T, n, cut int, tail []byte) {
		var data []byte
		for seq := range uint64(max(n, 0)) & 63 {
			data = wire.AppendUsage(data, wire.Usage{Seq: seq + 1, Op: wire.OpImage, Units: uint32(seq)})
		}
		cut = min(max(cut, 0), len(data))
		spoiled := append(data[:cut:cut], tail...)
		var got []byte
		whole := scan(spoiled, func(u wire.Usage, raw []byte) {
			if again := wire.AppendUsage(nil, u); !slices.Equal(again, raw) {
				t.Errorf("read %+v, which would be written as %x, from %x", u, again, raw)
			}
			got = append(got, raw...)
		})
		kept := cut / wire.UsageSize * wire.UsageSize
		if len(got) < kept || !slices.Equal(got[:kept], data[:kept]) {
			t.Errorf("of %d bytes before the cut %d were read", kept, len(got))
		}
		if whole != (len(got) == len(spoiled)) {
			t.Errorf("whole: %t, with %d of %d bytes read", whole, len(got), len(spoiled))
		}
	})
}

func ExampleMeter_Count() {
	dir, err := os.MkdirTemp("", "spool")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	m, err := Open(Config{Dir: dir, Node: "a"}, quiet)
	if err != nil {
		panic(err)
	}
	defer m.Close()
	err = m.Count(context.Background(), wire.Usage{Op: wire.OpImage, Org: 1, Units: 1})
	fmt.Println(err)
	// Output: <nil>
}
