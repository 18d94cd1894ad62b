package token

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/professionalaistudio/studio/edge/wire"
)

const (
	// Life is how long an access token is good. Longer outlives a revocation that got lost; shorter makes our
	// outage everybody's.
	Life = 15 * time.Minute

	poll = time.Second // how soon another process's change, such as `control rotate`, is noticed
)

// ErrKind means that this kind of thing cannot be revoked.
var ErrKind = errors.New("can revoke sid, sub, org and kid only")

// Config is what the bundle says beside keys and revocations.
type Config struct {
	Issuer   string // iss: control's own address
	Now      func() time.Time
	Keys     func(context.Context) ([]wire.Key, error) // API keys
	Plans    map[string]wire.Plan
	Switches map[string]bool
}

// Service mints tokens and seals bundles.
type Service struct {
	cfg    Config
	store  Store
	log    *slog.Logger
	bundle ed25519.PrivateKey

	mu      sync.Mutex
	number  uint64        // of the state below
	keys    []SigningKey  // read again whenever number moves
	moved   chan struct{} // closed and replaced whenever number moves
	bundles map[string]sealedBundle
}

type sealedBundle struct {
	data   []byte
	issued time.Time
}

// New loads the keys, and makes them the first time: one to sign with and the one after it.
func New(ctx context.Context, cfg Config, store Store, log *slog.Logger) (*Service, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Keys == nil {
		cfg.Keys = func(context.Context) ([]wire.Key, error) { return nil, nil }
	}
	s := &Service{cfg: cfg, store: store, log: log, moved: make(chan struct{})}
	var fresh [ed25519.SeedSize]byte
	rand.Read(fresh[:])
	seed, err := store.BundleSeed(ctx, fresh)
	if err != nil {
		return nil, fmt.Errorf("token: %w", err)
	}
	s.bundle = ed25519.NewKeyFromSeed(seed[:])
	if err := s.tend(ctx); err != nil {
		return nil, fmt.Errorf("token: %w", err)
	}
	return s, s.Changed(ctx) // cfg may say something that it did not say before this start
}

// BundleKey is the public key that edges check bundles with.
func (s *Service) BundleKey() ed25519.PublicKey { return s.bundle.Public().(ed25519.PublicKey) }

// JWKS is every key that may have signed a token, and the one that will.
func (s *Service) JWKS() wire.JWKS {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.jwks()
}

func (s *Service) jwks() wire.JWKS {
	now := s.cfg.Now()
	var set wire.JWKS
	for _, k := range s.keys {
		if !k.gone(now) {
			set.Keys = append(set.Keys, k.jwk())
		}
	}
	return set
}

// Mint signs an access token. It fills in issuer, audience, times and id; an end that is set already is kept if it
// is nearer than an hour, and so is an id.
func (s *Service) Mint(ctx context.Context, c wire.Claims) (string, error) {
	now := s.cfg.Now()
	s.mu.Lock()
	key, ok := signer(s.keys, now)
	s.mu.Unlock()
	if !ok {
		return "", errors.New("mint a token: there is no key to sign with")
	}
	c.Issuer, c.Audience, c.IssuedAt = s.cfg.Issuer, wire.TokenAudience, now.Unix()
	if c.ExpiresAt == 0 {
		c.ExpiresAt = now.Add(Life).Unix()
	}
	if life := c.ExpiresAt - c.IssuedAt; life <= 0 || life > wire.MaxTokenLife {
		return "", fmt.Errorf("mint a token: a life of %d s is refused by every edge", life)
	}
	if c.ID == "" {
		c.ID = rand.Text()
	}
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims{c})
	t.Header["typ"], t.Header["kid"] = wire.TokenType, key.ID
	signed, err := t.SignedString(key.Private)
	if err != nil {
		return "", fmt.Errorf("mint a token: %w", err)
	}
	return signed, nil
}

// claims gives wire.Claims the methods that the library asks for when it checks tokens, which it does not do here.
type claims struct{ wire.Claims }

func (claims) GetExpirationTime() (*jwt.NumericDate, error) { return nil, nil }
func (claims) GetIssuedAt() (*jwt.NumericDate, error)       { return nil, nil }
func (claims) GetNotBefore() (*jwt.NumericDate, error)      { return nil, nil }
func (claims) GetIssuer() (string, error)                   { return "", nil }
func (claims) GetSubject() (string, error)                  { return "", nil }
func (claims) GetAudience() (jwt.ClaimStrings, error)       { return nil, nil }

// Rotate makes the next key the active one, retires the one before, and publishes a new next.
func (s *Service) Rotate(ctx context.Context) error {
	if err := s.store.ChangeSigningKeys(ctx, func(keys []SigningKey) ([]SigningKey, []string, error) {
		return rotated(keys, s.cfg.Now())
	}); err != nil {
		return fmt.Errorf("rotate: %w", err)
	}
	return s.Refresh(ctx)
}

func rotated(keys []SigningKey, now time.Time) (put []SigningKey, drop []string, err error) {
	for _, k := range keys {
		switch k.State {
		case Active:
			k.State, k.Retired = Retiring, now
			put = append(put, k)
		case Next:
			k.State, k.Activated = Active, now
			put = append(put, k)
		}
	}
	next, err := newKey(Next, now)
	return append(put, next), drop, err
}

// tend does what time asks for: the first keys, rotation when the active key is old enough, an end to retired ones.
func (s *Service) tend(ctx context.Context) error {
	return s.store.ChangeSigningKeys(ctx, func(keys []SigningKey) (put []SigningKey, drop []string, err error) {
		now := s.cfg.Now()
		has := func(state State) bool {
			return slices.ContainsFunc(keys, func(k SigningKey) bool { return k.State == state })
		}
		for _, k := range keys {
			if k.gone(now) {
				drop = append(drop, k.ID)
			}
			if k.State == Active && now.Sub(k.Activated) >= activeLife {
				put, _, err = rotated(keys, now)
				if err != nil {
					return nil, nil, err
				}
			}
		}
		for _, state := range []State{Active, Next} {
			if !has(state) {
				k, err := newKey(state, now)
				if err != nil {
					return nil, nil, err
				}
				put = append(put, k)
			}
		}
		return put, drop, nil
	})
}

// Revoke refuses tokens issued before notBefore: those of a session, subject, organisation, or signing key.
func (s *Service) Revoke(ctx context.Context, kind, id string, notBefore time.Time) error {
	if !slices.Contains([]string{wire.RevokeSession, wire.RevokeSubject, wire.RevokeOrg, wire.RevokeKey}, kind) {
		return ErrKind
	}
	if err := s.store.AddRevocation(ctx, wire.RevocationKey(kind, id), notBefore); err != nil {
		return fmt.Errorf("revoke %s: %w", kind, err)
	}
	return s.Refresh(ctx)
}
