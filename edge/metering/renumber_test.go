package metering

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/professionalaistudio/studio/edge/wire"
)

// Control may be restored from an older state, or lose its database. What it can still get, it gets once.
func TestAWatermarkThatWentBack(t *testing.T) {
	for name, test := range map[string]struct {
		back, left uint64 // the watermark after the restore; what is left of orders 1 to 25 after it
	}{
		"to where we still have all":    {21, 21},
		"to before what we have":        {5, 10}, // segments of ten: 1 to 20 are gone, the growing one holds 21 on
		"to nothing":                    {0, 5},
		"to where nothing is left here": {25, 25},
	} {
		t.Run(name, func(t *testing.T) {
			dir, c := t.TempDir(), newControl()
			m := open(t, Config{Dir: dir, MaxBytes: 160 * wire.UsageSize})
			count(t, m, 1, 25)
			if err := m.Ship(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			for boot := range c.marks {
				c.marks[boot] = test.back
			}
			c.counted = c.counted[:test.back]
			count(t, m, 26, 28)
			if err := m.Ship(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			count(t, m, 29, 30)
			m.Close()
			m = open(t, Config{Dir: dir, MaxBytes: 160 * wire.UsageSize})
			if err := m.Ship(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			got := c.orders()
			for order := uint64(1); order <= 30; order++ {
				want := 1
				if order > test.back && order <= 20 {
					want = 0 // acknowledged, deleted here, and forgotten there
				}
				if got[order] != want {
					t.Errorf("order %d counted %d times, want %d", order, got[order], want)
				}
			}
		})
	}
}

func TestASpoiledRecordCostsItselfOnly(t *testing.T) {
	for crash, kept := range map[string]struct {
		shipped bool // the new file, before the crash
		from    int  // the first old file that is there after it
	}{
		"none":                        {false, 3},
		"before the old are deleted":  {false, 0},
		"while the old are deleted":   {false, 2},
		"and the old have reappeared": {true, 0}, // had the directory not been synced
	} {
		t.Run("crash "+crash, func(t *testing.T) {
			dir, c := t.TempDir(), newControl()
			m := open(t, Config{Dir: dir, MaxBytes: 160 * wire.UsageSize})
			count(t, m, 1, 25)
			m.Close()
			segments := files(t, dir, segmentSuffix)
			data, err := os.ReadFile(segments[1])
			if err != nil {
				t.Fatal(err)
			}
			data[4*wire.UsageSize+30] ^= 1 // order 15
			if err := os.WriteFile(segments[1], data, 0o600); err != nil {
				t.Fatal(err)
			}
			var old [][]byte
			for _, path := range segments {
				data, _ := os.ReadFile(path)
				old = append(old, data)
			}
			m = open(t, Config{Dir: dir})
			if kept.shipped {
				err = m.Ship(t.Context(), c)
			} else {
				m.Ship(t.Context(), &onceDown{control: c, boot: "-r"})
			}
			if err != nil {
				t.Fatal(err)
			}
			m.abandon()
			for i := kept.from; i < len(old); i++ {
				if err := os.WriteFile(segments[i], old[i], 0o600); err != nil {
					t.Fatal(err)
				}
			}
			m = open(t, Config{Dir: dir})
			if err := m.Ship(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			got := c.orders()
			for order := uint64(1); order <= 25; order++ {
				if want := 1; order != 15 && got[order] != want || order == 15 && got[order] != 0 {
					t.Errorf("order %d counted %d times", order, got[order])
				}
			}
		})
	}
}

// What is lost while we run must not stop what is not.
func TestFilesThatVanish(t *testing.T) {
	for name, damage := range map[string]func(path string) error{
		"cut":     func(path string) error { return os.Truncate(path, 3*wire.UsageSize+7) },
		"emptied": func(path string) error { return os.Truncate(path, 0) },
		"deleted": os.Remove,
		"noise":   func(path string) error { return os.WriteFile(path, make([]byte, 400), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			dir, c := t.TempDir(), newControl()
			m := open(t, Config{Dir: dir, MaxBytes: 160 * wire.UsageSize})
			count(t, m, 1, 35)
			if err := damage(files(t, dir, segmentSuffix)[1]); err != nil {
				t.Fatal(err)
			}
			if err := m.Ship(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			got := c.orders()
			for order := uint64(1); order <= 35; order++ {
				if (order <= 10 || order > 20) && got[order] != 1 {
					t.Errorf("order %d counted %d times, want once", order, got[order])
				}
			}
			if name == "cut" && got[13] != 1 {
				t.Errorf("order 13 counted %d times: it was before the cut", got[13])
			}
			if left := len(files(t, dir, segmentSuffix)); left > 1 {
				t.Errorf("%d segments are left, want the growing one at most", left)
			}
		})
	}
}

// onceDown fails for boots of a name.
type onceDown struct {
	*control
	boot string
}

func (o *onceDown) Ship(ctx context.Context, boot string, records []byte) (uint64, error) {
	if strings.Contains(boot, o.boot) {
		return 0, errors.New("down")
	}
	return o.control.Ship(ctx, boot, records)
}

func TestControlAheadOfUs(t *testing.T) {
	c := newControl()
	m := open(t, Config{Dir: t.TempDir()})
	count(t, m, 1, 5)
	first := m.own().id
	ahead := &answer{control: c, add: 100}
	if err := m.Ship(t.Context(), ahead); err != nil {
		t.Fatal(err)
	}
	c.marks[first] = 105 // as it said
	count(t, m, 6, 9)
	if err := m.Ship(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	got := c.orders()
	for order := uint64(6); order <= 9; order++ {
		if got[order] != 1 {
			t.Errorf("order %d counted %d times, want once: control took it for what it had", order, got[order])
		}
	}
}

// answer adds to the watermark.
type answer struct {
	*control
	add uint64
}

func (a *answer) Ship(ctx context.Context, boot string, records []byte) (uint64, error) {
	mark, err := a.control.Ship(ctx, boot, records)
	return mark + a.add, err
}
