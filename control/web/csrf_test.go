package web_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/professionalaistudio/studio/control/store/storetest"
)

// No other site can send a form of ours in a person's name, however it dresses it up.
func TestCrossSiteForms(t *testing.T) {
	r := newRig(t, storetest.SQLite(t), "G-TEST1234")
	r.signIn(t, "sample-ada", "/")
	key := url.Values{"purpose": {"stolen"}, "scope": {"photos"}}
	forms := map[string]url.Values{
		"/signout": {}, "/account/signout": {}, "/consent": {"analytics": {"accept"}},
		"/console/keys": key, "/console/keys/x/revoke": {}, "/console/name": {"name": {"stolen"}},
	}
	for name, headers := range map[string][]string{
		"of another site":         {"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.test"},
		"of a subdomain":          {"Sec-Fetch-Site", "same-site"},
		"of an old browser":       {"Sec-Fetch-Site", "", "Origin", "https://evil.test"},
		"from a sandboxed frame":  {"Sec-Fetch-Site", "", "Origin", "null"},
		"of a port of this host":  {"Sec-Fetch-Site", "", "Origin", "http://127.0.0.1:1"},
		"of another scheme of us": {"Sec-Fetch-Site", "", "Origin", strings.Replace(r.URL, "http:", "https:", 1) + "0"},
	} {
		for path, form := range forms {
			got := r.post(t, path, form, headers...)
			if got.StatusCode != 403 || len(got.Cookies()) != 0 || !strings.Contains(got.body, "sent from another site") {
				t.Errorf("a form %s to %s: %d, cookies %v, want 403 and an explanation", name, path, got.StatusCode, got.Cookies())
			}
		}
	}
	console := r.get(t, "/console")
	if console.StatusCode != 200 || strings.Contains(console.body, "stolen") {
		t.Errorf("afterwards the console is %d and has something stolen in it", console.StatusCode)
	}
	for name, headers := range map[string][]string{
		"of ours":                  {},
		"of ours, an old browser":  {"Sec-Fetch-Site", "", "Origin", r.URL},
		"of a program, no browser": {"Sec-Fetch-Site", ""},
	} {
		if got := r.post(t, "/console/name", url.Values{"name": {"Mine"}}, headers...); got.to(t) != r.URL+"/console" {
			t.Errorf("a form %s: %d to %s, want it taken", name, got.StatusCode, got.to(t))
		}
	}
}

// A form that is too large is not read to its end.
func TestLargeForm(t *testing.T) {
	r := newRig(t, storetest.SQLite(t), "")
	r.signIn(t, "sample-ada", "/")
	got := r.post(t, "/console/name", url.Values{"name": {strings.Repeat("x", 1<<20)}})
	if got.StatusCode != 422 {
		t.Errorf("a form of a megabyte: %d, want it refused", got.StatusCode)
	}
}
