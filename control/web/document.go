package web

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/professionalaistudio/studio/control/region"
)

func (s *Site) document(w http.ResponseWriter, r *http.Request) {
	d, ok, err := s.parts.Documents.Document(r.Context(), r.PathValue("id"))
	if s.noPack(w, r, err) {
		return
	}
	if !ok {
		s.Problem(w, r, "document-unknown", "")
		return
	}
	row, err := readRow(d)
	if err != nil {
		s.Fail(w, r, err)
		return
	}
	s.Render(w, r, http.StatusOK, View{Title: row.Country + ", " + row.Name, Template: s.pages["document.html"],
		Description: fmt.Sprintf("What the photo for %s (%s) must be: size, head height, background, file, and where each rule comes from.", row.Name, row.Country),
		Data:        row})
}

// noPack answers when the documents cannot be had.
func (s *Site) noPack(w http.ResponseWriter, r *http.Request, err error) bool {
	switch {
	case err == nil:
		return false
	case errors.Is(err, region.ErrNoPack):
		w.Header().Set("Retry-After", "10")
		s.Render(w, r, http.StatusServiceUnavailable, View{Title: "No documents yet", Template: s.pages["nodocuments.html"]})
	default:
		s.Fail(w, r, err)
	}
	return true
}

// A row is what an edge says of a document, as far as the page shows it. The edge has resolved it: sizes are exact,
// rules are in millimetres of the photo, and what is our assumption is marked as one. Older edges give no route, no
// provenance and no local names; then the row's own words and sources stand for all of it.
type row struct {
	Code, ID, Country, Name string

	HeadTop      string       `json:"head_top"`
	RatioDerived bool         `json:"head_height_ratio_derived"`
	Background   []colour     `json:"background"`
	FileFormats  []string     `json:"file_formats"`
	FileSizeKB   *span        `json:"file_size_kb"`
	WidthPX      *float64     `json:"width_px"`
	Glasses      string       `json:"glasses"`
	HeadCovering string       `json:"head_covering"`
	Other        []string     `json:"other"`
	Alteration   string       `json:"alteration_rule"`
	Replacement  string       `json:"background_replacement"`
	Submission   string       `json:"submission"`
	Sources      []string     `json:"source"`
	SourceDates  []string     `json:"source_dates"`
	Confidence   string       `json:"confidence"`
	Checked      string       `json:"checked"`
	Provenance   []said       `json:"provenance"`
	Local        region.Local `json:"local"`
	Effective    struct {
		Width         float64  `json:"width_mm"`
		Height        float64  `json:"height_mm"`
		WidthPX       int      `json:"width_px"`
		HighPX        int      `json:"height_px"`
		DPI           int      `json:"dpi"`
		Formats       []string `json:"formats"`
		Head          rule     `json:"head_mm"`
		Eye           *rule    `json:"eye_line_from_bottom_mm"`
		Top           *rule    `json:"top_margin_mm"`
		Chin          *rule    `json:"chin_to_bottom_mm"`
		HeadWidth     *rule    `json:"head_width_mm"`
		Centre        *rule    `json:"centre_mm"`
		Barred        bool     `json:"edit_barred"`
		Route         *route   `json:"route"`
		Contradiction string   `json:"contradiction"`
	} `json:"effective"`

	fields map[string]json.RawMessage // all of the row, by name
}

type colour struct {
	Name string `json:"name"`
	Hex  string `json:"hex"`
}

// A span is what is allowed; an end that is nil is no limit.
type span struct {
	Min *float64 `json:"min"`
	Max *float64 `json:"max"`
}

// A rule is judged by; Source is empty from an older edge.
type rule struct {
	span
	Default    bool   `json:"default"`
	Why        string `json:"why"`
	Source     string `json:"source"`
	Date       string `json:"date"`
	Confidence string `json:"confidence"`
	Note       string `json:"note"`
}

// A route says whether a photo made at home can be filed, and what may be done to it, in the pack's words.
type route struct {
	Verdict    string   `json:"verdict"`
	Advice     string   `json:"advice"`
	May        []string `json:"may"`
	MayNot     []string `json:"may_not"`
	Source     string   `json:"source"`
	Date       string   `json:"date"`
	Confidence string   `json:"confidence"`
	Note       string   `json:"note"`
}

// A said is on whose word some fields of the row stand.
type said struct {
	Of      []string `json:"of"`
	Sources []struct {
		Title string `json:"title"`
	} `json:"sources"`
	Date       string `json:"date"`
	Confidence string `json:"confidence"`
	Note       string `json:"note"`
}

func readRow(d region.Document) (row, error) {
	var r row
	if err := json.Unmarshal(d.Row, &r); err != nil {
		return row{}, fmt.Errorf("document %s: %w", d.ID, err)
	}
	if err := json.Unmarshal(d.Row, &r.fields); err != nil {
		return row{}, fmt.Errorf("document %s: %w", d.ID, err)
	}
	r.Code, r.ID, r.Country, r.Name = d.Country, d.ID, cmp.Or(capital(d.CountryName), d.Country), capital(d.Name)
	return r, nil
}

// Called is what the document and its country are called where it is asked for, as far as their English names do not say it.
func (r row) Called() string {
	names := []string{foreign(r.Name, r.Local.Document), foreign(r.Country, r.Local.Country)}
	return strings.Join(slices.DeleteFunc(names, func(name string) bool { return name == "" }), ", ")
}

// SelfMade says whether a photo that somebody made themselves can be handed in.
func (r row) SelfMade() bool {
	if r.Effective.Route != nil {
		return r.Effective.Route.Verdict != "fail"
	}
	return r.Submission == "self_print_or_upload" || r.Submission == ""
}

// Answer is the verdict of a route in a word.
func (r route) Answer() string {
	switch r.Verdict {
	case "pass":
		return "Yes"
	case "warn":
		return "Read first"
	case "fail":
		return "No"
	}
	return capital(r.Verdict)
}

// A source is where a rule was read.
type source struct{ Link, Text, Date string }

// Read lists the sources; what begins like an address is one, and the rest is a remark on it.
func (r row) Read() []source {
	var all []source
	for i, text := range r.Sources {
		s := source{Text: text}
		if link, remark, _ := strings.Cut(text, " "); strings.HasPrefix(link, "https://") {
			s.Link = link
			s.Text = cmp.Or(strings.Trim(remark, "()"), strings.TrimPrefix(link, "https://"))
		}
		if i < len(r.SourceDates) {
			s.Date = r.SourceDates[i]
		}
		all = append(all, s)
	}
	return all
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
