package document

import "math"

// A Rule is one number range that a photo is judged by, and on whose word.
type Rule struct {
	Band           // in millimetres of the photo
	Default bool   // the row is silent; this is ours
	Why     string // of a default: where it comes from
	Said    Provenance
}

// Head is how high the head may be, from the chin to the row's HeadTop. There is always one: without it nothing could be
// cropped, so a silent row takes the default of default.go.
func (s Spec) Head() Rule {
	if s.HeadHeightMM == nil && s.HeadHeightRatio == nil {
		return s.defaultHead()
	}
	return Rule{Band: s.inMM(s.HeadHeightMM, s.HeadHeightRatio).Widened(), Said: s.Said("head_height_mm", "head_height_ratio")}
}

// Eye is how far the line through the eyes is from the bottom edge.
func (s Spec) Eye() (Rule, bool) {
	return s.rule(s.EyeLineMM, s.EyeLineRatio, "eye_line_from_bottom_mm", "eye_line_from_bottom_ratio")
}

// Top is how far the row's HeadTop is from the top edge.
func (s Spec) Top() (Rule, bool) {
	return s.rule(s.TopMarginMM, s.TopMarginRatio, "top_margin_mm", "top_margin_ratio")
}

// Chin is how far the chin is from the bottom edge.
func (s Spec) Chin() (Rule, bool) { return s.rule(s.ChinToBottomMM, nil, "chin_to_bottom_mm") }

// HeadWidth is from ear root to ear root.
func (s Spec) HeadWidth() (Rule, bool) {
	if b := s.FaceWidthPX; b != nil { // of the file, whose width in pixels the row then names too
		_, h := s.Size()
		return Rule{Band: b.Scale(h / float64(*s.HeightPX)), Said: s.Said("face_width_px")}, true
	}
	return s.rule(s.HeadWidthMM, nil, "head_width_mm")
}

// Centre is how far the middle of the face may be from the middle of the photo, in millimetres to either side: the row's
// own, or 5 % of the width, which is what ISO/IEC 19794-5 leaves (0.45 to 0.55).
func (s Spec) Centre(width float64) Rule {
	if s.CenterOffsetMaxMM > 0 {
		return Rule{Band: Band{-s.CenterOffsetMaxMM, s.CenterOffsetMaxMM}, Said: s.Said("center_offset_max_mm")}
	}
	return Rule{Band: Band{-0.05 * width, 0.05 * width}, Default: true, Why: icao, Said: Provenance{Sources: []Citation{{icao, s.compiled}}, Confidence: "low", Checked: s.compiled}}
}

func (s Spec) rule(mm, ratio *Band, fields ...string) (Rule, bool) {
	if mm == nil && ratio == nil {
		return Rule{}, false
	}
	return Rule{Band: s.inMM(mm, ratio).Widened(), Said: s.Said(fields...)}, true
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
