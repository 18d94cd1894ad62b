package usage

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/professionalaistudio/studio/edge/wire"
)

// MaxBatch bounds the bytes of one batch: about 26,000 records.
const MaxBatch = 1 << 20

// ErrBatch means that a batch cannot be read: it is cut, altered, out of order or too large.
var ErrBatch = errors.New("not a batch of usage records")

// A Source is one life of one node. Records are numbered from 1 in each. The region is the one that the node's token
// is for: a node can neither count nor hide the work of another region, whatever name it gives itself.
type Source struct{ Region, Node, Boot string }

// A Batch is records as they were sent: First, First+1, …
type Batch struct {
	First   uint64
	Records []wire.Usage
}

// Last is the number of the last record; of an empty batch, the one before its first.
func (b Batch) Last() uint64 { return b.First + uint64(len(b.Records)) - 1 }

// ReadBatch reads concatenated records. An empty batch is one: a node asks for its watermark with it.
func ReadBatch(data []byte) (Batch, error) {
	if len(data) > MaxBatch {
		return Batch{}, fmt.Errorf("%d bytes, of at most %d: %w", len(data), MaxBatch, ErrBatch)
	}
	if len(data)%wire.UsageSize != 0 {
		return Batch{}, fmt.Errorf("%d bytes are not whole records: %w", len(data), ErrBatch)
	}
	b := Batch{First: 1, Records: make([]wire.Usage, 0, len(data)/wire.UsageSize)}
	for record := range slices.Chunk(data, wire.UsageSize) {
		u, err := wire.ReadUsage(record)
		if err != nil {
			return Batch{}, fmt.Errorf("record %d: %w: %w", len(b.Records), ErrBatch, err)
		}
		if len(b.Records) == 0 {
			if u.Seq > math.MaxInt64-MaxBatch { // no node gets there, and a column could not hold its end
				return Batch{}, fmt.Errorf("record %d: %w", u.Seq, ErrBatch)
			}
			b.First = u.Seq
		} else if u.Seq != b.Last()+1 {
			return Batch{}, fmt.Errorf("record %d follows %d: %w", u.Seq, b.Last(), ErrBatch)
		}
		b.Records = append(b.Records, u)
	}
	return b, nil
}

// After is the part of the batch that a watermark has not seen, and whether it follows on it without a gap.
func (b Batch) After(watermark uint64) (fresh []wire.Usage, ok bool) {
	if len(b.Records) == 0 || b.Last() <= watermark {
		return nil, true
	}
	if b.First > watermark+1 {
		return nil, false
	}
	return b.Records[watermark+1-b.First:], true
}

// A Cell is what one total is kept for.
type Cell struct {
	Hour    time.Time // its beginning, UTC
	Org     uint32    // 0 is the studio's visitors
	Region  string
	Op      wire.Op
	Outcome wire.Outcome
}

func (c Cell) compare(d Cell) int {
	return cmp.Or(
		c.Hour.Compare(d.Hour),
		cmp.Compare(c.Org, d.Org),
		strings.Compare(c.Region, d.Region),
		cmp.Compare(c.Op, d.Op),
		cmp.Compare(c.Outcome, d.Outcome),
	)
}

// A Count is what was done in a cell.
type Count struct{ Requests, Units int64 }

// A Total is a cell and its count.
type Total struct {
	Cell
	Count
}

// ahead is how far in the future a node's clock may stamp a record before ours is used.
const ahead = time.Hour

// Add sums records by cell, in the order of the cells, so that two transactions that touch the same totals lock them
// in the same order.
func Add(region string, records []wire.Usage, now time.Time) []Total {
	counts := map[Cell]Count{}
	for _, u := range records {
		at := time.Unix(int64(u.Time), 0)
		if at.After(now.Add(ahead)) { // a clock that runs ahead must not count into an invoice to come
			at = now
		}
		cell := Cell{at.UTC().Truncate(time.Hour), u.Org, region, u.Op, u.Outcome}
		c := counts[cell]
		c.Requests++
		c.Units += int64(u.Units)
		counts[cell] = c
	}
	totals := make([]Total, 0, len(counts))
	for _, cell := range slices.SortedFunc(maps.Keys(counts), Cell.compare) {
		totals = append(totals, Total{cell, counts[cell]})
	}
	return totals
}

// Delivered lists the orders whose photo was made: each once, in order. Order numbers have 52 bits; a higher one is
// none of ours, and would not fit a column.
func Delivered(records []wire.Usage) []uint64 {
	var orders []uint64
	for _, u := range records {
		if u.Order != 0 && u.Order < 1<<52 && u.Outcome == wire.OutcomeOK && (u.Op == wire.OpPhoto || u.Op == wire.OpSheet) {
			orders = append(orders, u.Order)
		}
	}
	slices.Sort(orders)
	return slices.Compact(orders)
}
