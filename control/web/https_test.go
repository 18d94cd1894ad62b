package web_test

import (
	"log/slog"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/control/identity"
	"github.com/professionalaistudio/studio/control/org"
	"github.com/professionalaistudio/studio/control/privacy"
	"github.com/professionalaistudio/studio/control/store/storetest"
	"github.com/professionalaistudio/studio/control/web"
)

// Over https every cookie is secure, and browsers are told to come back by https only.
func TestOverHTTPS(t *testing.T) {
	db, log := storetest.SQLite(t), slog.New(slog.DiscardHandler)
	base, err := url.Parse("https://studio.test")
	if err != nil {
		t.Fatal(err)
	}
	signIn, err := identity.NewSignIn(identity.SignInConfig{URL: base.String()}, db)
	if err != nil {
		t.Fatal(err)
	}
	site, err := web.New(web.Config{URL: base, GAID: "G-TEST1234"}, web.Parts{SignIn: signIn, Orgs: org.New(org.Config{}, db),
		Sessions: identity.NewSessions(db, true, time.Now, log), Documents: &pack{}, Consents: privacy.New(db, time.Now)}, log)
	if err != nil {
		t.Fatal(err)
	}

	// Behind a proxy that gives us another Host, our own forms are still ours.
	q := httptest.NewRequest("POST", "http://10.0.0.1:8080/consent", strings.NewReader("analytics=accept"))
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	q.Header.Set("Origin", "https://studio.test")
	answer := httptest.NewRecorder()
	site.ServeHTTP(answer, q)
	p := page{Response: answer.Result()}
	if c := cookie(p, "consent"); p.StatusCode != 303 || c == nil || !c.Secure {
		t.Errorf("%d with %v, want a secure cookie", p.StatusCode, c)
	}
	if got := p.Header.Get("Strict-Transport-Security"); got != "max-age=63072000; includeSubDomains" {
		t.Errorf("Strict-Transport-Security = %q", got)
	}
	for i, want := range []string{"__Host-login", "__Host-session", "consent"} {
		if got := site.Cookies()[i].Name; got != want {
			t.Errorf("cookie %d is %s, want %s", i, got, want)
		}
	}
}

// A measurement id goes into a script, so it must be one.
func TestMeasurementID(t *testing.T) {
	for _, id := range []string{"UA-1-1", "G-", "g-abcd1234", "G-ABCD'1234", "G-ABCD1234\n"} {
		if _, err := web.New(web.Config{URL: &url.URL{Scheme: "https", Host: "x.test"}, GAID: id}, web.Parts{}, slog.New(slog.DiscardHandler)); err == nil {
			t.Errorf("%q was taken", id)
		}
	}
}
