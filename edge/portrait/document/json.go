package document

import (
	"encoding/json"
	"reflect"

	"golang.org/x/text/language"
)

// A View is a row as it is served: the row itself, under the names of the pack, and what the product makes of it, so that
// a page or a camera overlay needs no arithmetic of its own.
type View struct {
	Spec
	CountryName string     `json:"country_name"`
	Effective   Effective  `json:"effective"`
	Provenance  []SaidView `json:"provenance"` // of the row's own fields: each number and rule is named once
	Local       Local      `json:"local"`
}

// Effective is a row resolved: exact sizes, rules in millimetres of the photo, defaults filled in and marked. The sizes
// stand on the row's fields of the same name (View.Provenance), pixels that the row does not name on its dpi.
type Effective struct {
	WidthMM       float64   `json:"width_mm"`
	HeightMM      float64   `json:"height_mm"`
	FileWidthMM   float64   `json:"file_width_mm"` // the frame of the file at the print's height
	WidthPX       int       `json:"width_px"`
	HeightPX      int       `json:"height_px"`
	DPI           int       `json:"dpi"`
	Formats       []string  `json:"formats"`
	HeadMM        RuleView  `json:"head_mm"`
	EyeMM         *RuleView `json:"eye_line_from_bottom_mm"`
	TopMM         *RuleView `json:"top_margin_mm"`
	ChinMM        *RuleView `json:"chin_to_bottom_mm"`
	HeadWidthMM   *RuleView `json:"head_width_mm"`
	CentreMM      RuleView  `json:"centre_mm"` // of the face, from the middle of the photo
	EditBarred    bool      `json:"edit_barred"`
	Route         RouteView `json:"route"`
	Contradiction string    `json:"contradiction,omitempty"`
}

// A RuleView is a rule as it is served, and on whose word.
type RuleView struct {
	Min        *float64 `json:"min"`
	Max        *float64 `json:"max"`
	Default    bool     `json:"default"`
	Why        string   `json:"why,omitempty"`
	Source     string   `json:"source"`
	Date       string   `json:"date"`
	Confidence string   `json:"confidence"`
	Note       string   `json:"note,omitempty"`
}

// A RouteView is a Route as it is served.
type RouteView struct {
	Verdict    string   `json:"verdict"`
	Advice     string   `json:"advice"`
	May        []string `json:"may"`
	MayNot     []string `json:"may_not"`
	Source     string   `json:"source"`
	Date       string   `json:"date"`
	Confidence string   `json:"confidence"`
	Note       string   `json:"note,omitempty"`
}

// A SaidView is the provenance that some fields of a row have in common.
type SaidView struct {
	Of         []string   `json:"of"`
	Sources    []Citation `json:"sources"`
	Date       string     `json:"date"`
	Confidence string     `json:"confidence"`
	Checked    string     `json:"checked"`
	Note       string     `json:"note,omitempty"`
}

func view(r Rule) RuleView {
	low, high := r.Ends()
	return RuleView{low, high, r.Default, r.Why, r.Said.Source(), r.Said.Date(), r.Said.Confidence, r.Said.Note}
}

func optional(r Rule, ok bool) *RuleView {
	if !ok {
		return nil
	}
	return new(view(r))
}

// View of the row, with names in the language first of its country.
func (s Spec) View() View { return s.ViewIn(language.Und) }

// ViewIn is the row's view with names in a language; language.Und means the first of the row's country.
func (s Spec) ViewIn(lang language.Tag) View {
	w, h := s.Size()
	fw, _ := s.FileSize()
	px, py := s.FilePixels()
	r := s.Route()
	return View{
		Spec: s, CountryName: s.CountryName(), Provenance: s.provenances(), Local: s.local(lang),
		Effective: Effective{
			WidthMM: w, HeightMM: h, FileWidthMM: fw, WidthPX: px, HeightPX: py, DPI: s.DPI, Formats: s.Formats(),
			HeadMM: view(s.Head()), EyeMM: optional(s.Eye()), TopMM: optional(s.Top()), ChinMM: optional(s.Chin()), HeadWidthMM: optional(s.HeadWidth()),
			CentreMM: view(s.Centre(fw)), EditBarred: s.EditBarred(), Contradiction: s.Contradiction(),
			Route: RouteView{r.Verdict, r.Advice, r.May, r.MayNot, r.Said.Source(), r.Said.Date(), r.Said.Confidence, r.Said.Note},
		},
	}
}

// provenances of all that the row claims, grouped.
func (s Spec) provenances() []SaidView {
	var all []SaidView
	var of []Provenance
next:
	for _, field := range claims {
		if !s.has(field) {
			continue
		}
		p := s.Said(field)
		for i := range of {
			if reflect.DeepEqual(of[i], p) {
				all[i].Of = append(all[i].Of, field)
				continue next
			}
		}
		of = append(of, p)
		all = append(all, SaidView{[]string{field}, p.Sources, p.Date(), p.Confidence, p.Checked, p.Note})
	}
	return all
}

// MarshalJSON gives the pack as GET /v1/documents serves it.
func (p *Pack) MarshalJSON() ([]byte, error) { return p.Listing(p.specs, language.Und) }

// Listing is some rows of the pack as they are served, with names in a language; language.Und means the first of each row's
// country.
func (p *Pack) Listing(rows []Spec, lang language.Tag) ([]byte, error) {
	views := make([]View, len(rows))
	for i, s := range rows {
		views[i] = s.ViewIn(lang)
	}
	return json.Marshal(struct {
		Pack      string `json:"pack"`
		Version   string `json:"version"`
		Digest    string `json:"digest"`
		Meta      Meta   `json:"meta"`
		Documents []View `json:"documents"`
	}{p.Name(), p.Version, p.Digest, p.Meta, views})
}
