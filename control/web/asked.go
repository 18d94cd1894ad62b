package web

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// An asked is one thing that a document asks of its photo, and on whose word.
type asked struct {
	What       string
	Value      string
	Colours    []colour // instead of the value
	Ours       bool     // no rule was found, and this is our default
	Why        string   // of a default
	Note       string
	Sources    []int  // which of the row's, counted from 1
	Said       string // who, if none of those
	Date       string
	Confidence string
}

// Asked is all that the row asks: what photos are judged by first, then every other number that it bears.
func (r row) Asked() []asked {
	e := r.Effective
	var all []asked
	seen := map[string]bool{}
	add := func(what, value string, fields ...string) *asked {
		for _, f := range fields {
			seen[f] = true
		}
		a := asked{What: what, Value: value}
		r.stand(&a, fields[0])
		all = append(all, a)
		return &all[len(all)-1]
	}
	judge := func(what string, rule *rule, after string, fields ...string) {
		if rule == nil || rule.String() == "" {
			return
		}
		a := add(what, rule.String()+" mm"+after, fields...)
		r.judged(a, *rule)
	}

	add("Print", fmt.Sprintf("%s × %s mm", number(e.Width), number(e.Height)), "width_mm", "height_mm")
	add("Resolution", fmt.Sprintf("%d dpi", e.DPI), "dpi")
	pixels := "dpi"
	if r.WidthPX != nil {
		pixels = "width_px"
	}
	a := add("File", fmt.Sprintf("%d × %d pixels", e.WidthPX, e.HighPX), pixels, "width_px", "height_px")
	if r.WidthPX == nil {
		a.Note = fmt.Sprintf("the print at %d dpi", e.DPI)
	}
	if len(e.Formats) > 0 {
		a := add("File format", strings.Join(e.Formats, " or "), "file_formats")
		if len(r.FileFormats) == 0 {
			*a = asked{What: a.What, Value: a.Value, Ours: true, Said: "ours"}
		}
	}
	if r.FileSizeKB != nil && r.FileSizeKB.String() != "" {
		add("File size", r.FileSizeKB.String()+" KB", "file_size_kb")
	}
	head := ""
	if top := r.Word(r.HeadTop); top != "" {
		head = ". " + top
	}
	if e.Head.String() == "" {
		add("Head, chin to top", r.Word("not_found"), "head_height_mm", "head_top")
	}
	judge("Head, chin to top", &e.Head, head, "head_height_mm", "head_top")
	judge("Head, ear to ear", e.HeadWidth, "", "head_width_mm")
	judge("Eyes above the lower edge", e.Eye, "", "eye_line_from_bottom_mm")
	judge("Space above the head", e.Top, "", "top_margin_mm")
	judge("Space below the chin", e.Chin, "", "chin_to_bottom_mm")
	if c := e.Centre; c.closed() && *c.Max == -*c.Min {
		judge("Face beside the middle", &rule{span{nil, c.Max}, c.Default, c.Why, c.Source, c.Date, c.Confidence, c.Note}, "", "center_offset_max_mm")
	}

	add("Background", r.Word("not_found"), "background").Colours = r.Background
	for _, w := range []struct{ what, word, field string }{{"Glasses", r.Glasses, "glasses"}, {"Head covering", r.HeadCovering, "head_covering"}} {
		if w.word != "" {
			add(w.what, r.Word(w.word), w.field)
		}
	}
	if e.Route == nil {
		add("Replacing the background", r.Word(r.Replacement), "background_replacement")
		add("Editing", r.Word(r.Alteration), "alteration_rule")
		add("Who takes it", r.Word(r.Submission), "submission")
	}
	return append(all, r.more(seen)...)
}

// more are the numbers that the row bears besides, under their names in the pack. What the route says is said above, and a
// share that was computed from millimetres is no number of the authority's.
func (r row) more(seen map[string]bool) []asked {
	var all []asked
	for _, p := range r.Provenance {
		for _, field := range p.Of {
			told := field == "submission" || field == "alteration_rule" || field == "background_replacement"
			raw, ok := r.fields[field]
			if seen[field] || told || !ok || field == "head_height_ratio" && r.RatioDerived {
				continue
			}
			var value any
			if json.Unmarshal(raw, &value) != nil {
				continue
			}
			a := asked{What: label(field), Value: written(field, value)}
			if a.Value != "" {
				r.stand(&a, field)
				all = append(all, a)
			}
		}
	}
	return all
}

// stand notes on whose word a field of the row stands. Of a row that does not say it is on that of all of its sources.
func (r row) stand(a *asked, field string) {
	for _, p := range r.Provenance {
		if slices.Contains(p.Of, field) {
			a.Date, a.Confidence, a.Note = p.Date, p.Confidence, p.Note
			for _, s := range p.Sources {
				if i := slices.Index(r.Sources, s.Title); i >= 0 {
					a.Sources = append(a.Sources, i+1)
				}
			}
			return
		}
	}
	if len(r.Provenance) == 0 {
		a.Date, a.Confidence, a.Sources = r.Checked, r.Confidence, r.cited(strings.Join(r.Sources, "; "))
	}
}

// judged notes on whose word a rule stands that photos are judged by.
func (r row) judged(a *asked, j rule) {
	if j.Source == "" { // an older edge
		if j.Default {
			*a = asked{What: a.What, Value: a.Value, Ours: true, Why: j.Why, Said: "ours"}
		}
		return
	}
	a.Ours, a.Why, a.Date, a.Confidence = j.Default, j.Why, j.Date, j.Confidence
	a.Note = j.Note
	if r.RatioDerived { // that the share was computed from these millimetres says nothing of them
		a.Note = strings.TrimSuffix(strings.TrimSuffix(j.Note, "computed from head_height_mm"), "; ")
	}
	if a.Sources = r.cited(j.Source); a.Sources == nil {
		a.Said = j.Source
	}
	if a.Why == a.Said {
		a.Why = ""
	}
}

// Route is where the route was read.
func (r row) Route() asked {
	p := r.Effective.Route
	return asked{Sources: r.cited(p.Source), Date: p.Date, Confidence: p.Confidence, Note: p.Note}
}

// cited are the sources that a line names, counted from 1.
func (r row) cited(line string) (all []int) {
	for i, title := range r.Sources {
		if strings.Contains("; "+line+"; ", "; "+title+"; ") {
			all = append(all, i+1)
		}
	}
	return all
}
