package billing

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"time"
)

// What can be wrong with a request about an order.
var (
	ErrNotFound  = errors.New("no such order")      // or not this caller's: the two look alike from outside
	ErrDocument  = errors.New("no such document")   // the region's rule pack does not have it
	ErrUnpaid    = errors.New("order is not paid")  // no webhook has said so
	ErrDelivered = errors.New("order is delivered") // its one photo has been made
	ErrExpired   = errors.New("order has expired")
	ErrElsewhere = errors.New("order is being made in another region")
	ErrProvider  = errors.New("payment provider failed")
	ErrSignature = errors.New("webhook is not signed by the provider") // or is old, altered, unreadable
)

// A Status is where an order stands. The words are part of the API.
type Status string

// The states of an order.
const (
	Draft      Status = "draft"      // ours alone; the provider may not know it yet
	Open       Status = "open"       // can be paid
	Authorised Status = "authorised" // the provider holds the money: a token may be had
	Delivered  Status = "delivered"  // an edge made the photo
	Captured   Status = "captured"   // the provider was told to take the money
	Expired    Status = "expired"    // never paid, or paid and never used: no money was taken
)

// An Order is one document bought by one person or visitor.
type Order struct {
	ID       string // in addresses and tokens
	Number   uint64 // in usage records, where there is room for no text; drawn by lot, so that it tells no sales
	Document string
	Amount   int64  // minor units
	Currency string // ISO 4217
	Status   Status
	Person   string   // who was signed in, or empty
	Secret   [32]byte // SHA-256 of the secret that its maker was given
	Provider string
	Payment  string    // the provider's id; empty until open
	PayURL   string    // the provider's page; empty until open
	Region   string    // where the last token was good; empty before the first
	Until    time.Time // when that token ends; before, no other region may be given one
	Failed   int       // tries to capture that failed
	Created  time.Time
	Changed  time.Time // when Status last changed
}

// A Caller is who asks about an order: whoever knows its secret, or the person who was signed in when it was made.
type Caller struct{ Secret, Person string }

// owns says whether the caller may see the order.
func (o Order) owns(c Caller) bool {
	if c.Person != "" && c.Person == o.Person {
		return true
	}
	hash := sha256.Sum256([]byte(c.Secret))
	return c.Secret != "" && subtle.ConstantTimeCompare(hash[:], o.Secret[:]) == 1
}

// ready says why the order can have no token, or nil.
func (o Order) ready() error {
	switch o.Status {
	case Authorised:
		return nil
	case Delivered, Captured:
		return ErrDelivered
	case Expired:
		return ErrExpired
	}
	return ErrUnpaid
}
