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

// relatives names, for rows without a head rule whose frame is no relative of 35 × 45 mm or whose authority has published
// a rule for the same file, the row whose head they borrow.
var relatives = map[string]string{
	"nz-visa":            "nz-passport", // the same file
	"sg-visa":            "sg-passport", // the same file
	"br-passport":        "ca-passport", // 50 × 70 mm: three quarters of it would be a head of 52 mm
	"tr-passport":        "ca-passport", // 50 × 60 mm, likewise
	"tr-id-card":         "ca-passport",
	"cn-driving-licence": "cn-visa", // Chinese frames narrower than 0.7 show more shoulder than ICAO's
	"cn-small-1-inch":    "cn-visa",
	"cn-big-1-inch":      "cn-visa",
	"cn-big-2-inch":      "cn-visa",
	"cn-ncre":            "cn-visa",
}

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
	id := relatives[s.ID]
	if w, h := s.FileSize(); id == "" && w/h >= squarish {
		id = square
	}
	if r, ok := p.Find(id); ok && (r.HeadHeightMM != nil || r.HeadHeightRatio != nil) {
		_, h := r.Size()
		mm := r.Head().Band
		s.relative = relative{id: id, band: mm.Scale(1 / h), mm: mm, height: h}
	}
}

// defaultHead is the head of a row that publishes none. It is a default, not a rule of the authority, and whoever judges
// by it says so.
func (s Spec) defaultHead() Rule {
	_, h := s.Size()
	said := Provenance{Sources: []Citation{{ours, s.compiled}}, Confidence: "low", Checked: s.compiled}
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

// contradictions are rows whose published numbers cannot all hold at once. They are made to fit as far as they go, and
// every finding on the head says so.
var contradictions = map[string]string{
	"lb-passport": "Lebanon's numbers contradict each other: they are those of a 50.8 mm square on a photo 45 mm high, where " +
		"eyes 29 to 35 mm above the bottom leave no room for a head of more than about 30 mm.",
	"ph-passport": "the Philippines' numbers contradict each other: 8 to 10 mm above a head of 70 to 80 % of 45 mm leave " +
		"5.5 mm below the chin at one end and less than nothing at the other; the head's height is kept.",
	"ru-internal-passport": "Russia's numbers contradict each other: 11 to 13 mm from chin to eyes is a third of a head of 32 to 36 mm, " +
		"and eyes lie at half of it; the head's height is kept.",
}

// Contradiction says which of the row's own numbers exclude one another, or nothing.
func (s Spec) Contradiction() string { return contradictions[s.ID] }
