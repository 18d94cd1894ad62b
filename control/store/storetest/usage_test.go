package storetest

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/control/store"
	"github.com/professionalaistudio/studio/control/usage"
	"github.com/professionalaistudio/studio/edge/wire"
)

var node = usage.Source{Region: "local", Node: "edge-1", Boot: "boot-1"}

// batch is records first to last of organisation 7, one a second, of 2 units each.
func batch(first, last uint64) usage.Batch {
	b := usage.Batch{First: first}
	for seq := first; seq <= last; seq++ {
		b.Records = append(b.Records, wire.Usage{Seq: seq, Time: uint32(noon.Unix()) + uint32(seq), Org: 7, Op: wire.OpImage, Units: 2})
	}
	return b
}

func ingest(t *testing.T, db *store.DB, src usage.Source, b usage.Batch) usage.Ingested {
	t.Helper()
	got, err := db.IngestUsage(context.Background(), src, b, noon.Add(24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func totals(t *testing.T, db *store.DB, org uint32) (sum usage.Count) {
	t.Helper()
	list, err := db.UsageTotals(t.Context(), org, time.Time{}, noon.AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	for _, total := range list {
		sum.Requests += total.Requests
		sum.Units += total.Units
	}
	return sum
}

func TestIngestUsage(t *testing.T) {
	Each(t, func(t *testing.T, db *store.DB) {
		for _, step := range []struct {
			what  string
			src   usage.Source
			batch usage.Batch
			want  usage.Ingested
			sum   int64
		}{
			{"nothing yet", node, usage.Batch{First: 1}, usage.Ingested{}, 0},
			{"the first", node, batch(1, 10), usage.Ingested{Watermark: 10, Counted: 10}, 10},
			{"the same again", node, batch(1, 10), usage.Ingested{Watermark: 10}, 10},
			{"some of the same", node, batch(3, 5), usage.Ingested{Watermark: 10}, 10},
			{"an overlap", node, batch(8, 12), usage.Ingested{Watermark: 12, Counted: 2}, 12},
			{"a gap", node, batch(14, 20), usage.Ingested{Watermark: 12, Gap: true}, 12},
			{"what was missing", node, batch(13, 20), usage.Ingested{Watermark: 20, Counted: 8}, 20},
			{"another boot", usage.Source{Region: "local", Node: "edge-1", Boot: "boot-2"}, batch(1, 1), usage.Ingested{Watermark: 1, Counted: 1}, 21},
			{"another node", usage.Source{Region: "local", Node: "edge-2", Boot: "boot-1"}, batch(1, 1), usage.Ingested{Watermark: 1, Counted: 1}, 22},
			{"a namesake elsewhere", usage.Source{Region: "eu", Node: "edge-1", Boot: "boot-1"}, batch(1, 1), usage.Ingested{Watermark: 1, Counted: 1}, 23},
			{"a gap of a new boot", usage.Source{Region: "local", Node: "edge-1", Boot: "boot-3"}, batch(2, 2), usage.Ingested{Gap: true}, 23},
		} {
			if got := ingest(t, db, step.src, step.batch); got != step.want {
				t.Errorf("%s: %+v, want %+v", step.what, got, step.want)
			}
			if got, want := totals(t, db, 7), (usage.Count{Requests: step.sum, Units: 2 * step.sum}); got != want {
				t.Errorf("%s: counted %+v, want %+v", step.what, got, want)
			}
		}
	})
}

// Three senders repeat themselves with batches cut anywhere; the sum is exact all the same.
func TestIngestUsageAtOnce(t *testing.T) {
	const last = 500
	Each(t, func(t *testing.T, db *store.DB) {
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				for watermark := uint64(0); watermark < last; {
					first := max(1, watermark-min(watermark, rand.Uint64N(40)))
					got, err := db.IngestUsage(context.Background(), node, batch(first, min(last, first+rand.Uint64N(60))), noon)
					if err != nil {
						t.Error(err)
						return
					}
					watermark = got.Watermark
				}
			})
		}
		all.Wait()
		if got, want := totals(t, db, 7), (usage.Count{Requests: last, Units: 2 * last}); got != want {
			t.Errorf("counted %+v, want %+v", got, want)
		}
	})
}

func TestUsageTotals(t *testing.T) {
	Each(t, func(t *testing.T, db *store.DB) {
		at := func(d time.Duration) uint32 { return uint32(noon.Add(d).Unix()) }
		ingest(t, db, node, usage.Batch{First: 1, Records: []wire.Usage{
			{Seq: 1, Time: at(0), Org: 7, Op: wire.OpImage, Units: 1},
			{Seq: 2, Time: at(time.Hour - time.Second), Org: 7, Op: wire.OpImage, Units: 1},
			{Seq: 3, Time: at(time.Hour), Org: 7, Op: wire.OpPhoto, Units: 5},
			{Seq: 4, Time: at(time.Hour), Org: 7, Op: wire.OpPhoto, Outcome: wire.OutcomeRefused},
			{Seq: 5, Time: at(0), Org: 8, Op: wire.OpImage, Units: 1},
			{Seq: 6, Time: at(0), Org: 4294967295, Op: wire.OpImage, Units: 4294967295},
		}})
		cell := func(hour time.Time, op wire.Op, outcome wire.Outcome, requests, units int64) usage.Total {
			return usage.Total{Cell: usage.Cell{Hour: hour, Org: 7, Region: "local", Op: op, Outcome: outcome}, Count: usage.Count{Requests: requests, Units: units}}
		}
		first := cell(noon, wire.OpImage, wire.OutcomeOK, 2, 2)
		second := cell(noon.Add(time.Hour), wire.OpPhoto, wire.OutcomeOK, 1, 5)
		third := cell(noon.Add(time.Hour), wire.OpPhoto, wire.OutcomeRefused, 1, 0)
		for name, test := range map[string]struct {
			from, to time.Time
			want     []usage.Total
		}{
			"both hours":       {noon, noon.Add(2 * time.Hour), []usage.Total{first, second, third}},
			"the first":        {noon, noon.Add(time.Hour), []usage.Total{first}},
			"from the second":  {noon.Add(time.Hour), noon.Add(2 * time.Hour), []usage.Total{second, third}},
			"before them all":  {noon.Add(-time.Hour), noon, nil},
			"from after to to": {noon.Add(2 * time.Hour), noon, nil},
		} {
			got, err := db.UsageTotals(t.Context(), 7, test.from, test.to)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != len(test.want) {
				t.Fatalf("%s: %+v, want %+v", name, got, test.want)
			}
			for i := range got {
				if got[i] != test.want[i] {
					t.Errorf("%s: %+v, want %+v", name, got[i], test.want[i])
				}
			}
		}
		if got, want := totals(t, db, 4294967295), (usage.Count{Requests: 1, Units: 4294967295}); got != want {
			t.Errorf("the largest numbers: %+v, want %+v", got, want)
		}
	})
}

// A delivered order is noted with the count, once, until it was handed on.
func TestUsageDeliveries(t *testing.T) {
	Each(t, func(t *testing.T, db *store.DB) {
		made := func(seq, order uint64) wire.Usage {
			return wire.Usage{Seq: seq, Op: wire.OpPhoto, Units: 1, Order: order}
		}
		refused := made(3, 43)
		refused.Outcome = wire.OutcomeRefused
		check := made(4, 44)
		check.Op = wire.OpCheck
		got := ingest(t, db, node, usage.Batch{First: 1, Records: []wire.Usage{made(1, 42), made(2, 42), refused, check, made(5, 1<<63)}})
		if got.Orders != 1 || got.Counted != 5 {
			t.Errorf("%+v, want 5 counted and 1 order: refused photos and checks deliver nothing", got)
		}
		due, err := db.UsageDeliveries(t.Context(), 10)
		if err != nil || len(due) != 1 || due[0].Order != 42 {
			t.Fatalf("due %+v, %v; want order 42", due, err)
		}
		if err := db.HandedOnUsage(t.Context(), 42); err != nil {
			t.Fatal(err)
		}
		again := ingest(t, db, usage.Source{Region: "eu", Node: "n", Boot: "b"}, usage.Batch{First: 1, Records: []wire.Usage{made(1, 42)}})
		due, err = db.UsageDeliveries(t.Context(), 10)
		if again.Orders != 0 || err != nil || len(due) != 0 {
			t.Errorf("told of again: %+v, due %+v, %v; want nothing due", again, due, err)
		}
	})
}
