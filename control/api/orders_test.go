package api_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/control/billing"
	"github.com/professionalaistudio/studio/control/billing/fakepay"
	"github.com/professionalaistudio/studio/edge/wire"
)

func decode64(t *testing.T, s string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

type placed struct{ id, secret, payURL string }

func (p *plane) place(cookie bool) placed {
	p.t.Helper()
	got := p.expect("an order", call{method: "POST", path: "/v1/orders", body: `{"document":"us-passport"}`, cookie: cookie}, 201, "")
	o := placed{got.json["id"].(string), got.json["secret"].(string), got.json["pay_url"].(string)}
	if got.json["status"] != "open" || got.json["amount"] != 495.0 || got.json["currency"] != "USD" || got.header.Get("Location") != "/v1/orders/"+o.id {
		p.t.Errorf("order %s at %q, want it open at 495 USD", got.body, got.header.Get("Location"))
	}
	return o
}

func (p *plane) status(o placed) string {
	p.t.Helper()
	return p.expect("the order", call{method: "GET", path: "/v1/orders/" + o.id, bearer: o.secret}, 200, "").json["status"].(string)
}

// waitFor asks until the order has the status: webhooks come by themselves.
func (p *plane) waitFor(o placed, want string) {
	p.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); p.status(o) != want; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Fatalf("the order is %s, want %s", p.status(o), want)
		}
	}
}

func (p *plane) webhook(what string, status int, id string, at time.Time, body string, secret []byte) {
	p.t.Helper()
	problem := ""
	if status == 401 {
		problem = "webhook"
	}
	p.expect(what, call{method: "POST", path: "/webhooks/payments/fakepay", body: body, header: map[string]string{
		"webhook-id": id, "webhook-timestamp": strconv.FormatInt(at.Unix(), 10), "webhook-signature": billing.SignWebhook(secret, id, at, []byte(body)),
	}}, status, problem)
}

// An order is paid by a webhook that the provider signed, and by nothing else that can be sent here.
func TestOnlyASignedWebhookPays(t *testing.T) {
	p := newPlane(t)
	o := p.place(false)
	token := call{method: "POST", path: "/v1/orders/" + o.id + "/token", bearer: o.secret}
	session := o.payURL[strings.LastIndex(o.payURL, "/")+1:]
	paid := func(order, session, amount, currency string) string {
		return `{"id":"evt_1","type":"payment.paid","created":1,"data":{"session":"` + session + `","order":"` + order + `","amount":` + amount + `,"currency":"` + currency + `"}}`
	}
	good := paid(o.id, session, "495", "USD")
	unpaid := func(after string) {
		t.Helper()
		if got := p.status(o); got != "open" {
			t.Errorf("after %s the order is %s, want open", after, got)
		}
		p.expect("token after "+after, token, 402, "order-unpaid")
	}
	unpaid("nothing")
	for name, forged := range map[string]call{
		"the return address":               {method: "GET", path: "/v1/orders/" + o.id + "?paid=1&status=authorised&session=" + session, bearer: o.secret},
		"the return address as a page":     {method: "GET", path: "/studio?order=" + o.id + "&paid=1"},
		"a status of the caller's":         {method: "PUT", path: "/v1/orders/" + o.id, body: `{"status":"authorised"}`, bearer: o.secret},
		"a status beside the document":     {method: "POST", path: "/v1/orders", body: `{"document":"us-passport","status":"authorised"}`},
		"a webhook without a signature":    {method: "POST", path: "/webhooks/payments/fakepay", body: good},
		"a webhook of another provider":    {method: "POST", path: "/webhooks/payments/stripe", body: good},
		"a webhook with an empty v1":       {method: "POST", path: "/webhooks/payments/fakepay", body: good, header: map[string]string{"webhook-id": "e", "webhook-timestamp": strconv.FormatInt(time.Now().Unix(), 10), "webhook-signature": "v1,"}},
		"a token asked for by a stranger":  {method: "POST", path: token.path, bearer: "guess"},
		"a token for the person signed in": {method: "POST", path: token.path, cookie: true},
	} {
		p.do(forged)
		unpaid(name)
	}
	now := time.Now()
	today, yesterday := webhookSecrets[0], webhookSecrets[1]
	p.webhook("by a stranger", 401, "evt_a", now, good, []byte("a secret that a stranger made up"))
	p.webhook("six minutes old", 401, "evt_b", now.Add(-6*time.Minute), good, today)
	p.webhook("an hour ahead", 401, "evt_c", now.Add(time.Hour), good, today)
	p.webhook("of an unknown order", 204, "evt_d", now, paid("01J00000000000000000000000", session, "495", "USD"), today)
	p.webhook("of another payment", 204, "evt_e", now, paid(o.id, "fps_other", "495", "USD"), today)
	p.webhook("of less money", 204, "evt_f", now, paid(o.id, session, "1", "USD"), today)
	p.webhook("of other money", 204, "evt_g", now, paid(o.id, session, "495", "JPY"), today)
	p.webhook("of another kind", 204, "evt_h", now, strings.Replace(good, "payment.paid", "payment.declined", 1), today)
	p.webhook("that is no JSON", 401, "evt_i", now, "paid", today)
	unpaid("webhooks that do not fit")
	other := p.place(false)
	p.webhook("of one order with another's payment", 204, "evt_j", now, paid(other.id, session, "495", "USD"), today)
	unpaid("a webhook for another order")
	if got := p.status(other); got != "open" {
		t.Errorf("the other order is %s, want open", got)
	}

	p.webhook("the right one, by the older secret", 204, "evt_k", now, good, yesterday)
	if got := p.status(o); got != "authorised" {
		t.Fatalf("after the right webhook the order is %s, want authorised", got)
	}
	p.webhook("the same again", 204, "evt_k", now, good, yesterday)
	p.expect("its token", token, 200, "")
}

// The whole way: order, page, webhooks that come three times, token, delivery, capture.
func TestOrder(t *testing.T) {
	p := newPlane(t)
	p.pay.Set(fakepay.Levers{Copies: 2})
	o := p.place(false)
	resp, err := http.PostForm(o.payURL, url.Values{"action": {"pay"}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	p.waitFor(o, "authorised")
	if got := p.do(call{method: "GET", path: "/v1/orders/" + o.id, bearer: o.secret}); got.json["pay_url"] != nil || got.json["secret"] != nil {
		t.Errorf("a paid order still shows its page, or its secret: %s", got.body)
	}

	ask := call{method: "POST", path: "/v1/orders/" + o.id + "/token", body: `{"region":"local"}`, bearer: o.secret}
	got := p.expect("a token", ask, 200, "")
	if got.json["expires_in"] != 300.0 || got.json["edge"] != "http://127.0.0.1:1" {
		t.Errorf("token %s, want 300 s at the edge of local", got.body)
	}
	c := claimsOf(t, got.json["access_token"].(string))
	if c.Order != o.id || c.OrderNumber == 0 || c.Document != "us-passport" || c.ID != "ord_"+o.id || c.Entitlements.Mark || c.ExpiresAt-c.IssuedAt != 300 {
		t.Errorf("claims %+v, want the order's, unmarked, for five minutes", c)
	}
	if again := claimsOf(t, p.do(ask).json["access_token"].(string)); again.ID != c.ID {
		t.Errorf("a second token has the id %q, want %q: an edge spends it once", again.ID, c.ID)
	}

	made := wire.AppendUsage(nil, wire.Usage{Seq: 1, Time: uint32(time.Now().Unix()), Op: wire.OpPhoto, Units: 1, Order: c.OrderNumber})
	p.expect("the edge's record", call{method: "POST", path: "/internal/usage?node=edge-1&boot=b", body: string(made), bearer: p.node.String()}, 200, "")
	go p.Usage.Run(t.Context())
	p.waitFor(o, "delivered")
	p.expect("a token after delivery", ask, 409, "spent")
	go p.Billing.Run(t.Context())
	p.waitFor(o, "captured")
	p.expect("a token after capture", ask, 409, "spent")
}

func TestOrderOfAPerson(t *testing.T) {
	p := newPlane(t)
	o := p.place(true)
	path := "/v1/orders/" + o.id
	p.expect("by the session", call{method: "GET", path: path, cookie: true}, 200, "")
	p.expect("by the secret", call{method: "GET", path: path, bearer: o.secret}, 200, "")
	p.expect("by nobody", call{method: "GET", path: path}, 404, "order-unknown")
	p.expect("by a stranger", call{method: "GET", path: path, bearer: "guess"}, 404, "order-unknown")
	visitors := p.place(false)
	p.expect("a visitor's order by a person", call{method: "GET", path: "/v1/orders/" + visitors.id, cookie: true}, 404, "order-unknown")
	p.expect("an unknown document", call{method: "POST", path: "/v1/orders", body: `{"document":"moon"}`}, 404, "document-unknown")
	p.expect("another site with the person's cookie", call{method: "POST", path: "/v1/orders", body: `{"document":"us-passport"}`, cookie: true,
		header: map[string]string{"Sec-Fetch-Site": "cross-site"}}, 403, "origin")
	p.expect("a token for another site", call{method: "POST", path: path + "/token", cookie: true,
		header: map[string]string{"Sec-Fetch-Site": "cross-site"}}, 403, "origin")
}

func TestOrderExpires(t *testing.T) {
	p := newPlane(t)
	o := p.place(false)
	p.shift.Store(int64(25 * time.Hour))
	go p.Billing.Run(t.Context())
	p.waitFor(o, "expired")
	p.beat("edge-1", "http://127.0.0.1:1")
	p.expect("its token", call{method: "POST", path: "/v1/orders/" + o.id + "/token", bearer: o.secret}, 410, "order-expired")
}
