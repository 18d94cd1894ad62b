package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/control/api"
	"github.com/professionalaistudio/studio/control/billing"
	"github.com/professionalaistudio/studio/control/billing/fakepay"
	"github.com/professionalaistudio/studio/control/identity"
	"github.com/professionalaistudio/studio/control/org"
	"github.com/professionalaistudio/studio/control/region"
	"github.com/professionalaistudio/studio/control/store"
	"github.com/professionalaistudio/studio/control/store/storetest"
	"github.com/professionalaistudio/studio/control/token"
	"github.com/professionalaistudio/studio/control/usage"
	"github.com/professionalaistudio/studio/edge/wire"
)

// plane is the whole of control's JSON over a real store, with fakepay, and one edge that has sent a heartbeat.
type plane struct {
	t     *testing.T
	db    *store.DB
	base  string
	shift atomic.Int64 // added to the clock
	stop  context.CancelFunc
	*api.API
	api.Services
	pay  *fakepay.Server
	node wire.NodeToken
	key  wire.APIKey
	org  org.Org
	// cookie is of a signed-in person, who owns org.
	cookie *http.Cookie
}

var webhookSecrets = [][]byte{[]byte("the webhook secret of today....."), []byte("the webhook secret of yesterday.")}

func (p *plane) now() time.Time { return time.Now().Add(time.Duration(p.shift.Load())) }

func newPlane(t *testing.T, change ...func(*api.Config)) *plane {
	t.Helper()
	ctx, log := t.Context(), slog.New(slog.DiscardHandler)
	p := &plane{t: t, db: storetest.SQLite(t)}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.API.ServeHTTP(w, r) }))
	server.Start()
	t.Cleanup(server.Close)
	p.base = server.URL
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	p.Orgs = org.New(org.Config{Now: p.now, Changed: func(ctx context.Context) { must(p.Tokens.Refresh(ctx)) }}, p.db)
	p.Tokens, err = token.New(ctx, token.Config{Issuer: p.base, Now: p.now, Keys: p.Orgs.WireKeys}, p.db, log)
	must(err)
	p.Regions = region.New(region.Config{BundleKey: p.Tokens.BundleKey(), Now: p.now}, p.db, log)
	p.Sessions = identity.NewSessions(p.db, false, p.now, log)

	payListener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	p.pay, err = fakepay.NewServer(fakepay.Config{Key: "key", Secret: webhookSecrets[0], Webhook: p.base + "/webhooks/payments/fakepay", Frame: p.base}, log)
	must(err)
	payCtx, payStop := context.WithCancel(ctx)
	payDone := make(chan error, 1)
	go func() { payDone <- p.pay.Serve(payCtx, payListener) }()
	t.Cleanup(func() { payStop(); <-payDone })
	till := fakepay.NewClient("http://"+payListener.Addr().String(), "key", webhookSecrets, func(order string) string { return p.base + "/studio?order=" + order })
	p.Billing = billing.New(billing.Config{Prices: billing.Prices{Default: billing.Price{Amount: 495, Currency: "USD"}}, Now: p.now}, p.db, till, p.Tokens, p.Regions, log)
	p.Usage = usage.New(p.db, p.Billing.Delivered, p.now, log)

	base, err := url.Parse(p.base)
	must(err)
	stopping, stop := context.WithCancel(ctx)
	p.stop = stop
	cfg := api.Config{URL: base, Now: p.now, PerNet: 1000, Stopping: stopping}
	for _, f := range change {
		f(&cfg)
	}
	p.API = api.New(cfg, p.Services, log)

	p.node, err = p.Regions.CreateNode(ctx, "local")
	must(err)
	must(p.db.SavePack(ctx, region.Pack{Digest: "d1", Version: "1", Fetched: p.now(),
		Body: []byte(`{"version":"1","digest":"d1","documents":[{"id":"us-passport","country":"US","country_name":"United States","document":"passport"}]}`)}))
	p.beat("edge-1", "http://127.0.0.1:1")
	person, err := p.db.SavePerson(ctx, identity.Person{Issuer: "i", Subject: "s", Email: "ada@example.com", Name: "Ada", Created: p.now()})
	must(err)
	p.org, err = p.Orgs.ForPerson(ctx, person.ID)
	must(err)
	_, p.key, err = p.Orgs.CreateKey(ctx, p.org, "tests", []string{wire.ScopeImages, wire.ScopePhotos})
	must(err)
	p.cookie, err = p.Sessions.Start(ctx, httptest.NewRequest("GET", "/", nil), person.ID)
	must(err)
	return p
}

func (p *plane) beat(node, address string) {
	p.t.Helper()
	got := p.do(call{method: "POST", path: "/internal/heartbeat", bearer: p.node.String(),
		body: `{"node":"` + node + `","region":"local","address":"` + address + `","documents":"d1","load":0.5}`})
	if got.status != 204 {
		p.t.Fatalf("heartbeat: %d %s", got.status, got.body)
	}
}

// call is one request; answer, what came back.
type call struct {
	method, path, body, bearer string
	header                     map[string]string
	cookie                     bool
}

type answer struct {
	status int
	header http.Header
	body   string
	json   map[string]any
}

// problem is the last word of the type of a problem document, or empty.
func (a answer) problem() string {
	if a.header.Get("Content-Type") != wire.ProblemType {
		return ""
	}
	word, _ := a.json["type"].(string)
	return strings.TrimPrefix(word, "/problems/")
}

func (p *plane) do(c call) answer {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), c.method, p.base+c.path, strings.NewReader(c.body))
	if err != nil {
		p.t.Fatal(err)
	}
	if c.bearer != "" {
		req.Header.Set("Authorization", "Bearer "+c.bearer)
	}
	for name, value := range c.header {
		req.Header.Set(name, value)
	}
	if c.cookie {
		req.AddCookie(p.cookie)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	a := answer{status: resp.StatusCode, header: resp.Header, body: string(body)}
	if bytes.HasPrefix(body, []byte("{")) {
		if err := json.Unmarshal(body, &a.json); err != nil {
			p.t.Errorf("%s %s answers what is not JSON: %s", c.method, c.path, body)
		}
	}
	return a
}

// expect does a call and compares status and problem.
func (p *plane) expect(what string, c call, status int, problem string) answer {
	p.t.Helper()
	got := p.do(c)
	if got.status != status || got.problem() != problem {
		p.t.Errorf("%s: %d %q, want %d %q\n%s", what, got.status, got.problem(), status, problem, got.body)
	}
	return got
}

func TestUnrouted(t *testing.T) {
	p := newPlane(t)
	p.expect("no such path", call{method: "GET", path: "/v1/nothing"}, 404, "not-found")
	got := p.expect("another method", call{method: "DELETE", path: "/v1/regions"}, 405, "method")
	if allow := got.header.Get("Allow"); allow != "GET, HEAD" {
		t.Errorf("Allow is %q, want GET, HEAD", allow)
	}
	p.expect("a path that is not clean", call{method: "GET", path: "/v1//regions"}, 307, "")
}

func TestRegions(t *testing.T) {
	p := newPlane(t)
	got := p.expect("regions", call{method: "GET", path: "/v1/regions"}, 200, "")
	want := `{"regions":[{"id":"local","name":"This machine","edges":[{"address":"http://127.0.0.1:1","load":0.5}]}]}` + "\n"
	if got.body != want {
		t.Errorf("regions %s, want %s", got.body, want)
	}
	p.shift.Store(int64(10 * time.Second))
	got = p.expect("ten silent seconds later", call{method: "GET", path: "/v1/regions"}, 200, "")
	if want := `{"regions":[]}` + "\n"; got.body != want {
		t.Errorf("regions %s, want %s", got.body, want)
	}
}

func TestDocuments(t *testing.T) {
	p := newPlane(t)
	pack := p.expect("the pack", call{method: "GET", path: "/v1/documents"}, 200, "")
	if pack.header.Get("ETag") != `"d1"` || !strings.Contains(pack.body, `"us-passport"`) {
		t.Errorf("pack %q %s, want it as it was given", pack.header.Get("ETag"), pack.body)
	}
	p.expect("as it was", call{method: "GET", path: "/v1/documents", header: map[string]string{"If-None-Match": `"d1"`}}, 304, "")
	if got := p.expect("one", call{method: "GET", path: "/v1/documents/us-passport"}, 200, ""); got.json["country"] != "US" {
		t.Errorf("document %s, want the US passport", got.body)
	}
	p.expect("one that is not there", call{method: "GET", path: "/v1/documents/moon"}, 404, "document-unknown")
}

func TestStudioToken(t *testing.T) {
	p := newPlane(t, func(c *api.Config) { c.PerNet = 4 })
	ours := map[string]string{"Sec-Fetch-Site": "same-origin"}
	ask := call{method: "POST", path: "/v1/studio/tokens", body: `{"region":"local"}`, header: ours}
	got := p.expect("a page of ours", ask, 200, "")
	if got.json["token_type"] != "Bearer" || got.json["expires_in"] != 900.0 || got.json["region"] != "local" || got.json["edge"] != "http://127.0.0.1:1" {
		t.Errorf("answer %s, want a bearer of 900 s for local", got.body)
	}
	c := claimsOf(t, got.json["access_token"].(string))
	if c.Entitlements == nil || !c.Entitlements.Mark || c.Scope != "photos checks" || len(c.Regions) != 1 || c.Regions[0] != "local" || c.Org != "" || c.Order != "" || c.Session == "" {
		t.Errorf("claims %+v, want a marked token for photos and checks in local", c)
	}
	if other := claimsOf(t, p.do(ask).json["access_token"].(string)); other.Subject == c.Subject {
		t.Errorf("two visitors are both %q", c.Subject)
	}
	ask.body = ""
	p.expect("the only region", ask, 200, "")
	ask.body = `{"region":"mars"}`
	p.expect("a region that is not there", ask, 404, "region-unknown")
	busy := p.expect("one too many", ask, 429, "rate")
	if retry := busy.header.Get("Retry-After"); retry != "15" {
		t.Errorf("Retry-After %q, want 15", retry)
	}
	p.shift.Store(int64(15 * time.Second))
	p.beat("edge-1", "http://127.0.0.1:1")
	ask.body = `{"region":"local"}`
	p.expect("after that wait", ask, 200, "")
	p.expect("and no more", ask, 429, "rate")

	for name, header := range map[string]map[string]string{
		"another site":             {"Sec-Fetch-Site": "cross-site"},
		"a subdomain":              {"Sec-Fetch-Site": "same-site"},
		"another site, old":        {"Origin": "https://evil.example"},
		"a program":                {},
		"another site that lies":   {"Sec-Fetch-Site": "cross-site", "Origin": p.base},
		"a file":                   {"Origin": "null"},
		"a person in the location": {"Sec-Fetch-Site": "none"},
	} {
		ask.header = header
		p.expect(name, ask, 403, "origin")
	}
	ask.header = map[string]string{"Origin": p.base}
	p.expect("a page of ours in an old browser", ask, 429, "rate")
}

func TestBodies(t *testing.T) {
	p := newPlane(t)
	ours := map[string]string{"Sec-Fetch-Site": "same-origin"}
	for name, test := range map[string]struct {
		body   string
		status int
	}{
		"not JSON":          {`{`, 400},
		"an array":          {`[]`, 400},
		"an unknown member": {`{"region":"local","admin":true}`, 400},
		"two objects":       {`{}{}`, 400},
		"a number":          {`{"region":7}`, 400},
		"too large":         {`{"region":"` + strings.Repeat("x", 5<<10) + `"}`, 413},
	} {
		p.expect(name, call{method: "POST", path: "/v1/studio/tokens", body: test.body, header: ours}, test.status, "malformed")
	}
}

func claimsOf(t *testing.T, raw string) (c wire.Claims) {
	t.Helper()
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		t.Fatalf("%q is not a token", raw)
	}
	if err := json.Unmarshal(decode64(t, parts[1]), &c); err != nil {
		t.Fatal(err)
	}
	return c
}
