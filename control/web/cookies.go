package web

import (
	"fmt"
	"net/http"
	"time"

	"github.com/professionalaistudio/studio/control/identity"
)

const consentCookie = "consent"

// A Cookie is a row of the cookie page. A test signs in, chooses, signs out, and finds every cookie that was set here.
type Cookie struct {
	Name    string
	Purpose string
	Life    time.Duration
	Needed  bool // for what was asked for; no consent is sought
	Google  bool // set by Google's script in the person's browser
}

// Cookies are all that this site sets.
func (s *Site) Cookies() []Cookie {
	table := []Cookie{
		{Name: s.parts.SignIn.CookieName(), Life: identity.LoginLife, Needed: true,
			Purpose: "Ties the answer of the service you sign in with to your browser, so that nobody can sign you in as somebody else. Encrypted; gone when you are back."},
		{Name: s.parts.Sessions.CookieName(), Life: identity.MaxAge, Needed: true,
			Purpose: "Keeps you signed in: a random number that we store only as a hash. It ends when you sign out, or 12 hours after your last visit."},
		{Name: consentCookie, Life: consentLife, Needed: true,
			Purpose: "Remembers what you chose here, under a random number that stands for nothing else."},
	}
	if s.cfg.GAID != "" {
		table = append(table,
			Cookie{Name: "_ga", Life: 2 * 365 * 24 * time.Hour, Google: true,
				Purpose: "Lets Google Analytics tell one visitor from another. Set only after you accept, and removed when you change your mind."},
			Cookie{Name: "_ga_" + s.cfg.GAID[2:], Life: 2 * 365 * 24 * time.Hour, Google: true,
				Purpose: "Lets Google Analytics tell one visit from the next. Set and removed together with the one above."})
	}
	return table
}

// For is the cookie's life in words.
func (c Cookie) For() string {
	switch days := int(c.Life / (24 * time.Hour)); {
	case days == 0:
		return fmt.Sprintf("%d minutes", int(c.Life/time.Minute))
	case days == 182:
		return "6 months"
	case days >= 365:
		return fmt.Sprintf("%d years", days/365)
	default:
		return fmt.Sprintf("%d days", days)
	}
}

func (s *Site) cookies(w http.ResponseWriter, r *http.Request) {
	s.Render(w, r, http.StatusOK, View{Title: "Cookies", Template: s.pages["cookies.html"],
		Description: "Every cookie this site sets, what it is for, and how long it lasts.",
		Data:        map[string]any{"Cookies": s.Cookies(), "Version": s.policyDay(), "Configured": s.cfg.GAID != ""}})
}
