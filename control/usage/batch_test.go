package usage

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/edge/wire"
)

func encode(records ...wire.Usage) []byte {
	var b []byte
	for _, u := range records {
		b = wire.AppendUsage(b, u)
	}
	return b
}

func image(seq uint64) wire.Usage { return wire.Usage{Seq: seq, Op: wire.OpImage, Units: 1, Org: 7} }

func TestReadBatch(t *testing.T) {
	b, err := ReadBatch(encode(image(4), image(5), image(6)))
	if err != nil || b.First != 4 || b.Last() != 6 || len(b.Records) != 3 {
		t.Errorf("read %+v, %v; want records 4 to 6", b, err)
	}
	if b, err := ReadBatch(nil); err != nil || len(b.Records) != 0 || b.Last() != 0 {
		t.Errorf("an empty batch: %+v, %v; want none and no error", b, err)
	}
	torn := encode(image(1), image(2))
	flipped := encode(image(1), image(2))
	flipped[45] ^= 1
	for name, data := range map[string][]byte{
		"torn":            torn[:60],
		"a flipped bit":   flipped,
		"a gap inside":    encode(image(1), image(3)),
		"the wrong way":   encode(image(2), image(1)),
		"one twice":       encode(image(1), image(1)),
		"past all nodes":  encode(image(1 << 63)),
		"zeros":           make([]byte, wire.UsageSize),
		"more than a MiB": bytes.Repeat(encode(image(1)), MaxBatch/wire.UsageSize+1),
	} {
		if _, err := ReadBatch(data); !errors.Is(err, ErrBatch) {
			t.Errorf("%s: %v, want ErrBatch", name, err)
		}
	}
}

func TestAfter(t *testing.T) {
	b := Batch{First: 5, Records: []wire.Usage{image(5), image(6), image(7)}}
	for _, test := range []struct {
		watermark uint64
		fresh     int
		ok        bool
	}{{3, 0, false}, {4, 3, true}, {5, 2, true}, {7, 0, true}, {100, 0, true}} {
		if fresh, ok := b.After(test.watermark); len(fresh) != test.fresh || ok != test.ok {
			t.Errorf("after %d: %d fresh, %t; want %d, %t", test.watermark, len(fresh), ok, test.fresh, test.ok)
		}
	}
}

func TestAdd(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 30, 0, 0, time.UTC)
	at := func(d time.Duration) uint32 { return uint32(now.Add(d).Unix()) }
	got := Add("local", []wire.Usage{
		{Time: at(0), Org: 9, Op: wire.OpImage, Units: 3},
		{Time: at(time.Minute), Org: 9, Op: wire.OpImage, Units: 4},
		{Time: at(0), Org: 7, Op: wire.OpImage, Units: 1},
		{Time: at(30 * 24 * time.Hour), Org: 7, Op: wire.OpImage, Units: 1}, // a clock a month ahead
		{Time: at(-30 * 24 * time.Hour), Org: 7, Op: wire.OpImage, Units: 1},
	}, now)
	noon, past := now.Truncate(time.Hour), now.Add(-30*24*time.Hour).Truncate(time.Hour)
	want := []Total{
		{Cell{past, 7, "local", wire.OpImage, wire.OutcomeOK}, Count{1, 1}},
		{Cell{noon, 7, "local", wire.OpImage, wire.OutcomeOK}, Count{2, 2}},
		{Cell{noon, 9, "local", wire.OpImage, wire.OutcomeOK}, Count{2, 7}},
	}
	if !slices.Equal(got, want) {
		t.Errorf("totals %+v, want %+v", got, want)
	}
}

// Whatever is read is written again as it was, in order and without a gap; and no part of it is counted twice,
// wherever a watermark cuts it.
func FuzzReadBatch(f *testing.F) {
	f.Add(encode(image(1), image(2)), uint64(1))
	f.Add(encode(image(9), image(10)), uint64(3))
	f.Add(encode(image(1))[:39], uint64(0))
	f.Add(make([]byte, 80), uint64(0))
	f.Fuzz(func(t *testing.T, data []byte, watermark uint64) {
		b, err := ReadBatch(data)
		if err != nil {
			return
		}
		if again := encode(b.Records...); !bytes.Equal(again, data) {
			t.Errorf("%x is read as %x", data, again)
		}
		fresh, ok := b.After(watermark)
		for i, u := range fresh {
			if u.Seq != watermark+1+uint64(i) {
				t.Errorf("record %d is fresh after %d", u.Seq, watermark)
			}
		}
		if !ok && (len(fresh) > 0 || b.First <= watermark+1) {
			t.Errorf("records from %d leave a gap after %d, with %d fresh", b.First, watermark, len(fresh))
		}
	})
}
