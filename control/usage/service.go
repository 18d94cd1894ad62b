package usage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

var (
	taken = promauto.NewCounter(prometheus.CounterOpts{
		Name: "control_usage_records_total", Help: "Records counted.",
	})
	repeated = promauto.NewCounter(prometheus.CounterOpts{
		Name: "control_usage_records_repeated_total", Help: "Records ignored because they had been counted.",
	})
	gaps = promauto.NewCounter(prometheus.CounterOpts{
		Name: "control_usage_gaps_total", Help: "Batches refused because records before them are missing.",
	})
	handed = promauto.NewCounter(prometheus.CounterOpts{
		Name: "control_usage_deliveries_total", Help: "Delivered orders handed on.",
	})
)

// A Store keeps totals, watermarks and the deliveries that have not been handed on.
type Store interface {
	// IngestUsage does one transaction: it holds the source's watermark, adds the totals of the records after it, notes
	// the orders they delivered, and moves it. It returns the watermark and how many records were counted. A batch
	// that leaves a gap changes nothing and says so.
	IngestUsage(ctx context.Context, src Source, b Batch, now time.Time) (Ingested, error)
	// UsageDeliveries lists orders delivered but not handed on, oldest first.
	UsageDeliveries(ctx context.Context, limit int) ([]Delivery, error)
	// HandedOnUsage notes that a delivery was.
	HandedOnUsage(ctx context.Context, order uint64) error
	// UsageTotals lists an organisation's totals of the hours in [from, to), by cell.
	UsageTotals(ctx context.Context, org uint32, from, to time.Time) ([]Total, error)
}

// Ingested is what a batch did.
type Ingested struct {
	Watermark uint64
	Counted   int
	Gap       bool
	Orders    int // of Counted, how many delivered an order
}

// A Delivery is an order that an edge has made.
type Delivery struct {
	Order uint64
	At    time.Time
}

// A GapError refuses a batch whose records do not follow on the watermark.
type GapError struct{ Watermark uint64 }

func (e *GapError) Error() string {
	return fmt.Sprintf("records after %d are missing", e.Watermark)
}

// A Service counts.
type Service struct {
	store     Store
	delivered func(ctx context.Context, order uint64, at time.Time) error
	now       func() time.Time
	log       *slog.Logger
	wake      chan struct{}
}

// New makes a service. delivered is told of each order that an edge has made, at least once; Run must run for it.
func New(store Store, delivered func(context.Context, uint64, time.Time) error, now func() time.Time, log *slog.Logger) *Service {
	return &Service{store, delivered, now, log, make(chan struct{}, 1)}
}

// Ingest counts the records that are new and returns the source's watermark. The error is a *GapError, which carries
// the watermark too, or wraps ErrBatch, or is the store's.
func (s *Service) Ingest(ctx context.Context, src Source, records []byte) (watermark uint64, err error) {
	b, err := ReadBatch(records)
	if err != nil {
		return 0, fmt.Errorf("usage of %s: %w", src.Node, err)
	}
	got, err := s.store.IngestUsage(ctx, src, b, s.now())
	if err != nil {
		return 0, fmt.Errorf("usage of %s: %w", src.Node, err)
	}
	if got.Gap {
		gaps.Inc()
		return got.Watermark, &GapError{got.Watermark}
	}
	taken.Add(float64(got.Counted))
	repeated.Add(float64(len(b.Records) - got.Counted))
	if got.Orders > 0 {
		s.poke()
	}
	return got.Watermark, nil
}

// Totals lists an organisation's totals of the hours in [from, to), by hour.
func (s *Service) Totals(ctx context.Context, org uint32, from, to time.Time) ([]Total, error) {
	totals, err := s.store.UsageTotals(ctx, org, from, to)
	if err != nil {
		return nil, fmt.Errorf("usage totals: %w", err)
	}
	return totals, nil
}

func (s *Service) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Run hands deliveries on until ctx ends. They were noted in the transaction that counted them, so a crash in between
// loses none.
func (s *Service) Run(ctx context.Context) error {
	tick := time.NewTicker(10 * time.Second) // for what another control plane noted, or a first try failed
	defer tick.Stop()
	for {
		if err := s.handOn(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("deliveries could not be handed on", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-s.wake:
		}
	}
}

func (s *Service) handOn(ctx context.Context) error {
	due, err := s.store.UsageDeliveries(ctx, 1000)
	if err != nil {
		return err
	}
	var failures []error
	for _, d := range due {
		err := s.delivered(ctx, d.Order, d.At)
		if err == nil {
			err = s.store.HandedOnUsage(ctx, d.Order)
		}
		if err == nil {
			handed.Inc()
		}
		failures = append(failures, err)
	}
	return errors.Join(failures...)
}
