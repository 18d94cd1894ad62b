package auth

import (
	"bytes"
	"encoding/binary"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestSpent(t *testing.T) {
	now := start
	exp := start.Add(5 * time.Minute)
	var told [][]byte
	s := NewSpent(func() time.Time { return now }, func(record []byte) { told = append(told, record) })
	reserve := func(jti string) bool {
		_, release, ok := s.Reserve(jti, exp)
		release()
		return ok
	}

	_, release, ok := s.Reserve("ord_1", exp)
	if !ok || reserve("ord_1") || !reserve("ord_2") {
		t.Errorf("reserved %v; in use, it must not be reserved again, and another must", ok)
	}
	release()
	release()
	if !reserve("ord_1") || len(told) != 0 {
		t.Errorf("a token that failed is spent; told %d", len(told))
	}
	commit, release, _ := s.Reserve("ord_1", exp)
	commit()
	release()
	commit()
	if reserve("ord_1") || len(told) != 1 {
		t.Errorf("a spent token is taken again, or told %d times", len(told))
	}
	now = exp.Add(23 * time.Hour) // minted anew after its end, while control has not heard of the delivery
	if reserve("ord_1") {
		t.Error("a spent token is taken again after its end")
	}
	now = exp.Add(25 * time.Hour)
	if !reserve("ord_1") || len(s.Snapshot()) != 0 {
		t.Error("a spent token is remembered for ever")
	}
}

// Neighbours learn of what is spent by a record without the id, one at a time or all at once.
func TestSpentTravels(t *testing.T) {
	now := func() time.Time { return start }
	exp := start.Add(5 * time.Minute)
	var b, c *Spent
	a := NewSpent(now, func(record []byte) {
		if bytes.Contains(record, []byte("ord_1")) || len(record) != spentSize {
			t.Errorf("the record is %q", record)
		}
		if err := b.Merge(record); err != nil {
			t.Error(err)
		}
	})
	b, c = NewSpent(now, nil), NewSpent(now, nil)
	commitB, _, _ := b.Reserve("ord_1", exp) // both nodes work on it: the first to finish announces it
	commitA, _, _ := a.Reserve("ord_1", exp)
	commitA()
	if err := c.Merge(a.Snapshot()); err != nil {
		t.Fatal(err)
	}
	c.MarkSpent("ord_2", exp)
	for name, s := range map[string]*Spent{"a": a, "b": b, "c": c} {
		if _, _, ok := s.Reserve("ord_1", exp); ok {
			t.Errorf("%s takes a spent token", name)
		}
	}
	if _, _, ok := c.Reserve("ord_2", exp); ok {
		t.Error("c takes a token that was spent elsewhere")
	}
	commitB()
	if len(b.Snapshot()) != spentSize {
		t.Errorf("b remembers %d bytes, want one record", len(b.Snapshot()))
	}
	// A neighbour's record outlives a release here.
	d := NewSpent(now, nil)
	_, release, _ := d.Reserve("ord_1", exp)
	if err := d.Merge(a.Snapshot()); err != nil {
		t.Fatal(err)
	}
	release()
	if _, _, ok := d.Reserve("ord_1", exp); ok {
		t.Error("d forgets a neighbour's record when its own attempt fails")
	}
}

func TestSpentOnceAmongMany(t *testing.T) {
	s := NewSpent(nil, nil)
	var won atomic.Int32
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if commit, _, ok := s.Reserve("ord_1", time.Now().Add(time.Minute)); ok {
				won.Add(1)
				commit()
			}
		})
	}
	all.Wait()
	if won.Load() != 1 {
		t.Errorf("%d of 50 spent the token, want 1", won.Load())
	}
}

// What was merged is handed on such that merging it again changes nothing, and no record stays for longer than a
// token's can.
func FuzzSpentMerge(f *testing.F) {
	f.Add([]byte{})
	f.Add(make([]byte, spentSize))
	f.Add(appendRecord(nil, hash("ord_1"), start.Add(time.Hour)))
	f.Add(appendRecord(appendRecord(nil, hash("ord_1"), start.Add(1e6*time.Hour)), hash("ord_2"), start.Add(-time.Hour)))
	f.Add(make([]byte, spentSize-1))
	f.Fuzz(func(t *testing.T, records []byte) {
		now := func() time.Time { return start }
		a, b := NewSpent(now, nil), NewSpent(now, nil)
		if err := a.Merge(records); (err != nil) != (len(records)%spentSize != 0) || err != nil && !errors.Is(err, ErrSpent) {
			t.Errorf("%x: %v", records, err)
		}
		snapshot := a.Snapshot()
		if err := b.Merge(snapshot); err != nil || len(b.Snapshot()) != len(snapshot) || len(snapshot) > len(records) {
			t.Errorf("%x gives %x, which gives %x, %v", records, snapshot, b.Snapshot(), err)
		}
		for ; len(snapshot) > 0; snapshot = snapshot[spentSize:] {
			until := time.Unix(int64(binary.LittleEndian.Uint64(snapshot[16:])), 0)
			if !until.After(start) || until.After(start.Add(remember+2*time.Hour)) {
				t.Errorf("a record stays until %v", until)
			}
		}
	})
}
