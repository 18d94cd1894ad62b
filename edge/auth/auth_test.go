package auth

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/professionalaistudio/studio/edge/wire"
)

// The keys of the tests are those of wire's vectors: anybody can compute them.
func testKey(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("professional ai studio test key: " + name))
	return ed25519.NewKeyFromSeed(seed[:])
}

func public(k ed25519.PrivateKey) ed25519.PublicKey { return k.Public().(ed25519.PublicKey) }

func readVectors(t testing.TB, file string, to any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "wire", "testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, to); err != nil {
		t.Fatal(err)
	}
}

type tokenVectors struct {
	Now    int64       `json:"now"`
	Leeway int64       `json:"leeway"`
	Region string      `json:"region"`
	Bundle wire.Bundle `json:"bundle"`
	Tokens []struct {
		Name    string       `json:"name"`
		Token   string       `json:"token"`
		Refused string       `json:"refused"`
		Claims  *wire.Claims `json:"claims"`
	} `json:"tokens"`
}

// fromVectors is the edge that the token vectors speak of.
func fromVectors(t testing.TB) (*Verifier, tokenVectors) {
	t.Helper()
	var file tokenVectors
	readVectors(t, "tokens.json", &file)
	v := New(Config{
		Region: file.Region, Leeway: time.Duration(file.Leeway) * time.Second,
		Now: func() time.Time { return time.Unix(file.Now, 0) },
	})
	if !v.Apply(file.Bundle) {
		t.Fatal("the bundle of the vectors is not taken")
	}
	return v, file
}

func TestTokenVectors(t *testing.T) {
	v, file := fromVectors(t)
	if len(file.Tokens) < 80 {
		t.Fatalf("%d vectors, want at least 80", len(file.Tokens))
	}
	for _, row := range file.Tokens {
		t.Run(row.Name, func(t *testing.T) {
			got, err := v.Token(row.Token)
			want := map[string]error{"token": ErrToken, "revoked": ErrRevoked, "region": ErrRegion}[row.Refused]
			if row.Refused == "" {
				c := row.Claims
				if err != nil || got.Org != c.Org || got.Subject != c.Subject || got.Session != c.Session || got.OrgIndex != c.OrgIndex ||
					got.Order != c.Order || got.OrderNumber != c.OrderNumber || got.Document != c.Document || got.TokenID != c.ID ||
					strings.Join(got.Scopes, " ") != c.Scope || got.Mark != c.Entitlements.Mark || got.Expires.Unix() != c.ExpiresAt {
					t.Errorf("gives %+v, %v; want %+v", got, err, *c)
				}
				return
			}
			if !errors.Is(err, want) || row.Refused == "token" && errors.Is(err, ErrRevoked) {
				t.Errorf("gives %+v, %v; want %v", got, err, want)
			}
			if got.Org != "" || got.Scopes != nil {
				t.Errorf("is refused, and gives a caller all the same: %+v", got)
			}
			if err != nil && (row.Token != "" && strings.Contains(err.Error(), row.Token) || strings.ContainsAny(err.Error(), "\r\n")) {
				t.Errorf("the error repeats the token: %v", err)
			}
		})
	}
}

// A refusal says why, so that a developer need not guess.
func TestRefusalsSayWhy(t *testing.T) {
	v, file := fromVectors(t)
	why := map[string]string{
		"expired": "it has expired", "exp missing": "a claim is missing", "iat missing": "it does not say when it was issued",
		"life of a year": "it claims to live for 31536000 s, and 3600 are allowed", "aud another": "it is for another service",
		"iss another": "somebody else issued it", "another's signature": "its signature does not fit", "RS256": "its signature does not fit",
		"kid unknown": "we do not know the key that signed it", `header "crit":["exp"]`: "its header says more than ours do",
		`typ: "typ":"JWT",`: "its type is not at+jwt", "not yet issued": "it was issued in the future", "not yet good": "its time has not come",
		"nothing": "it cannot be read", "a line break": "it is not written as a token is", "too long": "it is longer than 8192 bytes",
		"session revoked": "it has been revoked", "no region": "it does not say where the photo may be",
	}
	for _, row := range file.Tokens {
		want, ok := why[row.Name]
		if !ok {
			continue
		}
		delete(why, row.Name)
		if _, err := v.Token(row.Token); err == nil || err.Error() != "the token is not accepted: "+want {
			t.Errorf("%s: %v, want %s", row.Name, err, want)
		}
	}
	for name := range why {
		t.Errorf("no vector is called %s", name)
	}
}

func TestRegionErrorNamesTheRightOnes(t *testing.T) {
	v, file := fromVectors(t)
	for _, row := range file.Tokens {
		if row.Name != "another region" {
			continue
		}
		_, err := v.Token(row.Token)
		var region *RegionError
		if !errors.As(err, &region) || strings.Join(region.Regions, " ") != "us ap" || errors.Is(err, ErrToken) {
			t.Errorf("%v, want a RegionError with us and ap", err)
		}
	}
}

// mint makes a token as control does.
func mint(t testing.TB, key ed25519.PrivateKey, kid string, c wire.Claims) string {
	t.Helper()
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, &claims{Claims: c})
	token.Header["typ"], token.Header["kid"] = wire.TokenType, kid
	signed, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

var start = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func claimsAt(now time.Time) wire.Claims {
	return wire.Claims{
		Issuer: "https://control.example", Audience: "edge", Subject: "key-1", Org: "org-1", Regions: []string{"eu"}, Scope: "photos",
		IssuedAt: now.Unix(), ExpiresAt: now.Unix() + 900, ID: "token-1",
	}
}

func bundleAt(number uint64, now time.Time) wire.Bundle {
	return wire.Bundle{
		Number: number, Issued: now.Unix(), Region: "eu", Issuer: "https://control.example",
		JWKS: wire.JWKS{Keys: []wire.JWK{wire.NewJWK("active", public(testKey("active")))}},
	}
}

// What the library makes, this package takes: the vectors were made without it.
func TestMintedTokenIsTaken(t *testing.T) {
	v := New(Config{Region: "eu", Now: func() time.Time { return start }})
	v.Apply(bundleAt(1, start))
	c := claimsAt(start)
	c.Scope = "photos checks"
	got, err := v.Bearer(mint(t, testKey("active"), "active", c))
	if err != nil || !got.Can("photos") || !got.Can("checks") || got.Can("images") || got.Mark {
		t.Errorf("gives %+v, %v; want photos and checks, unmarked", got, err)
	}
}

func TestApplyNeverGoesBack(t *testing.T) {
	v := New(Config{Region: "eu", Now: func() time.Time { return start }})
	with := func(number uint64, issued int64, issuer string) wire.Bundle {
		return wire.Bundle{Number: number, Issued: start.Unix() + issued, Region: "eu", Issuer: issuer}
	}
	for _, step := range []struct {
		name   string
		bundle wire.Bundle
		taken  bool
		number uint64
		issuer string
	}{
		{"number 0", with(0, -100, "zero"), false, 0, ""},
		{"another region", wire.Bundle{Number: 5, Region: "us"}, false, 0, ""},
		{"the first", with(5, -100, "five"), true, 5, "five"},
		{"the same again", with(5, -100, "again"), false, 5, "five"},
		{"the same, issued before", with(5, -101, "before"), false, 5, "five"},
		{"the same, issued later", with(5, -99, "later"), true, 5, "later"},
		{"a lower number, issued later", with(4, 0, "four"), false, 5, "later"},
		{"a higher number, issued before", with(9, -100, "nine"), true, 9, "nine"},
		{"a lower number again", with(8, 0, "eight"), false, 9, "nine"},
	} {
		taken := v.Apply(step.bundle)
		if issuer := v.now.Load().bundle.Issuer; taken != step.taken || v.Number() != step.number || issuer != step.issuer {
			t.Errorf("%s: taken %v, then number %d of %q; want %v, %d, %q", step.name, taken, v.Number(), issuer, step.taken, step.number, step.issuer)
		}
	}
}

// A revocation that a later bundle lacks goes on until no token can be that old; one that is there twice counts
// with its later time.
func TestRevocationsMerge(t *testing.T) {
	now := start
	v := New(Config{Region: "eu", Now: func() time.Time { return now }})
	b := bundleAt(1, now)
	b.Revocations = map[string]int64{"sid:a": now.Unix(), "sid:b": now.Unix()}
	v.Apply(b)
	now = now.Add(30 * time.Minute)
	b = bundleAt(2, now)
	b.Revocations = map[string]int64{"sid:b": now.Unix() - 3600, "sid:c": now.Unix()}
	v.Apply(b)
	token := func(session string, issued time.Time) error {
		c := claimsAt(issued)
		c.Session, c.ExpiresAt = session, issued.Unix()+3600
		_, err := v.Token(mint(t, testKey("active"), "active", c))
		return err
	}
	for _, test := range []struct {
		session string
		issued  time.Time
		want    error
	}{
		{"a", start.Add(-time.Second), ErrRevoked}, {"a", start, nil}, {"b", start.Add(-time.Second), ErrRevoked},
		{"c", start, ErrRevoked}, {"c", now, nil}, {"d", start, nil},
	} {
		if err := token(test.session, test.issued); !errors.Is(err, test.want) {
			t.Errorf("session %s issued at %v: %v, want %v", test.session, test.issued, err, test.want)
		}
	}
	now = now.Add(2 * time.Hour)
	v.Apply(bundleAt(3, now))
	if left := v.now.Load().bundle.Revocations; len(left) != 0 {
		t.Errorf("two hours later %v are kept, want none", left)
	}
}

func TestSealedBundleVectors(t *testing.T) {
	var file struct {
		PublicKey string `json:"public_key"`
		Bundles   []struct {
			Name    string `json:"name"`
			Sealed  string `json:"sealed"`
			Refused string `json:"refused"`
		} `json:"bundles"`
	}
	readVectors(t, "bundle.json", &file)
	key, err := base64.RawURLEncoding.DecodeString(file.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range file.Bundles {
		v := New(Config{Region: "eu", BundleKey: key, Now: func() time.Time { return start }})
		applied, err := v.ApplySealed([]byte(row.Sealed))
		want := map[string]error{"bundle": wire.ErrBundle, "region": ErrBundleRegion}[row.Refused]
		if applied != (row.Refused == "") || !errors.Is(err, want) {
			t.Errorf("%s: applied %v, %v; want %v", row.Name, applied, err, want)
		}
		if applied && string(v.Sealed()) != row.Sealed || !applied && v.Sealed() != nil {
			t.Errorf("%s: a neighbour would be handed %.20q", row.Name, v.Sealed())
		}
	}
	v := New(Config{Region: "eu"})
	if _, err := v.ApplySealed([]byte(file.Bundles[0].Sealed)); !errors.Is(err, wire.ErrBundle) || v.Number() != 0 {
		t.Errorf("without a key: %v, number %d; want ErrBundle and 0", err, v.Number())
	}
}

func newSecret(t testing.TB, id wire.KeyID) (wire.APIKey, wire.Key) {
	t.Helper()
	shown, err := wire.NewAPIKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if id == "" {
		id = shown.ID
	}
	return shown, wire.Key{ID: id, Org: "org-1", OrgIndex: 4, SecretSHA256: wire.HashSecret(shown.Secret), KeyHex: shown.KeyHex, SaltHex: shown.SaltHex,
		Scopes: []string{"images", "mattes"}}
}

func TestAPIKeys(t *testing.T) {
	v := New(Config{Region: "eu", Now: func() time.Time { return start }})
	shown, known := newSecret(t, "")
	abroadShown, abroad := newSecret(t, "")
	abroad.Regions = []string{"us"}
	strange, _ := newSecret(t, "")
	known.Plan = "trial"
	b := bundleAt(1, start)
	b.Keys = []wire.Key{known, abroad, {ID: "broken", KeyHex: "zz"}, {ID: "empty"}}
	b.Plans = map[string]wire.Plan{"trial": {Mark: true}}
	v.Apply(b)

	c, err := v.Secret(shown.Secret)
	if err != nil || c.Org != "org-1" || c.OrgIndex != 4 || c.Key != shown.ID || !c.Can("mattes") || c.Can("photos") || !c.Mark {
		t.Errorf("a known secret gives %+v, %v", c, err)
	}
	var region *RegionError
	if _, err := v.Secret(abroadShown.Secret); !errors.As(err, &region) || region.Regions[0] != "us" {
		t.Errorf("a secret of another region: %v, want a RegionError", err)
	}
	for name, secret := range map[string]string{
		"of no key": strange.Secret, "mistyped": shown.Secret[:len(shown.Secret)-1] + "!", "empty": "", "an id": string(shown.ID), "a hash": known.SecretSHA256,
	} {
		if c, err := v.Secret(secret); !errors.Is(err, ErrToken) || c.Org != "" {
			t.Errorf("a secret %s gives %+v, %v; want ErrToken", name, c, err)
		}
	}
	if _, err := v.Bearer(shown.Secret); !errors.Is(err, ErrToken) {
		t.Errorf("a secret as bearer: %v, want ErrToken: it must be exchanged for a token", err)
	}
	if pair, ok := v.Pair(shown.ID); !ok || wire.Verify(pair, wire.Sign(pair, "/a/b"), "/a/b", 32) != nil || len(pair.Salt) != 32 {
		t.Errorf("pair of a known key: %v, %v", pair, ok)
	}
	if k, ok := v.Key(shown.ID); !ok || k.Org != "org-1" {
		t.Errorf("a known key: %+v, %v", k, ok)
	}
	for _, id := range []wire.KeyID{"broken", "empty", "nobody", ""} {
		if _, ok := v.Pair(id); ok {
			t.Errorf("key %q signs URLs", id)
		}
	}
	token := claimsAt(start)
	token.Subject = string(shown.ID)
	if c, err := v.Token(mint(t, testKey("active"), "active", token)); err != nil || c.Key != shown.ID {
		t.Errorf("a token exchanged for a key has key %q, %v; want %q", c.Key, err, shown.ID)
	}
}

func TestStaticKeysOfAnEdgeThatStandsAlone(t *testing.T) {
	_, static := newSecret(t, "lone")
	static.Scopes, static.SecretSHA256 = nil, wire.HashSecret("a secret of no form at all")
	v := New(Config{Region: "eu", Static: []wire.Key{static, {ID: "unsecret", KeyHex: "6b", SaltHex: "73"}}})
	for name, call := range map[string]func(string) (Caller, error){"Secret": v.Secret, "Bearer": v.Bearer} {
		if c, err := call("a secret of no form at all"); err != nil || c.Key != "lone" || !c.Can("photos") || !c.Can("images") {
			t.Errorf("%s gives %+v, %v; want the static key with all scopes", name, c, err)
		}
		for _, wrong := range []string{"another", "", wire.HashSecret("")} {
			if c, err := call(wrong); !errors.Is(err, ErrToken) {
				t.Errorf("%s(%q) gives %+v, %v; want ErrToken", name, wrong, c, err)
			}
		}
	}
	if _, ok := v.Pair("unsecret"); !ok {
		t.Error("a key without a secret signs no URLs")
	}
	if ok, why := v.Ready(); !ok {
		t.Errorf("not ready: %s", why)
	}
	_, file := fromVectors(t)
	if _, err := v.Bearer(file.Tokens[0].Token); !errors.Is(err, ErrToken) || !strings.Contains(err.Error(), "stands alone") {
		t.Errorf("a token: %v", err)
	}

	// Beside a control plane the static secret is an API key, and no bearer.
	v = New(Config{Region: "eu", Static: []wire.Key{static}, BundleKey: public(testKey("bundle"))})
	if _, err := v.Secret("a secret of no form at all"); err != nil {
		t.Errorf("beside control, Secret: %v", err)
	}
	if _, err := v.Bearer("a secret of no form at all"); !errors.Is(err, ErrToken) {
		t.Errorf("beside control, Bearer: %v, want ErrToken", err)
	}
}

// Control's death never extends trust: after a week keys are refused, and tokens when the key that signed them ends.
func TestSilenceOfControl(t *testing.T) {
	now := start
	shown, known := newSecret(t, "")
	_, static := newSecret(t, "static")
	v := New(Config{Region: "eu", Now: func() time.Time { return now }, Static: []wire.Key{static}, BundleKey: public(testKey("bundle"))})
	if ok, why := v.Ready(); ok || !strings.Contains(why, "no bundle") {
		t.Errorf("before the first bundle: ready %v, %q", ok, why)
	}
	b := bundleAt(1, now)
	b.Keys, b.JWKS.Keys[0].Expires = []wire.Key{known}, now.Add(37*24*time.Hour).Unix()
	v.Apply(b)
	for _, after := range []struct {
		days        float64
		ready, keys bool
		token       bool
	}{{0, true, true, true}, {6.99, true, true, true}, {7, false, false, true}, {36.9, false, false, true}, {37, false, false, false}} {
		now = start.Add(time.Duration(after.days * 24 * float64(time.Hour)))
		ready, why := v.Ready()
		_, errSecret := v.Secret(shown.Secret)
		_, ok := v.Pair(shown.ID)
		_, okStatic := v.Pair("static")
		_, errToken := v.Token(mint(t, testKey("active"), "active", claimsAt(now)))
		if ready != after.ready || ready == (why != "") || ok != after.keys || (errSecret == nil) != after.keys || (errToken == nil) != after.token || !okStatic {
			t.Errorf("after %v days: ready %v (%s), pair %v, secret %v, token %v, static %v", after.days, ready, why, ok, errSecret, errToken, okStatic)
		}
		if !after.keys && !errors.Is(errSecret, ErrStale) {
			t.Errorf("after %v days the secret is refused by %v, want ErrStale", after.days, errSecret)
		}
	}
	// A neighbour's old copy does not make the edge fresh; a new bundle does.
	v.Apply(bundleAt(2, start.Add(time.Hour)))
	if ok, _ := v.Ready(); ok {
		t.Error("an old bundle from a neighbour makes the edge ready")
	}
	v.Apply(bundleAt(3, now))
	if ok, why := v.Ready(); !ok {
		t.Errorf("a new bundle does not make the edge ready: %s", why)
	}
}

// Whatever is altered in a good token, it is refused, and nothing that is taken has another spelling.
func FuzzToken(f *testing.F) {
	v, file := fromVectors(f)
	taken := make(map[string]bool)
	for _, row := range file.Tokens {
		f.Add(row.Token)
		taken[row.Token] = row.Refused == ""
	}
	f.Fuzz(func(t *testing.T, raw string) {
		c, err := v.Token(raw)
		if (err == nil) != taken[raw] { // nobody but the vectors' maker holds a key
			t.Errorf("%q gives %+v, %v", raw, c, err)
		}
		if err != nil && !errors.Is(err, ErrToken) && !errors.Is(err, ErrRegion) {
			t.Errorf("%q: %v", raw, err)
		}
	})
}

func BenchmarkToken(b *testing.B) {
	v, file := fromVectors(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Token(file.Tokens[0].Token); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSecret(b *testing.B) {
	v := New(Config{Region: "eu", Now: func() time.Time { return start }})
	shown, known := newSecret(b, "")
	bundle := bundleAt(1, start)
	bundle.Keys = []wire.Key{known}
	v.Apply(bundle)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Secret(shown.Secret); err != nil {
			b.Fatal(err)
		}
	}
}
