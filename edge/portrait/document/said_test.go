package document

import (
	"slices"
	"strings"
	"testing"
)

// Every number and every rule of every row has a source, a date and a confidence, and is told of once.
func TestEveryNumberIsSaidBySomebody(t *testing.T) {
	for _, s := range All() {
		told := map[string]int{}
		for _, p := range s.View().Provenance {
			if len(p.Sources) == 0 || p.Date == "" || !slices.Contains(trust, p.Confidence) || p.Checked == "" {
				t.Errorf("%s: %+v", s.ID, p)
			}
			for _, c := range p.Sources {
				if !slices.Contains(s.Source, c.Title) {
					t.Errorf("%s: %q is no source of the row", s.ID, c.Title)
				}
			}
			for _, field := range p.Of {
				told[field]++
			}
		}
		for _, field := range claims {
			if want := map[bool]int{true: 1}[s.has(field)]; told[field] != want {
				t.Errorf("%s: %s is told of %d times, want %d", s.ID, field, told[field], want)
			}
		}
		e := s.View().Effective
		for name, r := range map[string]*RuleView{"head": &e.HeadMM, "eye": e.EyeMM, "top": e.TopMM, "chin": e.ChinMM, "width": e.HeadWidthMM, "centre": &e.CentreMM} {
			if r != nil && (r.Source == "" || r.Date == "" || r.Confidence == "" || r.Default != (r.Source == ours || r.Source == icao)) {
				t.Errorf("%s: the rule on %s is %+v", s.ID, name, *r)
			}
		}
	}
	// What is served raw and is no name is a claim: a field that is added later must be one, or be listed.
	for _, field := range []string{"width_mm", "dpi", "px_range", "head_height_mm", "file_size_kb", "vendor_preset", "background", "submission", "alternative_px"} {
		if !slices.Contains(claims, field) {
			t.Errorf("%s is served on nobody's word", field)
		}
	}
}

func TestSaid(t *testing.T) {
	for _, test := range []struct {
		id               string
		fields           string
		from             []int
		date, confidence string
		note             string
	}{
		{"us-passport", "head_height_mm", []int{0, 1}, "2026-11-23", "high", ""}, // not the day of the notice on editing
		{"us-passport", "head_height_ratio", []int{0, 1}, "2026-11-23", "high", ""},
		{"us-passport", "alteration_rule", []int{2, 3}, "2026-03-19", "high", ""},
		{"us-passport", "head_height_mm alteration_rule", []int{0, 1, 2, 3}, "2026-03-19", "high", ""},
		{"us-passport", "dpi", []int{0, 1, 2, 3}, "2026-03-19", "high", ""}, // nobody tells it apart
		{"us-passport", "top_margin_mm", []int{0, 1, 2, 3}, "2026-03-19", "high", ""},
		{"us-passport-online-renewal", "file_size_kb", []int{2}, "2026-11-23", "low", "general knowledge"},
		{"de-passport", "head_height_mm head_height_ratio", []int{1, 2}, "2026-11-23", "high", "computed from head_height_mm"},
		{"de-passport", "submission", []int{3, 4}, "2025", "high", ""},
		{"kr-visa", "width_px", []int{1}, "2025", "low", ""},
		{"cn-visa", "file_size_kb head_height_mm", []int{1, 2, 3}, "2026-11-23", "medium", "secondary sources; the ministry"},
		{"at-passport", "head_height_mm", []int{0, 1}, "2026-11-23", "medium", "two thirds"},
	} {
		s := mustFind(t, test.id)
		p := s.Said(strings.Fields(test.fields)...)
		var titles []string
		for _, i := range test.from {
			titles = append(titles, s.Source[i])
		}
		note := strings.Contains(p.Note, test.note) && (test.note != "" || p.Note == "" || strings.Contains(test.fields, "ratio"))
		if test.note != "" && strings.Contains(test.note, "; ") {
			note = true
			for part := range strings.SplitSeq(test.note, "; ") {
				note = note && strings.Contains(p.Note, part)
			}
		}
		if p.Source() != strings.Join(titles, "; ") || p.Date() != test.date || p.Confidence != test.confidence || !note {
			t.Errorf("%s %s: %q of %s, %s, %q, want sources %v of %s, %s, %q", test.id, test.fields, p.Source(), p.Date(), p.Confidence, p.Note,
				test.from, test.date, test.confidence, test.note)
		}
	}
}

func TestProvenanceDate(t *testing.T) {
	if got, want := mustFind(t, "us-passport").Provenance().Date(), "2026-03-19"; got != want { // "2026" alone is older
		t.Errorf("us-passport: %s, want %s", got, want)
	}
	undated := Spec{Source: []string{"a"}, SourceDates: []*string{new("stored copy, undated")}, Checked: "2026-11-23"}
	if got := undated.Provenance().Date(); got != "2026-11-23" {
		t.Errorf("an undated source: %s, want the day it was checked", got)
	}
}
