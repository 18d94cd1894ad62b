package telemetry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestALogHoldsOnlyListedFields(t *testing.T) {
	var out bytes.Buffer
	log := Log(&out).With("token", "t0p")
	log.WithGroup("group").Info("Something happened.", "status", 200, "photo", []byte("pix"), "seconds", 1500*time.Millisecond,
		"error", errors.New("broken"), "address", net.IPv4(127, 0, 0, 1), "reason", struct{ A string }{"inside"})

	var line struct {
		Msg, Token string
		Group      struct {
			Status                        int
			Photo, Error, Address, Reason string
			Seconds                       float64
		}
	}
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"token": line.Token, "photo": line.Group.Photo, "a struct": line.Group.Reason} {
		if value != withheld {
			t.Errorf("%s is %q in the log, want %q", name, value, withheld)
		}
	}
	if g := line.Group; g.Status != 200 || g.Seconds != 1.5 || g.Error != "broken" || g.Address != "127.0.0.1" {
		t.Errorf("listed fields came out as %+v, want 200, 1.5, broken, 127.0.0.1", g)
	}
}

func TestScrub(t *testing.T) {
	for name, test := range map[string]struct{ in, out string }{
		"a fixed sentence":       {"fetch images.example: too large", "fetch images.example: too large"},
		"net/http names its URL": {(&url.Error{Op: "Get", URL: "https://a.example/p?sig=1", Err: io.EOF}).Error(), `Get "[address]": EOF`},
		"a signed path":          {"bad path /i/key/sig/rs:fit:1:1/plain/x", "bad path [signed address]"},
		"a source in a path":     {"no such option in plain/http://a.example/x.jpg", "no such option in plain/[address]"},
		"a merged source":        {"bad http:/a.example/x.jpg", "bad [address]"},
		"a token":                {"parsing eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ4In0.c2ln failed", "parsing [token] failed"},
		"a key's secret":         {"secret pas_live_01ABC_xyz is revoked", "secret [secret] is revoked"},
		"a node's token":         {"token pasn.eu-1.aaa.bbb", "token [secret]"},
		"a header":               {"Authorization: Bearer abc.def", "Authorization: [credential]"},
		"a query":                {"path /v1/photos?document=us-passport is odd", "path /v1/photos[query] is odd"},
		"data":                   {"value " + strings.Repeat("Zm9v", 60) + " is odd", "value [data] is odd"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Scrub(test.in); got != test.out {
				t.Errorf("%q became %q, want %q", test.in, got, test.out)
			}
		})
	}
	if got := Scrub(strings.Repeat("a b ", 1000)); len(got) > longest+len("…") {
		t.Errorf("4,000 bytes became %d, want no more than %d", len(got), longest)
	}
}

func TestTheMessageIsScrubbedToo(t *testing.T) {
	var out bytes.Buffer
	Log(&out).Warn(fmt.Sprintf("cannot reach %s", "https://a.example/secret"))
	if strings.Contains(out.String(), "secret") {
		t.Errorf("the log says %s", out.String())
	}
}

func TestPages(t *testing.T) {
	ready := true
	server := httptest.NewServer(Handler(Sources{
		Ready:   func() (bool, string) { return ready, map[bool]string{false: "draining"}[ready] },
		Cluster: func() any { return map[string]any{"members": []string{"a"}} },
	}))
	defer server.Close()
	get := func(path string) (int, string) {
		resp, err := http.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}

	Announce("v1", "8.14.1")
	for path, want := range map[string]string{
		"/metrics": `libvips="8.14.1"`, "/cluster": `"members"`, "/debug/pprof/": "goroutine", "/readyz": `"ready": true`,
	} {
		if status, body := get(path); status != 200 || !strings.Contains(body, want) {
			t.Errorf("%s answers %d without %q in it, want 200", path, status, want)
		}
	}
	ready = false
	if status, body := get("/readyz"); status != 503 || !strings.Contains(body, "draining") {
		t.Errorf("a node that drains answers %d %s, want 503 and why", status, body)
	}
}

func TestServeEndsWithItsContext(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := Serve(cancelled(), ln, http.NotFoundHandler(), slog.New(slog.DiscardHandler)); err != nil {
		t.Errorf("Serve returned %v, want nothing", err)
	}
}

func cancelled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}
