package compliance

import (
	"math"

	"github.com/professionalaistudio/studio/edge/portrait/document"
)

// A Verdict is the outcome of one rule.
type Verdict string

const (
	Pass        Verdict = "pass"
	Warn        Verdict = "warn" // inside the limit, or beyond one that is not the authority's, but near enough to look again
	Fail        Verdict = "fail"
	NotAssessed Verdict = "not_assessed" // nothing was measured; never to be read as a pass
)

// Where a rule is judged.
const (
	Capture = "capture" // the photo as taken, upright
	Output  = "output"  // the finished file
)

// A Place is where on which picture a finding is to be drawn: one point, a line, or the outline of a region, in pixels
// from the top left corner.
type Place struct {
	On     string       `json:"on"`
	Points [][2]float64 `json:"points"`
}

// A Finding is one rule judged. Rule is part of the API: its meaning never changes. Value and the limits are in Unit; nil
// is a number that was not measured or does not exist.
type Finding struct {
	Rule    string   `json:"rule"`
	Verdict Verdict  `json:"verdict"`
	Value   *float64 `json:"value"`
	Min     *float64 `json:"min"`
	Max     *float64 `json:"max"`
	Unit    string   `json:"unit"`
	Source  string   `json:"source"`               // who says so: the row's sources, a standard, or "ours"
	Date    string   `json:"date"`                 // of the source
	Trust   string   `json:"confidence,omitempty"` // high, medium or low, of a number that the rule pack says
	Place   *Place   `json:"place"`
	Advice  string   `json:"advice"` // one sentence for the person in the photo
}

// Failed lists the rules that failed, in order.
func Failed(findings []Finding) []string {
	var rules []string
	for _, f := range findings {
		if f.Verdict == Fail {
			rules = append(rules, f.Rule)
		}
	}
	return rules
}

func (f *Finding) limits(b document.Band) { f.Min, f.Max = b.Ends() }

// quotes says on whose word a finding is.
func (f *Finding) quotes(said document.Provenance) {
	f.Source, f.Date, f.Trust = said.Source(), said.Date(), said.Confidence
}

// said puts a row's word behind a finding, or ours behind a default.
func (f *Finding) said(r document.Rule) {
	f.quotes(r.Said)
	f.limits(r.Band)
}

// most grades a value that should be small: up to pass it passes, above fail it fails.
func (f *Finding) most(v, pass, fail float64, unit string) Verdict {
	f.Value, f.Max, f.Unit = new(v), new(pass), unit
	f.Verdict = Warn
	switch {
	case v <= pass:
		f.Verdict = Pass
	case v > fail:
		f.Verdict = Fail
	}
	return f.Verdict
}

// least grades a value that should be large: from pass on it passes, below fail it fails.
func (f *Finding) least(v, pass, fail float64, unit string) Verdict {
	f.Value, f.Min, f.Unit = new(v), new(pass), unit
	f.Verdict = Warn
	switch {
	case v >= pass:
		f.Verdict = Pass
	case v < fail:
		f.Verdict = Fail
	}
	return f.Verdict
}

// within grades a value that should be near 0 on either side.
func (f *Finding) within(v, pass, fail float64, unit string) Verdict {
	f.most(max(v, -v), pass, fail, unit)
	f.Value, f.Min = new(v), new(-pass)
	return f.Verdict
}

// never is the limit of a rule that warns and does not fail.
var never = math.Inf(1)

// tell gives the sentence for what passes, or the one that says what to change.
func (f *Finding) tell(passes, change string) {
	if f.Advice = passes; f.Verdict != Pass {
		f.Advice = change
	}
}

// soften makes a failure a warning: what is measured is not quite what the rule means.
func (f *Finding) soften() {
	if f.Verdict == Fail {
		f.Verdict = Warn
	}
}

const (
	ours     = "ours"
	oursDate = "2026-11-23" // the day the catalogue was compiled
	iso      = "ISO/IEC 19794-5:2011 7.2.2, as quoted in the LUNA documentation; the rest ours"
	ofiq     = "OFIQ 1.0.3 (ISO/IEC 29794-5), the limit ours"
	icao     = "ICAO portrait quality, by general knowledge; the rest ours"
)
