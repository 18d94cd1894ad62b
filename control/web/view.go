package web

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/professionalaistudio/studio/control/identity"
)

// A View is a page to be framed.
type View struct {
	Title       string // without the site's name
	Description string // for search engines; empty on private pages
	Template    *template.Template
	Data        any
	Private     bool // holds what is one person's: never kept by a browser, never counted
}

// frame is what the layout shows around a view.
type frame struct {
	View
	Path      string // of the page, and where its forms return to
	Person    identity.Person
	SignedIn  bool
	Consent   consent
	Ask       bool   // the banner is shown
	Analytics string // the measurement id, if this page is counted
	Nonce     string
	Contact   string
}

var functions = template.FuncMap{
	"asset":   asset,
	"capital": capital,
	"number":  func(i int) int { return i + 1 }, // of what is counted from 0
	"day":     func(t time.Time) string { return t.UTC().Format("2 January 2006") },
	"iso":     func(t time.Time) string { return t.UTC().Format("2006-01-02") },
}

// Parse makes a page out of a file that defines "main", framed by the layout of the site.
func (s *Site) Parse(files fs.FS, names ...string) (*template.Template, error) {
	layout, err := s.layout.Clone()
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	page, err := layout.ParseFS(files, names...)
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	return page, nil
}

// Render frames a view and answers with it. Nothing is sent until all of it has been made.
func (s *Site) Render(w http.ResponseWriter, r *http.Request, status int, v View) {
	f := frame{View: v, Path: r.URL.RequestURI(), Contact: s.cfg.Contact}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		f.Path = "/"
	}
	f.Person, f.SignedIn = s.parts.Sessions.Person(r.Context(), r)
	f.Consent = s.consent(r)
	f.Ask = s.cfg.GAID != "" && !v.Private && !f.Consent.Given && !f.Consent.Signal && r.URL.Path != "/cookies" // which asks itself
	if s.cfg.GAID != "" && !v.Private && status == http.StatusOK && f.Consent.Analytics() {
		f.Analytics, f.Nonce = s.cfg.GAID, rand.Text()
	}
	if !f.Consent.Analytics() {
		dropAnalytics(w, r)
	}

	var body bytes.Buffer
	if err := v.Template.ExecuteTemplate(&body, "layout.html", f); err != nil {
		s.log.ErrorContext(r.Context(), "a page could not be rendered", "route", r.Pattern, "error", err)
		http.Error(w, "Something is wrong on our side.", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy(f.Nonce, f.Analytics != ""))
	h.Add("Vary", "Cookie, Sec-GPC, DNT")
	// A person's page must be gone once they have signed out, also for whoever presses Back on the same machine.
	if v.Private || f.SignedIn {
		h.Set("Cache-Control", "no-store")
	} else {
		h.Set("Cache-Control", "private, no-cache")
	}
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(body.Bytes())
	}
}

// Path of a form's page, checked: where to go back to after it.
func back(r *http.Request) string {
	next := identity.SafeNext(r.PostFormValue("next"))
	if strings.HasPrefix(next, "/consent") || strings.HasPrefix(next, "/account/") {
		return "/" // these take forms only
	}
	return next
}
