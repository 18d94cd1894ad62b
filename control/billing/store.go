package billing

import (
	"context"
	"time"
)

// A Store keeps orders and the events that moved them. Every method is one transaction, and every change of state is
// conditional on the state before, so that two control planes and a repeated call do no more than one.
type Store interface {
	// AddOrder keeps a new order and gives it an id.
	AddOrder(ctx context.Context, o Order) (Order, error)
	// OpenOrder takes a draft to open with the provider's payment. An order that a quick webhook has moved on already
	// keeps its state and gets the payment's page.
	OpenOrder(ctx context.Context, id string, p Payment, at time.Time) error
	// Order finds an order by its id, or ErrNotFound.
	Order(ctx context.Context, id string) (Order, error)
	// TakePaymentEvent records an event, once, and in the same transaction authorises the draft or open order that it pays
	// for, if provider, payment, amount and currency are that order's.
	TakePaymentEvent(ctx context.Context, e Event, at time.Time) (Outcome, error)
	// GrantOrder notes that an authorised order gets a token for region until then. It says false if the order is no longer
	// authorised, or another region's token has not ended.
	GrantOrder(ctx context.Context, id, region string, now, until time.Time) (bool, error)
	// DeliverOrder takes an authorised order to delivered, and says whether it did.
	DeliverOrder(ctx context.Context, number uint64, at time.Time) (bool, error)
	// UncapturedOrders lists delivered orders whose money may be asked for now, oldest first.
	UncapturedOrders(ctx context.Context, now time.Time, limit int) ([]Order, error)
	// CaptureOrder takes a delivered order to captured.
	CaptureOrder(ctx context.Context, id string, at time.Time) error
	// PostponeCapture notes a failed try to capture and when the next one is due.
	PostponeCapture(ctx context.Context, id string, next time.Time) error
	// ExpireOrders ends drafts and open orders made before unpaid, and orders authorised before unused.
	ExpireOrders(ctx context.Context, unpaid, unused, at time.Time) (int64, error)
}
