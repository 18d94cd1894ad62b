package fetch

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
)

func TestPatterns(t *testing.T) {
	for _, test := range []struct {
		pattern, url string
		want         bool
	}{
		{"https://good.example", "https://good.example", true},
		{"https://good.example", "https://good.example/any/path?query", true},
		{"https://good.example", "HTTPS://GOOD.example./", true},
		{"https://good.example", "https://good.example:443/", true},
		{"https://good.example", "https://good.example:8443/", false},
		{"https://good.example", "http://good.example/", false},
		{"https://good.example", "https://good.example.evil.example/", false},
		{"https://good.example", "https://good.example@evil.example/", false},
		{"https://good.example", "https://evil.example/https://good.example/", false},
		{"https://good.example", "https://evil.example?https://good.example", false},
		{"https://good.example", "https://evil.example#good.example", false},
		{"https://good.example", "https://www.good.example/", false},
		{"HTTPS://Good.Example./", "https://good.example/x", true},
		{"https://good.example:8443/", "https://good.example:8443/x", true},
		{"https://good.example:8443/", "https://good.example/x", false},
		{"https://good.example:*/", "https://good.example:9000/x", true},

		{"https://*.good.example/", "https://a.good.example/", true},
		{"https://*.good.example/", "https://a.b.good.example/", true},
		{"https://*.good.example/", "https://good.example/", false},
		{"https://*.good.example/", "https://evil.example/.good.example/", false},
		{"https://*.good.example/", "https://evilgood.example/", false},
		{"https://img-*.good.example/", "https://img-7.good.example/", true},
		{"https://", "https://any.example:8443/x", true},
		{"https://", "http://any.example/x", false},
		{"https://*/", "https://any.example/x", true},
		{"http://127.0.0.1:*/", "http://127.0.0.1:5000/x", true},
		{"http://[2001:DB8::1]:*/", "http://[2001:db8:0::1]:5000/x", true},
		{"https://bücher.example/", "https://xn--bcher-kva.example/", true},
		{"https://bücher.example/", "https://BÜCHER.example/", true},
		{"https://good.example/", "https://ｇｏｏｄ.example/", true}, // it is looked up as good.example

		{"https://a.example/pub/", "https://a.example/pub/x", true},
		{"https://a.example/pub/", "https://a.example/pub/", true},
		{"https://a.example/pub/", "https://a.example/pub/x/y?z", true},
		{"https://a.example/pub/", "https://a.example/pub", false},
		{"https://a.example/pub/", "https://a.example/public/x", false},
		{"https://a.example/pub/", "https://a.example/PUB/x", false},
		{"https://a.example/pub", "https://a.example/public/x", true}, // a prefix, as it says
		{"https://a.example/pub/", "https://a.example/%70ub/x", true},
		{"https://a.example/pub/", "https://a.example/pub/../secret", false},
		{"https://a.example/pub/", "https://a.example/pub/%2e%2E/secret", false},
		{"https://a.example/pub/", "https://a.example/pub/..%2fsecret", false},
		{"https://a.example/pub/", "https://a.example/pub/x%5c..%5c..%5csecret", false},
		{"https://a.example/pub/", "https://a.example/pub%2fx", false},
		{"https://a.example/pub/", "https://a.example/pub/x%2fy", true}, // as in object stores
		{"https://a.example/pub/", "https://a.example//pub/x", false},
		{"https://a.example/*/pub/", "https://a.example/x/pub/y", true},
		{"https://a.example/*/pub/", "https://a.example/x/y/pub/z", false},
		{"https://a.example/*/pub/", "https://a.example/x%2fy/pub/z", false},
		{"https://a.example/pub/img-*.jpg", "https://a.example/pub/img-7.jpg", true},
		{"https://a.example/pub/img-*.jpg", "https://a.example/pub/img-7/x.jpg", false},
		{"https://a.example/a b/", "https://a.example/a%20b/x", true},
	} {
		p, err := parsePattern(test.pattern)
		if err != nil {
			t.Errorf("%s: %v", test.pattern, err)
			continue
		}
		u, err := parseSource(test.url)
		if got := err == nil && p.admits(u); got != test.want {
			t.Errorf("%s admits %s: %t (%v), want %t", test.pattern, test.url, got, err, test.want)
		}
	}
}

// FuzzPattern: a pattern admits a URL only if the scheme is its own and the host, as a dialler would read it off the URL
// that is sent, is what stands between :// and the next slash, * being any run of letters.
func FuzzPattern(f *testing.F) {
	f.Add("https://good.example", "https://good.example@evil.example/")
	f.Add("https://*.good.example:*/pub/*/x", "https://a.good.example:8443/pub/7/xyz?q#f")
	f.Add("http://[::1]", "http://[::1]:80/")
	f.Add("https://bücher.example/", "https://BÜCHER.example/")
	f.Add("http://", "http://[fe80::1%25eth0]:5060/%2e%2e/%00")
	f.Fuzz(func(t *testing.T, pattern, raw string) {
		p, err := parsePattern(pattern)
		if err != nil {
			return
		}
		u, err := parseSource(raw)
		if err != nil || !p.admits(u) {
			return
		}
		sent, err := url.Parse(u.String()) // as the next program will read it
		if err != nil {
			t.Fatalf("%q is admitted as %q, which is no URL: %v", raw, u, err)
		}
		scheme, rest, _ := strings.Cut(pattern, "://")
		authority, _, _ := strings.Cut(rest, "/")
		want := regexp.MustCompile(`^(?i)` + strings.ReplaceAll(regexp.QuoteMeta(authority), `\*`, `[^/@:]*`) + `$`)
		host := sent.Hostname()
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		if !strings.EqualFold(sent.Scheme, scheme) || sent.User != nil || sent.Fragment != "" {
			t.Errorf("%q admits %q, sent as %q", pattern, raw, sent)
		}
		if authority == "" || !isASCII(authority) || strings.Contains(authority, "[") { // other spellings are in the table
			return
		}
		for _, spelling := range []string{host, host + ".", host + ":", host + ".:", host + ":" + port(sent), host + ".:" + port(sent)} {
			if want.MatchString(spelling) {
				return
			}
		}
		if strings.HasSuffix(authority, ":*") || strings.Contains(authority, ":") {
			return // ports have their own spellings: 0443
		}
		t.Errorf("%q admits %q, whose host is %q", pattern, raw, host)
	})
}

func isASCII(s string) bool {
	for _, b := range []byte(s) {
		if b >= 0x80 {
			return false
		}
	}
	return true
}
