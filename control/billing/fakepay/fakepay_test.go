package fakepay

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/control/billing"
)

var secret = []byte("a secret of thirty-two bytes ....")

// world is a provider, the shop's side of it, and the shop's webhook.
type world struct {
	server *Server
	client *Client
	base   string
	events chan billing.Event // webhooks that the client believed
	fail   chan int           // statuses to answer the next webhooks with
}

func newWorld(t *testing.T, file string) *world {
	w := &world{events: make(chan billing.Event, 99), fail: make(chan int, 99)}
	shop := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		select {
		case status := <-w.fail:
			rw.WriteHeader(status)
			return
		default:
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		e, err := w.client.Read(billing.Notice{Header: r.Header.Get, Body: body}, time.Now())
		if err != nil {
			t.Errorf("the shop does not believe a webhook: %v", err)
		}
		w.events <- e
	}))
	t.Cleanup(shop.Close)
	server, err := NewServer(Config{Key: "key", Secret: secret, Webhook: shop.URL, Frame: "http://shop.test", File: file}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("the server ended with %v", err)
		}
	})
	w.server, w.base = server, "http://"+listener.Addr().String()
	w.client = NewClient(w.base, "key", [][]byte{secret}, func(order string) string { return "http://shop.test/studio?order=" + order })
	return w
}

func (w *world) open(t *testing.T, order string) billing.Payment {
	t.Helper()
	p, err := w.client.Open(t.Context(), billing.Order{ID: order, Document: "us-passport", Amount: 495, Currency: "USD"})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// press is what the page's form does.
func press(t *testing.T, page, action string) string {
	t.Helper()
	resp, err := http.PostForm(page, url.Values{"action": {action}})
	if err != nil {
		t.Fatal(err)
	}
	return text(t, resp)
}

func text(t *testing.T, resp *http.Response) string {
	t.Helper()
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func (w *world) none(t *testing.T) {
	t.Helper()
	select {
	case e := <-w.events:
		t.Errorf("a webhook came that nobody asked for: %+v", e)
	case <-time.After(20 * time.Millisecond): // a webhook that should not be sent cannot be waited for
	}
}

func TestPay(t *testing.T) {
	w := newWorld(t, "")
	p := w.open(t, "ORDER")
	resp, err := http.Get(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	page := text(t, resp)
	for _, want := range []string{"4.95 USD", "us-passport", `value="pay"`, `value="decline"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
	if got, want := resp.Header.Get("Content-Security-Policy"), "frame-ancestors http://shop.test"; !strings.HasSuffix(got, want) {
		t.Errorf("policy %q, want it to end with %q", got, want)
	}
	w.none(t) // looking is not paying

	after := press(t, p.URL, "pay")
	want := billing.Event{Provider: "fakepay", Kind: billing.Paid, Order: "ORDER", Payment: p.ID, Amount: 495, Currency: "USD"}
	got := <-w.events
	if got.ID == "" {
		t.Error("the event has no id")
	}
	got.ID = ""
	if got != want {
		t.Errorf("event %+v, want %+v", got, want)
	}
	if !strings.Contains(after, "Paid") || !strings.Contains(after, "http://shop.test/studio?order=ORDER") {
		t.Errorf("the page after paying lacks that it was paid, or the way back:\n%s", after)
	}
	press(t, p.URL, "pay")
	press(t, p.URL, "decline")
	w.none(t) // it is paid once
}

func TestDecline(t *testing.T) {
	w := newWorld(t, "")
	p := w.open(t, "ORDER")
	press(t, p.URL, "decline")
	if got := <-w.events; got.Kind != billing.Other {
		t.Errorf("a declined payment is told as %q, want other", got.Kind)
	}
	press(t, p.URL, "pay")
	w.none(t)
	if err := w.client.Capture(t.Context(), p.ID); err == nil {
		t.Error("a declined payment was captured")
	}
}

func TestCapture(t *testing.T) {
	w := newWorld(t, "")
	p := w.open(t, "ORDER")
	if err := w.client.Capture(t.Context(), p.ID); err == nil {
		t.Error("captured before it was paid")
	}
	press(t, p.URL, "pay")
	<-w.events
	for range 2 {
		if err := w.client.Capture(t.Context(), p.ID); err != nil {
			t.Errorf("capture: %v", err)
		}
	}
	<-w.events
	w.none(t)
	if err := w.client.Capture(t.Context(), "fps_none"); err == nil {
		t.Error("a payment that does not exist was captured")
	}
}

// Asked twice for an order, the provider answers with one payment; for other terms it refuses.
func TestOpenTwice(t *testing.T) {
	w := newWorld(t, "")
	if a, b := w.open(t, "ORDER"), w.open(t, "ORDER"); a != b {
		t.Errorf("two payments for one order: %+v and %+v", a, b)
	}
	if _, err := w.client.Open(t.Context(), billing.Order{ID: "ORDER", Amount: 1, Currency: "USD"}); err == nil {
		t.Error("an order got a second payment at another amount")
	}
}

func TestRestart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "fakepay.json")
	before := newWorld(t, file).open(t, "ORDER")
	w := newWorld(t, file)
	if after := w.open(t, "ORDER"); after.ID != before.ID {
		t.Errorf("after a restart the payment is %q, want %q", after.ID, before.ID)
	}
	press(t, w.base+"/pay/"+before.ID, "pay")
	if got := <-w.events; got.Payment != before.ID || got.Kind != billing.Paid {
		t.Errorf("event %+v, want paid", got)
	}
}

func TestLevers(t *testing.T) {
	t.Run("copies", func(t *testing.T) {
		w := newWorld(t, "")
		w.server.Set(Levers{Copies: 2})
		press(t, w.open(t, "ORDER").URL, "pay")
		a, b, c := <-w.events, <-w.events, <-w.events
		if a != b || b != c {
			t.Errorf("copies differ: %+v, %+v, %+v", a, b, c)
		}
	})
	t.Run("disorder", func(t *testing.T) {
		w := newWorld(t, "")
		w.server.Set(Levers{Disorder: true})
		a, b := w.open(t, "A"), w.open(t, "B")
		press(t, a.URL, "pay")
		press(t, b.URL, "pay")
		if first, second := <-w.events, <-w.events; first.Order != "B" || second.Order != "A" {
			t.Errorf("came as %s, %s; want B, A", first.Order, second.Order)
		}
	})
	t.Run("retry", func(t *testing.T) {
		w := newWorld(t, "")
		w.fail <- 503
		press(t, w.open(t, "ORDER").URL, "pay")
		if got := <-w.events; got.Order != "ORDER" {
			t.Errorf("event %+v, want it sent again after a failure", got)
		}
	})
}

func TestKey(t *testing.T) {
	w := newWorld(t, "")
	thief := NewClient(w.base, "wrong", nil, func(string) string { return "" })
	if _, err := thief.Open(t.Context(), billing.Order{ID: "O", Amount: 1, Currency: "USD"}); err == nil {
		t.Error("a session was made with the wrong key")
	}
	if err := thief.Capture(t.Context(), w.open(t, "ORDER").ID); err == nil {
		t.Error("captured with the wrong key")
	}
}

// Whoever reaches the page has paid, so nobody else may.
func TestLoopbackOnly(t *testing.T) {
	w := newWorld(t, "")
	everywhere, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.server.Serve(t.Context(), everywhere); !errors.Is(err, ErrLoopback) {
		t.Errorf("on every address: %v, want ErrLoopback", err)
	}
	if _, err := net.Dial("tcp", everywhere.Addr().String()); err == nil {
		t.Error("the refused listener is still open")
	}
	req := httptest.NewRequest("GET", "/pay/x", nil)
	req.Host = "evil.example"
	rec := httptest.NewRecorder()
	w.server.Handler().ServeHTTP(rec, req)
	if rec.Code != http.StatusMisdirectedRequest {
		t.Errorf("under another name: %d, want 421", rec.Code)
	}
}

// What is read from a webhook is exactly what was signed.
func FuzzRead(f *testing.F) {
	c := NewClient("", "", [][]byte{secret}, nil)
	now := time.Unix(1_800_000_000, 0)
	for _, body := range []string{
		`{"id":"evt_1","type":"payment.paid","created":1,"data":{"session":"s","order":"o","amount":495,"currency":"USD"}}`,
		`{"type":"payment.paid","data":{"amount":-1}}`, `{"data":[]}`, `[]`, ``, `{"type":"payment.paid","data":{"amount":1e99}}`,
	} {
		f.Add([]byte(body), true)
		f.Add([]byte(body), false)
	}
	f.Fuzz(func(t *testing.T, body []byte, signed bool) {
		signature := billing.SignWebhook([]byte("a stranger's secret"), "evt_1", now, body)
		if signed {
			signature = billing.SignWebhook(secret, "evt_1", now, body)
		}
		header := map[string]string{"webhook-id": "evt_1", "webhook-timestamp": "1800000000", "webhook-signature": signature}
		e, err := c.Read(billing.Notice{Header: func(name string) string { return header[name] }, Body: body}, now)
		if err == nil && !signed {
			t.Errorf("a stranger's webhook is believed: %+v", e)
		}
		if err == nil && (e.ID != "evt_1" || e.Provider != Name) {
			t.Errorf("event %+v, want the id that was signed", e)
		}
		if err != nil && !errors.Is(err, billing.ErrSignature) {
			t.Errorf("error %v is not ErrSignature", err)
		}
	})
}
