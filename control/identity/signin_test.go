package identity_test

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/control/identity"
	"github.com/professionalaistudio/studio/control/identity/devidp"
	"github.com/professionalaistudio/studio/control/store"
	"github.com/professionalaistudio/studio/control/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// A rig is an issuer, a relying party on a real server, and a browser that follows redirects by hand.
type rig struct {
	idp     *devidp.Server
	site    *httptest.Server
	signIn  *identity.SignIn
	now     time.Time
	browser *http.Client

	person identity.Person // what the last Finish said
	next   string
	err    error
}

func newRig(t *testing.T, db *store.DB) *rig {
	t.Helper()
	r := &rig{now: time.Now()}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	r.browser = &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

	mux := http.NewServeMux()
	mux.HandleFunc("GET /signin", func(w http.ResponseWriter, q *http.Request) {
		address, cookie, err := r.signIn.Begin(q.Context(), "devidp", q.URL.Query().Get("next"))
		if err != nil {
			r.err = err
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		http.SetCookie(w, cookie)
		http.Redirect(w, q, address, http.StatusSeeOther)
	})
	mux.HandleFunc("GET /signin/callback", func(w http.ResponseWriter, q *http.Request) {
		r.person, r.next, r.err = r.signIn.Finish(q.Context(), q)
		http.SetCookie(w, r.signIn.Forget())
	})
	r.site = httptest.NewServer(mux)
	t.Cleanup(r.site.Close)

	web := httptest.NewUnstartedServer(nil)
	r.idp, err = devidp.New("http://"+web.Listener.Addr().String(),
		devidp.Client{ID: "studio", Secret: "hush", Redirects: []string{r.site.URL + "/signin/callback"}})
	if err != nil {
		t.Fatal(err)
	}
	r.idp.Now = func() time.Time { return r.now }
	web.Config.Handler = r.idp
	web.Start()
	t.Cleanup(web.Close)

	r.signIn, err = identity.NewSignIn(identity.SignInConfig{
		URL: r.site.URL, Key: [32]byte{7}, Now: func() time.Time { return r.now },
		Issuers: []identity.Issuer{{Name: "devidp", URL: r.idp.Issuer, ClientID: "studio", Secret: "hush"}},
	}, db)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// get follows one step and returns where it leads.
func (r *rig) get(t *testing.T, address string) *url.URL {
	t.Helper()
	answer, err := r.browser.Get(address)
	return location(t, answer, err)
}

func location(t *testing.T, answer *http.Response, err error) *url.URL {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, answer.Body)
	answer.Body.Close()
	to, err := answer.Location()
	if err != nil {
		return nil
	}
	return to
}

// ask goes to the issuer and chooses somebody; it returns the way back, not yet gone.
func (r *rig) ask(t *testing.T, next, user string) *url.URL {
	t.Helper()
	r.person, r.next, r.err = identity.Person{}, "", nil
	question := r.get(t, r.site.URL+"/signin?next="+url.QueryEscape(next))
	if question == nil {
		return nil
	}
	form := question.Query()
	form.Set("user", user)
	answer, err := r.browser.PostForm(r.idp.Issuer+"/authorize", form)
	return location(t, answer, err)
}

// signs signs somebody in, or not.
func (r *rig) sign(t *testing.T, next, user string) {
	t.Helper()
	if back := r.ask(t, next, user); back != nil {
		r.get(t, back.String())
	}
}

func TestSignIn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db)
		r.sign(t, "/console?tab=keys", "sample-ada")
		if r.err != nil {
			t.Fatal(r.err)
		}
		want := identity.Person{ID: r.person.ID, Issuer: r.idp.Issuer, Subject: "sample-ada", Email: "ada@example.com",
			Name: "Ada Lindgren", Created: r.person.Created}
		if r.person != want || r.person.ID == "" || r.next != "/console?tab=keys" {
			t.Errorf("signed in %+v going to %q, want %+v going to /console?tab=keys", r.person, r.next, want)
		}
		first := r.person.ID
		r.sign(t, "", "sample-ada")
		if r.person.ID != first || r.next != "/" {
			t.Errorf("again: %q going to %q (%v), want %q going to /", r.person.ID, r.next, r.err, first)
		}
		r.sign(t, "", "sample-bo")
		if r.person.ID == first {
			t.Errorf("Bo is Ada: %+v", r.person)
		}
	})
}

// Whatever the issuer's answer has wrong with it, nobody is signed in and nobody is made.
func TestIDTokenRefused(t *testing.T) {
	db := storetest.SQLite(t)
	set := func(name string, value any) func(*rig) {
		return func(r *rig) {
			r.idp.Mangle = func(c map[string]any) {
				if value == nil {
					delete(c, name)
				} else {
					c[name] = value
				}
			}
		}
	}
	for name, lever := range map[string]func(*rig){
		"expired":            set("exp", time.Now().Add(-time.Second).Unix()),
		"without an end":     set("exp", nil),
		"of a slow issuer":   func(r *rig) { r.idp.Now = func() time.Time { return r.now.Add(-11 * time.Minute) } },
		"forged":             func(r *rig) { r.idp.Forge = true },
		"another audience":   set("aud", "somebody else"),
		"no audience":        set("aud", nil),
		"many audiences":     set("aud", []string{"studio", "somebody else"}),
		"for another party":  set("azp", "somebody else"),
		"another nonce":      set("nonce", "another"),
		"no nonce":           set("nonce", nil),
		"another issuer":     set("iss", "https://accounts.google.com"),
		"not yet good":       set("nbf", time.Now().Add(time.Hour).Unix()),
		"another code's":     set("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"),
		"of nobody":          set("sub", ""),
		"of nobody at all":   set("sub", nil),
		"of too long a name": set("sub", strings.Repeat("x", 256)),
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, db)
			lever(r)
			r.sign(t, "/", "sample-ada")
			if !errors.Is(r.err, identity.ErrRefused) || r.person != (identity.Person{}) {
				t.Errorf("an ID token %s: %+v (%v), want nobody and %v", name, r.person, r.err, identity.ErrRefused)
			}
			// The same rig without the lever does sign in, so that the lever is what was refused.
			r.idp.Mangle, r.idp.Forge, r.idp.Now = nil, false, func() time.Time { return r.now }
			r.sign(t, "/", "sample-ada")
			if r.err != nil {
				t.Errorf("and without it: %v, want no error", r.err)
			}
		})
	}
}

// The answer must be to a question of this browser, asked a short while ago, and by the issuer that was asked.
func TestAnswerRefused(t *testing.T) {
	db := storetest.SQLite(t)
	change := func(name, value string) func(*rig, *url.URL) {
		return func(_ *rig, back *url.URL) {
			q := back.Query()
			q.Set(name, value)
			if value == "" {
				q.Del(name)
			}
			back.RawQuery = q.Encode()
		}
	}
	for name, test := range map[string]struct {
		do   func(*rig, *url.URL)
		want error
	}{
		"another state":         {change("state", "x"), identity.ErrLogin},
		"no state":              {change("state", ""), identity.ErrLogin},
		"another issuer":        {change("iss", "https://accounts.google.com"), identity.ErrRefused},
		"an unnamed issuer":     {change("iss", ""), identity.ErrRefused},
		"a made-up code":        {change("code", "x"), identity.ErrRefused},
		"declined":              {change("error", "access_denied"), identity.ErrDenied},
		"another browser":       {func(r *rig, _ *url.URL) { r.browser.Jar, _ = cookiejar.New(nil) }, identity.ErrLogin},
		"eleven minutes later":  {func(r *rig, _ *url.URL) { r.now = r.now.Add(11 * time.Minute) }, identity.ErrLogin},
		"asked again meanwhile": {func(r *rig, _ *url.URL) { r.get(t, r.site.URL+"/signin") }, identity.ErrLogin},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, db)
			back := r.ask(t, "/", "sample-ada")
			test.do(r, back)
			r.get(t, back.String())
			if !errors.Is(r.err, test.want) || r.person != (identity.Person{}) {
				t.Errorf("%+v (%v), want nobody and %v", r.person, r.err, test.want)
			}
		})
	}
}

// A code stolen on its way is worth nothing in another browser, and an answer is good once.
func TestStolenAnswer(t *testing.T) {
	r := newRig(t, storetest.SQLite(t))
	stolen := r.ask(t, "/", "sample-ada").Query().Get("code")
	own := r.browser.Jar
	r.browser.Jar, _ = cookiejar.New(nil)
	back := r.ask(t, "/", "sample-bo") // the thief begins a sign-in of their own and puts the stolen code into it
	q := back.Query()
	q.Set("code", stolen)
	back.RawQuery = q.Encode()
	r.get(t, back.String())
	if !errors.Is(r.err, identity.ErrRefused) {
		t.Errorf("a stolen code: %+v (%v), want %v", r.person, r.err, identity.ErrRefused)
	}

	r.browser.Jar = own
	back = r.ask(t, "/", "sample-ada")
	r.get(t, back.String())
	if r.err != nil {
		t.Fatal(r.err)
	}
	r.get(t, back.String())
	if !errors.Is(r.err, identity.ErrLogin) {
		t.Errorf("the same answer again: %v, want %v", r.err, identity.ErrLogin)
	}
}

// An address that the issuer has not verified is not shown as the person's.
func TestUnverifiedEmail(t *testing.T) {
	r := newRig(t, storetest.SQLite(t))
	for value, want := range map[any]string{true: "ada@example.com", "true": "ada@example.com", false: "", "false": "", 1: ""} {
		r.idp.Mangle = func(c map[string]any) { c["email_verified"] = value }
		r.sign(t, "/", "sample-ada")
		if r.err != nil || r.person.Email != want {
			t.Errorf("email_verified %v: %q (%v), want %q", value, r.person.Email, r.err, want)
		}
	}
}

// The login cookie is the browser's alone: no script reads it, it is short-lived, and https gives it the prefix.
func TestLoginCookie(t *testing.T) {
	r := newRig(t, storetest.SQLite(t))
	for address, want := range map[string]http.Cookie{
		"http://127.0.0.1:8080":      {Name: "login", Secure: false},
		"https://studio.example.com": {Name: "__Host-login", Secure: true},
	} {
		s, err := identity.NewSignIn(identity.SignInConfig{URL: address,
			Issuers: []identity.Issuer{{Name: "x", URL: r.idp.Issuer, ClientID: "studio", Secret: "hush"}}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		to, c, err := s.Begin(t.Context(), "x", "//evil.example")
		if err != nil {
			t.Fatal(err)
		}
		if c.Name != want.Name || c.Secure != want.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" ||
			c.SameSite != http.SameSiteLaxMode || c.MaxAge != 600 {
			t.Errorf("%s: cookie %v, want %s, secure %v, http only, lax, 600 s", address, c, want.Name, want.Secure)
		}
		u, _ := url.Parse(to)
		q := u.Query()
		if q.Get("redirect_uri") != address+"/signin/callback" || q.Get("code_challenge_method") != "S256" ||
			len(q.Get("state")) < 26 || len(q.Get("nonce")) < 26 || len(q.Get("code_challenge")) != 43 {
			t.Errorf("%s: the question %v lacks something", address, q)
		}
		for _, secret := range []string{q.Get("state"), q.Get("nonce")} {
			if strings.Contains(c.Value, secret) {
				t.Errorf("%s: the cookie shows %q", address, secret)
			}
		}
	}
	if f := r.signIn.Forget(); f.MaxAge >= 0 || f.Value != "" || f.Name != "login" {
		t.Errorf("forgetting sets %v", f)
	}
}

// An issuer that is down keeps nobody from starting; it is asked again each time, and works once it is up.
func TestIssuerDown(t *testing.T) {
	r := newRig(t, storetest.SQLite(t))
	down := httptest.NewServer(http.NotFoundHandler())
	address := down.URL
	down.Close()
	s, err := identity.NewSignIn(identity.SignInConfig{URL: "http://127.0.0.1:1",
		Issuers: []identity.Issuer{{Name: "down", URL: address, ClientID: "c"}, {Name: "up", URL: r.idp.Issuer, ClientID: "studio"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]error{"down": identity.ErrIssuer, "up": nil, "none": identity.ErrNoIssuer} {
		if _, _, err := s.Begin(t.Context(), name, "/"); !errors.Is(err, want) {
			t.Errorf("issuer %s: %v, want %v", name, err, want)
		}
	}
}

var discard = slog.New(slog.DiscardHandler)
