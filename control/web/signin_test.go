package web_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/professionalaistudio/studio/control/store"
	"github.com/professionalaistudio/studio/control/store/storetest"
)

// The whole way: a page that needs a person leads to the sign-in, that to the issuer, and the answer back to the page.
func TestSignIn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db, "")
		if to := r.get(t, "/console?x=1").to(t); to != r.URL+"/signin?next=%2Fconsole%3Fx%3D1" {
			t.Errorf("the console leads to %s, want the sign-in and back", to)
		}
		choose := r.get(t, "/signin?next=/account")
		if choose.StatusCode != 200 || !strings.Contains(choose.body, `href="/signin?next=%2Faccount&amp;with=devidp"`) ||
			!strings.Contains(choose.body, "Development only") {
			t.Errorf("the sign-in page is %d and lacks the link or the warning:\n%s", choose.StatusCode, choose.body)
		}

		back := r.signIn(t, "sample-ada", "/account")
		if to := back.to(t); to != r.URL+"/account" {
			t.Errorf("signed in, it leads to %s, want /account", to)
		}
		session := cookie(back, "session")
		if session == nil || !session.HttpOnly || session.SameSite != http.SameSiteLaxMode || session.Path != "/" || session.Domain != "" || session.Secure {
			t.Errorf("the session's cookie is %v, want http only, lax, the whole site, and not secure on loopback http", session)
		}
		if login := cookie(back, "login"); login == nil || login.MaxAge >= 0 {
			t.Errorf("the login cookie is %v, want it gone", login)
		}
		account := r.get(t, "/account")
		for _, want := range []string{"Ada Lindgren", "ada@example.com", "Sample people", "My organisation"} {
			if !strings.Contains(account.body, want) {
				t.Errorf("the account page lacks %q", want)
			}
		}
		if to := r.get(t, "/signin?next=/documents").to(t); to != r.URL+"/documents" {
			t.Errorf("signing in again leads to %s, want straight on", to)
		}

		out := r.post(t, "/signout", url.Values{})
		if gone := cookie(out, "session"); out.to(t) != r.URL+"/" || gone == nil || gone.MaxAge >= 0 {
			t.Errorf("signing out leads to %s and sets %v, want home and no session", out.to(t), gone)
		}
		u, _ := url.Parse(r.URL)
		r.browser.Jar.SetCookies(u, []*http.Cookie{{Name: "session", Value: session.Value}})
		if got := r.get(t, "/account"); got.StatusCode != http.StatusSeeOther {
			t.Errorf("a cookie kept after signing out opens the account: %d", got.StatusCode)
		}
	})
}

func cookie(p page, name string) *http.Cookie {
	for _, c := range p.Cookies() {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// A session that an attacker planted before the sign-in is not the one that the person has after it.
func TestSessionFixation(t *testing.T) {
	r := newRig(t, storetest.SQLite(t), "")
	u, _ := url.Parse(r.URL)
	r.browser.Jar.SetCookies(u, []*http.Cookie{{Name: "session", Value: "planted"}})
	first := cookie(r.signIn(t, "sample-ada", "/"), "session")
	if first == nil || first.Value == "planted" {
		t.Fatalf("after the sign-in the session is %v, want a new one", first)
	}
	second := cookie(r.signIn(t, "sample-ada", "/"), "session")
	r.browser.Jar, _ = cookiejar.New(nil)
	for name, test := range map[string]struct {
		value string
		want  int
	}{"the planted one": {"planted", 303}, "the one before the last sign-in": {first.Value, 303}, "the last": {second.Value, 200}} {
		if got := r.get(t, "/account", "Cookie", "session="+test.value); got.StatusCode != test.want {
			t.Errorf("with %s the account answers %d, want %d", name, got.StatusCode, test.want)
		}
	}
}

// Signing out everywhere ends the other browser too.
func TestSignOutEverywhere(t *testing.T) {
	r := newRig(t, storetest.SQLite(t), "")
	r.signIn(t, "sample-ada", "/")
	phone := r.browser
	r.browser = newBrowser(t)
	r.signIn(t, "sample-ada", "/")
	if got := r.post(t, "/account/signout", url.Values{}); got.to(t) != r.URL+"/" {
		t.Errorf("leads to %s, want home", got.to(t))
	}
	for name, b := range map[string]*http.Client{"this": r.browser, "the other": phone} {
		r.browser = b
		if got := r.get(t, "/account"); got.StatusCode != http.StatusSeeOther {
			t.Errorf("%s browser is still signed in: %d", name, got.StatusCode)
		}
	}
}

// However the way back is bent, it stays on this site.
func TestNextStaysHere(t *testing.T) {
	r := newRig(t, storetest.SQLite(t), "")
	for _, next := range []string{"https://evil.test/", "//evil.test", "/\\evil.test", "/\t/evil.test", "javascript:alert(1)"} {
		if to := r.signIn(t, "sample-ada", next).to(t); to != r.URL+"/" {
			t.Errorf("next=%q leads to %s, want home", next, to)
		}
		if to := r.get(t, "/signin?next="+url.QueryEscape(next)).to(t); to != r.URL+"/" {
			t.Errorf("next=%q, signed in, leads to %s, want home", next, to)
		}
	}
}

// What goes wrong at a sign-in is told in words, with a status, and signs nobody in.
func TestSignInFails(t *testing.T) {
	r := newRig(t, storetest.SQLite(t), "")
	for name, test := range map[string]struct {
		path   string
		status int
		text   string
	}{
		"nothing was asked": {"/signin/callback?code=x&state=y", 400, "no longer good"},
		"no such issuer":    {"/signin?with=none", 404, "do not know that service"},
	} {
		got := r.get(t, test.path)
		if got.StatusCode != test.status || !strings.Contains(got.body, test.text) || cookie(got, "session") != nil {
			t.Errorf("%s: %d, want %d and %q in:\n%s", name, got.StatusCode, test.status, test.text, got.body)
		}
	}

	question, err := url.Parse(r.get(t, "/signin?with=devidp&next=/account").to(t))
	if err != nil {
		t.Fatal(err)
	}
	form := question.Query()
	form.Set("decline", "yes")
	got := r.get(t, r.post(t, question.Scheme+"://"+question.Host+"/authorize", form).to(t))
	if got.StatusCode != 200 || !strings.Contains(got.body, "You are not signed in") || !strings.Contains(got.body, `href="/signin?next=%2faccount"`) {
		t.Errorf("declined: %d, want to hear so and be able to go on:\n%s", got.StatusCode, got.body)
	}
	if got.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("the page of an answer may be kept: %q", got.Header.Get("Cache-Control"))
	}
}

// Somebody who came by another name of this machine is sent to the one that the answer comes back to.
func TestSignInUnderOurName(t *testing.T) {
	r := newRig(t, storetest.SQLite(t), "")
	q, err := http.NewRequest("GET", r.URL+"/signin?with=devidp&next=/account", nil)
	if err != nil {
		t.Fatal(err)
	}
	q.Host = "localhost:1"
	answer, err := r.browser.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if to := answer.Header.Get("Location"); to != r.URL+"/signin?with=devidp&next=/account" || len(answer.Cookies()) != 0 {
		t.Errorf("leads to %s with %v, want our own name and no cookie yet", to, answer.Cookies())
	}
}
