package devidp

import (
	"bytes"
	"crypto/rand"
	_ "embed"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

//go:embed page.html
var pageSource string

var page = template.Must(template.New("page").Parse(pageSource))

// A question is a relying party's request that somebody sign in.
type question struct {
	Client, Redirect, State, Nonce, Challenge string
}

// authorize shows the people to choose from.
func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	q, ok := s.question(w, r, r.URL.Query())
	if !ok {
		return
	}
	s.page(w, http.StatusOK, q, "")
}

// decide sends the person who was chosen back to where they came from.
func (s *Server) decide(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
	if err := r.ParseForm(); err != nil {
		s.page(w, http.StatusBadRequest, question{}, "The form cannot be read.")
		return
	}
	q, ok := s.question(w, r, r.PostForm)
	if !ok {
		return
	}
	if r.PostForm.Get("decline") != "" {
		s.back(w, r, q, "error", "access_denied")
		return
	}
	user, ok := s.choice(r.PostForm)
	if !ok {
		s.page(w, http.StatusBadRequest, q, "Choose somebody, or type a name of up to 60 letters.")
		return
	}
	code, now := rand.Text(), s.Now()
	s.mu.Lock()
	s.sweep(now)
	s.codes[code] = grant{client: q.Client, redirect: q.Redirect, nonce: q.Nonce, challenge: q.Challenge,
		user: user, expires: now.Add(codeLife)}
	s.mu.Unlock()
	s.back(w, r, q, "code", code)
}

func (s *Server) choice(form url.Values) (User, bool) {
	subject := form.Get("user")
	if i := slices.IndexFunc(s.Users, func(u User) bool { return u.Subject == subject }); i >= 0 {
		return s.Users[i], true
	}
	user := named(form.Get("name"))
	return user, subject == "" && user.Name != "" && utf8.RuneCountInString(user.Name) <= 60
}

// question checks a request. What is wrong with the client or the address is told to the person, and not sent to
// that address: it may be an attacker's. What is wrong otherwise goes back to the client.
func (s *Server) question(w http.ResponseWriter, r *http.Request, form url.Values) (question, bool) {
	q := question{Client: form.Get("client_id"), Redirect: form.Get("redirect_uri"), State: form.Get("state"),
		Nonce: form.Get("nonce"), Challenge: form.Get("code_challenge")}
	client, known := s.client(q.Client)
	switch {
	case !known:
		s.page(w, http.StatusBadRequest, question{}, "No such client: "+q.Client)
		return q, false
	case !slices.Contains(client.Redirects, q.Redirect):
		s.page(w, http.StatusBadRequest, question{}, "This client may not be answered at "+q.Redirect)
		return q, false
	case form.Get("response_type") != "code":
		s.back(w, r, q, "error", "unsupported_response_type")
		return q, false
	case !slices.Contains(strings.Fields(form.Get("scope")), "openid"):
		s.back(w, r, q, "error", "invalid_scope")
		return q, false
	case q.Challenge == "" || form.Get("code_challenge_method") != "S256":
		s.back(w, r, q, "error", "invalid_request") // PKCE is not optional here
		return q, false
	}
	return q, true
}

// back answers the client, saying who answers (RFC 9207).
func (s *Server) back(w http.ResponseWriter, r *http.Request, q question, name, value string) {
	u, err := url.Parse(q.Redirect)
	if err != nil {
		s.page(w, http.StatusBadRequest, question{}, "The address to answer at is broken.")
		return
	}
	query := u.Query()
	query.Set(name, value)
	query.Set("iss", s.Issuer)
	if q.State != "" {
		query.Set("state", q.State)
	}
	u.RawQuery = query.Encode()
	http.Redirect(w, r, u.String(), http.StatusSeeOther)
}

func (s *Server) home(w http.ResponseWriter, r *http.Request) {
	s.page(w, http.StatusOK, question{}, "")
}

// page shows the people if there is a question, and a fault if there is one.
func (s *Server) page(w http.ResponseWriter, status int, q question, fault string) {
	var body bytes.Buffer
	if err := page.Execute(&body, map[string]any{"Question": q, "Asked": q.Client != "", "Fault": fault,
		"Users": s.Users, "Issuer": s.Issuer}); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	policy := "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
	if u, err := url.Parse(q.Redirect); err == nil && u.Host != "" {
		policy += " " + u.Scheme + "://" + u.Host // browsers apply form-action to the redirect after a form, too
	}
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(body.Bytes())
}

// sweep forgets what is over; called with the lock held.
func (s *Server) sweep(now time.Time) {
	for code, g := range s.codes {
		if now.Sub(g.expires) > tokenLife { // used codes stay known as long as what they were exchanged for
			delete(s.codes, code)
		}
	}
	for token, g := range s.access {
		if now.After(g.expires) {
			delete(s.access, token)
		}
	}
}
