package studio

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

var sample = fstest.MapFS{
	".gitkeep":              {},
	"index.html":            {Data: []byte("<!doctype html><title>Studio</title>")},
	"favicon.svg":           {Data: []byte("<svg/>")},
	"assets/app-1a2b.js":    {Data: []byte("let a")},
	"assets/app-1a2b.js.br": {Data: []byte("brotli")},
	"assets/app-1a2b.js.gz": {Data: []byte("gzip")},
	"assets/style-3c4d.css": {Data: []byte("a{}")},
}

func get(t *testing.T, h http.Handler, method, target, accept string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, target, nil)
	r.Header.Set("Accept-Encoding", accept)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func TestServes(t *testing.T) {
	h := handler(sample, Config{})
	for name, test := range map[string]struct {
		method, target, accept string
		status                 int
		body, kind, cache      string
		coding                 string
	}{
		"the page":                  {"GET", "/studio", "", 200, "<!doctype html><title>Studio</title>", "text/html; charset=utf-8", "no-cache", ""},
		"the page with a document":  {"GET", "/studio/?document=us-passport", "", 200, "<!doctype html><title>Studio</title>", "text/html; charset=utf-8", "no-cache", ""},
		"a hashed file":             {"GET", "/studio/assets/style-3c4d.css", "", 200, "a{}", "text/css; charset=utf-8", "public, max-age=31536000, immutable", ""},
		"brotli where taken":        {"GET", "/studio/assets/app-1a2b.js", "gzip, br", 200, "brotli", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", "br"},
		"gzip where taken":          {"GET", "/studio/assets/app-1a2b.js", "gzip", 200, "gzip", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", "gzip"},
		"plain where neither is":    {"GET", "/studio/assets/app-1a2b.js", "identity", 200, "let a", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", ""},
		"head has no body":          {"HEAD", "/studio/assets/app-1a2b.js", "br", 200, "", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", "br"},
		"a file without a hash":     {"GET", "/studio/favicon.svg", "", 200, "<svg/>", "image/svg+xml", "no-cache", ""},
		"no such file":              {"GET", "/studio/assets/gone.js", "", 404, "There is no such file in the studio.\n", "text/plain; charset=utf-8", "no-store", ""},
		"a folder is no file":       {"GET", "/studio/assets", "", 404, "There is no such file in the studio.\n", "text/plain; charset=utf-8", "no-store", ""},
		"dot files are not served":  {"GET", "/studio/.gitkeep", "", 404, "There is no such file in the studio.\n", "text/plain; charset=utf-8", "no-store", ""},
		"nothing above the folder":  {"GET", "/studio/../../etc/passwd", "", 404, "There is no such file in the studio.\n", "text/plain; charset=utf-8", "no-store", ""},
		"nothing can be sent to it": {"POST", "/studio", "", 405, "The studio is a page: GET it.\n", "text/plain; charset=utf-8", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			res := get(t, h, test.method, test.target, test.accept)
			body, _ := io.ReadAll(res.Body)
			if res.StatusCode != test.status || string(body) != test.body {
				t.Errorf("%s %s is %d %q, want %d %q", test.method, test.target, res.StatusCode, body, test.status, test.body)
			}
			for header, want := range map[string]string{"Content-Type": test.kind, "Cache-Control": test.cache, "Content-Encoding": test.coding} {
				if got := res.Header.Get(header); got != want {
					t.Errorf("%s %s has %s %q, want %q", test.method, test.target, header, got, want)
				}
			}
		})
	}
}

// The policy is asked anew for each view, names origins only, and takes nothing that is not one.
func TestPolicy(t *testing.T) {
	edges := []string{"http://127.0.0.1:8081", "https://eu.example.org/some/path?x=1"}
	h := handler(sample, Config{Edges: func() []string { return edges }, Payments: []string{"http://127.0.0.1:8091/pay"}})
	policy := func() string {
		return get(t, h, "GET", "/studio", "").Header.Get("Content-Security-Policy")
	}
	for _, want := range []string{
		"default-src 'none'", "script-src 'self';", "style-src 'self';", "frame-ancestors 'none'",
		"connect-src 'self' http://127.0.0.1:8081 https://eu.example.org;", "frame-src http://127.0.0.1:8091;",
	} {
		if got := policy(); !strings.Contains(got, want) {
			t.Errorf("the policy lacks %q: %s", want, got)
		}
	}
	edges = []string{"https://a.example; script-src *", "javascript:alert(1)", "//no-scheme", "ftp://a.example", "https://b.example", "https://b.example/"}
	if got, want := policy(), "connect-src 'self' https://b.example;"; !strings.Contains(got, want) {
		t.Errorf("the policy lacks %q: %s", want, got)
	}
	if got, want := get(t, handler(sample, Config{}), "GET", "/studio", "").Header.Get("Content-Security-Policy"), "frame-src 'none'"; !strings.Contains(got, want) {
		t.Errorf("the policy without a payment page lacks %q: %s", want, got)
	}
	res := get(t, h, "GET", "/studio", "")
	for header, want := range map[string]string{"Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"} {
		if got := res.Header.Get(header); got != want {
			t.Errorf("%s is %q, want %q", header, got, want)
		}
	}
	if got, want := res.Header.Get("Permissions-Policy"), "camera=(self)"; !strings.HasPrefix(got, want) {
		t.Errorf("Permissions-Policy is %q, want it to begin with %q", got, want)
	}
}

func TestSaysWhenItWasNotBuilt(t *testing.T) {
	res := get(t, handler(fstest.MapFS{".gitkeep": {}}, Config{}), "GET", "/studio", "")
	body, _ := io.ReadAll(res.Body)
	if res.StatusCode != 503 || !strings.Contains(string(body), "make build") {
		t.Errorf("an empty dist answers %d %q, want 503 and the command", res.StatusCode, body)
	}
}
