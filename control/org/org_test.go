package org_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/control/identity"
	"github.com/professionalaistudio/studio/control/org"
	"github.com/professionalaistudio/studio/control/store"
	"github.com/professionalaistudio/studio/control/store/storetest"
	"github.com/professionalaistudio/studio/edge/wire"
)

func TestMain(m *testing.M) { storetest.Main(m) }

type rig struct {
	*org.Service
	now     time.Time
	changes int
}

func newRig(db *store.DB) *rig {
	r := &rig{now: time.Date(2026, 11, 24, 13, 0, 0, 0, time.UTC)}
	r.Service = org.New(org.Config{Now: func() time.Time { return r.now }, Changed: func(context.Context) { r.changes++ }}, db)
	return r
}

func (r *rig) org(t *testing.T, db *store.DB, subject string) org.Org {
	t.Helper()
	p, err := db.SavePerson(t.Context(), identity.Person{Issuer: "i", Subject: subject, Created: r.now})
	if err != nil {
		t.Fatal(err)
	}
	o, err := r.ForPerson(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := r.ForPerson(t.Context(), p.ID); again != o || err != nil {
		t.Errorf("asked again: %+v (%v), want %+v", again, err, o)
	}
	return o
}

// The life of a key: made, good at once, found by edges, revoked, bad at once.
func TestKeyLife(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, r := t.Context(), newRig(db)
		o := r.org(t, db, "ada")
		k, shown, err := r.CreateKey(ctx, o, "  web   site ", nil)
		if err != nil {
			t.Fatal(err)
		}
		if k.Purpose != "web site" || !slices.Equal(k.Scopes, wire.Scopes) || r.changes != 1 {
			t.Errorf("key %+v after %d changes, want the purpose tidied, every scope, 1 change", k, r.changes)
		}
		if strings.Contains(k.SecretSHA256, shown.Secret) || k.SecretSHA256 != wire.HashSecret(shown.Secret) {
			t.Errorf("%q is kept of the secret, want its hash", k.SecretSHA256)
		}

		good, err := r.CheckSecret(ctx, shown.ID, shown.Secret)
		if err != nil || good.ID != k.ID || good.OrgIndex != o.Index {
			t.Errorf("the secret is %+v (%v), want the key", good, err)
		}
		if want := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC); !good.LastUsed.Equal(want) {
			t.Errorf("last used %v, want the day %v", good.LastUsed, want)
		}
		if keys, _ := r.Keys(ctx, o.ID); len(keys) != 1 || !keys[0].LastUsed.Equal(good.LastUsed) {
			t.Errorf("kept %+v, want the day of use in it", keys)
		}

		told, err := r.WireKeys(ctx)
		want := wire.Key{ID: k.ID, Org: o.ID, OrgIndex: o.Index, SecretSHA256: k.SecretSHA256, KeyHex: shown.KeyHex, SaltHex: shown.SaltHex}
		if err != nil || len(told) != 1 || told[0].SecretSHA256 != want.SecretSHA256 || told[0].KeyHex != want.KeyHex ||
			told[0].SaltHex != want.SaltHex || told[0].OrgIndex != want.OrgIndex || !slices.Equal(told[0].Scopes, wire.Scopes) {
			t.Errorf("edges are told %+v (%v), want %+v", told, err, want)
		}
		pair, err := told[0].Pair()
		if err != nil {
			t.Fatal(err)
		}
		if err := wire.Verify(pair, wire.Sign(pair, "/x"), "/x", 32); err != nil {
			t.Errorf("the pair does not sign: %v", err)
		}

		if err := r.RevokeKey(ctx, "another", k.ID); !errors.Is(err, org.ErrNoKey) {
			t.Errorf("another organisation revokes it: %v, want %v", err, org.ErrNoKey)
		}
		if err := r.RevokeKey(ctx, o.ID, k.ID); err != nil || r.changes != 2 {
			t.Errorf("revoked: %v after %d changes, want no error and 2", err, r.changes)
		}
		if _, err := r.CheckSecret(ctx, shown.ID, shown.Secret); !errors.Is(err, org.ErrSecret) {
			t.Errorf("the secret of a revoked key: %v, want %v", err, org.ErrSecret)
		}
		if told, _ := r.WireKeys(ctx); len(told) != 0 {
			t.Errorf("edges are told %+v, want nothing", told)
		}
	})
}

func TestCheckSecretRefuses(t *testing.T) {
	db := storetest.SQLite(t)
	r := newRig(db)
	o := r.org(t, db, "ada")
	_, a, err := r.CreateKey(t.Context(), o, "a", []string{"photos"})
	if err != nil {
		t.Fatal(err)
	}
	_, b, err := r.CreateKey(t.Context(), o, "b", nil)
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := wire.NewAPIKey(zeroes{})
	if err != nil {
		t.Fatal(err)
	}
	same, err := wire.NewAPIKey(&replay{id: string(a.ID)})
	if err != nil {
		t.Fatal(err)
	}
	if same.ID != a.ID || same.Secret == a.Secret {
		t.Fatalf("the guess is %s, want another secret of %s", same.ID, a.ID)
	}
	for name, try := range map[string]struct {
		id     wire.KeyID
		secret string
	}{
		"empty":               {a.ID, ""},
		"of another key":      {a.ID, b.Secret},
		"under another id":    {b.ID, a.Secret},
		"cut":                 {a.ID, a.Secret[:len(a.Secret)-1]},
		"mistyped":            {a.ID, strings.Replace(a.Secret, a.Secret[30:31], "~", 1)},
		"well-formed, no key": {stranger.ID, stranger.Secret},
		"well-formed, wrong":  {a.ID, same.Secret},
		"the hash itself":     {a.ID, wire.HashSecret(a.Secret)},
	} {
		if k, err := r.CheckSecret(t.Context(), try.id, try.secret); !errors.Is(err, org.ErrSecret) {
			t.Errorf("%s: %+v (%v), want %v", name, k.ID, err, org.ErrSecret)
		}
	}
}

// zeroes is a source of chance without any.
type zeroes struct{}

func (zeroes) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// replay makes a key with a given id: it deals the bytes that wire draws the letters from.
type replay struct {
	id   string
	done bool
}

func (r *replay) Read(p []byte) (int, error) {
	clear(p)
	if !r.done {
		const letters = "0123456789abcdefghijklmnopqrstuvwxyz"
		for i := range r.id {
			p[i] = byte(strings.IndexByte(letters, r.id[i]))
		}
		r.done = true
	}
	return len(p), nil
}

func TestCreateKeyRefuses(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, r := t.Context(), newRig(db)
		o := r.org(t, db, "ada")
		for range 2 {
			if _, _, err := r.CreateKey(ctx, o, "app", nil); err != nil {
				t.Fatal(err)
			}
		}
		made := r.changes
		for name, test := range map[string]struct {
			purpose string
			scopes  []string
			want    error
		}{
			"a third for one purpose": {"app", nil, org.ErrTwoLive},
			"no purpose":              {" \t", nil, org.ErrName},
			"too long a purpose":      {strings.Repeat("x", 61), nil, org.ErrName},
			"a control letter":        {"a\x00b", nil, org.ErrName},
			"not text":                {"a\xff", nil, org.ErrName},
			"a scope of nobody's":     {"x", []string{"images", "admin"}, org.ErrScope},
		} {
			if k, _, err := r.CreateKey(ctx, o, test.purpose, test.scopes); !errors.Is(err, test.want) {
				t.Errorf("%s: %+v (%v), want %v", name, k, err, test.want)
			}
		}
		if r.changes != made {
			t.Errorf("refusals counted as %d changes", r.changes-made)
		}
		k, _, err := r.CreateKey(ctx, o, strings.Repeat("ö", 60), []string{"photos", "images", "photos"})
		if err != nil || !slices.Equal(k.Scopes, []string{"images", "photos"}) {
			t.Errorf("scopes = %v (%v), want images and photos", k.Scopes, err)
		}
	})
}

func TestRename(t *testing.T) {
	db := storetest.SQLite(t)
	r := newRig(db)
	o := r.org(t, db, "ada")
	if err := r.Rename(t.Context(), o.ID, " Photo  Ltd\n"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", "\u202e\x1b[31m", strings.Repeat("x", 61)} {
		if err := r.Rename(t.Context(), o.ID, name); !errors.Is(err, org.ErrName) {
			t.Errorf("the name %q: %v, want %v", name, err, org.ErrName)
		}
	}
}
