package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/professionalaistudio/studio/control/privacy"
)

// PolicyVersion is the day since which the privacy and cookie pages say what they say. Who agreed to an older text is
// asked again. A test fails if the text changes and this does not.
const PolicyVersion = "2026-11-24"

const consentLife = 182 * 24 * time.Hour

// Policy names the text that people agree to.
func Policy() privacy.Policy {
	sum := sha256.New()
	for _, name := range []string{"pages/privacy.html", "pages/cookies.html"} {
		data, err := pageFiles.ReadFile(name)
		if err != nil {
			panic(err) // they are embedded by name
		}
		sum.Write(bytes.TrimSpace(data))
	}
	fmt.Fprintf(sum, "%q", keeps) // the table of the privacy page
	return privacy.Policy{Version: PolicyVersion, Digest: hex.EncodeToString(sum.Sum(nil))}
}

// A consent is what a browser has said about analytics.
type consent struct {
	ID     string
	Given  bool // a choice was made, about the text as it is now
	Agreed bool
	Signal bool // the browser refuses for the person: Sec-GPC or DNT
}

// Analytics says whether visits may be counted. A browser that refuses is believed over a click of long ago.
func (c consent) Analytics() bool { return c.Given && c.Agreed && !c.Signal }

// consent reads a browser's choice: its id, 1 or 0, and the version of the text, with dots between.
func (s *Site) consent(r *http.Request) consent {
	c := consent{Signal: r.Header.Get("Sec-GPC") == "1" || r.Header.Get("DNT") == "1"}
	cookie, err := r.Cookie(consentCookie)
	if err != nil {
		return c
	}
	parts := strings.Split(cookie.Value, ".")
	if len(parts) != 3 || len(parts[0]) != 26 || strings.Trim(parts[0], "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
		return c
	}
	c.ID = parts[0]
	c.Given = parts[2] == s.policy.Version && (parts[1] == "0" || parts[1] == "1")
	c.Agreed = parts[1] == "1"
	return c
}

// choose takes the answer of the banner, or of the form on the cookie page.
func (s *Site) choose(w http.ResponseWriter, r *http.Request) {
	var purposes []privacy.Purpose
	answer := "0"
	switch r.PostFormValue("analytics") {
	case "accept":
		purposes, answer = []privacy.Purpose{privacy.Analytics}, "1"
	case "refuse":
	default:
		s.Problem(w, r, "malformed", "The choice is missing.")
		return
	}
	source := privacy.Banner
	if r.PostFormValue("source") == string(privacy.Settings) {
		source = privacy.Settings
	}
	before := s.consent(r)
	if before.Signal {
		purposes, answer, source = nil, "0", privacy.Signal
	}
	kept, err := s.parts.Consents.Record(r.Context(), before.ID, s.policy, purposes, source)
	if err != nil {
		s.Fail(w, r, err)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: consentCookie, Value: kept.ID + "." + answer + "." + s.policy.Version, Path: "/",
		MaxAge: int(consentLife / time.Second), Secure: s.secure(), HttpOnly: true, SameSite: http.SameSiteLaxMode})
	if answer == "0" {
		dropAnalytics(w, r)
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, back(r), http.StatusSeeOther)
}

// dropAnalytics makes a browser forget what Google Analytics set while it was agreed to. The tag is told to set its
// cookies for this host alone, so no other domain need be tried.
func dropAnalytics(w http.ResponseWriter, r *http.Request) {
	for _, c := range r.Cookies() {
		if c.Name == "_ga" || strings.HasPrefix(c.Name, "_ga_") {
			http.SetCookie(w, &http.Cookie{Name: c.Name, Path: "/", MaxAge: -1})
		}
	}
}

func (s *Site) secure() bool { return s.cfg.URL.Scheme == "https" }
