package telemetry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const canary = "ada@example.org"

// Whatever way a field takes into a line, its value stays out unless its key is on the list.
func TestLogWithholds(t *testing.T) {
	var out bytes.Buffer
	log := NewLog(&out, slog.LevelInfo)
	log.Info("a", "email", canary)
	log.With("token", canary).Info("b")
	log.WithGroup("person").Info("c", "mail", canary)
	log.Info("d", slog.Group("who", "name2", canary, slog.Group("deep", "mail", canary)))
	log.Info("e", "id", struct{ Mail string }{canary})
	log.Info("f", "cookie", lazy(canary))
	if strings.Contains(out.String(), canary) {
		t.Errorf("the log holds %q:\n%s", canary, out.String())
	}
	if got, want := strings.Count(out.String(), Withheld), 7; got != want {
		t.Errorf("%d fields withheld, want %d:\n%s", got, want, out.String())
	}
}

type lazy string

func (l lazy) LogValue() slog.Value { return slog.StringValue(string(l)) }

func TestLogKeepsListedFields(t *testing.T) {
	var out bytes.Buffer
	NewLog(&out, slog.LevelInfo).Info("order paid", "order", "01J", "count", 3, "error", fmt.Errorf("ask: %w", io.EOF))
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{"msg": "order paid", "order": "01J", "count": 3.0, "error": "ask: EOF"} {
		if line[key] != want {
			t.Errorf("%s is %v, want %v", key, line[key], want)
		}
	}
}

func TestRequests(t *testing.T) {
	var out bytes.Buffer
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/orders/{id}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "ok") })
	mux.HandleFunc("GET /panics", func(http.ResponseWriter, *http.Request) { panic(canary) })
	server := httptest.NewServer(Requests(NewLog(&out, slog.LevelInfo), mux))
	defer server.Close()

	for name, test := range map[string]struct {
		path   string
		status int
		route  string
	}{
		"answered":  {"/v1/orders/42?mail=" + canary, 200, "GET /v1/orders/{id}"},
		"not found": {"/" + canary, 404, "none"},
		"panicked":  {"/panics", 500, "GET /panics"},
	} {
		t.Run(name, func(t *testing.T) {
			out.Reset()
			resp, err := http.Get(server.URL + test.path)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != test.status {
				t.Errorf("status %d, want %d", resp.StatusCode, test.status)
			}
			id, timing := resp.Header.Get("X-Request-Id"), resp.Header.Get("Server-Timing")
			if id == "" || !strings.HasPrefix(timing, "app;dur=") {
				t.Errorf("request id %q, timing %q; want both", id, timing)
			}
			log := out.String()
			if strings.Contains(log, canary) {
				t.Errorf("the log repeats what a stranger sent:\n%s", log)
			}
			if want := fmt.Sprintf(`"route":%q,"status":%d`, test.route, test.status); !strings.Contains(log, want) {
				t.Errorf("the log lacks %s:\n%s", want, log)
			}
		})
	}
}

// Edges call every two seconds each, all day: only what went wrong is worth a line.
func TestRequestsOfEdgesAreQuiet(t *testing.T) {
	var out bytes.Buffer
	status := 204
	mux := http.NewServeMux()
	mux.HandleFunc("POST /internal/heartbeat", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(status) })
	h := Requests(NewLog(&out, slog.LevelInfo), mux)
	for _, test := range []struct{ status, lines int }{{204, 0}, {401, 1}} {
		out.Reset()
		status = test.status
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/internal/heartbeat", nil))
		if got := strings.Count(out.String(), "\n"); got != test.lines {
			t.Errorf("%d writes %d lines, want %d:\n%s", test.status, got, test.lines, out.String())
		}
	}
}

func TestPrivate(t *testing.T) {
	var broken error
	server := httptest.NewServer(Private("test", func(context.Context) error { return broken }))
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
	if status, body := get("/readyz"); status != 200 {
		t.Errorf("ready: %d %q, want 200", status, body)
	}
	broken = errors.New("database is gone")
	if status, body := get("/readyz"); status != 503 || !strings.Contains(body, "database is gone") {
		t.Errorf("not ready: %d %q, want 503 and why", status, body)
	}
	if status, body := get("/metrics"); status != 200 || !strings.Contains(body, `control_build_info{version="test"} 1`) {
		t.Errorf("metrics: %d, want the build in\n%.300s", status, body)
	}
	if status, _ := get("/debug/pprof/goroutine?debug=1"); status != 200 {
		t.Errorf("profiles: %d, want 200", status)
	}
}
