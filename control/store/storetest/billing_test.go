package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/control/billing"
	"github.com/professionalaistudio/studio/control/store"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// newOrder keeps an order in the state open, with the payment "pay-<number>".
func newOrder(t *testing.T, db *store.DB, number uint64) billing.Order {
	t.Helper()
	o, err := db.AddOrder(t.Context(), billing.Order{
		Number: number, Document: "us-passport", Amount: 495, Currency: "USD", Status: billing.Draft,
		Secret: [32]byte{1}, Provider: "fakepay", Created: noon,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.OpenOrder(t.Context(), o.ID, billing.Payment{ID: fmt.Sprint("pay-", number), URL: "http://pay"}, noon); err != nil {
		t.Fatal(err)
	}
	return orderOf(t, db, o.ID)
}

func orderOf(t *testing.T, db *store.DB, id string) billing.Order {
	t.Helper()
	o, err := db.Order(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func paid(o billing.Order, id string) billing.Event {
	return billing.Event{Provider: o.Provider, ID: id, Kind: billing.Paid, Order: o.ID, Payment: o.Payment, Amount: o.Amount, Currency: o.Currency}
}

func TestOrderRoundTrip(t *testing.T) {
	Each(t, func(t *testing.T, db *store.DB) {
		want := billing.Order{
			Number: 1<<52 - 1, Document: "us-passport", Amount: 495, Currency: "USD", Status: billing.Draft, Person: "P",
			Secret: [32]byte{1, 2, 3}, Provider: "fakepay", Created: noon, Changed: noon,
		}
		got, err := db.AddOrder(t.Context(), want)
		if err != nil {
			t.Fatal(err)
		}
		want.ID = got.ID
		if len(got.ID) != 26 || got != want || orderOf(t, db, got.ID) != want {
			t.Errorf("kept %+v and read %+v, want %+v", got, orderOf(t, db, got.ID), want)
		}
		if _, err := db.Order(t.Context(), "no such order"); !errors.Is(err, billing.ErrNotFound) {
			t.Errorf("an unknown order: %v, want ErrNotFound", err)
		}
		if _, err := db.AddOrder(t.Context(), want); err == nil {
			t.Error("two orders have one number")
		}
	})
}

// Only an event with the order's provider, payment, amount and currency pays for it.
func TestPaymentEventMustFit(t *testing.T) {
	Each(t, func(t *testing.T, db *store.DB) {
		o := newOrder(t, db, 1)
		for name, change := range map[string]func(*billing.Event){
			"another kind":     func(e *billing.Event) { e.Kind = billing.Other },
			"another provider": func(e *billing.Event) { e.Provider = "stripe" },
			"another payment":  func(e *billing.Event) { e.Payment = "pay-2" },
			"no payment":       func(e *billing.Event) { e.Payment = "" },
			"less money":       func(e *billing.Event) { e.Amount-- },
			"more money":       func(e *billing.Event) { e.Amount++ },
			"cheaper currency": func(e *billing.Event) { e.Currency = "JPY" },
			"unknown order":    func(e *billing.Event) { e.Order = "01J00000000000000000000000" },
		} {
			e := paid(o, "evt "+name)
			change(&e)
			outcome, err := db.TakePaymentEvent(t.Context(), e, noon)
			want := billing.Refused
			if e.Kind != billing.Paid {
				want = billing.Ignored
			}
			if outcome != want || err != nil {
				t.Errorf("%s: %s, %v; want %s", name, outcome, err, want)
			}
			if got := orderOf(t, db, o.ID); got != o {
				t.Errorf("%s: the order is now %+v, want %+v", name, got, o)
			}
		}
		if outcome, err := db.TakePaymentEvent(t.Context(), paid(o, "evt"), noon.Add(time.Second)); outcome != billing.Applied || err != nil {
			t.Errorf("the right event: %s, %v; want applied", outcome, err)
		}
		if got := orderOf(t, db, o.ID); got.Status != billing.Authorised || !got.Changed.Equal(noon.Add(time.Second)) {
			t.Errorf("the order is %s since %v, want authorised since the event", got.Status, got.Changed)
		}
		if outcome, err := db.TakePaymentEvent(t.Context(), paid(o, "evt 2"), noon); outcome != billing.Refused || err != nil {
			t.Errorf("a second payment of the same order: %s, %v; want refused", outcome, err)
		}
	})
}

// However many senders bring an event at once, it is applied once.
func TestPaymentEventOnce(t *testing.T) {
	Each(t, func(t *testing.T, db *store.DB) {
		o := newOrder(t, db, 1)
		var mu sync.Mutex
		outcomes := map[billing.Outcome]int{}
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				outcome, err := db.TakePaymentEvent(context.Background(), paid(o, "evt"), noon)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				outcomes[outcome]++
			})
		}
		all.Wait()
		if outcomes[billing.Applied] != 1 || outcomes[billing.Repeated] != 7 {
			t.Errorf("outcomes %v, want 1 applied and 7 repeated", outcomes)
		}
	})
}

// A webhook may overtake our own note of the payment.
func TestPaymentEventOfADraft(t *testing.T) {
	Each(t, func(t *testing.T, db *store.DB) {
		o, err := db.AddOrder(t.Context(), billing.Order{Number: 1, Document: "d", Amount: 495, Currency: "USD", Status: billing.Draft, Provider: "fakepay", Created: noon})
		if err != nil {
			t.Fatal(err)
		}
		e := paid(o, "evt")
		e.Payment = "pay-1"
		if outcome, err := db.TakePaymentEvent(t.Context(), e, noon); outcome != billing.Applied || err != nil {
			t.Fatalf("%s, %v; want applied", outcome, err)
		}
		if err := db.OpenOrder(t.Context(), o.ID, billing.Payment{ID: "another", URL: "u"}, noon); !errors.Is(err, billing.ErrNotFound) {
			t.Errorf("another payment replaces the one that was paid: %v", err)
		}
		if err := db.OpenOrder(t.Context(), o.ID, billing.Payment{ID: "pay-1", URL: "u"}, noon); err != nil {
			t.Fatal(err)
		}
		if got := orderOf(t, db, o.ID); got.Status != billing.Authorised || got.PayURL != "u" {
			t.Errorf("the order is %s with the page %q, want authorised with u", got.Status, got.PayURL)
		}
	})
}

func TestGrantOrder(t *testing.T) {
	Each(t, func(t *testing.T, db *store.DB) {
		o := newOrder(t, db, 1)
		grant := func(region string, now time.Time) bool {
			t.Helper()
			ok, err := db.GrantOrder(t.Context(), o.ID, region, now, now.Add(time.Minute))
			if err != nil {
				t.Fatal(err)
			}
			return ok
		}
		if grant("eu", noon) {
			t.Error("an order that is not paid is granted")
		}
		if _, err := db.TakePaymentEvent(t.Context(), paid(o, "evt"), noon); err != nil {
			t.Fatal(err)
		}
		for _, step := range []struct {
			what, region string
			after        time.Duration
			want         bool
		}{
			{"the first region", "eu", 0, true},
			{"the same again", "eu", time.Second, true},
			{"another while that lasts", "us", 60 * time.Second, false},
			{"another when it has ended", "us", 61 * time.Second, true},
			{"the first again, too soon", "eu", 62 * time.Second, false},
		} {
			if got := grant(step.region, noon.Add(step.after)); got != step.want {
				t.Errorf("%s: granted %t, want %t", step.what, got, step.want)
			}
		}
		if moved, err := db.DeliverOrder(t.Context(), o.Number, noon); !moved || err != nil {
			t.Errorf("delivered: %t, %v; want it to move", moved, err)
		}
		if moved, err := db.DeliverOrder(t.Context(), o.Number, noon); moved || err != nil {
			t.Errorf("delivered again: %t, %v; want nothing to move", moved, err)
		}
		if grant("us", noon.Add(time.Hour)) {
			t.Error("a delivered order is granted")
		}
	})
}

func TestCapture(t *testing.T) {
	Each(t, func(t *testing.T, db *store.DB) {
		for n := range uint64(3) {
			o := newOrder(t, db, n+1)
			if n == 2 {
				continue // stays open
			}
			if _, err := db.TakePaymentEvent(t.Context(), paid(o, fmt.Sprint(n)), noon); err != nil {
				t.Fatal(err)
			}
			if _, err := db.DeliverOrder(t.Context(), o.Number, noon.Add(time.Duration(n)*time.Second)); err != nil {
				t.Fatal(err)
			}
		}
		due := func(now time.Time) (ids []string) {
			t.Helper()
			orders, err := db.UncapturedOrders(t.Context(), now, 10)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range orders {
				ids = append(ids, o.ID)
			}
			return ids
		}
		first := due(noon)
		if len(first) != 2 {
			t.Fatalf("%d orders to capture, want 2", len(first))
		}
		if err := db.PostponeCapture(t.Context(), first[0], noon.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if got := due(noon); len(got) != 1 || got[0] != first[1] {
			t.Errorf("due %q, want the second of %q: the first failed and waits", got, first)
		}
		if got := orderOf(t, db, first[0]).Failed; got != 1 {
			t.Errorf("%d tries failed, want 1", got)
		}
		for _, id := range first {
			if err := db.CaptureOrder(t.Context(), id, noon); err != nil {
				t.Fatal(err)
			}
		}
		if got := due(noon.Add(time.Hour)); len(got) != 0 {
			t.Errorf("due %q after both were captured, want none", got)
		}
	})
}

func TestExpireOrders(t *testing.T) {
	Each(t, func(t *testing.T, db *store.DB) {
		unpaid, authorised, granted := newOrder(t, db, 1), newOrder(t, db, 2), newOrder(t, db, 3)
		for _, o := range []billing.Order{authorised, granted} {
			if _, err := db.TakePaymentEvent(t.Context(), paid(o, o.ID), noon); err != nil {
				t.Fatal(err)
			}
		}
		now := noon.Add(time.Hour)
		if ok, err := db.GrantOrder(t.Context(), granted.ID, "eu", now, now.Add(time.Minute)); !ok || err != nil {
			t.Fatal(ok, err)
		}
		if n, err := db.ExpireOrders(t.Context(), noon, noon, now); n != 0 || err != nil {
			t.Errorf("%d orders expired (%v) with limits that none has passed, want 0", n, err)
		}
		if n, err := db.ExpireOrders(t.Context(), noon, noon.Add(time.Second), now); n != 1 || err != nil {
			t.Errorf("%d orders expired (%v), want the one that was paid and has no token out", n, err)
		}
		if n, err := db.ExpireOrders(t.Context(), noon.Add(time.Second), noon, now); n != 1 || err != nil {
			t.Errorf("%d orders expired (%v), want the one that was never paid", n, err)
		}
		for _, test := range []struct {
			order billing.Order
			want  billing.Status
		}{{unpaid, billing.Expired}, {authorised, billing.Expired}, {granted, billing.Authorised}} {
			if got := orderOf(t, db, test.order.ID).Status; got != test.want {
				t.Errorf("order %d is %s, want %s", test.order.Number, got, test.want)
			}
		}
		if outcome, err := db.TakePaymentEvent(t.Context(), paid(unpaid, "late"), now); outcome != billing.Refused || err != nil {
			t.Errorf("a payment after the end: %s, %v; want refused, for a person to look at", outcome, err)
		}
	})
}
