package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"
)

const (
	// MaxIdle is how long a session outlives its last request.
	MaxIdle = 12 * time.Hour
	// MaxAge is how long a session lasts at most.
	MaxAge = 30 * 24 * time.Hour

	touchEvery = 5 * time.Minute // a write per person and request would be a write too many
)

// Sessions gives a signed-in browser a cookie, and knows it again.
type Sessions struct {
	store  Store
	secure bool
	now    func() time.Time
	log    *slog.Logger
}

// NewSessions makes cookies for https if secure; otherwise for http, which is right on loopback only.
func NewSessions(store Store, secure bool, now func() time.Time, log *slog.Logger) *Sessions {
	return &Sessions{store: store, secure: secure, now: now, log: log}
}

// CookieName is the name of the session's cookie. The prefix makes a browser refuse it from a subdomain, from plain
// http and for part of the site; on loopback http no browser would take it.
func (s *Sessions) CookieName() string { return cookieName("session", s.secure) }

func cookieName(name string, secure bool) string {
	if secure {
		return "__Host-" + name
	}
	return name
}

// Start opens a session for a person who has just signed in. The one that the browser came with, if any, ends: an id
// that was known before a sign-in must be worth nothing after it.
func (s *Sessions) Start(ctx context.Context, r *http.Request, personID string) (*http.Cookie, error) {
	if old, ok := s.hash(r); ok {
		if err := s.store.EndSession(ctx, old); err != nil {
			return nil, fmt.Errorf("end the session before: %w", err)
		}
	}
	var id [32]byte
	rand.Read(id[:])
	value := base64.RawURLEncoding.EncodeToString(id[:])
	now := s.now()
	if _, err := s.store.AddSession(ctx, Session{
		PersonID: personID, Hash: sha256.Sum256([]byte(value)), Created: now, Seen: now,
	}); err != nil {
		return nil, fmt.Errorf("start a session: %w", err)
	}
	return s.cookie(value, MaxAge), nil
}

// Person says who is signed in.
func (s *Sessions) Person(ctx context.Context, r *http.Request) (Person, bool) {
	_, person, ok := s.Current(ctx, r)
	return person, ok
}

// Current is the session that a request belongs to, and whose it is.
func (s *Sessions) Current(ctx context.Context, r *http.Request) (Session, Person, bool) {
	hash, ok := s.hash(r)
	if !ok {
		return Session{}, Person{}, false
	}
	session, person, err := s.store.Session(ctx, hash)
	if errors.Is(err, ErrNoSession) {
		return Session{}, Person{}, false
	}
	if err != nil {
		s.log.ErrorContext(ctx, "a session could not be looked up", "error", err)
		return Session{}, Person{}, false
	}
	now := s.now()
	if now.Sub(session.Seen) >= MaxIdle || now.Sub(session.Created) >= MaxAge {
		return Session{}, Person{}, false
	}
	if now.Sub(session.Seen) >= touchEvery {
		if err := s.store.TouchSession(ctx, session.ID, now); err != nil {
			s.log.ErrorContext(ctx, "a session could not be prolonged", "error", err)
		}
	}
	return session, person, true
}

// End signs the browser out; the cookie it returns makes the browser forget its own.
func (s *Sessions) End(ctx context.Context, r *http.Request) (*http.Cookie, error) {
	if hash, ok := s.hash(r); ok {
		if err := s.store.EndSession(ctx, hash); err != nil {
			return nil, fmt.Errorf("end a session: %w", err)
		}
	}
	return s.cookie("", -1), nil
}

// EndAll signs a person out of every browser.
func (s *Sessions) EndAll(ctx context.Context, personID string) error {
	if err := s.store.EndSessions(ctx, personID); err != nil {
		return fmt.Errorf("end every session: %w", err)
	}
	return nil
}

// Sweep forgets sessions that have ended by themselves, and says how many.
func (s *Sessions) Sweep(ctx context.Context) (int64, error) {
	now := s.now()
	return s.store.SweepSessions(ctx, now.Add(-MaxIdle), now.Add(-MaxAge))
}

func (s *Sessions) hash(r *http.Request) ([32]byte, bool) {
	cookie, err := r.Cookie(s.CookieName())
	if err != nil || cookie.Value == "" || len(cookie.Value) > 64 {
		return [32]byte{}, false
	}
	return sha256.Sum256([]byte(cookie.Value)), true
}

// cookie is Lax and not Strict: with Strict, the browser would withhold it on the way back from the issuer.
func (s *Sessions) cookie(value string, life time.Duration) *http.Cookie {
	c := &http.Cookie{Name: s.CookieName(), Value: value, Path: "/", MaxAge: int(life / time.Second),
		Secure: s.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if value == "" {
		c.MaxAge = -1
	}
	return c
}
