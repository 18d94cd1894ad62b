package web

import (
	"net/http"
	"time"
)

// Kept is a row of the privacy page: something we hold, and for how long.
type Kept struct{ What, Fields, Why, Where, Long string }

// keeps is everything that is kept about people, photos first.
var keeps = []Kept{
	{"Your photo and what is made of it", "The pixels", "To do what you asked for", "The memory of one server in the region you use; never a disk, a log, another server or this one",
		"Until the answer is sent; until then you can end it by closing the page"},
	{"Your account", "An id of the service you sign in with, your name, and your e-mail address if that service has verified it", "To know you again", "Our database",
		"As long as you have the account"},
	{"Sign-ins", "A hash of your session cookie, when it began, when it was last used", "To keep you signed in, and to let you end it from elsewhere", "Our database",
		"Until you sign out; 12 hours after the last use; 30 days at most"},
	{"Orders", "Which document, the amount, the day, the payment service's number for it. No card number reaches us", "To give you what you paid for; tax law", "Our database and the payment service",
		"As long as tax law says"},
	{"Use of the interface", "Per organisation and hour: which operation, how often, whether it worked", "To show it to you and to bill it", "Our database",
		"As long as the organisation exists"},
	{"Your choice about cookies", "A random number, what you chose, when, and which text it was about. No address", "To be able to prove it", "Our database",
		"As long as we may be asked to prove it"},
	{"Records of requests", "A random number, which page or call, how it ended, how long it took. No address, no name, no photo", "To find faults", "The region you use, and here",
		"No longer than it takes to find and mend a fault"},
}

func (s *Site) privacy(w http.ResponseWriter, r *http.Request) {
	s.Render(w, r, http.StatusOK, View{Title: "Privacy", Template: s.pages["privacy.html"],
		Description: "What happens to your photo, what we keep, what we do not, and how you can check it.",
		Data:        map[string]any{"Keeps": keeps, "Version": s.policyDay(), "Configured": s.cfg.GAID != ""}})
}

func (s *Site) policyDay() time.Time {
	day, err := time.Parse(time.DateOnly, s.policy.Version)
	if err != nil {
		panic(err) // it is a constant, and a test looks at it
	}
	return day
}
