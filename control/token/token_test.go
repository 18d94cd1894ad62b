package token_test

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/professionalaistudio/studio/control/store"
	"github.com/professionalaistudio/studio/control/store/storetest"
	"github.com/professionalaistudio/studio/control/token"
	"github.com/professionalaistudio/studio/edge/wire"
)

func TestMain(m *testing.M) { storetest.Main(m) }

type rig struct {
	*token.Service
	now  time.Time
	keys []wire.Key
}

func newRig(t *testing.T, db *store.DB) *rig {
	t.Helper()
	r := &rig{now: time.Now().Truncate(time.Second)}
	r.start(t, db)
	return r
}

// start is what a restart of the program is: another service on the same database.
func (r *rig) start(t *testing.T, db *store.DB) {
	t.Helper()
	var err error
	r.Service, err = token.New(t.Context(), token.Config{
		Issuer: "https://control.test", Now: func() time.Time { return r.now },
		Keys:  func(context.Context) ([]wire.Key, error) { return r.keys, nil },
		Plans: map[string]wire.Plan{"free": {MPx: 24}}, Switches: map[string]bool{"mattes": true},
	}, db, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
}

func (r *rig) open(t *testing.T, region string) wire.Bundle {
	t.Helper()
	sealed, number, err := r.Bundle(t.Context(), region)
	if err != nil {
		t.Fatal(err)
	}
	b, err := wire.OpenBundle(sealed, r.BundleKey())
	if err != nil {
		t.Fatal(err)
	}
	if b.Number != number || b.Region != region {
		t.Errorf("bundle %d of %s was handed out as %d of %s", b.Number, b.Region, number, region)
	}
	return b
}

func ids(set wire.JWKS) (all []string) {
	for _, k := range set.Keys {
		all = append(all, k.ID)
	}
	return all
}

// kid says which key signed a token, having checked that it did.
func kid(t *testing.T, set wire.JWKS, raw string) string {
	t.Helper()
	parsed, err := jwt.Parse(raw, func(tok *jwt.Token) (any, error) {
		i := slices.Index(ids(set), tok.Header["kid"].(string))
		if i < 0 {
			return nil, errors.New("the key is not published")
		}
		return set.Keys[i].PublicKey()
	}, jwt.WithValidMethods([]string{"EdDSA"}), jwt.WithoutClaimsValidation())
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Header["kid"].(string)
}

func TestMint(t *testing.T) {
	r := newRig(t, storetest.SQLite(t))
	raw, err := r.Mint(t.Context(), wire.Claims{Issuer: "https://evil.test", Audience: "other", Subject: "key", Org: "org", OrgIndex: 7,
		Regions: []string{"eu"}, Scope: "photos checks", Entitlements: &wire.Entitlements{Mark: true}})
	if err != nil {
		t.Fatal(err)
	}
	kid(t, r.JWKS(), raw)
	parts := strings.Split(raw, ".")
	var header map[string]any
	var claims wire.Claims
	for i, into := range []any{&header, &claims} {
		data, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, into); err != nil {
			t.Fatal(err)
		}
	}
	if len(header) != 3 || header["typ"] != wire.TokenType || header["alg"] != "EdDSA" {
		t.Errorf("header = %v, want alg, typ at+jwt and kid, and nothing else", header)
	}
	want := wire.Claims{Issuer: "https://control.test", Audience: "edge", Subject: "key", Org: "org", OrgIndex: 7,
		IssuedAt: r.now.Unix(), ExpiresAt: r.now.Add(15 * time.Minute).Unix(), ID: claims.ID}
	if claims.Issuer != want.Issuer || claims.Audience != want.Audience || claims.IssuedAt != want.IssuedAt ||
		claims.ExpiresAt != want.ExpiresAt || claims.OrgIndex != 7 || !claims.Entitlements.Mark || len(claims.ID) < 26 {
		t.Errorf("claims = %+v, want %+v", claims, want)
	}

	raw, err = r.Mint(t.Context(), wire.Claims{ID: "ord_1", ExpiresAt: r.now.Add(5 * time.Minute).Unix()})
	if err != nil {
		t.Fatal(err)
	}
	data, _ := base64.RawURLEncoding.DecodeString(strings.Split(raw, ".")[1])
	if !strings.Contains(string(data), `"jti":"ord_1"`) || !strings.Contains(string(data), `"rg":`) {
		t.Errorf("claims = %s, want the id that was given", data)
	}
	for _, life := range []time.Duration{-time.Second, time.Hour + time.Second} {
		if _, err := r.Mint(t.Context(), wire.Claims{ExpiresAt: r.now.Add(life).Unix()}); err == nil {
			t.Errorf("minted a token with a life of %v", life)
		}
	}
}

// Two keys are always published: the one that signs and the one that will. A rotation moves them on, nothing that was
// signed becomes worthless, and nobody meets a token whose key they could not have heard of.
func TestRotate(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, r := t.Context(), newRig(t, db)
		mint := func() string {
			t.Helper()
			raw, err := r.Mint(ctx, wire.Claims{})
			if err != nil {
				t.Fatal(err)
			}
			return raw
		}
		first := ids(r.JWKS())
		if len(first) != 2 {
			t.Fatalf("%d keys are published at first, want 2", len(first))
		}
		old := mint()
		signer := kid(t, r.JWKS(), old)

		r.now = r.now.Add(24 * time.Hour)
		before := r.open(t, "eu").Number
		if err := r.Rotate(ctx); err != nil {
			t.Fatal(err)
		}
		b := r.open(t, "eu")
		if b.Number <= before || !slices.Equal(ids(b.JWKS), ids(r.JWKS())) || len(b.JWKS.Keys) != 3 {
			t.Errorf("after a rotation bundle %d has %v, want one after %d with three keys", b.Number, ids(b.JWKS), before)
		}
		if got := kid(t, r.JWKS(), mint()); got == signer || !slices.Contains(first, got) {
			t.Errorf("signed by %s, want the other of %v: it has been published for a day", got, first)
		}
		second := kid(t, r.JWKS(), mint())
		if got := kid(t, r.JWKS(), old); got != signer {
			t.Errorf("the old token is signed by %s, want %s", got, signer)
		}

		// Again at once: the new active key is a moment old, so the one before it goes on signing for ten minutes.
		if err := r.Rotate(ctx); err != nil {
			t.Fatal(err)
		}
		if got := kid(t, r.JWKS(), mint()); got != second {
			t.Errorf("signed by %s a moment after it was published, want still %s", got, second)
		}
		r.now = r.now.Add(10 * time.Minute)
		if got := kid(t, r.JWKS(), mint()); got == second || slices.Contains(first, got) {
			t.Errorf("signed by %s after ten minutes, want the newer key", got)
		}

		// A week later those retired are gone, and a restart changes nothing.
		r.now = r.now.Add(7 * 24 * time.Hour)
		r.start(t, db)
		if got := ids(r.JWKS()); len(got) != 2 || slices.Contains(got, signer) {
			t.Errorf("a week later %v are published, want two without %s", got, signer)
		}
	})
}

// Every published key says when trust in it ends, later than anything it signs.
func TestKeysEnd(t *testing.T) {
	r := newRig(t, storetest.SQLite(t))
	r.now = r.now.Add(24 * time.Hour)
	if err := r.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, k := range r.JWKS().Keys {
		if end := time.Unix(k.Expires, 0); end.Before(r.now.Add(7*24*time.Hour)) || end.After(r.now.Add(70*24*time.Hour)) {
			t.Errorf("key %s ends %v, want a week to 70 days from %v", k.ID, end, r.now)
		}
		if k.Algorithm != "EdDSA" || k.Use != "sig" {
			t.Errorf("key %+v, want EdDSA for signatures", k)
		}
	}
}

// After thirty days a key is changed without anybody asking.
func TestRotatesByItself(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db)
		sign := func() string {
			t.Helper()
			raw, err := r.Mint(t.Context(), wire.Claims{})
			if err != nil {
				t.Fatal(err)
			}
			return kid(t, r.JWKS(), raw)
		}
		published, first := ids(r.JWKS()), sign()
		r.now = r.now.Add(29 * 24 * time.Hour)
		r.start(t, db)
		if got := sign(); got != first || len(ids(r.JWKS())) != 2 {
			t.Errorf("after 29 days %s signs and %v are published, want %s and %v still", got, ids(r.JWKS()), first, published)
		}
		r.now = r.now.Add(24 * time.Hour)
		r.start(t, db)
		if got := sign(); got == first || !slices.Contains(published, got) || len(ids(r.JWKS())) != 3 {
			t.Errorf("after 30 days %s signs and %v are published, want the other of %v and a third", got, ids(r.JWKS()), published)
		}
	})
}

// A bundle holds what its region must know and no other region's keys; the number only goes up, also over a restart,
// and the key that it is sealed with stays.
func TestBundle(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, r := t.Context(), newRig(t, db)
		r.keys = []wire.Key{{ID: "everywhere"}, {ID: "europe", Regions: []string{"eu"}}, {ID: "america", Regions: []string{"us"}}}
		if err := r.Revoke(ctx, wire.RevokeSession, "s1", r.now); err != nil {
			t.Fatal(err)
		}
		b := r.open(t, "eu")
		var told []string
		for _, k := range b.Keys {
			told = append(told, string(k.ID))
		}
		if !slices.Equal(told, []string{"everywhere", "europe"}) {
			t.Errorf("Europe is told of %v, want its own and the one for everywhere", told)
		}
		if b.Issuer != "https://control.test" || b.Issued != r.now.Unix() || b.Plans["free"].MPx != 24 || !b.Switches["mattes"] ||
			b.Revocations["sid:s1"] != r.now.Unix() || len(b.JWKS.Keys) != 2 {
			t.Errorf("bundle = %+v, want issuer, time, plans, switches, the revocation, two keys", b)
		}

		seal, number := r.BundleKey(), b.Number
		r.start(t, db)
		if !r.BundleKey().Equal(seal) {
			t.Error("a restart changed the key that bundles are sealed with: every node token is worthless")
		}
		if b := r.open(t, "eu"); b.Number < number || b.Revocations["sid:s1"] == 0 || !slices.Equal(ids(b.JWKS), ids(r.JWKS())) {
			t.Errorf("after a restart: %+v, want nothing lost and no number below %d", b, number)
		}

		// What is forgotten can no longer be met: no token lives that long.
		r.now = r.now.Add(2 * time.Hour)
		if err := r.Changed(ctx); err != nil {
			t.Fatal(err)
		}
		if b := r.open(t, "eu"); len(b.Revocations) != 0 {
			t.Errorf("revocations two hours later: %v, want none", b.Revocations)
		}
	})
}

// A bundle that nothing changes is sealed once for all who ask, but never handed out with an old date.
func TestBundleIsFresh(t *testing.T) {
	r := newRig(t, storetest.SQLite(t))
	first, _, err := r.Bundle(t.Context(), "eu")
	if err != nil {
		t.Fatal(err)
	}
	r.now = r.now.Add(30 * time.Second)
	if again, _, _ := r.Bundle(t.Context(), "eu"); string(again) != string(first) {
		t.Error("within a minute it was sealed anew")
	}
	r.now = r.now.Add(30 * time.Second)
	if b := r.open(t, "eu"); b.Issued != r.now.Unix() {
		t.Errorf("dated %v after the present, want the present", r.now.Unix()-b.Issued)
	}
}

func TestRevokeRefuses(t *testing.T) {
	r := newRig(t, storetest.SQLite(t))
	for _, kind := range []string{"", "jti", "everybody"} {
		if err := r.Revoke(t.Context(), kind, "x", r.now); !errors.Is(err, token.ErrKind) {
			t.Errorf("revoking a %q: %v, want %v", kind, err, token.ErrKind)
		}
	}
}

// Whoever waits for a change hears of it at once, and when their patience ends they are told the number as it is.
func TestWait(t *testing.T) {
	r := newRig(t, storetest.SQLite(t))
	have := r.open(t, "eu").Number
	if got := r.Wait(t.Context(), have-1); got != have {
		t.Errorf("waiting for more than %d: %d, want %d at once", have-1, got, have)
	}
	heard := make(chan uint64)
	for range 3 {
		go func() { heard <- r.Wait(t.Context(), have) }()
	}
	if err := r.Changed(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if got := <-heard; got <= have {
			t.Errorf("woken with %d, want more than %d", got, have)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := r.Wait(ctx, 1<<60); got <= have {
		t.Errorf("patience ended with %d, want the number as it is", got)
	}
}

// What another process does to the database, such as `control rotate` beside a running server, is noticed.
func TestAnotherProcess(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		server, command := newRig(t, db), newRig(t, db)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- server.Run(ctx) }()
		if err := server.Refresh(ctx); err != nil {
			t.Fatal(err)
		}
		have := server.open(t, "eu").Number
		if err := command.Rotate(ctx); err != nil {
			t.Fatal(err)
		}
		if got := server.Wait(ctx, have); got <= have {
			t.Errorf("woken with %d, want more than %d", got, have)
		}
		if got, want := ids(server.JWKS()), ids(command.JWKS()); !slices.Equal(got, want) {
			t.Errorf("the server publishes %v, want %v", got, want)
		}
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v, want nil", err)
		}
	})
}

// Neither printing a key nor logging it shows its private half.
func TestSigningKeyIsNotLogged(t *testing.T) {
	var out strings.Builder
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("key", "key", token.SigningKey{ID: "id1", Private: private})
	if !strings.Contains(out.String(), "id1") || strings.Contains(out.String(), "Private") {
		t.Errorf("logged as %s, want the id alone", out.String())
	}
}
