package api_test

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/control/api"
	"github.com/professionalaistudio/studio/edge/wire"
)

// Without a node token of this region, nothing under /internal answers.
func TestInternalNeedsANodeToken(t *testing.T) {
	p := newPlane(t)
	elsewhere, err := p.Regions.CreateNode(t.Context(), "eu")
	if err != nil {
		t.Fatal(err)
	}
	forged := p.node
	forged.Secret = elsewhere.Secret
	for _, c := range []call{
		{method: "GET", path: "/internal/bundle?have=0"},
		{method: "POST", path: "/internal/usage?node=n&boot=b"},
		{method: "POST", path: "/internal/heartbeat", body: `{"node":"n","region":"local","address":"http://n"}`},
	} {
		for what, bearer := range map[string]string{"none": "", "a word": "x", "another's secret": forged.String(), "a visitor's token": p.key.Secret} {
			c.bearer = bearer
			p.expect(c.path+" with "+what, c, 401, "node")
		}
	}
	p.expect("the bundle of another region", call{method: "GET", path: "/internal/bundle?have=0&region=local", bearer: elsewhere.String()}, 401, "node")
	p.expect("a heartbeat for another region", call{method: "POST", path: "/internal/heartbeat", bearer: elsewhere.String(),
		body: `{"node":"thief","region":"local","address":"http://thief"}`}, 401, "node")
	if err := p.Regions.RevokeNode(t.Context(), p.node.Node); err != nil {
		t.Fatal(err)
	}
	p.expect("a revoked token", call{method: "GET", path: "/internal/bundle?have=0", bearer: p.node.String()}, 401, "node")
}

func TestBundle(t *testing.T) {
	p := newPlane(t)
	get := func(have uint64) answer {
		return p.do(call{method: "GET", path: fmt.Sprintf("/internal/bundle?have=%d&region=local", have), bearer: p.node.String()})
	}
	open := func(a answer) wire.Bundle {
		t.Helper()
		if a.status != 200 {
			t.Fatalf("bundle: %d %s", a.status, a.body)
		}
		b, err := wire.OpenBundle([]byte(a.body), p.node.BundleKey)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	b := open(get(0))
	if b.Region != "local" || b.Issuer != p.base || len(b.JWKS.Keys) != 2 || len(b.Keys) != 1 || b.Keys[0].ID != p.key.ID || b.Keys[0].KeyHex != p.key.KeyHex {
		t.Errorf("bundle %+v, want the region's, with two signing keys and the API key", b)
	}
	// A node that has it waits, and hears of a new key at once.
	waiting := make(chan answer, 1)
	go func() { waiting <- get(b.Number) }()
	_, second, err := p.Orgs.CreateKey(t.Context(), p.org, "another", nil)
	if err != nil {
		t.Fatal(err)
	}
	next := open(<-waiting)
	if next.Number <= b.Number || len(next.Keys) != 2 {
		t.Errorf("bundle %d with %d keys after %d, want a higher number with the new key %s", next.Number, len(next.Keys), b.Number, second.ID)
	}
	// When the server stops, nobody waits on.
	go func() { waiting <- get(next.Number) }()
	p.stop()
	if got := <-waiting; got.status != 204 {
		t.Errorf("while stopping: %d %s, want 204", got.status, got.body)
	}
	p.expect("a number that is none", call{method: "GET", path: "/internal/bundle?have=-1", bearer: p.node.String()}, 400, "malformed")
}

func TestIngest(t *testing.T) {
	p := newPlane(t)
	records := func(first, last uint64) string {
		var b []byte
		for seq := first; seq <= last; seq++ {
			b = wire.AppendUsage(b, wire.Usage{Seq: seq, Time: uint32(time.Now().Unix()), Org: p.org.Index, Op: wire.OpImage, Units: 1})
		}
		return string(b)
	}
	post := func(what, query, body string, status int, problem string, watermark float64) {
		t.Helper()
		got := p.expect(what, call{method: "POST", path: "/internal/usage?" + query, body: body, bearer: p.node.String()}, status, problem)
		if w, has := got.json["watermark"].(float64); has != (status == 200 || status == 409) || w != watermark {
			t.Errorf("%s: watermark %v, want %v: %s", what, w, watermark, got.body)
		}
	}
	post("the first", "node=edge-1&boot=b", records(1, 3), 200, "", 3)
	post("again", "node=edge-1&boot=b", records(1, 3), 200, "", 3)
	post("a question", "node=edge-1&boot=b", "", 200, "", 3)
	post("a gap", "node=edge-1&boot=b", records(5, 6), 409, "gap", 3)
	post("a torn one", "node=edge-1&boot=b", records(4, 5)[:60], 400, "malformed", 0)
	post("no node", "boot=b", records(1, 1), 400, "malformed", 0)
	post("a node with a slash", "node=a/b&boot=b", records(1, 1), 400, "malformed", 0)
	post("a huge one", "node=edge-1&boot=b", strings.Repeat("x", 1<<20+1), 413, "malformed", 0)
}

func TestHeartbeat(t *testing.T) {
	p := newPlane(t)
	for name, body := range map[string]string{
		"not JSON": "{", "no address": `{"node":"n","region":"local"}`, "an array": "[]",
		"another scheme": `{"node":"n","region":"local","address":"gopher://n"}`,
	} {
		p.expect(name, call{method: "POST", path: "/internal/heartbeat", bearer: p.node.String(), body: body}, 400, "malformed")
	}
	p.expect("a huge one", call{method: "POST", path: "/internal/heartbeat", bearer: p.node.String(), body: strings.Repeat(" ", 17<<10)}, 413, "malformed")
}

// What an edge signs receipts with is there for anyone, also when the edge is gone.
func TestReceiptKeys(t *testing.T) {
	p := newPlane(t)
	keys := func(query string) []any {
		t.Helper()
		got := p.expect("keys"+query, call{method: "GET", path: "/.well-known/receipts.json" + query}, 200, "")
		if got.header.Get("Access-Control-Allow-Origin") != "*" || got.header.Get("Cache-Control") != "public, max-age=60" {
			t.Errorf("the keys come with %v", got.header)
		}
		list, ok := got.json["keys"].([]any)
		if !ok {
			t.Fatalf("no list: %s", got.body)
		}
		return list
	}
	if got := keys(""); len(got) != 0 {
		t.Errorf("before any edge: %v, want none", got)
	}
	public := ed25519.NewKeyFromSeed(make([]byte, 32)).Public().(ed25519.PublicKey)
	key, err := json.Marshal(wire.NewReceiptKey("elsewhere", "another", public, time.Unix(1_790_000_000, 0)))
	if err != nil {
		t.Fatal(err)
	}
	beat := func(key string, status int, problem string) {
		t.Helper()
		p.expect("a heartbeat", call{method: "POST", path: "/internal/heartbeat", bearer: p.node.String(),
			body: `{"node":"n","region":"local","address":"http://n","receipt_key":` + key + `}`}, status, problem)
	}
	beat(strings.Replace(string(key), `"kid":"`, `"kid":"x`, 1), 400, "malformed")
	beat(string(key), 204, "")
	for _, query := range []string{"", "?kid=" + wire.Thumbprint(public)} {
		got := keys(query)
		if len(got) != 1 {
			t.Fatalf("keys%s: %v, want one", query, got)
		}
		k := got[0].(map[string]any)
		if k["kid"] != wire.Thumbprint(public) || k["node"] != "n" || k["region"] != "local" || k["nbf"] != 1_790_000_000. || k["exp"] == nil {
			t.Errorf("keys%s: %v, want the edge's, under its own name", query, k)
		}
	}
	if got := keys("?kid=another"); len(got) != 0 {
		t.Errorf("an unknown key: %v, want none", got)
	}
	p.expect("a kid that is none", call{method: "GET", path: "/.well-known/receipts.json?kid=../x"}, 400, "malformed")
	p.expect("an empty kid", call{method: "GET", path: "/.well-known/receipts.json?kid="}, 400, "malformed")
}

// Nothing that is not sold has a route.
func TestNothingForSale(t *testing.T) {
	p := newPlane(t)
	p.Services.Billing = nil
	p.API = api.New(api.Config{URL: mustURL(t, p.base), Now: p.now, Stopping: context.Background()}, p.Services, nil)
	p.expect("an order", call{method: "POST", path: "/v1/orders", body: `{"document":"us-passport"}`}, 404, "not-found")
	p.expect("a webhook", call{method: "POST", path: "/webhooks/payments/fakepay"}, 404, "not-found")
}
