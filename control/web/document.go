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

// A country groups documents on the list.
type country struct {
	Name      string
	Documents []region.Document
}

// documents lists what photos are for; ?q narrows it down.
func (s *Site) documents(w http.ResponseWriter, r *http.Request) {
	list, err := s.parts.Documents.Documents(r.Context())
	if s.noPack(w, r, err) {
		return
	}
	query := strings.Join(strings.Fields(r.URL.Query().Get("q")), " ")
	found := match(list, query)
	s.Render(w, r, http.StatusOK, View{Title: "Documents", Template: s.pages["documents.html"],
		Description: "What passports, visas and identity cards ask of their photo, with sources.",
		Data:        map[string]any{"Countries": byCountry(found), "Found": len(found), "All": len(list), "Query": query}})
}

// match finds the documents that hold every word of a query.
func match(list []region.Document, query string) []region.Document {
	words := strings.Fields(strings.ToLower(query))
	return slices.DeleteFunc(slices.Clone(list), func(d region.Document) bool {
		text := strings.ToLower(d.ID + " " + d.CountryName + " " + d.Country + " " + d.Name)
		return slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) })
	})
}

// byCountry groups a list, countries by name and those for any country last.
func byCountry(list []region.Document) []country {
	groups := map[string]*country{}
	for _, d := range list {
		name := cmp.Or(capital(d.CountryName), d.Country)
		if groups[name] == nil {
			groups[name] = &country{Name: name}
		}
		groups[name].Documents = append(groups[name].Documents, d)
	}
	var all []country
	for _, g := range groups {
		all = append(all, *g)
	}
	slices.SortFunc(all, func(a, b country) int {
		last := func(c country) int {
			if c.Documents[0].Country == "ZZ" {
				return 1
			}
			return 0
		}
		return cmp.Or(last(a)-last(b), strings.Compare(a.Name, b.Name))
	})
	return all
}

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
// rules are in millimetres of the photo, and what is our assumption is marked as one.
type row struct {
	ID, Country, Name string

	HeadTop      string   `json:"head_top"`
	Background   []colour `json:"background"`
	FileSizeKB   *span    `json:"file_size_kb"`
	Glasses      string   `json:"glasses"`
	HeadCovering string   `json:"head_covering"`
	Other        []string `json:"other"`
	Alteration   string   `json:"alteration_rule"`
	Replacement  string   `json:"background_replacement"`
	Submission   string   `json:"submission"`
	Sources      []string `json:"source"`
	SourceDates  []string `json:"source_dates"`
	Confidence   string   `json:"confidence"`
	Checked      string   `json:"checked"`
	Effective    struct {
		Width   float64  `json:"width_mm"`
		Height  float64  `json:"height_mm"`
		WidthPX int      `json:"width_px"`
		HighPX  int      `json:"height_px"`
		DPI     int      `json:"dpi"`
		Formats []string `json:"formats"`
		Head    rule     `json:"head_mm"`
		Eye     *rule    `json:"eye_line_from_bottom_mm"`
		Top     *rule    `json:"top_margin_mm"`
		Chin    *rule    `json:"chin_to_bottom_mm"`
		Barred  bool     `json:"edit_barred"`
	} `json:"effective"`
}

type colour struct {
	Name string `json:"name"`
	Hex  string `json:"hex"`
}

type span struct {
	Min *float64 `json:"min"`
	Max *float64 `json:"max"`
}

type rule struct {
	span
	Default bool   `json:"default"`
	Why     string `json:"why"`
}

func readRow(d region.Document) (row, error) {
	var r row
	if err := json.Unmarshal(d.Row, &r); err != nil {
		return row{}, fmt.Errorf("document %s: %w", d.ID, err)
	}
	r.ID, r.Country, r.Name = d.ID, cmp.Or(capital(d.CountryName), d.Country), capital(d.Name)
	return r, nil
}

// String is a span as people write it: "32 to 36", "at least 32".
func (s span) String() string {
	number := func(f float64) string {
		return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", f), "0"), ".")
	}
	switch {
	case s.Min != nil && s.Max != nil && *s.Min == *s.Max:
		return number(*s.Min)
	case s.Min != nil && s.Max != nil:
		return number(*s.Min) + " to " + number(*s.Max)
	case s.Min != nil:
		return "at least " + number(*s.Min)
	case s.Max != nil:
		return "at most " + number(*s.Max)
	}
	return ""
}

// SelfMade says whether a photo that somebody made themselves can be handed in, and if not, who must take it.
func (r row) SelfMade() bool { return r.Submission == "self_print_or_upload" || r.Submission == "" }

// words that the pack uses, as sentences. One that is not here is shown as it is, with spaces.
var words = map[string]string{
	"self_print_or_upload":           "You may print or upload a photo you made yourself.",
	"print_at_counter":               "The office prints the photo itself.",
	"professional_only":              "Only a photo taken by a professional is accepted.",
	"professional_or_approved_booth": "Only a photo by a professional or an approved booth is accepted.",
	"professional_studio_with_stamp": "Only a photo by a studio that stamps it is accepted.",
	"certified_provider_only":        "Only a photo sent in by a certified provider is accepted.",
	"authority_captures_only":        "The office takes the photo itself.",
	"authority_captures_mostly":      "The office takes the photo itself in most cases.",

	"not_found":   "Our sources do not say.",
	"unknown":     "Our sources do not say.",
	"unspecified": "Our sources do not say whether hair counts.",
	"hair_top":    "Measured to the top of the hair.",
	"skull_crown": "Measured to the top of the skull; hair does not count.",
	"not_allowed": "Not allowed.",
	"allowed":     "Allowed.",
	"risky":       "The authority has a general rule against editing; we leave the background as it is.",
	"prohibited":  "Prohibited; we leave the background as it is.",

	"allowed_if_no_glare_and_eyes_visible": "Allowed if there is no glare and both eyes can be seen.",
	"no_dark_lenses":                       "No dark lenses.",
	"allowed_thin_frame_no_tint":           "Allowed with a thin frame and clear lenses.",
	"wear_if_usual":                        "To be worn if you usually do.",
	"religious_or_medical_only":            "For religious or medical reasons only.",
	"religious_only":                       "For religious reasons only.",
	"medical_only":                         "For medical reasons only.",

	"prohibited_explicit_incl_ai_and_filters": "Prohibited in so many words, filters and AI included.",
	"prohibited_original_only":                "Prohibited: the original is wanted.",
	"prohibited_editing_software":             "Prohibited: no editing software.",
	"prohibited_via_certified_chain":          "Prohibited: the photo must come through a certified chain.",
	"prohibited_retouch":                      "Retouching is prohibited.",
	"prohibited_enhancement":                  "Enhancement is prohibited.",

	"high":   "A page of the authority, or a close copy of its text, was read.",
	"medium": "Restated once by somebody else, or the authority's own page with gaps.",
	"low":    "A community's table or general knowledge. Compare with the authority before you pay.",
}

// Word is the sentence for a word of the pack.
func (r row) Word(word string) string {
	if sentence, ok := words[word]; ok {
		return sentence
	}
	return capital(strings.ReplaceAll(word, "_", " ")) + "."
}

// Barred says whether the authority wants nothing about the picture changed but its frame.
func (r row) Barred() bool { return r.Effective.Barred }

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

// A drawing is the photo to scale, 100 units high, measured from the top left: a head by the middle of the rules, and
// the bands in which its crown and its eyes must lie.
type drawing struct {
	Width, Middle          float64
	Crown, Chin            float64
	CrownHigh, CrownBand   float64
	HasEyes                bool
	EyeHigh, EyeBand       float64
	HeadMiddle             float64
	HeadRX, HeadRY         float64
	ShoulderTop            float64
	Shoulder, ShoulderHigh float64
	Neck, NeckX            float64
	Outer                  float64 // width with the margin
}

// Drawing places the head. Nil if the row does not say how large it must be.
func (r row) Drawing() *drawing {
	e := r.Effective
	if e.Width <= 0 || e.Height <= 0 || e.Head.Min == nil || e.Head.Max == nil {
		return nil
	}
	scale := 100 / e.Height
	low, high := *e.Head.Min*scale, *e.Head.Max*scale
	head := (low + high) / 2
	chin := 50 + 0.53*head // where nothing is said, a little below the middle
	if e.Eye.closed() {
		chin = 100 - e.Eye.middle()*scale + 0.48*head // eyes lie at about half of the head
	}
	if e.Top.closed() {
		chin = e.Top.middle()*scale + head
	}
	if e.Chin.closed() {
		chin = 100 - e.Chin.middle()*scale
	}
	chin = min(max(chin, high+1), 97)
	d := &drawing{Width: e.Width * scale, Middle: e.Width * scale / 2, Crown: chin - head, Chin: chin,
		CrownHigh: chin - high, CrownBand: max(high-low, 0.8), HeadMiddle: chin - head/2, HeadRX: 0.37 * head, HeadRY: head / 2,
		ShoulderTop: min(chin+0.1*head, 99), Shoulder: 0.95 * head, ShoulderHigh: 0.6 * head}
	d.Neck, d.Outer = 0.36*head, d.Width+6
	d.NeckX = d.Middle - d.Neck/2
	if e.Eye.closed() {
		d.HasEyes, d.EyeHigh, d.EyeBand = true, 100-*e.Eye.Max*scale, max((*e.Eye.Max-*e.Eye.Min)*scale, 0.8)
	}
	return d
}

// closed says whether a rule has both ends.
func (r *rule) closed() bool { return r != nil && r.Min != nil && r.Max != nil }

func (r *rule) middle() float64 { return (*r.Min + *r.Max) / 2 }

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
