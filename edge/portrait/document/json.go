package document

import "encoding/json"

// A View is a row as it is served: the row itself, under the names of the pack, and what the product makes of it, so that
// a page or a camera overlay needs no arithmetic of its own.
type View struct {
	Spec
	CountryName string    `json:"country_name"`
	Effective   Effective `json:"effective"`
}

// Effective is a row resolved: exact sizes, rules in millimetres of the photo, defaults filled in and marked.
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
	EditBarred    bool      `json:"edit_barred"`
	Contradiction string    `json:"contradiction,omitempty"`
}

// A RuleView is a rule as it is served.
type RuleView struct {
	Min     *float64 `json:"min"`
	Max     *float64 `json:"max"`
	Default bool     `json:"default"`
	Why     string   `json:"why,omitempty"`
}

func view(r Rule) RuleView {
	low, high := r.Ends()
	return RuleView{low, high, r.Default, r.Why}
}

func optional(r Rule, ok bool) *RuleView {
	if !ok {
		return nil
	}
	return new(view(r))
}

// View of the row.
func (s Spec) View() View {
	w, h := s.Size()
	fw, _ := s.FileSize()
	px, py := s.FilePixels()
	return View{Spec: s, CountryName: s.CountryName(), Effective: Effective{
		WidthMM: w, HeightMM: h, FileWidthMM: fw, WidthPX: px, HeightPX: py, DPI: s.DPI, Formats: s.Formats(),
		HeadMM: view(s.Head()), EyeMM: optional(s.Eye()), TopMM: optional(s.Top()), ChinMM: optional(s.Chin()), HeadWidthMM: optional(s.HeadWidth()),
		EditBarred: s.EditBarred(), Contradiction: s.Contradiction(),
	}}
}

// MarshalJSON gives the pack as GET /v1/documents serves it.
func (p *Pack) MarshalJSON() ([]byte, error) {
	views := make([]View, len(p.specs))
	for i, s := range p.specs {
		views[i] = s.View()
	}
	return json.Marshal(struct {
		Pack      string `json:"pack"`
		Version   string `json:"version"`
		Digest    string `json:"digest"`
		Meta      Meta   `json:"meta"`
		Documents []View `json:"documents"`
	}{p.Name(), p.Version, p.Digest, p.Meta, views})
}
