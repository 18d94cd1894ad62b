package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/control/privacy"
	"github.com/professionalaistudio/studio/control/store"
	"github.com/professionalaistudio/studio/control/store/storetest"
	"github.com/professionalaistudio/studio/control/web"
)

var accept = url.Values{"analytics": {"accept"}, "source": {"banner"}, "next": {"/documents?q=japan"}}
var refuse = url.Values{"analytics": {"refuse"}, "source": {"settings"}, "next": {"/cookies"}}

// google says whether a page would have the browser speak to Google.
func google(p page) bool {
	return strings.Contains(p.body, "googletagmanager.com") || strings.Contains(p.Header.Get("Content-Security-Policy"), "google")
}

func asks(p page) bool { return strings.Contains(p.body, "May we count this visit?") }

// Nothing from Google before a yes; after it, on public pages only, under a nonce; after a no, nothing again.
func TestConsent(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db, "G-TEST1234")
		first := r.get(t, "/")
		if google(first) || !asks(first) {
			t.Errorf("before a choice: Google %v, asked %v, want no and yes", google(first), asks(first))
		}

		chosen := r.post(t, "/consent", accept)
		c := cookie(chosen, "consent")
		if chosen.to(t) != r.URL+"/documents?q=japan" || c == nil || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.MaxAge != 182*24*3600 {
			t.Errorf("accepted: to %s with %v, want back to the page and a cookie for half a year", chosen.to(t), c)
		}
		after := r.get(t, "/")
		if !google(after) || asks(after) {
			t.Errorf("after a yes: Google %v, asked %v, want yes and no", google(after), asks(after))
		}
		nonces := regexp.MustCompile(`nonce="([^"]+)"`).FindAllStringSubmatch(after.body, -1)
		policy := after.Header.Get("Content-Security-Policy")
		if len(nonces) != 2 || nonces[0][1] != nonces[1][1] || !strings.Contains(policy, "'nonce-"+nonces[0][1]+"'") || len(nonces[0][1]) < 22 {
			t.Errorf("nonces %v with the policy %q, want one long one for both scripts", nonces, policy)
		}
		if again := r.get(t, "/"); strings.Contains(again.body, nonces[0][1]) {
			t.Error("the nonce is used twice")
		}
		for _, denied := range []string{"ad_storage: 'denied'", "ad_user_data: 'denied'", "ad_personalization: 'denied'", "cookie_domain: 'none'", "allow_google_signals: false"} {
			if !strings.Contains(after.body, denied) {
				t.Errorf("the tag lacks %q", denied)
			}
		}
		if strings.Count(after.body, "'granted'") != 1 {
			t.Error("more than analytics is granted")
		}
		if p := r.get(t, "/signin"); google(p) {
			t.Error("Google is on the sign-in page")
		}
		r.signIn(t, "sample-ada", "/")
		for _, path := range []string{"/console", "/account", "/nowhere"} {
			if p := r.get(t, path); google(p) {
				t.Errorf("Google is on %s", path)
			}
		}

		u, _ := url.Parse(r.URL)
		r.browser.Jar.SetCookies(u, []*http.Cookie{{Name: "_ga", Value: "GA1.1"}, {Name: "_ga_TEST1234", Value: "GS1"}, {Name: "_gather", Value: "not Google's"}})
		withdrawn := r.post(t, "/consent", refuse)
		if p := r.get(t, "/"); google(p) || asks(p) {
			t.Errorf("after a no: Google %v, asked %v, want neither", google(p), asks(p))
		}
		for _, name := range []string{"_ga", "_ga_TEST1234"} {
			if gone := cookie(withdrawn, name); gone == nil || gone.MaxAge >= 0 || gone.Path != "/" {
				t.Errorf("%s is %v after a no, want it removed", name, gone)
			}
		}
		if cookie(withdrawn, "_gather") != nil {
			t.Error("a cookie that is not Google's was removed")
		}

		id, _, _ := strings.Cut(c.Value, ".")
		log, err := r.privacy.History(t.Context(), id)
		if err != nil || len(log) != 2 {
			t.Fatalf("the log of %s has %d rows (%v), want 2", id, len(log), err)
		}
		if !log[0].Allows(privacy.Analytics) || log[0].Source != privacy.Banner || log[1].Allows(privacy.Analytics) || log[1].Source != privacy.Settings ||
			log[0].Policy != web.Policy() {
			t.Errorf("the log is %+v, want a yes from the banner and a no from the settings, to this text", log)
		}
	})
}

// Refuse is as big as Accept: the same element, the same class, in the same form, and first.
func TestRefuseIsAsBigAsAccept(t *testing.T) {
	r := newRig(t, storetest.SQLite(t), "G-TEST1234")
	for _, path := range []string{"/", "/cookies"} {
		buttons := regexp.MustCompile(`<button class="choice" name="analytics" value="(\w+)">(\w+)</button>`).FindAllStringSubmatch(r.get(t, path).body, -1)
		var words []string
		for _, b := range buttons {
			words = append(words, b[2])
		}
		if len(words)%2 != 0 || len(words) == 0 || words[0] != "Refuse" || words[1] != "Accept" {
			t.Errorf("%s has the buttons %v, want Refuse and Accept alike", path, words)
		}
	}
}

// A browser that refuses for the person is believed over any click, and nothing is asked.
func TestSignals(t *testing.T) {
	db := storetest.SQLite(t)
	for _, signal := range []string{"Sec-GPC", "DNT"} {
		r := newRig(t, db, "G-TEST1234")
		r.post(t, "/consent", accept)
		if p := r.get(t, "/"); !google(p) {
			t.Fatalf("%s: without the signal there is no tag to refuse", signal)
		}
		if p := r.get(t, "/", signal, "1"); google(p) || asks(p) {
			t.Errorf("%s: Google %v, asked %v, want neither", signal, google(p), asks(p))
		}
		if p := r.get(t, "/cookies", signal, "1"); strings.Contains(p.body, `value="accept"`) || !strings.Contains(p.body, "We take that as a refusal") {
			t.Errorf("%s: the cookie page asks all the same", signal)
		}
		if p := r.get(t, "/", signal, "0"); !google(p) {
			t.Errorf("%s: 0 is taken for a refusal", signal)
		}
		// A yes sent with the signal is a no, and kept as one.
		c := cookie(r.post(t, "/consent", accept, signal, "1"), "consent")
		if p := r.get(t, "/"); google(p) {
			t.Errorf("%s: a yes beside the signal counts", signal)
		}
		id, _, _ := strings.Cut(c.Value, ".")
		log, err := r.privacy.History(t.Context(), id)
		if err != nil || len(log) != 2 || log[1].Source != privacy.Signal || len(log[1].Purposes) != 0 {
			t.Errorf("%s: the log is %+v (%v), want a refusal by signal", signal, log, err)
		}
	}
}

// A yes to an older text, and a cookie that somebody made up, count for nothing.
func TestOldOrForgedConsent(t *testing.T) {
	r := newRig(t, storetest.SQLite(t), "G-TEST1234")
	id := strings.Repeat("A", 26)
	for name, test := range map[string]struct {
		value string
		asks  bool
	}{
		"an older text":    {id + ".1.2020-01-01", true},
		"no id":            {".1." + web.PolicyVersion, true},
		"an id of markup":  {strings.Repeat("<", 26) + ".1." + web.PolicyVersion, true},
		"another answer":   {id + ".2." + web.PolicyVersion, true},
		"too many parts":   {id + ".1." + web.PolicyVersion + ".x", true},
		"nothing":          {"", true},
		"a no to this one": {id + ".0." + web.PolicyVersion, false},
	} {
		if p := r.get(t, "/", "Cookie", "consent="+test.value); google(p) || asks(p) != test.asks {
			t.Errorf("%s: Google %v, asked %v, want no and %v", name, google(p), asks(p), test.asks)
		}
	}
	if p := r.post(t, "/consent", url.Values{"analytics": {"maybe"}}); p.StatusCode != 400 || len(p.Cookies()) != 0 {
		t.Errorf("a choice of nothing: %d and %v, want 400 and no cookie", p.StatusCode, p.Cookies())
	}
	if to := r.post(t, "/consent", url.Values{"analytics": {"refuse"}, "next": {"//evil.test"}}).to(t); to != r.URL+"/" {
		t.Errorf("leads to %s, want home", to)
	}
}

// Where no measurement id is set there is nothing to consent to: nobody is asked, and the word is on no page.
func TestWithoutAnalytics(t *testing.T) {
	r := newRig(t, storetest.SQLite(t), "")
	r.post(t, "/consent", accept)
	for _, path := range []string{"/", "/cookies", "/privacy", "/documents"} {
		if p := r.get(t, path); google(p) || asks(p) || strings.Contains(p.body, "_ga") {
			t.Errorf("%s speaks of Google or asks", path)
		}
	}
	if p := r.get(t, "/cookies"); !strings.Contains(p.body, "nothing to choose") {
		t.Error("the cookie page does not say that there is nothing to choose")
	}
}

// A changed text needs a new day, so that who agreed to the old one is asked again. To change it: change the text and
// PolicyVersion together, then add the line that this test prints.
func TestPolicyVersion(t *testing.T) {
	texts := map[string]string{ // version: digest
		"2026-11-24": "538e055ddf92aabd3ab4740132fd7553f67374feeda021a1f8e943e70ad4e421",
	}
	p := web.Policy()
	if texts[p.Version] != p.Digest {
		t.Errorf("the text of %s has changed: want a new PolicyVersion and the line\n\t%q: %q,", p.Version, p.Version, p.Digest)
	}
	if _, err := time.Parse(time.DateOnly, p.Version); err != nil {
		t.Errorf("the version is no day: %v", err)
	}
}

// Every cookie that is set on any way through the site stands on the cookie page, with its life, and none is missing.
func TestCookieTable(t *testing.T) {
	r := newRig(t, storetest.SQLite(t), "G-TEST1234")
	seen := map[string]int{}
	look := func(pages ...page) {
		for _, p := range pages {
			for _, c := range p.Cookies() {
				if c.MaxAge > 0 {
					seen[c.Name] = c.MaxAge
				}
			}
		}
	}
	look(r.get(t, "/"), r.get(t, "/signin?with=devidp"), r.signIn(t, "sample-ada", "/"), r.post(t, "/consent", accept), r.get(t, "/console"),
		r.post(t, "/console/keys", url.Values{"purpose": {"App"}, "scope": {"images"}}), r.get(t, "/account"), r.get(t, "/cookies"), r.post(t, "/signout", url.Values{}))
	var table []string
	for _, c := range r.site.Cookies() {
		if c.Google {
			continue
		}
		table = append(table, c.Name)
		if got := seen[c.Name]; got != int(c.Life/time.Second) {
			t.Errorf("cookie %s lives %d s, and the page says %d", c.Name, got, int(c.Life/time.Second))
		}
		delete(seen, c.Name)
	}
	if len(seen) > 0 {
		t.Errorf("cookies that the page does not name: %v", seen)
	}
	slices.Sort(table)
	if !slices.Equal(table, []string{"consent", "login", "session"}) {
		t.Errorf("the table has %v", table)
	}
	p := r.get(t, "/cookies")
	for _, c := range r.site.Cookies() {
		if !strings.Contains(p.body, "<code>"+c.Name+"</code>") || !strings.Contains(p.body, ">"+c.For()+"<") {
			t.Errorf("the page lacks %s or its %s", c.Name, c.For())
		}
	}
}
