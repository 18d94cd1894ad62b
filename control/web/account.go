package web

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/professionalaistudio/studio/control/identity"
)

// signIn lists where one can sign in; chosen by ?with, it leads there. That is a link and not a form, because a
// browser would apply our form-action policy to the way to the issuer.
func (s *Site) signIn(w http.ResponseWriter, r *http.Request) {
	next := r.URL.Query().Get("next")
	if next == "" {
		next = "/console"
	}
	next = identity.SafeNext(next)
	if with := r.URL.Query().Get("with"); with != "" {
		// The answer comes back to our own name, and so must the cookie: localhost and 127.0.0.1 are two hosts.
		if !s.secure() && r.Host != s.cfg.URL.Host {
			http.Redirect(w, r, s.at(r.URL.RequestURI()), http.StatusSeeOther)
			return
		}
		address, cookie, err := s.parts.SignIn.Begin(r.Context(), with, next)
		if err != nil {
			s.signInFailed(w, r, next, err)
			return
		}
		http.SetCookie(w, cookie)
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Referrer-Policy", "no-referrer")
		http.Redirect(w, r, address, http.StatusSeeOther)
		return
	}
	if _, ok := s.parts.Sessions.Person(r.Context(), r); ok {
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, next, http.StatusSeeOther)
		return
	}
	type way struct {
		identity.Issuer
		Link string
	}
	var ways []way
	for _, issuer := range s.parts.SignIn.Issuers() {
		ways = append(ways, way{issuer, "/signin?" + url.Values{"with": {issuer.Name}, "next": {next}}.Encode()})
	}
	s.Render(w, r, http.StatusOK, View{Title: "Sign in", Template: s.pages["signin.html"], Private: true,
		Data: map[string]any{"Ways": ways}})
}

// callback is where an issuer sends people back to.
func (s *Site) callback(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, s.parts.SignIn.Forget())
	person, next, err := s.parts.SignIn.Finish(r.Context(), r)
	if err != nil {
		s.signInFailed(w, r, next, err)
		return
	}
	if _, err := s.parts.Orgs.ForPerson(r.Context(), person.ID); err != nil {
		s.Fail(w, r, err)
		return
	}
	cookie, err := s.parts.Sessions.Start(r.Context(), r, person.ID)
	if err != nil {
		s.Fail(w, r, err)
		return
	}
	http.SetCookie(w, cookie)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer") // the address holds a code
	http.Redirect(w, r, next, http.StatusSeeOther)
}

// A failure of a sign-in, as the person is told of it.
type failure struct {
	err               error
	status            int
	Title, Text, Next string
}

var failures = []failure{
	{err: identity.ErrDenied, status: http.StatusOK, Title: "You are not signed in.",
		Text: "You, or the service you chose, said no. Nothing was kept. You can make a photo without signing in."},
	{err: identity.ErrLogin, status: http.StatusBadRequest, Title: "That sign-in is no longer good.",
		Text: "It was begun in another browser or another tab, or it took more than ten minutes. Please begin again here."},
	{err: identity.ErrRefused, status: http.StatusBadRequest, Title: "We could not believe that answer.",
		Text: "What came back does not prove who you are: it is too old, altered, or meant for somebody else. If it happens again, somebody may be meddling with the connection."},
	{err: identity.ErrNoIssuer, status: http.StatusNotFound, Title: "We do not know that service.",
		Text: "Please choose one of those on the list."},
	{err: identity.ErrIssuer, status: http.StatusBadGateway, Title: "The service you sign in with does not answer.",
		Text: "Please try again in a minute. You can make a photo without signing in."},
}

func (s *Site) signInFailed(w http.ResponseWriter, r *http.Request, next string, err error) {
	for _, f := range failures {
		if errors.Is(err, f.err) {
			s.log.InfoContext(r.Context(), "a sign-in failed", "error", err)
			f.Next = identity.SafeNext(next)
			s.Render(w, r, f.status, View{Title: f.Title, Template: s.pages["signinfault.html"], Private: true, Data: f})
			return
		}
	}
	s.Fail(w, r, err)
}

// signOut ends this browser's session, and makes it forget what it has of us.
func (s *Site) signOut(w http.ResponseWriter, r *http.Request) {
	cookie, err := s.parts.Sessions.End(r.Context(), r)
	if err != nil {
		s.Fail(w, r, err)
		return
	}
	http.SetCookie(w, cookie)
	w.Header().Set("Clear-Site-Data", `"cache"`)
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (s *Site) signOutEverywhere(w http.ResponseWriter, r *http.Request, person identity.Person) {
	if err := s.parts.Sessions.EndAll(r.Context(), person.ID); err != nil {
		s.Fail(w, r, err)
		return
	}
	s.signOut(w, r)
}

func (s *Site) account(w http.ResponseWriter, r *http.Request, person identity.Person) {
	o, err := s.parts.Orgs.ForPerson(r.Context(), person.ID)
	if err != nil {
		s.Fail(w, r, err)
		return
	}
	from := person.Issuer
	for _, issuer := range s.parts.SignIn.Issuers() {
		if issuer.URL == person.Issuer {
			from = issuer.Title()
		}
	}
	s.Render(w, r, http.StatusOK, View{Title: "Your account", Template: s.pages["account.html"], Private: true,
		Data: map[string]any{"Person": person, "Org": o, "Issuer": from}})
}
