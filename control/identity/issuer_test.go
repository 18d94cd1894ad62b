package identity

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestParseIssuers(t *testing.T) {
	got, err := ParseIssuers(" google=https://accounts.google.com,123.apps.googleusercontent.com,GOCSPX-a,b ; devidp=http://127.0.0.1:8090,studio, ;")
	want := []Issuer{
		{"google", "https://accounts.google.com", "123.apps.googleusercontent.com", "GOCSPX-a,b"},
		{"devidp", "http://127.0.0.1:8090", "studio", ""},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("issuers = %+v (%v), want %+v", got, err, want)
	}
	if !want[1].Local() || want[0].Local() {
		t.Errorf("local = %v and %v, want devidp alone", want[0].Local(), want[1].Local())
	}
	for _, text := range []string{
		"x", "x=", "x=https://a.example,id", "X=https://a.example,id,s", "=https://a.example,id,s",
		"x=http://a.example,id,hunter2", "x=https://a.example,,hunter2", "x=https://u:hunter2@a.example,id,hunter2",
		"x=https://a.example?q,id,hunter2", "x=a.example,id,hunter2", "x=https://a.example,id,s;x=https://b.example,id,hunter2",
		"x=http://127.0.0.1.a.example,id,hunter2", "hunter2,hunter2",
	} {
		got, err := ParseIssuers(text)
		if err == nil {
			t.Errorf("%q was taken: %+v", text, got)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: the error shows the secret: %v", text, err)
		}
	}
	if _, err := ParseIssuers("a;b=;c=x,y,z"); err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("three faults are reported as %v, want three lines", err)
	}
}

func TestSafeNext(t *testing.T) {
	for next, want := range map[string]string{
		"/console":                     "/console",
		"/console?a=b&c=%2F#top":       "/console?a=b&c=%2F#top",
		"/documents/us-passport":       "/documents/us-passport",
		"/?u=https://evil.test":        "/?u=https://evil.test",
		"":                             "/",
		"console":                      "/",
		"https://evil.test/":           "/",
		"//evil.test":                  "/",
		"///evil.test":                 "/",
		"/\\evil.test":                 "/",
		"\\\\evil.test":                "/",
		"/\t/evil.test":                "/",
		"/\n/evil.test":                "/",
		" /console":                    "/",
		"/console\x00":                 "/",
		"/söder":                       "/",
		"javascript:alert(1)":          "/",
		"/signin":                      "/",
		"/signin?next=/signin":         "/",
		"/signin/callback?a":           "/",
		"/%73ignin":                    "/",
		"/signout":                     "/",
		"/signing-in":                  "/signing-in",
		"/%zz":                         "/",
		"/" + strings.Repeat("a", 512): "/",
	} {
		if got := SafeNext(next); got != want {
			t.Errorf("SafeNext(%q) = %q, want %q", next, got, want)
		}
	}
}

// Whatever a stranger writes, what comes out stays on this site, as a browser reads it.
func FuzzSafeNext(f *testing.F) {
	for _, seed := range []string{"/", "/a?b#c", "//x", "/\\x", "/\t/x", "https:x", "/.//x", "/a/..//x", "/;@x", "/%2f/x"} {
		f.Add(seed)
	}
	base, err := url.Parse("https://studio.test/signin/callback")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, next string) {
		got := SafeNext(next)
		// The WHATWG rules that differ from Go's: tabs and line ends vanish, a backslash is a slash.
		browser := strings.NewReplacer("\t", "", "\n", "", "\r", "", "\\", "/").Replace(strings.TrimSpace(got))
		to, err := base.Parse(browser)
		if err != nil || to.Host != base.Host || to.Scheme != base.Scheme || strings.HasPrefix(browser, "//") {
			t.Errorf("SafeNext(%q) = %q, which leads to %v (%v)", next, got, to, err)
		}
		if again := SafeNext(got); again != got {
			t.Errorf("SafeNext(%q) = %q, but of that %q", next, got, again)
		}
	})
}
