package billing

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/professionalaistudio/studio/edge/wire"
)

// How long an order may rest.
const (
	unpaidLife = 24 * time.Hour     // longer than any provider's payment page lives
	unusedLife = 6 * 24 * time.Hour // a provider holds money for seven days; after that a photo would be free
	tokenLife  = 5 * time.Minute
	graceLife  = 2 * time.Minute // an edge's leeway, and the time its usage record takes to get here
)

var (
	created = promauto.NewCounter(prometheus.CounterOpts{
		Name: "control_billing_orders_total", Help: "Orders made.",
	})
	events = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "control_billing_events_total", Help: "Webhooks by what they did; refused ones want a person.",
	}, []string{"outcome"})
	captures = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "control_billing_captures_total", Help: "Attempts to take the money of a delivered order.",
	}, []string{"outcome"})
)

// A Minter signs access tokens.
type Minter interface {
	Mint(ctx context.Context, c wire.Claims) (string, error)
}

// A Catalogue knows which documents there are.
type Catalogue interface {
	Has(ctx context.Context, document string) (bool, error)
}

// Config is what may be tuned.
type Config struct {
	Prices Prices
	Now    func() time.Time // time.Now unless a test sets another
}

// A Service sells documents.
type Service struct {
	cfg       Config
	store     Store
	provider  Provider
	minter    Minter
	catalogue Catalogue
	log       *slog.Logger
	wake      chan struct{} // an order was delivered: capture now
}

// New makes a service. Its Run must run for money to be taken and orders to expire.
func New(cfg Config, store Store, provider Provider, minter Minter, catalogue Catalogue, log *slog.Logger) *Service {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Service{cfg, store, provider, minter, catalogue, log, make(chan struct{}, 1)}
}

// Create makes an order for a document and asks the provider for a page to pay on. The secret is shown this once.
func (s *Service) Create(ctx context.Context, document, person string) (Order, string, error) {
	known, err := s.catalogue.Has(ctx, document)
	if err != nil {
		return Order{}, "", fmt.Errorf("order of %q: %w", document, err)
	}
	if !known {
		return Order{}, "", fmt.Errorf("order of %q: %w", document, ErrDocument)
	}
	secret, now, price := rand.Text(), s.cfg.Now(), s.cfg.Prices.Of(document)
	o := Order{
		Number: newNumber(), Document: document, Amount: price.Amount, Currency: price.Currency,
		Status: Draft, Person: person, Secret: sha256.Sum256([]byte(secret)), Provider: s.provider.Name(),
		Created: now, Changed: now,
	}
	// The order is kept before the provider hears of it, so that no webhook can come for one we do not have.
	o, err = s.store.AddOrder(ctx, o)
	if err != nil {
		return Order{}, "", fmt.Errorf("order: %w", err)
	}
	p, err := s.provider.Open(ctx, o)
	if err != nil {
		return Order{}, "", fmt.Errorf("order %s: %w (%w)", o.ID, ErrProvider, err)
	}
	if err := s.store.OpenOrder(ctx, o.ID, p, s.cfg.Now()); err != nil {
		return Order{}, "", fmt.Errorf("order %s: %w", o.ID, err)
	}
	o.Status, o.Payment, o.PayURL = Open, p.ID, p.URL
	created.Inc()
	return o, secret, nil
}

// newNumber draws 52 bits: enough never to meet another, and few enough for a JavaScript number.
func newNumber() uint64 {
	var b [8]byte
	for {
		rand.Read(b[:])
		if n := binary.BigEndian.Uint64(b[:]) >> 12; n != 0 { // 0 means no order
			return n
		}
	}
}

// Get finds a caller's order.
func (s *Service) Get(ctx context.Context, id string, who Caller) (Order, error) {
	o, err := s.store.Order(ctx, id)
	if err != nil {
		return Order{}, fmt.Errorf("order: %w", err)
	}
	if !o.owns(who) {
		return Order{}, fmt.Errorf("order %s: %w", id, ErrNotFound)
	}
	return o, nil
}

// Token mints the token of a paid order for one region. Its id is the order's, however often it is asked for, so that
// the edges of the region spend it once; and until it has ended no other region gets one.
func (s *Service) Token(ctx context.Context, id, region string, who Caller) (token string, life time.Duration, err error) {
	o, err := s.Get(ctx, id, who)
	if err != nil {
		return "", 0, err
	}
	if err := o.ready(); err != nil {
		return "", 0, fmt.Errorf("order %s: %w", id, err)
	}
	now := s.cfg.Now()
	granted, err := s.store.GrantOrder(ctx, id, region, now, now.Add(tokenLife+graceLife))
	if err != nil {
		return "", 0, fmt.Errorf("order %s: %w", id, err)
	}
	if !granted {
		o, err := s.Get(ctx, id, who) // it has moved since, or is tied to another region
		if err != nil {
			return "", 0, err
		}
		return "", 0, fmt.Errorf("order %s: %w", id, cmp.Or(o.ready(), ErrElsewhere))
	}
	token, err = s.minter.Mint(ctx, claims(o, region, now))
	if err != nil {
		return "", 0, fmt.Errorf("order %s: %w", id, err)
	}
	return token, tokenLife, nil
}

// Webhook takes a provider's message. An error of ErrSignature means that it was not believed; nil, that the provider
// need not send it again, which is so even for one that changed nothing.
func (s *Service) Webhook(ctx context.Context, provider string, n Notice) error {
	if provider != s.provider.Name() {
		return fmt.Errorf("webhook of %q: %w", provider, ErrNotFound)
	}
	e, err := s.provider.Read(n, s.cfg.Now())
	if err != nil {
		events.WithLabelValues("forged").Inc()
		return fmt.Errorf("webhook: %w", err)
	}
	outcome, err := s.store.TakePaymentEvent(ctx, e, s.cfg.Now())
	if err != nil {
		return fmt.Errorf("webhook %s: %w", e.ID, err)
	}
	events.WithLabelValues(string(outcome)).Inc()
	level := slog.LevelInfo
	if outcome == Refused {
		level = slog.LevelError // money has moved that no order of ours explains
	}
	s.log.Log(ctx, level, "webhook taken", "provider", provider, "event", e.ID, "order", e.Order, "outcome", string(outcome))
	return nil
}

// Delivered is told the number of an order that an edge has made. It may be told twice.
func (s *Service) Delivered(ctx context.Context, number uint64, at time.Time) error {
	moved, err := s.store.DeliverOrder(ctx, number, at)
	if err != nil {
		return fmt.Errorf("deliver order %d: %w", number, err)
	}
	if moved {
		select {
		case s.wake <- struct{}{}:
		default:
		}
	}
	return nil
}

// Run takes the money of delivered orders and ends old ones, until ctx ends. The states in the store are its queue,
// so a crash between the provider's answer and ours is mended by asking again.
func (s *Service) Run(ctx context.Context) error {
	tick := time.NewTicker(30 * time.Second)
	defer tick.Stop()
	for {
		if err := s.settle(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("orders could not be settled", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-s.wake:
		}
	}
}

func (s *Service) settle(ctx context.Context) error {
	now := s.cfg.Now()
	if n, err := s.store.ExpireOrders(ctx, now.Add(-unpaidLife), now.Add(-unusedLife), now); err != nil {
		return fmt.Errorf("expire: %w", err)
	} else if n > 0 {
		s.log.Info("orders expired", "count", n)
	}
	orders, err := s.store.UncapturedOrders(ctx, now, 100)
	if err != nil {
		return fmt.Errorf("capture: %w", err)
	}
	var failures []error
	for _, o := range orders {
		failures = append(failures, s.capture(ctx, o))
	}
	return errors.Join(failures...)
}

func (s *Service) capture(ctx context.Context, o Order) error {
	if err := s.provider.Capture(ctx, o.Payment); err != nil {
		captures.WithLabelValues("failed").Inc()
		pause := min(time.Minute<<min(o.Failed, 10), 6*time.Hour)
		return fmt.Errorf("capture order %s, attempt %d: %w", o.ID, o.Failed+1,
			errors.Join(err, s.store.PostponeCapture(ctx, o.ID, s.cfg.Now().Add(pause))))
	}
	captures.WithLabelValues("taken").Inc()
	if err := s.store.CaptureOrder(ctx, o.ID, s.cfg.Now()); err != nil {
		return fmt.Errorf("capture order %s: %w", o.ID, err)
	}
	return nil
}
