package billing_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/control/billing"
	"github.com/professionalaistudio/studio/control/store"
	"github.com/professionalaistudio/studio/control/store/storetest"
	"github.com/professionalaistudio/studio/edge/wire"
)

// till is a provider that believes every notice whose body names an order, and counts captures.
type till struct {
	captured map[string]int
	fail     error         // of Open and Capture
	called   chan struct{} // has one more for each capture
}

func (*till) Name() string { return "till" }

func (p *till) Open(_ context.Context, o billing.Order) (billing.Payment, error) {
	return billing.Payment{ID: "pay-" + o.ID, URL: "http://till/" + o.ID}, p.fail
}

func (p *till) Capture(_ context.Context, payment string) error {
	if p.fail == nil {
		p.captured[payment]++
		p.called <- struct{}{}
	}
	return p.fail
}

func (p *till) Read(n billing.Notice, _ time.Time) (billing.Event, error) {
	order, signed := strings.CutPrefix(string(n.Body), "paid ")
	if !signed {
		return billing.Event{}, billing.ErrSignature
	}
	return billing.Event{Provider: "till", ID: n.Header("id"), Kind: billing.Paid, Order: order, Payment: "pay-" + order, Amount: 595, Currency: "EUR"}, nil
}

type minter struct{}

func (minter) Mint(_ context.Context, c wire.Claims) (string, error) {
	last = c
	return "token for " + c.Order, nil
}

var last wire.Claims // what minter was asked for

type catalogue []string

func (c catalogue) Has(_ context.Context, id string) (bool, error) {
	for _, have := range c {
		if have == id {
			return true, nil
		}
	}
	return false, nil
}

type shop struct {
	*billing.Service
	db   *store.DB
	till *till
	now  time.Time
}

func newShop(t *testing.T) *shop {
	s := &shop{db: storetest.SQLite(t), till: &till{captured: map[string]int{}, called: make(chan struct{}, 9)}, now: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)}
	prices := billing.Prices{Default: billing.Price{Amount: 495, Currency: "USD"}, Documents: map[string]billing.Price{"de-passport": {Amount: 595, Currency: "EUR"}}}
	s.Service = billing.New(billing.Config{Prices: prices, Now: func() time.Time { return s.now }}, s.db, s.till, minter{},
		catalogue{"us-passport", "de-passport"}, slog.New(slog.DiscardHandler))
	return s
}

func (s *shop) order(t *testing.T) (billing.Order, billing.Caller) {
	t.Helper()
	o, secret, err := s.Create(t.Context(), "de-passport", "")
	if err != nil {
		t.Fatal(err)
	}
	return o, billing.Caller{Secret: secret}
}

func (s *shop) pay(t *testing.T, o billing.Order) {
	t.Helper()
	if err := s.Webhook(t.Context(), "till", notice("evt-"+o.ID, "paid "+o.ID)); err != nil {
		t.Fatal(err)
	}
}

func notice(id, body string) billing.Notice {
	return billing.Notice{Header: func(string) string { return id }, Body: []byte(body)}
}

func TestCreate(t *testing.T) {
	s := newShop(t)
	o, who := s.order(t)
	if o.Status != billing.Open || o.Amount != 595 || o.Currency != "EUR" || o.PayURL != "http://till/"+o.ID {
		t.Errorf("order %+v, want it open at 595 EUR with the till's page", o)
	}
	if got, err := s.Get(t.Context(), o.ID, who); err != nil || got != o {
		t.Errorf("read %+v, %v; want %+v", got, err, o)
	}
	if _, _, err := s.Create(t.Context(), "moon-passport", ""); !errors.Is(err, billing.ErrDocument) {
		t.Errorf("an unknown document: %v, want ErrDocument", err)
	}
	s.till.fail = errors.New("out of order")
	if _, _, err := s.Create(t.Context(), "de-passport", ""); !errors.Is(err, billing.ErrProvider) {
		t.Errorf("a broken till: %v, want ErrProvider", err)
	}
}

// An order is its maker's: everybody else cannot tell it from one that does not exist.
func TestOnlyItsOwnerSeesAnOrder(t *testing.T) {
	s := newShop(t)
	visitors, who := s.order(t)
	ada, _, err := s.Create(t.Context(), "us-passport", "ada")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		id     string
		caller billing.Caller
		seen   bool
	}{
		"by its secret":           {visitors.ID, who, true},
		"by its person":           {ada.ID, billing.Caller{Person: "ada"}, true},
		"by nobody":               {visitors.ID, billing.Caller{}, false},
		"a person's by nobody":    {ada.ID, billing.Caller{}, false},
		"by another person":       {ada.ID, billing.Caller{Person: "bo"}, false},
		"by another's secret":     {ada.ID, who, false},
		"a visitor's by a person": {visitors.ID, billing.Caller{Person: "ada"}, false},
		"one that is not there":   {"none", who, false},
	} {
		_, err := s.Get(t.Context(), test.id, test.caller)
		if seen := err == nil; seen != test.seen || !seen && !errors.Is(err, billing.ErrNotFound) {
			t.Errorf("%s: %v, want seen %t or ErrNotFound", name, err, test.seen)
		}
		if _, _, err := s.Token(t.Context(), test.id, "local", test.caller); test.seen != errors.Is(err, billing.ErrUnpaid) {
			t.Errorf("token %s: %v", name, err)
		}
	}
}

func TestToken(t *testing.T) {
	s := newShop(t)
	o, who := s.order(t)
	token := func(region string) error {
		_, _, err := s.Token(t.Context(), o.ID, region, who)
		return err
	}
	if err := token("local"); !errors.Is(err, billing.ErrUnpaid) {
		t.Errorf("before it is paid: %v, want ErrUnpaid", err)
	}
	if err := s.Webhook(t.Context(), "till", notice("evt", "forged "+o.ID)); !errors.Is(err, billing.ErrSignature) {
		t.Errorf("a forged webhook: %v, want ErrSignature", err)
	}
	if err := s.Webhook(t.Context(), "another", notice("evt", "paid "+o.ID)); !errors.Is(err, billing.ErrNotFound) {
		t.Errorf("a webhook of another provider: %v, want ErrNotFound", err)
	}
	if err := token("local"); !errors.Is(err, billing.ErrUnpaid) {
		t.Errorf("after forged webhooks: %v, want ErrUnpaid", err)
	}
	s.pay(t, o)
	if err := token("local"); err != nil {
		t.Fatalf("when it is paid: %v", err)
	}
	first := last
	want := wire.Claims{
		Subject: "ord_" + o.ID, Session: "ord_" + o.ID, Regions: []string{"local"}, Scope: "photos checks", Order: o.ID,
		OrderNumber: o.Number, Document: "de-passport", IssuedAt: s.now.Unix(), ExpiresAt: s.now.Unix() + 300, ID: "ord_" + o.ID,
	}
	if first.Entitlements == nil || first.Entitlements.Mark {
		t.Errorf("entitlements %+v, want no mark", first.Entitlements)
	}
	first.Entitlements = nil
	if got, want := asText(t, first), asText(t, want); got != want {
		t.Errorf("claims %s, want %s", got, want)
	}
	s.now = s.now.Add(time.Minute)
	if err := token("local"); err != nil || last.ID != first.ID {
		t.Errorf("asked again: %v and id %q, want the same id %q, so that an edge spends the order", err, last.ID, first.ID)
	}
	if err := token("eu"); !errors.Is(err, billing.ErrElsewhere) {
		t.Errorf("in another region meanwhile: %v, want ErrElsewhere", err)
	}
	s.now = s.now.Add(8 * time.Minute)
	if err := token("eu"); err != nil {
		t.Errorf("in another region when the first has ended: %v", err)
	}
	if err := s.Delivered(t.Context(), o.Number, s.now); err != nil {
		t.Fatal(err)
	}
	if err := token("eu"); !errors.Is(err, billing.ErrDelivered) {
		t.Errorf("after delivery: %v, want ErrDelivered", err)
	}
	s.pay(t, o)
	if err := token("eu"); !errors.Is(err, billing.ErrDelivered) {
		t.Errorf("after delivery and the webhook again: %v, want ErrDelivered", err)
	}
}

// Money is taken when the photo was made and not before; once, though the provider fails first.
func TestCapture(t *testing.T) {
	s := newShop(t)
	o, _ := s.order(t)
	s.pay(t, o)
	settle := func(wantError bool, wantStatus billing.Status, wantCaptures int) {
		t.Helper()
		if err := s.Settle(t.Context()); (err != nil) != wantError {
			t.Errorf("settling: %v, want an error %t", err, wantError)
		}
		got, err := s.db.Order(t.Context(), o.ID)
		if err != nil {
			t.Fatal(err)
		}
		if n := s.till.captured[o.Payment]; got.Status != wantStatus || n != wantCaptures {
			t.Errorf("the order is %s after %d captures, want %s after %d", got.Status, n, wantStatus, wantCaptures)
		}
	}
	settle(false, billing.Authorised, 0)
	for range 2 { // usage tells it at least once
		if err := s.Delivered(t.Context(), o.Number, s.now); err != nil {
			t.Fatal(err)
		}
	}
	s.till.fail = errors.New("out of order")
	settle(true, billing.Delivered, 0)
	s.till.fail = nil
	settle(false, billing.Delivered, 0) // it waits a minute after a failure
	s.now = s.now.Add(time.Minute)
	settle(false, billing.Captured, 1)
	settle(false, billing.Captured, 1)
}

// An order that nobody pays ends after a day, one that nobody uses after six: the provider's hold ends after seven.
func TestExpire(t *testing.T) {
	s := newShop(t)
	unpaid, _ := s.order(t)
	unused, who := s.order(t)
	s.pay(t, unused)
	for _, step := range []struct {
		after          time.Duration
		unpaid, unused billing.Status
	}{
		{24 * time.Hour, billing.Open, billing.Authorised},
		{time.Second, billing.Expired, billing.Authorised},
		{5 * 24 * time.Hour, billing.Expired, billing.Expired},
	} {
		s.now = s.now.Add(step.after)
		if err := s.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		for o, want := range map[string]billing.Status{unpaid.ID: step.unpaid, unused.ID: step.unused} {
			if got, err := s.db.Order(t.Context(), o); err != nil || got.Status != want {
				t.Errorf("%v later: %s, %v; want %s", step.after, got.Status, err, want)
			}
		}
	}
	if _, _, err := s.Token(t.Context(), unused.ID, "local", who); !errors.Is(err, billing.ErrExpired) {
		t.Errorf("a token of an expired order: %v, want ErrExpired", err)
	}
}

// Run captures as soon as it is told of a delivery, and ends with its context.
func TestRun(t *testing.T) {
	s := newShop(t)
	o, _ := s.order(t)
	s.pay(t, o)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	if err := s.Delivered(t.Context(), o.Number, s.now); err != nil {
		t.Fatal(err)
	}
	<-s.till.called
	stop()
	if err := <-done; err != nil {
		t.Errorf("Run ended with %v, want nil", err)
	}
}

func asText(t *testing.T, c wire.Claims) string {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
