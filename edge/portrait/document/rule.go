package document

import (
	"math"
	"strings"
)

// A Rule is one number range that a photo is judged by, and on whose word.
type Rule struct {
	Band           // in millimetres of the photo
	Default bool   // the row is silent; this is ours
	Why     string // of a default: where it comes from
	Said    Provenance
}

// Provenance is where a row's numbers come from. The pack keeps it for a row as a whole, so each of the row's rules carries
// all of it: which source gave which number is told by the sources themselves.
type Provenance struct {
	Sources    []Citation
	Confidence string // high, medium, low
	Checked    string // the day the row was compiled
}

// A Citation is one source and the date it bears, as far as it bears one.
type Citation struct{ Title, Date string }

// Provenance of the row.
func (s Spec) Provenance() Provenance {
	p := Provenance{Confidence: s.Confidence, Checked: s.Checked}
	for i, title := range s.Source {
		c := Citation{Title: title}
		if d := s.SourceDates[i]; d != nil {
			c.Date = *d
		}
		p.Sources = append(p.Sources, c)
	}
	return p
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

// Head is how high the head may be, from the chin to the row's HeadTop. There is always one: without it nothing could be
// cropped, so a silent row takes the default of default.go.
func (s Spec) Head() Rule {
	if s.HeadHeightMM == nil && s.HeadHeightRatio == nil {
		return s.defaultHead()
	}
	return Rule{Band: s.inMM(s.HeadHeightMM, s.HeadHeightRatio).Widened(), Said: s.Provenance()}
}

// Eye is how far the line through the eyes is from the bottom edge.
func (s Spec) Eye() (Rule, bool) { return s.rule(s.EyeLineMM, s.EyeLineRatio) }

// Top is how far the row's HeadTop is from the top edge.
func (s Spec) Top() (Rule, bool) { return s.rule(s.TopMarginMM, s.TopMarginRatio) }

// Chin is how far the chin is from the bottom edge.
func (s Spec) Chin() (Rule, bool) { return s.rule(s.ChinToBottomMM, nil) }

// HeadWidth is from ear root to ear root.
func (s Spec) HeadWidth() (Rule, bool) {
	if b := s.FaceWidthPX; b != nil { // of the file, whose width in pixels the row then names too
		_, h := s.Size()
		return Rule{Band: b.Scale(h / float64(*s.HeightPX)), Said: s.Provenance()}, true
	}
	return s.rule(s.HeadWidthMM, nil)
}

// Centre is how far the middle of the face may be from the middle of the photo, in millimetres to either side: the row's
// own, or 5 % of the width, which is what ISO/IEC 19794-5 leaves (0.45 to 0.55).
func (s Spec) Centre(width float64) Rule {
	if s.CenterOffsetMaxMM > 0 {
		return Rule{Band: Band{-s.CenterOffsetMaxMM, s.CenterOffsetMaxMM}, Said: s.Provenance()}
	}
	return Rule{Band: Band{-0.05 * width, 0.05 * width}, Default: true, Why: icao}
}

func (s Spec) rule(mm, ratio *Band) (Rule, bool) {
	if mm == nil && ratio == nil {
		return Rule{}, false
	}
	return Rule{Band: s.inMM(mm, ratio).Widened(), Said: s.Provenance()}, true
}

// inMM is where the two forms of a rule agree. Most rows that give both give the same rule twice, the shares computed from
// the millimetres of the nominal height: those say nothing new, and on a 51 mm square that is 50.8 mm they would be wrong.
func (s Spec) inMM(mm, ratio *Band) Band {
	b := Band{math.Inf(-1), math.Inf(1)}
	if mm != nil {
		b = *mm
	}
	if ratio == nil || mm != nil && computed(ratio.Min*s.HeightMM, mm.Min) && computed(ratio.Max*s.HeightMM, mm.Max) {
		return b
	}
	_, h := s.Size()
	if both := b.Both(ratio.Scale(h)); both.Min <= both.Max {
		return both
	}
	return b
}

func computed(a, b float64) bool { return math.Abs(a-b) < 0.01 }
