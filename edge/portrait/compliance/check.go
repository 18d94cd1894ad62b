package compliance

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"github.com/professionalaistudio/studio/edge/portrait/document"
)

// Check judges every rule of s; one that m lacks a measurement for is not assessed.
func Check(m Measurements, s document.Spec) []Finding {
	findings := make([]Finding, len(catalogue))
	for i, e := range catalogue {
		f := &findings[i]
		*f = Finding{Rule: e.rule, Verdict: NotAssessed, Source: ours, Date: oursDate}
		n := Number{Known: e.judge != nil}
		if e.of != nil {
			n = e.of(m)
		}
		if !n.Known {
			bounds(f, s)
			f.Advice = notJudged(cmp.Or(n.Why, string(e.needs)), e.look)
			continue
		}
		f.Place = placed(cmp.Or(e.on, m.wall()), n.At)
		e.judge(f, m, s)
		f.round()
		if f.Verdict == NotAssessed {
			f.Advice = notJudged(f.Advice, e.look)
		}
	}
	return findings
}

// round leaves six digits of each number: more than anything here is measured to.
func (f *Finding) round() {
	for _, v := range []*float64{f.Value, f.Min, f.Max} {
		if v == nil || *v == 0 || math.IsInf(*v, 0) || math.IsNaN(*v) {
			continue
		}
		k := math.Pow(10, 5-math.Floor(math.Log10(math.Abs(*v))))
		if r := math.Round(*v*k) / k; !math.IsNaN(r) && !math.IsInf(r, 0) {
			*v = r
		}
	}
}

// placed is an outline on a picture, or nothing.
func placed(on string, at [][2]float64) *Place {
	if len(at) == 0 {
		return nil
	}
	points := make([][2]float64, len(at))
	for i, p := range at {
		for k := range p {
			points[i][k] = math.Round(p[k]*100) / 100
		}
	}
	return &Place{On: on, Points: points}
}

// unjudged leaves a rule not assessed after all, for a reason that another measurement gives.
func (f *Finding) unjudged(why string) {
	*f = Finding{Rule: f.Rule, Verdict: NotAssessed, Source: f.Source, Date: f.Date, Advice: why}
}

func notJudged(why, look string) string {
	if look == "" {
		return "Not judged, because " + why + "."
	}
	return "Not judged, because " + why + ": see for yourself " + look + "."
}

// bounds gives a rule that could not be judged its limits all the same: a camera can be guided by them.
func bounds(f *Finding, s document.Spec) {
	switch f.Rule {
	case "head.size":
		f.Unit = "mm"
		f.said(s.Head())
	case "eye.line":
		if r, ok := s.Eye(); ok {
			f.Unit = "mm"
			f.said(r)
		}
	case "head.width":
		if r, ok := s.HeadWidth(); ok {
			f.Unit = "mm"
			f.said(r)
		}
	}
}

// near is how close to a limit a value may come before we warn: the error of finding a chin and a crown. On a band that is
// itself hardly wider, it is a quarter of it.
func near(b document.Band) float64 { return min(0.5, (b.Max-b.Min)/4) }

// inside judges a value against a band that an authority published.
func inside(v float64, b document.Band) Verdict {
	// A micrometre is no difference: pixels and millimetres do not divide evenly.
	const even = 1e-3
	switch slack := b.Slack(v); {
	case slack < -even:
		return Fail
	case slack < near(b)-even:
		return Warn
	}
	return Pass
}

// amiss says what to do about a value: which limit it breaks or nears, and by how much.
func amiss(what string, v float64, b document.Band, unit string) string {
	low, high := b.Ends()
	switch {
	case v < b.Min:
		return fmt.Sprintf("%s %s, %s less than the least allowed, %s", what, amount(v, unit), amount(b.Min-v, unit), amount(b.Min, unit))
	case v > b.Max:
		return fmt.Sprintf("%s %s, %s more than the most allowed, %s", what, amount(v, unit), amount(v-b.Max, unit), amount(b.Max, unit))
	case low == nil && high == nil:
		return fmt.Sprintf("%s %s", what, amount(v, unit))
	}
	return fmt.Sprintf("%s %s, %s inside the limit", what, amount(v, unit), amount(b.Slack(v), unit))
}

func amount(v float64, unit string) string {
	text := strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0")
	if text == "-0" {
		text = "0"
	}
	return strings.TrimSpace(text + " " + unit)
}

// route says whether the document can be had with a photo made at home, and what may be done to it.
func route(f *Finding, _ Measurements, s document.Spec) {
	r := s.Route()
	f.quotes(r.Said)
	f.Verdict, f.Advice = Verdict(r.Verdict), r.Advice
}
