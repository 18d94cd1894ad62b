package org

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/professionalaistudio/studio/edge/wire"
)

// An Org is a customer.
type Org struct {
	ID      wire.OrgID
	Index   uint32 // the organisation in usage records; never given twice
	Name    string
	Created time.Time
}

// A Role is what a member may do.
type Role string

// Owner may do everything; so far there is no other role.
const Owner Role = "owner"

const (
	firstName  = "My organisation"
	perPurpose = 2  // so that a key can be replaced without a gap: make, move, revoke
	perOrg     = 50 // every edge holds every live key in memory
	maxWords   = 60 // letters in a name or purpose
)

var (
	// ErrNoOrg means that a person belongs to no organisation.
	ErrNoOrg = errors.New("no such organisation")
	// ErrNoKey means that there is no such key, or not in this organisation.
	ErrNoKey = errors.New("no such key")
	// ErrSecret means that a secret is not the one of a live key.
	ErrSecret = errors.New("the key or its secret is unknown, or revoked")
	// ErrTwoLive means that two live keys serve the same purpose already.
	ErrTwoLive = errors.New("two keys serve this purpose already: revoke one first")
	// ErrTooManyKeys means that an organisation has as many live keys as it may.
	ErrTooManyKeys = fmt.Errorf("an organisation has at most %d live keys", perOrg)
	// ErrName means that a name or purpose is empty, too long, or holds what cannot be shown.
	ErrName = fmt.Errorf("want 1 to %d letters on one line", maxWords)
	// ErrScope means that a scope is none of ours.
	ErrScope = errors.New("no such scope")
)

// A Store keeps organisations and keys. Whatever changes what edges must know also moves the bundle's number, in
// the same transaction.
type Store interface {
	OrgOf(ctx context.Context, personID string) (Org, error)
	// FoundOrg makes an organisation with the person as its owner, or returns the one they have.
	FoundOrg(ctx context.Context, personID string, o Org) (Org, error)
	RenameOrg(ctx context.Context, id wire.OrgID, name string) error

	// AddOrgKey keeps a key unless a limit of live ones is reached: ErrTwoLive, ErrTooManyKeys.
	AddOrgKey(ctx context.Context, k Key, perPurpose, perOrg int) error
	OrgKey(ctx context.Context, id wire.KeyID) (Key, error)
	OrgKeys(ctx context.Context, id wire.OrgID) ([]Key, error) // newest first, revoked ones among them
	LiveOrgKeys(ctx context.Context) ([]Key, error)
	RevokeOrgKey(ctx context.Context, org wire.OrgID, id wire.KeyID, at time.Time) error
	TouchOrgKey(ctx context.Context, id wire.KeyID, day time.Time) error
}

// Config is what may be tuned.
type Config struct {
	Now     func() time.Time
	Random  io.Reader             // crypto/rand.Reader but for tests
	Changed func(context.Context) // called after a change that edges must know of
	// Revoked is called when a key has ended: what it was exchanged for must end with it.
	Revoked func(context.Context, wire.KeyID) error
}

// Service is what the rest of control asks about organisations.
type Service struct {
	cfg   Config
	store Store
}

// New fills in what cfg leaves open.
func New(cfg Config, store Store) *Service {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	if cfg.Changed == nil {
		cfg.Changed = func(context.Context) {}
	}
	if cfg.Revoked == nil {
		cfg.Revoked = func(context.Context, wire.KeyID) error { return nil }
	}
	return &Service{cfg: cfg, store: store}
}

// ForPerson is the organisation of a person; the first time, it is made, with them as its owner.
func (s *Service) ForPerson(ctx context.Context, personID string) (Org, error) {
	o, err := s.store.OrgOf(ctx, personID)
	if errors.Is(err, ErrNoOrg) {
		o, err = s.store.FoundOrg(ctx, personID, Org{Name: firstName, Created: s.cfg.Now()})
	}
	if err != nil {
		return Org{}, fmt.Errorf("organisation of a person: %w", err)
	}
	return o, nil
}

// Rename gives an organisation another name.
func (s *Service) Rename(ctx context.Context, id wire.OrgID, name string) error {
	name, err := words(name)
	if err != nil {
		return err
	}
	if err := s.store.RenameOrg(ctx, id, name); err != nil {
		return fmt.Errorf("rename organisation: %w", err)
	}
	return nil
}

// Keys lists an organisation's keys, newest first, the revoked ones too.
func (s *Service) Keys(ctx context.Context, id wire.OrgID) ([]Key, error) {
	keys, err := s.store.OrgKeys(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("keys of an organisation: %w", err)
	}
	return keys, nil
}

// CreateKey makes a key for a purpose. What it returns beside the key is shown once and kept nowhere in this form.
// Without scopes, the key has them all.
func (s *Service) CreateKey(ctx context.Context, o Org, purpose string, scopes []string) (Key, wire.APIKey, error) {
	purpose, err := words(purpose)
	if err != nil {
		return Key{}, wire.APIKey{}, err
	}
	if len(scopes) == 0 {
		scopes = wire.Scopes
	}
	for _, scope := range scopes {
		if !slices.Contains(wire.Scopes, scope) {
			return Key{}, wire.APIKey{}, fmt.Errorf("%w: %.20q", ErrScope, scope)
		}
	}
	shown, err := wire.NewAPIKey(s.cfg.Random)
	if err != nil {
		return Key{}, wire.APIKey{}, fmt.Errorf("make a key: %w", err)
	}
	k := Key{
		ID: shown.ID, Org: o.ID, OrgIndex: o.Index, Purpose: purpose, SecretSHA256: wire.HashSecret(shown.Secret),
		KeyHex: shown.KeyHex, SaltHex: shown.SaltHex, Scopes: inOrder(scopes), Created: s.cfg.Now(),
	}
	if err := s.store.AddOrgKey(ctx, k, perPurpose, perOrg); err != nil {
		return Key{}, wire.APIKey{}, fmt.Errorf("keep a key: %w", err)
	}
	s.cfg.Changed(ctx)
	return k, shown, nil
}

// RevokeKey ends a key, and the tokens it was exchanged for. Edges hear of it within seconds.
func (s *Service) RevokeKey(ctx context.Context, id wire.OrgID, key wire.KeyID) error {
	if err := s.store.RevokeOrgKey(ctx, id, key, s.cfg.Now()); err != nil {
		return fmt.Errorf("revoke a key: %w", err)
	}
	s.cfg.Changed(ctx)
	if err := s.cfg.Revoked(ctx, key); err != nil {
		return fmt.Errorf("revoke the tokens of a key: %w", err)
	}
	return nil
}

// CheckSecret is the live key that a client credential belongs to, or ErrSecret. Somebody who guesses learns neither
// from the answer nor from how long it takes whether an id exists.
func (s *Service) CheckSecret(ctx context.Context, id wire.KeyID, secret string) (Key, error) {
	inside, ok := wire.ParseAPISecret(secret)
	if !ok || inside != id {
		return Key{}, ErrSecret // by form alone: no key has such a secret
	}
	k, err := s.store.OrgKey(ctx, id)
	if err != nil && !errors.Is(err, ErrNoKey) {
		return Key{}, fmt.Errorf("check a secret: %w", err)
	}
	known := err == nil
	same := subtle.ConstantTimeCompare([]byte(wire.HashSecret(secret)), []byte(k.SecretSHA256)) == 1
	if !known || !same || !k.Live() {
		return Key{}, ErrSecret
	}
	if day := s.cfg.Now().UTC().Truncate(24 * time.Hour); day.After(k.LastUsed) {
		if err := s.store.TouchOrgKey(ctx, id, day); err != nil {
			return Key{}, fmt.Errorf("note that a key is used: %w", err)
		}
		k.LastUsed = day
	}
	return k, nil
}

// WireKeys is every live key as edges are told of it.
func (s *Service) WireKeys(ctx context.Context) ([]wire.Key, error) {
	keys, err := s.store.LiveOrgKeys(ctx)
	if err != nil {
		return nil, fmt.Errorf("keys for edges: %w", err)
	}
	told := make([]wire.Key, len(keys))
	for i, k := range keys {
		told[i] = k.wire()
	}
	return told, nil
}

// words tidies a name that a person typed.
func words(s string) (string, error) {
	s = strings.Join(strings.Fields(s), " ")
	if s == "" || utf8.RuneCountInString(s) > maxWords || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return "", ErrName
	}
	return s, nil
}

// inOrder is scopes as wire lists them, each once.
func inOrder(scopes []string) []string {
	var ordered []string
	for _, scope := range wire.Scopes {
		if slices.Contains(scopes, scope) {
			ordered = append(ordered, scope)
		}
	}
	return ordered
}
