package auth

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/professionalaistudio/studio/edge/wire"
)

// control is the other end of the long poll, as much of it as an edge sees.
type control struct {
	token wire.NodeToken
	hold  time.Duration // how long it waits before it answers that there is nothing new

	mu     sync.Mutex
	number uint64
	sealed []byte
	moved  chan struct{}
	down   bool
	asked  chan string // query and time of each request; nil: not told
	asks   []time.Time
}

func newControl(t testing.TB) *control {
	t.Helper()
	token, err := wire.NewNodeToken("eu-1", public(testKey("bundle")))
	if err != nil {
		t.Fatal(err)
	}
	return &control{token: token, hold: 30 * time.Second, moved: make(chan struct{})}
}

func (c *control) publish(t testing.TB, b wire.Bundle) {
	t.Helper()
	sealed, err := wire.SealBundle(b, testKey("bundle"))
	if err != nil {
		t.Fatal(err)
	}
	c.publishSealed(b.Number, sealed)
}

func (c *control) publishSealed(number uint64, sealed []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.number, c.sealed = number, sealed
	close(c.moved)
	c.moved = make(chan struct{})
}

func (c *control) setDown(down bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.down = down
}

func (c *control) times() []time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]time.Time(nil), c.asks...)
}

func (c *control) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	c.asks = append(c.asks, time.Now())
	c.mu.Unlock()
	if c.asked != nil {
		select {
		case c.asked <- r.URL.RawQuery:
		case <-r.Context().Done():
			return
		}
	}
	if r.URL.Path != "/internal/bundle" || r.Header.Get("Authorization") != "Bearer "+c.token.String() {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	have, err := strconv.ParseUint(r.URL.Query().Get("have"), 10, 64)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	timeout := time.NewTimer(c.hold)
	defer timeout.Stop()
	for {
		c.mu.Lock()
		down, number, sealed, moved := c.down, c.number, c.sealed, c.moved
		c.mu.Unlock()
		switch {
		case down:
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		case number > have:
			w.Write(sealed)
			return
		}
		select {
		case <-moved:
		case <-timeout.C:
			w.WriteHeader(http.StatusNoContent)
			return
		case <-r.Context().Done():
			return
		}
	}
}

// RoundTrip serves a request without a network, whose waits a synctest bubble could not see.
func (c *control) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	resp := w.Result()
	resp.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	return resp, nil
}

// follow runs a follower until the test ends.
func follow(t *testing.T, url string, client *http.Client, c *control, v *Verifier) *record {
	t.Helper()
	log := new(record)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- Follow(ctx, FollowConfig{ControlURL: url, NodeToken: c.token, Client: client}, v,
			slog.New(slog.NewTextHandler(log, nil)))
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Follow ends with %v", err)
		}
	})
	return log
}

// A record is a log that can be read while it is written.
type record struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(p)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

// Over a real connection: the first bundle, a newer one as soon as it is there, an older one never, and what is
// known goes on when the server is gone.
func TestFollowOverTheNetwork(t *testing.T) {
	c := newControl(t)
	c.asked = make(chan string)
	server := httptest.NewServer(c)
	t.Cleanup(server.Close) // after the follower has ended
	v := New(Config{Region: "eu"})
	shown, known := newSecret(t, "")
	b := bundleAt(3, time.Now())
	c.publish(t, b)
	follow(t, server.URL, server.Client(), c, v)

	if q := <-c.asked; q != "region=eu&have=0" {
		t.Errorf("first asks %q, want region=eu&have=0", q)
	}
	if q := <-c.asked; q != "region=eu&have=3" { // asked only once the first is applied
		t.Errorf("then asks %q, want region=eu&have=3", q)
	}
	if ok, why := v.Ready(); !ok || v.Number() != 3 || v.Sealed() == nil {
		t.Errorf("ready %v (%s) with number %d", ok, why, v.Number())
	}
	if _, err := v.Secret(shown.Secret); err == nil {
		t.Error("a key is known before it is made")
	}
	b.Number, b.Keys = 4, []wire.Key{known}
	c.publish(t, b)
	if q := <-c.asked; q != "region=eu&have=4" {
		t.Errorf("then asks %q, want region=eu&have=4", q)
	}
	if _, err := v.Secret(shown.Secret); err != nil {
		t.Errorf("a new key is not known: %v", err)
	}
	token := mint(t, testKey("active"), "active", claimsAt(time.Now()))
	server.CloseClientConnections()
	if _, err := v.Token(token); err != nil {
		t.Errorf("with control gone: %v", err)
	}
	if q := <-c.asked; q != "region=eu&have=4" {
		t.Errorf("then asks %q, want region=eu&have=4", q)
	}
}

// A bundle that is forged, cut off, of another region or rolled back is not taken, and what was known stays.
func TestFollowRefuses(t *testing.T) {
	good, err := wire.SealBundle(bundleAt(9, start), testKey("bundle"))
	if err != nil {
		t.Fatal(err)
	}
	seal := func(number uint64, region, key string) []byte {
		b := bundleAt(number, start)
		b.Region = region
		sealed, err := wire.SealBundle(b, testKey(key))
		if err != nil {
			t.Fatal(err)
		}
		return sealed
	}
	for name, sealed := range map[string][]byte{
		"forged": seal(9, "eu", "thief"), "truncated": good[:len(good)/2], "of another region": seal(9, "us", "bundle"),
		"rolled back": seal(4, "eu", "bundle"), "no bundle": []byte("<html>"), "empty": nil,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, v := newControl(t), New(Config{Region: "eu"})
				c.publish(t, bundleAt(5, time.Now()))
				follow(t, "http://control.test", &http.Client{Transport: c}, c, v)
				synctest.Wait()
				c.publishSealed(9, sealed)
				time.Sleep(time.Hour)
				if v.Number() != 5 {
					t.Errorf("number %d in use, want 5", v.Number())
				}
				if asks := len(c.times()); asks > 3700 { // "rolled back" is answered at once, so it is asked each second
					t.Errorf("asked %d times in an hour", asks)
				}
				c.publish(t, bundleAt(10, time.Now()))
				time.Sleep(2 * time.Minute)
				if v.Number() != 10 {
					t.Errorf("number %d in use after the fault, want 10", v.Number())
				}
			})
		})
	}
}

func TestFollowWhileControlIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, v := newControl(t), New(Config{Region: "eu"})
		shown, known := newSecret(t, "")
		b := bundleAt(5, time.Now())
		b.Keys = []wire.Key{known}
		c.publish(t, b)
		log := follow(t, "https://control.test", &http.Client{Transport: c}, c, v)
		time.Sleep(24 * time.Hour) // nothing new for a day: the answers that say so keep the edge fresh
		if ok, why := v.Ready(); !ok {
			t.Errorf("not ready after a quiet day: %s", why)
		}
		if asks := len(c.times()); asks < 2000 || asks > 24*60*2+10 {
			t.Errorf("asked %d times in a day of waits of 30 s", asks)
		}

		c.setDown(true)
		before := len(c.times())
		time.Sleep(14 * time.Minute)
		if strings.Contains(log.String(), "quarter of an hour") {
			t.Errorf("warns too soon:\n%s", log)
		}
		time.Sleep(6*24*time.Hour + 23*time.Hour)
		if n := strings.Count(log.String(), "level=WARN"); n != 2 || !strings.Contains(log.String(), "quarter of an hour") {
			t.Errorf("%d warnings, want one at the beginning and one after 15 min:\n%s", n, log)
		}
		gaps := c.times()[before:]
		if len(gaps) < 6*24*60 || len(gaps) > 7*24*60*3/2 {
			t.Errorf("asked %d times in a week of silence, want about one a minute", len(gaps))
		}
		if last := gaps[len(gaps)-1].Sub(gaps[len(gaps)-2]); last < 48*time.Second || last > 72*time.Second {
			t.Errorf("asks %v apart, want 60 s, a fifth more or less", last)
		}
		if _, err := v.Secret(shown.Secret); err != nil {
			t.Errorf("after almost a week: %v", err)
		}
		time.Sleep(2 * time.Hour)
		if _, err := v.Secret(shown.Secret); !errors.Is(err, ErrStale) {
			t.Errorf("after a week: %v, want ErrStale", err)
		}
		if ok, why := v.Ready(); ok || !strings.Contains(why, "no word") {
			t.Errorf("after a week: ready %v, %q", ok, why)
		}
		if n := strings.Count(log.String(), "level=ERROR"); n != 1 {
			t.Errorf("%d errors, want one:\n%s", n, log)
		}

		c.setDown(false)
		time.Sleep(75 * time.Second)
		if ok, why := v.Ready(); !ok {
			t.Errorf("with control back: %s", why)
		}
		if _, err := v.Secret(shown.Secret); err != nil {
			t.Errorf("with control back: %v", err)
		}
		if !strings.Contains(log.String(), "is back") || strings.Contains(log.String(), c.token.Secret) {
			t.Errorf("log:\n%s", log)
		}
	})
}

// A token signed with a key we have not heard of brings the newer bundle at once, and junk does not bring a storm.
func TestUnknownKeyRefetches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, v := newControl(t), New(Config{Region: "eu"})
		c.publish(t, bundleAt(5, time.Now()))
		follow(t, "https://control.test", &http.Client{Transport: c}, c, v)
		time.Sleep(time.Minute)

		// Control has rotated, but the wait that would have told us is stuck.
		b := bundleAt(6, time.Now())
		b.JWKS.Keys = append(b.JWKS.Keys, wire.NewJWK("next", public(testKey("next"))))
		sealed, err := wire.SealBundle(b, testKey("bundle"))
		if err != nil {
			t.Fatal(err)
		}
		c.mu.Lock()
		c.number, c.sealed = 6, sealed // and nobody is woken
		c.mu.Unlock()
		token := mint(t, testKey("next"), "next", claimsAt(time.Now()))
		if _, err := v.Token(token); !errors.Is(err, ErrToken) {
			t.Fatalf("a key that is not known yet: %v, want ErrToken", err)
		}
		synctest.Wait()
		if _, err := v.Token(token); err != nil {
			t.Errorf("after asking: %v", err)
		}

		before := len(c.times())
		for i := range 10 * 60 { // junk, one a second for ten minutes
			junk := mint(t, testKey("thief"), fmt.Sprint("junk-", i), claimsAt(time.Now()))
			if _, err := v.Token(junk); !errors.Is(err, ErrToken) {
				t.Fatalf("junk: %v", err)
			}
			time.Sleep(time.Second)
		}
		// Each interrupts a wait and asks once, then goes back to waiting: two requests beside those of the waits.
		if asks := len(c.times()) - before; asks > 10*2+10*3 {
			t.Errorf("junk made %d requests in ten minutes", asks)
		}
		c.setDown(true)
		time.Sleep(10 * time.Minute)
		before = len(c.times())
		c.setDown(false)
		c.publish(t, bundleAt(7, time.Now()))
		if _, err := v.Token(mint(t, testKey("thief"), "junk", claimsAt(time.Now()))); !errors.Is(err, ErrToken) {
			t.Fatal(err)
		}
		synctest.Wait()
		if v.Number() != 7 || len(c.times()) == before {
			t.Errorf("a pause is not cut short: number %d, %d requests", v.Number(), len(c.times())-before)
		}
	})
}

func TestFollowSaysWhatIsWrong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, v := newControl(t), New(Config{Region: "eu"})
		c.publish(t, bundleAt(5, time.Now()))
		stranger := newControl(t)
		log := follow(t, "http://control.test", &http.Client{Transport: c}, stranger, v) // with another's token
		time.Sleep(10 * time.Minute)
		if v.Number() != 0 || !strings.Contains(log.String(), errNode.Error()) || !strings.Contains(log.String(), "without TLS") {
			t.Errorf("number %d, log:\n%s", v.Number(), log)
		}
		if n := strings.Count(log.String(), errNode.Error()); n != 1 {
			t.Errorf("said %d times, want once:\n%s", n, log)
		}
	})
	for _, cfg := range []FollowConfig{
		{ControlURL: "control.test"}, {ControlURL: "ftp://control.test"}, {ControlURL: "http://"}, {ControlURL: "http://control.test"},
	} {
		if err := Follow(t.Context(), cfg, New(Config{}), slog.New(slog.DiscardHandler)); err == nil {
			t.Errorf("%+v is followed", cfg)
		}
	}
}

// The token is for control's host alone.
func TestFollowNoRedirect(t *testing.T) {
	var stolen bool
	thief := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { stolen = true }))
	defer thief.Close()
	asked := make(chan bool, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, thief.URL, http.StatusFound)
		asked <- true
	}))
	defer server.Close()
	c, v := newControl(t), New(Config{Region: "eu"})
	f, err := newFollower(FollowConfig{ControlURL: server.URL, NodeToken: c.token}, v, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if r, _, err := f.poll(t.Context(), 0); r != failed || err == nil || stolen {
		t.Errorf("a redirect gives %v, %v; the thief was asked: %v", r, err, stolen)
	}
}

// A clock that is off shows in readiness.
func TestClockSkew(t *testing.T) {
	for off, want := range map[time.Duration]bool{0: true, 8 * time.Second: true, -8 * time.Second: true, 20 * time.Second: false, -20 * time.Second: false} {
		synctest.Test(t, func(t *testing.T) {
			c := newControl(t)
			c.publish(t, bundleAt(5, time.Now()))
			v := New(Config{Region: "eu", Now: func() time.Time { return time.Now().Add(off) }})
			follow(t, "https://control.test", &http.Client{Transport: c}, c, v)
			synctest.Wait()
			if ok, why := v.Ready(); ok != want || !ok && !strings.Contains(why, "20s") {
				t.Errorf("a clock %v off: ready %v, %q; want %v", off, ok, why, want)
			}
		})
	}
}
