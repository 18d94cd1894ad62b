package usage_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/control/store/storetest"
	"github.com/professionalaistudio/studio/control/usage"
	"github.com/professionalaistudio/studio/edge/wire"
)

var src = usage.Source{Region: "local", Node: "edge-1", Boot: "boot"}

func record(seq, order uint64) []byte {
	return wire.AppendUsage(nil, wire.Usage{Seq: seq, Time: uint32(time.Now().Unix()), Op: wire.OpPhoto, Units: 1, Order: order})
}

func TestIngest(t *testing.T) {
	s := usage.New(storetest.SQLite(t), nil, time.Now, slog.New(slog.DiscardHandler))
	if w, err := s.Ingest(t.Context(), src, record(1, 0)); w != 1 || err != nil {
		t.Errorf("the first record: %d, %v; want watermark 1", w, err)
	}
	w, err := s.Ingest(t.Context(), src, record(3, 0))
	if gap, ok := errors.AsType[*usage.GapError](err); !ok || gap.Watermark != 1 || w != 1 {
		t.Errorf("a gap: %d, %v; want a GapError at 1", w, err)
	}
	if _, err := s.Ingest(t.Context(), src, []byte("rubbish")); !errors.Is(err, usage.ErrBatch) {
		t.Errorf("rubbish: %v, want ErrBatch", err)
	}
}

// A delivery is handed on until that succeeds, also by a control plane that did not count it.
func TestDeliveriesAreHandedOn(t *testing.T) {
	db := storetest.SQLite(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	s := usage.New(db, nil, time.Now, slog.New(slog.DiscardHandler)) // is killed before it can hand on
	if _, err := s.Ingest(ctx, src, record(1, 42)); err != nil {
		t.Fatal(err)
	}

	told := make(chan uint64, 9)
	fail := errors.New("billing is down")
	next := usage.New(db, func(_ context.Context, order uint64, _ time.Time) error {
		told <- order
		err := fail
		fail = nil
		return err
	}, time.Now, slog.New(slog.DiscardHandler))
	done := make(chan error, 1)
	go func() { done <- next.Run(ctx) }()
	if got := <-told; got != 42 {
		t.Errorf("told of order %d, want 42", got)
	}
	if _, err := next.Ingest(ctx, src, record(2, 43)); err != nil { // wakes it
		t.Fatal(err)
	}
	if a, b := <-told, <-told; a != 42 || b != 43 {
		t.Errorf("told of %d and %d, want 42 again, which failed, and 43", a, b)
	}
	stop()
	if err := <-done; err != nil {
		t.Errorf("Run ended with %v, want nil", err)
	}
	if due, err := db.UsageDeliveries(t.Context(), 9); err != nil || len(due) > 1 {
		t.Errorf("due %v, %v; want at most the one that the end cut off", due, err)
	}
}
