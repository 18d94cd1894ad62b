package wire

import (
	"errors"
	"strings"
	"testing"
)

// targetVector is a row of testdata/target.json: what is signed of a request target.
type targetVector struct {
	Name      string `json:"name"`
	Raw       string `json:"raw"`
	Key       string `json:"key,omitempty"`
	Signature string `json:"signature,omitempty"`
	Path      string `json:"path,omitempty"` // empty: refused
}

func targetVectors() []targetVector {
	return []targetVector{
		{"plain source", "/i/k1/sig/rs:fit:9:9/plain/https://example.com/a.jpg@webp", "k1", "sig", "/rs:fit:9:9/plain/https://example.com/a.jpg@webp"},
		{"base64 source", "/i/k1/sig/w:9/aHR0cDovL2V4YW1w/bGU.png", "k1", "sig", "/w:9/aHR0cDovL2V4YW1w/bGU.png"},
		{"no options", "/i/k1/sig/plain/http://a/b", "k1", "sig", "/plain/http://a/b"},
		{"two slashes before the signature", "/i/k1//sig/w:9/YQ", "k1", "sig", "/w:9/YQ"},
		{"query cut", "/i/k1/sig/w:9/YQ?v=1&w=2", "k1", "sig", "/w:9/YQ"},
		{"query cut from a plain source", "/i/k1/sig/plain/http://a/b?c=d", "k1", "sig", "/plain/http://a/b"},
		{"escaped colons among options", "/i/k1/sig/rs%3Afit%3A9%3A9/w:8/plain/http%3A%2F%2Fa/b", "k1", "sig", "/rs:fit:9:9/w:8/plain/http%3A%2F%2Fa/b"},
		{"escaped colons before a base64 source", "/i/k1/sig/rs%3Afit%3A9/YQ", "k1", "sig", "/rs:fit:9/YQ"},
		{"https:/", "/i/k1/sig/plain/https:/example.com/a.jpg", "k1", "sig", "/plain/https://example.com/a.jpg"},
		{"http:/ behind options", "/i/k1/sig/w:9/plain/http:/example.com/a.jpg", "k1", "sig", "/w:9/plain/http://example.com/a.jpg"},
		{"local:/", "/i/k1/sig/plain/local:/a.jpg", "k1", "sig", "/plain/local:///a.jpg"},
		{"local:///", "/i/k1/sig/plain/local:///a.jpg", "k1", "sig", "/plain/local:///a.jpg"},
		{"a colon further on", "/i/k1/sig/plain/http://a/b:/c", "k1", "sig", "/plain/http://a/b:/c"},
		{"no scheme", "/i/k1/sig/plain/example.com/a.jpg", "k1", "sig", "/plain/example.com/a.jpg"},
		{"dots and escapes stay", "/i/k1/sig/plain/http://a/../b%2e%2E//c", "k1", "sig", "/plain/http://a/../b%2e%2E//c"},
		{"through a proxy", "http://edge.example:8081/i/k1/sig/w:9/YQ", "k1", "sig", "/w:9/YQ"},
		{"no key", "/i//sig/w:9/YQ", "", "", ""},
		{"three slashes", "/i/k1///sig/w:9/YQ", "", "", ""},
		{"no signature", "/i/k1", "", "", ""},
		{"signature alone", "/i/k1/sig", "", "", ""},
		{"signature and a slash", "/i/k1/sig/", "", "", ""},
		{"another route", "/v1/images/w:9", "", "", ""},
		{"nothing", "", "", "", ""},
		{"a host alone", "http://edge.example", "", "", ""},
	}
}

func TestSplitTarget(t *testing.T) {
	for _, v := range vectors(t, "target.json", targetVectors()) {
		t.Run(v.Name, func(t *testing.T) {
			got, err := SplitTarget(v.Raw)
			want := Target{KeyID(v.Key), v.Signature, v.Path}
			if got != want || (err != nil) != (v.Path == "") || err != nil && !errors.Is(err, ErrTarget) {
				t.Errorf("SplitTarget(%q) = %+v, %v; want %+v", v.Raw, got, err, want)
			}
		})
	}
}

// A target that was taken apart, written again and taken apart again is the same: what is signed does not depend
// on how often a proxy has touched it.
func FuzzSplitTarget(f *testing.F) {
	for _, v := range targetVectors() {
		f.Add(v.Raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := SplitTarget(raw)
		if err != nil {
			return
		}
		if again, err := SplitTarget(got.String()); err != nil || again != got {
			t.Errorf("%q gives %+v, which gives %+v, %v", raw, got, again, err)
		}
		if got.KeyID == "" || got.Signature == "" || !strings.HasPrefix(got.Path, "/") || strings.Contains(got.Path, "?") {
			t.Errorf("%q gives %+v", raw, got)
		}
	})
}
