package identity

import (
	"context"
	"errors"
	"time"
)

// A Person is somebody who has signed in.
type Person struct {
	ID      string // ours; opaque
	Issuer  string
	Subject string // the issuer's name for the person; with Issuer, the key
	Email   string // empty unless the issuer says that it has verified it
	Name    string
	Created time.Time
}

// A Session is a browser that a person has signed in with.
type Session struct {
	ID       string // ours; may be told to others, unlike the cookie
	PersonID string
	Hash     [32]byte  // SHA-256 of the cookie's value, which is kept nowhere
	Created  time.Time // ends MaxAge after
	Seen     time.Time // ends MaxIdle after; written at most every few minutes
}

var (
	// ErrNoSession means that a cookie names no session that is still open.
	ErrNoSession = errors.New("no such session")
	// ErrNoPerson means that no person has this id.
	ErrNoPerson = errors.New("no such person")
)

// A Store keeps people and sessions.
type Store interface {
	// SavePerson finds the person by issuer and subject, or makes one, and keeps e-mail and name as given now.
	SavePerson(ctx context.Context, p Person) (Person, error)
	Person(ctx context.Context, id string) (Person, error)

	AddSession(ctx context.Context, s Session) (Session, error)
	// Session finds an open session by its hash, and the person it belongs to.
	Session(ctx context.Context, hash [32]byte) (Session, Person, error)
	TouchSession(ctx context.Context, id string, seen time.Time) error
	// EndSession forgets the session with this hash; that there is none is no error.
	EndSession(ctx context.Context, hash [32]byte) error
	EndSessions(ctx context.Context, personID string) error
	// SweepSessions forgets those last seen or created before these times.
	SweepSessions(ctx context.Context, seen, created time.Time) (int64, error)
}
