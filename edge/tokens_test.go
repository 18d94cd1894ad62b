package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"image"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/edge/wire"
)

// Every way in which a token can be wrong is refused over HTTP, before the body is read. (edge/auth has a vector of each;
// here the answer is judged.)
func TestTokensAreRefused(t *testing.T) {
	p := newPlane(t)
	n := start(t, p.settings()...)
	n.ready()
	picture := sample(t)
	post := func(token string) answer {
		return ask(t, http.MethodPost, n.public+"/v1/images/w:50", bytes.NewReader(picture), "Authorization", "Bearer "+token)
	}
	post(p.token(nil)).ok(t)

	header := func(with map[string]any) map[string]any {
		h := map[string]any{"typ": "at+jwt", "alg": "EdDSA", "kid": planeKid}
		for name, value := range with {
			if h[name] = value; value == nil {
				delete(h, name)
			}
		}
		return h
	}
	without := func(name string) map[string]any {
		var m map[string]any
		b, err := json.Marshal(p.claims(nil))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, &m); err != nil {
			t.Fatal(err)
		}
		delete(m, name)
		return m
	}
	good := p.token(nil)
	parts := strings.Split(good, ".")
	now := time.Now().Unix()
	for name, test := range map[string]struct {
		token string
		word  string
	}{
		"no algorithm":          {p.sign(header(map[string]any{"alg": "none"}), p.claims(nil)), "token"},
		"none, unsigned":        {base64.RawURLEncoding.EncodeToString([]byte(`{"typ":"at+jwt","alg":"none"}`)) + "." + parts[1] + ".", "token"},
		"HS256":                 {p.sign(header(map[string]any{"alg": "HS256"}), p.claims(nil)), "token"},
		"RS256":                 {p.sign(header(map[string]any{"alg": "RS256"}), p.claims(nil)), "token"},
		"typ JWT":               {p.sign(header(map[string]any{"typ": "JWT"}), p.claims(nil)), "token"},
		"no typ":                {p.sign(header(map[string]any{"typ": nil}), p.claims(nil)), "token"},
		"crit":                  {p.sign(header(map[string]any{"crit": []string{"exp"}}), p.claims(nil)), "token"},
		"jku":                   {p.sign(header(map[string]any{"jku": "https://evil.example/jwks"}), p.claims(nil)), "token"},
		"an embedded key":       {p.sign(header(map[string]any{"jwk": map[string]any{"kty": "OKP"}}), p.claims(nil)), "token"},
		"x5c":                   {p.sign(header(map[string]any{"x5c": []string{"MIIB"}}), p.claims(nil)), "token"},
		"unknown key":           {p.sign(header(map[string]any{"kid": "k9"}), p.claims(nil)), "token"},
		"no key id":             {p.sign(header(map[string]any{"kid": nil}), p.claims(nil)), "token"},
		"no exp":                {p.sign(header(nil), without("exp")), "token"},
		"no iat":                {p.sign(header(nil), without("iat")), "token"},
		"no aud":                {p.sign(header(nil), without("aud")), "token"},
		"no iss":                {p.sign(header(nil), without("iss")), "token"},
		"expired":               {p.token(func(c *wire.Claims) { c.IssuedAt, c.ExpiresAt = now-900, now-60 }), "token"},
		"a life over an hour":   {p.token(func(c *wire.Claims) { c.ExpiresAt = c.IssuedAt + 3601 }), "token"},
		"from tomorrow":         {p.token(func(c *wire.Claims) { c.IssuedAt, c.ExpiresAt = now+86400, now+87000 }), "token"},
		"of another audience":   {p.token(func(c *wire.Claims) { c.Audience = "control" }), "token"},
		"of another issuer":     {p.token(func(c *wire.Claims) { c.Issuer = "https://evil.example" }), "token"},
		"altered":               {parts[0] + "." + strings.Replace(parts[1], parts[1][20:24], "AAAA", 1) + "." + parts[2], "token"},
		"signature cut":         {good[:len(good)-10], "token"},
		"a signature of spaces": {parts[0] + "." + parts[1] + ".====", "token"},
		"two parts":             {parts[0] + "." + parts[1], "token"},
		"no token at all":       {"x", "token"},
		"another region's":      {p.token(func(c *wire.Claims) { c.Regions = []string{"eu-1", "eu-2"} }), "region"},
		"no region's":           {p.token(func(c *wire.Claims) { c.Regions = nil }), "token"},
		"without the scope":     {p.token(func(c *wire.Claims) { c.Scope = "photos checks" }), "scope"},
		"with no scope":         {p.token(func(c *wire.Claims) { c.Scope = "" }), "scope"},
		"a static key's secret": {testKey.Secret, "token"}, // which serves only where no control plane is
	} {
		t.Run(name, func(t *testing.T) {
			a := post(test.token)
			status := map[string]int{"token": 401, "region": 403, "scope": 403}[test.word]
			problem := a.expect(t, test.word, status)
			if test.word == "region" && strings.HasPrefix(name, "another") {
				if got, ok := problem.Extra["regions"].([]any); !ok || len(got) != 2 || got[0] != "eu-1" {
					t.Errorf("the right regions are %v, want eu-1 and eu-2", problem.Extra["regions"])
				}
			}
			if test.token != "x" && strings.Contains(n.text(), test.token) {
				t.Error("the log holds the token")
			}
		})
	}
}

// What control says reaches the edge, and what the edge does reaches control; without control, both go on.
func TestWithControl(t *testing.T) {
	src := sources(t)
	p := newPlane(t)
	n := start(t, p.settings()...)
	n.ready()

	// A key of the bundle signs; what it makes is counted for its organisation.
	customer := testKey
	customer.ID, customer.Key, customer.Salt = "customer", []byte{0, 255}, []byte{255, 0}
	address := signedURL(n.public, customer, "/w:50/plain/"+src.URL+"/slope.png", wire.SignatureSize)
	get(t, address).ok(t)
	get(t, signedURL(n.public, customer, "/w:50/plain/"+src.URL+"/text.jpg", wire.SignatureSize)).expect(t, "not-an-image", 422)
	eventually(t, 10*time.Second, "both are counted", func() bool { return len(p.records()) == 2 })
	for i, want := range []wire.Usage{{Org: 7, Op: wire.OpImage, Units: 1}, {Org: 7, Op: wire.OpImage, Outcome: wire.OutcomeRefused}} {
		got := p.records()[i]
		got.Seq, got.Time = 0, 0
		if got != want {
			t.Errorf("record %d is %+v, want %+v", i, got, want)
		}
	}

	// The heartbeat says who and where.
	eventually(t, 10*time.Second, "the edge has said that it has the bundle", func() bool {
		b, ok := p.lastBeat()
		return ok && b.Bundle == 1
	})
	b, _ := p.lastBeat()
	if b.Region != "local" || b.Address != n.public || b.Documents == "" || b.Node == "" || b.Draining {
		t.Errorf("the heartbeat is %+v", b)
	}

	// A new key, and a revoked one, are known at once.
	fresh := customer
	fresh.ID = "fresh"
	p.change(func(b *wire.Bundle) {
		b.Keys = []wire.Key{{ID: "fresh", Org: "org_1", OrgIndex: 7, KeyHex: "00ff", SaltHex: "ff00", Regions: []string{"*"}}}
	})
	again := signedURL(n.public, fresh, "/w:50/plain/"+src.URL+"/slope.png", wire.SignatureSize)
	eventually(t, 10*time.Second, "the new key is known", func() bool { return get(t, again).StatusCode == 200 })
	get(t, address).expect(t, "key-unknown", 403)
	p.change(func(b *wire.Bundle) { b.Keys[0].Regions = []string{"eu-1"} })
	eventually(t, 10*time.Second, "the key is for another region", func() bool { return get(t, again).StatusCode == 403 })
	get(t, again).expect(t, "region", 403)

	// So is a revoked session.
	token := p.token(nil)
	post := func() answer {
		return ask(t, http.MethodPost, n.public+"/v1/images/w:50", bytes.NewReader(sample(t)), "Authorization", "Bearer "+token)
	}
	post().ok(t)
	other := p.token(func(c *wire.Claims) { c.Session = "sid_2" })
	p.change(func(b *wire.Bundle) {
		b.Keys[0].Regions = nil
		b.Revocations = map[string]int64{wire.RevocationKey(wire.RevokeSession, "sid_1"): time.Now().Unix() + 1}
	})
	eventually(t, 10*time.Second, "the session is revoked", func() bool { return post().StatusCode == 401 })
	post().expect(t, "token", 401)

	// Control goes; everything goes on.
	shipped := len(p.records())
	p.stop()
	for range 3 {
		get(t, again).ok(t)
	}
	ask(t, http.MethodPost, n.public+"/v1/images/w:50", bytes.NewReader(sample(t)), "Authorization", "Bearer "+other).ok(t)
	if a := get(t, n.private+"/readyz"); a.StatusCode != 200 {
		t.Errorf("with control gone, /readyz answers %d: %s", a.StatusCode, a.body)
	}
	if backlog := n.metric("edge_metering_backlog_records"); backlog < 4 {
		t.Errorf("%v records wait for control, which had %d, want the last 4", backlog, shipped)
	}
	for _, secret := range []string{p.node.String(), p.node.Secret, token, other, "plain/http", testKey.Secret} {
		if strings.Contains(n.text(), secret) {
			t.Errorf("the log holds %.12s…", secret)
		}
	}
}

// What an unpaid order's token makes carries a mark; what the order's token makes carries none, once.
func TestOrderToken(t *testing.T) {
	p := newPlane(t)
	n := start(t, p.settings()...)
	n.ready()
	photo := func(token, query string) answer {
		return ask(t, http.MethodPost, n.public+"/v1/photos?"+query, bytes.NewReader(sample(t)), "Authorization", "Bearer "+token)
	}
	const good = "document=us-passport&head=" + portraitHead
	visitor := p.token(func(c *wire.Claims) {
		c.Org, c.OrgIndex, c.Scope, c.Entitlements = "", 0, "photos checks", &wire.Entitlements{Mark: true}
	})
	order := p.token(func(c *wire.Claims) {
		c.Org, c.OrgIndex, c.Scope, c.Entitlements = "", 0, "photos", &wire.Entitlements{}
		c.Order, c.OrderNumber, c.Document, c.ID = "ord_1", 41, "us-passport", "ord_ord_1"
	})
	marked := photo(visitor, good).ok(t)
	ask(t, http.MethodPost, n.public+"/v1/images/w:50", bytes.NewReader(sample(t)), "Authorization", "Bearer "+visitor).expect(t, "scope", 403)

	// Attempts that come to nothing cost nothing.
	photo(order, "document=de-passport&head="+portraitHead).expect(t, "wrong-document", 403)
	photo(order, "document=us-passport&background=ff0000").expect(t, "edit-barred", 422)
	photo(order, "document=us-passport&head=1,1,2,2").expect(t, "head", 422)
	paid := photo(order, good).ok(t)
	photo(order, good).expect(t, "spent", 409)

	a, _, err := image.Decode(bytes.NewReader(marked.body))
	if err != nil {
		t.Fatal(err)
	}
	b, _, err := image.Decode(bytes.NewReader(paid.body))
	if err != nil {
		t.Fatal(err)
	}
	if differ := difference(a, b); a.Bounds() != b.Bounds() || differ < 0.01 {
		t.Errorf("marked and paid are %v and %v and differ in %.2f %% of their pixels, want one size and a mark that is seen", a.Bounds(), b.Bounds(), 100*differ)
	}
	plain := photo(p.token(nil), good).ok(t)
	if !bytes.Equal(plain.body, paid.body) {
		t.Errorf("the paid photo has %d bytes, and an organisation's %d: want the same picture", len(paid.body), len(plain.body))
	}
	eventually(t, 10*time.Second, "the delivery of the order is counted", func() bool {
		for _, u := range p.records() {
			if u.Order == 41 && u.Outcome == wire.OutcomeOK {
				return u.Op == wire.OpPhoto && u.Units == 1
			}
		}
		return false
	})
}

// difference is the share of pixels that are clearly not the same.
func difference(a, b image.Image) float64 {
	bounds := a.Bounds().Intersect(b.Bounds())
	n := 0
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			if !near(at(a, x, y), at(b, x, y), 16) {
				n++
			}
		}
	}
	return float64(n) / float64(max(1, bounds.Dx()*bounds.Dy()))
}
