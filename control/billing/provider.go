package billing

import (
	"context"
	"time"
)

// A Provider takes the money. fakepay is one; a real one differs in nothing that this package sees.
type Provider interface {
	Name() string
	// Open asks for a page on which o can be paid. Asked twice for the same order it answers the same payment.
	Open(ctx context.Context, o Order) (Payment, error)
	// Capture takes the money that was held. Asked twice it takes it once.
	Capture(ctx context.Context, payment string) error
	// Read checks that a webhook was signed by the provider, now, and says what it tells; else ErrSignature.
	Read(n Notice, now time.Time) (Event, error)
}

// A Payment is what the provider made of an order.
type Payment struct{ ID, URL string }

// A Notice is a webhook as it came.
type Notice struct {
	Header func(name string) string
	Body   []byte
}

// A Kind is what an event tells. What is neither is recorded and moves nothing.
type Kind string

// The kinds of events that are known here.
const (
	Paid  Kind = "paid" // the money is held
	Other Kind = "other"
)

// An Event is a webhook that was believed.
type Event struct {
	Provider string
	ID       string // the provider's; the same however often it is sent
	Kind     Kind
	Order    string
	Payment  string
	Amount   int64
	Currency string
}

// An Outcome is what an event did.
type Outcome string

// The outcomes of an event, recorded with it.
const (
	Applied  Outcome = "applied"  // the order is now authorised
	Repeated Outcome = "repeated" // was taken before; nothing happened
	Ignored  Outcome = "ignored"  // of no kind that moves an order
	Refused  Outcome = "refused"  // told paid, but of no order that waits for just that payment and amount
)
