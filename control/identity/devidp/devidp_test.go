package devidp

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"
)

const back = "http://127.0.0.1:9/signin/callback"

// start runs an issuer on a port of its own.
func start(t *testing.T) *Server {
	t.Helper()
	web := httptest.NewUnstartedServer(nil)
	s, err := New("http://"+web.Listener.Addr().String(), Client{ID: "studio", Secret: "hush", Redirects: []string{back}})
	if err != nil {
		t.Fatal(err)
	}
	web.Config.Handler = s
	web.Start()
	t.Cleanup(web.Close)
	return s
}

var noRedirects = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func question1(verifier string) url.Values {
	return url.Values{"client_id": {"studio"}, "redirect_uri": {back}, "response_type": {"code"}, "scope": {"openid email"},
		"state": {"st"}, "nonce": {"no"}, "code_challenge": {oauth2.S256ChallengeFromVerifier(verifier)}, "code_challenge_method": {"S256"}}
}

// choose answers the page and returns what the client is sent.
func choose(t *testing.T, s *Server, form url.Values) url.Values {
	t.Helper()
	r, err := noRedirects.PostForm(s.Issuer+"/authorize", form)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	to, err := r.Location()
	if err != nil {
		t.Fatalf("status %d leads nowhere: %v", r.StatusCode, err)
	}
	if got := to.Scheme + "://" + to.Host + to.Path; got != back {
		t.Fatalf("sent to %s, want %s", got, back)
	}
	return to.Query()
}

func exchange(t *testing.T, s *Server, form url.Values) (status int, answer map[string]any) {
	t.Helper()
	r, err := http.PostForm(s.Issuer+"/token", form)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if err := json.NewDecoder(r.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, answer
}

func exchangeForm(code, verifier string) url.Values {
	return url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {back},
		"client_id": {"studio"}, "client_secret": {"hush"}, "code_verifier": {verifier}}
}

func TestListenOnLoopbackOnly(t *testing.T) {
	for _, address := range []string{":0", "0.0.0.0:0", "[::]:0", "192.0.2.1:0", "example.com:0", "nonsense"} {
		if l, err := Listen(address); err == nil {
			l.Close()
			t.Errorf("listens on %q", address)
		}
	}
	l, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	for _, issuer := range []string{"https://127.0.0.1", "http://example.com", "http://0.0.0.0:1", "http://127.0.0.1.example.com", ""} {
		if _, err := New(issuer); err == nil {
			t.Errorf("calls itself %q", issuer)
		}
	}
}

// A name that somebody else's DNS points at this machine gets nothing.
func TestOtherHostNames(t *testing.T) {
	s := start(t)
	for host, want := range map[string]int{"evil.example": 421, "127.0.0.1.evil.example:80": 421, "localhost:1": 200, "[::1]:8090": 200} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("Host %s is answered %d, want %d", host, w.Code, want)
		}
	}
}

func TestServeEndsWithContext(t *testing.T) {
	s := start(t)
	l, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.Serve(ctx, l, slog.New(slog.DiscardHandler)) }()
	r, err := http.Get("http://" + l.Addr().String() + "/")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(r.Body)
	r.Body.Close()
	if !strings.Contains(string(body), "Development only") {
		t.Errorf("the page has no banner:\n%s", body)
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Serve: %v, want nil", err)
	}
}

func TestSignIn(t *testing.T) {
	s := start(t)
	r, err := http.Get(s.Issuer + "/authorize?" + question1("v").Encode())
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(r.Body)
	r.Body.Close()
	for _, want := range []string{"Development only", "Ada Lindgren", "Bo Tanaka", "Chioma Okafor", `name="name"`} {
		if !strings.Contains(string(body), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if policy := r.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self' http://127.0.0.1:9") {
		t.Errorf("policy %q stops the way back", policy)
	}

	form := question1("v")
	form.Set("user", "sample-bo")
	answer := choose(t, s, form)
	if answer.Get("state") != "st" || answer.Get("iss") != s.Issuer || answer.Get("code") == "" {
		t.Fatalf("answer = %v, want a code, the state and the issuer", answer)
	}
	status, tokens := exchange(t, s, exchangeForm(answer.Get("code"), "v"))
	if status != 200 || tokens["id_token"] == nil {
		t.Fatalf("exchange = %d %v, want tokens", status, tokens)
	}

	ask, _ := http.NewRequest("GET", s.Issuer+"/userinfo", nil)
	ask.Header.Set("Authorization", "Bearer "+tokens["access_token"].(string))
	userinfo := func() (int, string) {
		r, err := http.DefaultClient.Do(ask)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		body, _ := io.ReadAll(r.Body)
		return r.StatusCode, string(body)
	}
	if status, body := userinfo(); status != 200 || !strings.Contains(body, `"sub":"sample-bo"`) {
		t.Errorf("userinfo = %d %s, want sample-bo", status, body)
	}
	// The same code again: refused, and what it was exchanged for is revoked.
	if status, _ := exchange(t, s, exchangeForm(answer.Get("code"), "v")); status != 400 {
		t.Errorf("a code used twice = %d, want 400", status)
	}
	if status, _ := userinfo(); status != 401 {
		t.Errorf("userinfo after that = %d, want 401", status)
	}
}

// A name that is typed is the same person each time, and another name another.
func TestNamed(t *testing.T) {
	if a, b := named(" Eve  Adams"), named("eve adams"); a.Subject != b.Subject {
		t.Errorf("subjects %s and %s, want one", a.Subject, b.Subject)
	}
	if a, b := named("Eve"), named("Adam"); a.Subject == b.Subject || a.Email == b.Email {
		t.Errorf("Eve and Adam are one: %+v", a)
	}
}

// A wrong client or address is told to the person and never redirected to; other faults go back to the client.
func TestAuthorizeRefuses(t *testing.T) {
	s := start(t)
	for name, test := range map[string]struct{ field, value, word string }{
		"another client":          {"client_id", "other", ""},
		"no client":               {"client_id", "", ""},
		"another address":         {"redirect_uri", "http://127.0.0.1:9/other", ""},
		"the address and a bit":   {"redirect_uri", back + "/x", ""},
		"with a query":            {"redirect_uri", back + "?x=1", ""},
		"another host":            {"redirect_uri", "http://evil.example/signin/callback", ""},
		"implicit flow":           {"response_type", "token", "unsupported_response_type"},
		"not OpenID":              {"scope", "email", "invalid_scope"},
		"without PKCE":            {"code_challenge", "", "invalid_request"},
		"PKCE that proves little": {"code_challenge_method", "plain", "invalid_request"},
	} {
		t.Run(name, func(t *testing.T) {
			form := question1("v")
			form.Set(test.field, test.value)
			form.Set("user", "sample-ada")
			for method, ask := range map[string]func() (*http.Response, error){
				"GET":  func() (*http.Response, error) { return noRedirects.Get(s.Issuer + "/authorize?" + form.Encode()) },
				"POST": func() (*http.Response, error) { return noRedirects.PostForm(s.Issuer+"/authorize", form) },
			} {
				r, err := ask()
				if err != nil {
					t.Fatal(err)
				}
				r.Body.Close()
				to, _ := r.Location()
				switch {
				case test.word == "" && (r.StatusCode != 400 || to != nil):
					t.Errorf("%s: %d to %v, want 400 and nowhere", method, r.StatusCode, to)
				case test.word != "" && (to == nil || to.Query().Get("error") != test.word || to.Query().Get("state") != "st"):
					t.Errorf("%s: %d to %v, want the error %s", method, r.StatusCode, to, test.word)
				}
			}
		})
	}
	form := question1("v")
	form.Set("decline", "yes")
	if answer := choose(t, s, form); answer.Get("error") != "access_denied" {
		t.Errorf("declined = %v, want access_denied", answer)
	}
	form.Del("decline")
	form.Set("name", strings.Repeat("x", 61))
	if r, err := noRedirects.PostForm(s.Issuer+"/authorize", form); err != nil || r.StatusCode != 400 {
		t.Errorf("a name of 61 letters: %v (%v), want 400", r.StatusCode, err)
	}
}

func TestTokenRefuses(t *testing.T) {
	s := start(t)
	now := time.Now()
	s.Now = func() time.Time { return now }
	for name, test := range map[string]struct {
		field, value string
		later        time.Duration
		status       int
	}{
		"wrong verifier":    {"code_verifier", "w", 0, 400},
		"no verifier":       {"code_verifier", "", 0, 400},
		"wrong address":     {"redirect_uri", back + "x", 0, 400},
		"wrong secret":      {"client_secret", "hash", 0, 401},
		"wrong client":      {"client_id", "other", 0, 401},
		"wrong grant":       {"grant_type", "password", 0, 400},
		"no code":           {"code", "", 0, 400},
		"a minute too late": {"code_verifier", "v", codeLife + time.Second, 400},
	} {
		form := question1("v")
		form.Set("user", "sample-ada")
		swap := exchangeForm(choose(t, s, form).Get("code"), "v")
		swap.Set(test.field, test.value)
		now = now.Add(test.later)
		if status, answer := exchange(t, s, swap); status != test.status || answer["id_token"] != nil {
			t.Errorf("%s: %d %v, want %d", name, status, answer, test.status)
		}
	}
}
