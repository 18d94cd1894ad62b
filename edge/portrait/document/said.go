package document

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Provenance is where a number comes from, and how far it is to be trusted.
type Provenance struct {
	Sources    []Citation
	Confidence string // high, medium, low
	Checked    string // the day the row was compiled
	Note       string // what is to be known of this number alone: that it was widened, or computed
}

// A Citation is one source and the date it bears, as far as it bears one.
type Citation struct {
	Title string `json:"title"`
	Date  string `json:"date,omitempty"`
}

// An Attribution is what a row tells of some of its fields alone: which of its sources gave them, and how sure they are.
type Attribution struct {
	Of         []string `json:"of"`                   // fields of the row
	From       []int    `json:"from,omitempty"`       // of its sources, counted from 0; none means all of them
	Confidence string   `json:"confidence,omitempty"` // instead of the row's
	Note       string   `json:"note,omitempty"`
}

// Provenance of the row as a whole.
func (s Spec) Provenance() Provenance {
	all := make([]int, len(s.Source))
	for i := range all {
		all[i] = i
	}
	return s.provenance(all, s.Confidence, nil)
}

func (s Spec) provenance(from []int, confidence string, notes []string) Provenance {
	p := Provenance{Confidence: confidence, Checked: s.Checked, Note: strings.Join(notes, "; ")}
	for _, i := range from {
		c := Citation{Title: s.Source[i]}
		if d := s.SourceDates[i]; d != nil {
			c.Date = *d
		}
		p.Sources = append(p.Sources, c)
	}
	return p
}

// Said is the provenance of some fields of the row, under the names they have in the pack. Of several fields it is all
// their sources, and the least of their confidence; of none that the row has, the row's own.
func (s Spec) Said(fields ...string) Provenance {
	var from []int
	var notes []string
	sure := -1
	for _, field := range fields {
		if !s.has(field) {
			continue
		}
		a := s.attribution(field)
		if a.From == nil {
			for i := range s.Source {
				a.From = append(a.From, i)
			}
		}
		from = append(from, a.From...)
		sure = max(sure, slices.Index(trust, a.Confidence))
		if a.Note != "" && !slices.Contains(notes, a.Note) {
			notes = append(notes, a.Note)
		}
	}
	if sure < 0 {
		return s.Provenance()
	}
	slices.Sort(from)
	return s.provenance(slices.Compact(from), trust[sure], notes)
}

// attribution is what the row says of one field. A share that was computed from millimetres stands on them.
func (s Spec) attribution(field string) Attribution {
	if field == "head_height_ratio" && s.HeadHeightRatioDerived {
		a := s.attribution("head_height_mm")
		a.Note = strings.TrimPrefix(a.Note+"; computed from head_height_mm", "; ")
		return a
	}
	for _, a := range s.Attributions {
		if slices.Contains(a.Of, field) {
			if a.Confidence == "" {
				a.Confidence = s.Confidence
			}
			return a
		}
	}
	return Attribution{Confidence: s.Confidence}
}

// trust is what a number may be called, the most trusted first.
var trust = []string{"high", "medium", "low"}

// claims are the fields that somebody outside says: all numbers, and what is allowed. The others name the row or tell of it.
var claims = func() (names []string) {
	own := []string{"id", "country", "document", "source", "source_dates", "confidence", "said", "checked", "other", "names", "head_from", "contradiction",
		"head_height_ratio_derived", "digital_aspect_differs_from_print", "digital_aspect_differs", "background_hex_is_official_reference"}
	for i := range specType.NumField() {
		if name := jsonName(specType.Field(i)); name != "" && !slices.Contains(own, name) {
			names = append(names, name)
		}
	}
	return names
}()

var specType = reflect.TypeFor[Spec]()

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// fieldOf finds a field of a row by its name in the pack.
var fieldOf = func() map[string]int {
	at := map[string]int{}
	for i := range specType.NumField() {
		if name := jsonName(specType.Field(i)); name != "" {
			at[name] = i
		}
	}
	return at
}()

// has says whether the row has a value of that name.
func (s Spec) has(field string) bool {
	i, ok := fieldOf[field]
	if !ok {
		return false
	}
	v := reflect.ValueOf(s).Field(i)
	return !v.IsZero() && (v.Kind() != reflect.Slice || v.Len() > 0) && !silence[v.String()]
}

// silence is how a field says that no source says anything.
var silence = map[string]bool{"not_found": true, string(Unknown): true, string(Unspecified): true}

// checkSaid judges the attributions against the row.
func (s *Spec) checkSaid() error {
	var faults []error
	seen := map[string]bool{}
	for i, a := range s.Attributions {
		fault := func(wrong bool, format string, args ...any) {
			if wrong {
				faults = append(faults, fmt.Errorf("said[%d]: %w", i, fmt.Errorf(format, args...)))
			}
		}
		fault(len(a.Of) == 0, "it names no field")
		fault(a.From == nil && a.Confidence == "" && a.Note == "", "it says nothing")
		fault(a.Confidence != "" && !slices.Contains(trust, a.Confidence), "confidence %q", a.Confidence)
		for _, field := range a.Of {
			fault(!slices.Contains(claims, field) || !s.has(field), "the row has no number or rule called %.60q", field)
			fault(seen[field], "%s is told of twice", field)
			seen[field] = true
		}
		fault(a.From != nil && len(a.From) == 0, "from names no source")
		for k, from := range a.From {
			fault(from < 0 || from >= len(s.Source) || slices.Contains(a.From[:k], from), "from names source %d", from)
		}
	}
	return errors.Join(faults...)
}

// Source is all sources in one line.
func (p Provenance) Source() string {
	titles := make([]string, len(p.Sources))
	for i, c := range p.Sources {
		titles[i] = c.Title
	}
	return strings.Join(titles, "; ")
}

// Date is the newest date that a source bears, or the day the row was compiled when none bears one.
func (p Provenance) Date() string {
	newest := ""
	for _, c := range p.Sources {
		if len(c.Date) >= 4 && c.Date[0] >= '0' && c.Date[0] <= '9' && c.Date > newest {
			newest = c.Date
		}
	}
	if newest == "" {
		return p.Checked
	}
	return newest
}
