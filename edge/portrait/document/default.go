package document

import (
	"fmt"
	"slices"
)

const (
	icao = "ISO/IEC 19794-5 and ICAO Doc 9303, general knowledge"
	ours = "ours"
)

// aspectFamily is the narrowest frame that is taken for a relative of 35 × 45 mm, and squarish the widest.
const (
	aspectFamily = 0.64
	squarish     = 0.95
)

// headWidthShare is the width of a head from ear root to ear root over its height. Sources give 0.68 to 0.75.
const headWidthShare = 0.70

// square is the relative of every square frame.
const square = "generic-2x2"

// relative is the head rule borrowed from another row.
type relative struct {
	id     string
	band   Band    // as a share of that row's height
	mm     Band    // in millimetres
	height float64 // of that row's photo
}

// relate finds the row's relative in its own pack.
func (s *Spec) relate(p *Pack) {
	if s.HeadHeightMM != nil || s.HeadHeightRatio != nil {
		return
	}
	id := s.HeadFrom // for a frame that is no relative of 35 × 45 mm, or the same file
	if w, h := s.FileSize(); id == "" && w/h >= squarish {
		id = square
	}
	if r, ok := p.Find(id); ok && (r.HeadHeightMM != nil || r.HeadHeightRatio != nil) {
		_, h := r.Size()
		mm := r.Head().Band
		s.relative = relative{id: id, band: mm.Scale(1 / h), mm: mm, height: h}
	}
}

// oursSay is the provenance of what no authority says.
func (s Spec) oursSay() Provenance {
	return Provenance{Sources: []Citation{{ours, s.compiled}}, Confidence: "low", Checked: s.compiled}
}

// defaultHead is the head of a row that publishes none. It is a default, not a rule of the authority, and whoever judges
// by it says so.
func (s Spec) defaultHead() Rule {
	_, h := s.Size()
	said := s.oursSay()
	share := func(low, high float64, why string) Rule {
		return Rule{Band: Band{low, high}.Scale(h), Default: true, Why: why, Said: said}
	}
	if slices.Contains(s.Other, "the portal crops: deliver head, shoulders and upper body, uncropped") {
		return share(0.45, 0.60, "the portal cuts the picture itself and wants room around the head, so it takes 45 to 60 % of the height")
	}
	if w, ok := s.HeadWidth(); ok && s.FaceWidthPX != nil {
		return Rule{Band: w.Band.Scale(1 / headWidthShare), Default: true, Said: said,
			Why: fmt.Sprintf("the row gives the width of the face alone; a head is taken as wide as %.0f %% of its height", headWidthShare*100)}
	}
	if r := s.relative; r.id != "" {
		why := "as its nearest relative, " + r.id
		// A head keeps its millimetres between frames of about the same height, and its share of the height otherwise.
		if ratio := h / r.height; ratio > 5.0/6 && ratio < 6.0/5 {
			return Rule{Band: r.mm, Default: true, Why: why, Said: said}
		}
		return share(r.band.Min, r.band.Max, why)
	}
	return share(0.70, 0.80, "three quarters of the height, as ICAO's print guidance of 70 to 80 %")
}

// Contradiction says which of the row's own numbers exclude one another, or nothing.
func (s Spec) Contradiction() string { return s.Contradicts }
