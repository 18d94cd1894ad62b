package web

import (
	"net/http"

	"github.com/professionalaistudio/studio/edge/wire"
)

func (s *Site) home(w http.ResponseWriter, r *http.Request) {
	count := 0
	if list, err := s.parts.Documents.Documents(r.Context()); err == nil {
		count = len(list)
	}
	s.Render(w, r, http.StatusOK, View{Template: s.pages["home.html"],
		Description: "Passport, visa and ID photos with every rule measured and explained. Worked on in memory, in your region, never stored. An image service for developers from the same engine.",
		Data:        map[string]any{"Documents": count, "URL": s.at("")}})
}

func (s *Site) problems(w http.ResponseWriter, r *http.Request) {
	s.Render(w, r, http.StatusOK, View{Title: "Problems", Template: s.pages["problems.html"],
		Description: "Every problem the interface answers with, what it means, and what to do.", Data: wire.Problems})
}

func (s *Site) problem(w http.ResponseWriter, r *http.Request) {
	page, ok := wire.FindProblem(r.PathValue("word"))
	if !ok {
		s.missing(w, r)
		return
	}
	s.Render(w, r, http.StatusOK, View{Title: page.Title, Description: page.Meaning,
		Template: s.pages["problem.html"], Data: page})
}
