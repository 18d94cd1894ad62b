package compliance

import (
	"fmt"

	"github.com/professionalaistudio/studio/edge/portrait/document"
)

const roughFail = 10 // L

// groundUniform judges how the background scatters about an even slope. The facts take the plain deviation; without the slope,
// which bg.gradient judges, and single things, which bg.objects does, one fault breaks one rule.
func groundUniform(f *Finding, m Measurements, _ document.Spec) {
	light, tone := m.Ground.Rough.Value, m.Ground.RoughTone.Value
	switch f.most(light, 4, roughFail, "L"); {
	case f.Verdict == Pass && tone <= 3:
		f.Advice = fmt.Sprintf("The background is plain: its lightness scatters by %.1f.", light)
	case f.Verdict == Pass:
		f.most(tone, 3, never, "CIELAB chroma")
		f.Advice = fmt.Sprintf("The background has several colours: they scatter by %.0f, and 3 is the most; stand before a plain wall.", tone)
	default:
		f.Advice = fmt.Sprintf("The background has a pattern: its lightness scatters by %.0f, and 4 is the most; stand before a plain wall.", light)
	}
}

// groundColour judges the background's median against the nearest of the document's colours.
func groundColour(f *Finding, m Measurements, s document.Spec) {
	v := m.Ground.Off.Value
	byRow(f, s, "background")
	names := ""
	for i, c := range s.Background {
		if i > 0 {
			names += " or "
		}
		names += c.Name
	}
	verdict := f.most(v, 6, 12, "CIEDE2000")
	switch {
	case wants(s, aboutWall) != silent:
		f.Verdict, f.Max = Pass, nil
		f.Advice = fmt.Sprintf("This document prescribes no colour; the background is %.0f from %s.", v, names)
	case verdict == Pass:
		f.Advice = fmt.Sprintf("The background is %s, within %.0f.", names, v)
	default:
		f.Advice = fmt.Sprintf("The background differs by %.0f from %s, and 6 is the most (1 is just visible): stand before a wall of that colour, well lit.", v, names)
	}
}

// groundLightness judges how light the background is. A document that asks for a blue or a red one has it darker.
func groundLightness(f *Finding, m Measurements, _ document.Spec) {
	v := m.Ground.L.Value
	pass := 80.0
	if near := m.Ground.Nearest; near.Known {
		pass = min(pass, near.Value-6)
	}
	f.least(v, pass, pass-20, "L")
	f.tell(fmt.Sprintf("The background is light, at %.0f of 100.", v),
		fmt.Sprintf("The background is too dark, at %.0f of 100, and %.0f is the least: put a lamp on the wall, or stand before a lighter one.", v, pass))
}

// groundShadow judges the dark beside the head.
func groundShadow(f *Finding, m Measurements, _ document.Spec) {
	if rough, edges := m.Ground.Rough, m.Ground.Edges; rough.Value > roughFail || edges.Value > 0.02 {
		f.unjudged(fmt.Sprintf("the background is too busy for a shadow to be told, with %.0f %% of it on edges", 100*edges.Value))
		return
	}
	v := m.Ground.Shadow.Value
	f.most(v, 4, 10, "L")
	f.tell(fmt.Sprintf("No shadow behind the head: the wall beside it is darker by %.0f at most.", v),
		fmt.Sprintf("There is a shadow behind the head: the wall beside it is darker by %.0f, and 4 is the most; step 1 m away from the wall.", v))
}

// groundObjects judges edges in the background, and what the matte has apart from the person. The facts ask for none; a
// thousandth is what a wall's grain makes.
func groundObjects(f *Finding, m Measurements, _ document.Spec) {
	edges, islands := 100*m.Ground.Edges.Value, 0.0
	if m.Ground.Islands.Known {
		islands = 100 * m.Ground.Islands.Value
	}
	if islands > 0.5 && islands > edges {
		f.most(islands, 0.5, 2, "% of the person")
		f.Place = placed(m.wall(), m.Ground.Islands.At)
		f.Advice = fmt.Sprintf("Something of %.0f %% the size of the person stands beside it: have nobody and nothing else in the picture.", islands)
		return
	}
	f.most(edges, 0.1, 0.5, "% of the background")
	f.tell(fmt.Sprintf("Nothing stands before the background: %.1f %% of it lies on an edge.", edges),
		fmt.Sprintf("Something is in the background: %.1f %% of it lies on an edge, and 0.1 is the most; clear the wall, or stand before another.", edges))
}

// groundContrast judges how far hair and head stand out. Shoulders have a rule of their own, clothes.match_bg.
func groundContrast(f *Finding, m Measurements, _ document.Spec) {
	v := m.Ground.Contrast.Value
	f.least(v, 12, 6, "CIEDE2000")
	f.tell(fmt.Sprintf("The head stands out from the background, by %.0f.", v),
		fmt.Sprintf("A quarter of the head's outline differs from the background by %.0f or less, and 12 is the least: stand before a wall that is lighter or darker than your hair.", v))
}

// groundGradient judges the even slope of the background's lightness.
func groundGradient(f *Finding, m Measurements, _ document.Spec) {
	v := m.Ground.Gradient.Value
	f.most(v, 4, 10, "L")
	f.tell(fmt.Sprintf("The background is lit evenly: from end to end it changes by %.0f.", v),
		fmt.Sprintf("The background is lit from one side: from end to end it changes by %.0f, and 4 is the most; have the light in front of you, or on both sides.", v))
}

// clothesMatch judges how far the clothes stand out.
func clothesMatch(f *Finding, m Measurements, _ document.Spec) {
	if f.Place == nil {
		f.Place = placed(m.wall(), m.Ground.L.At)
	}
	v := m.Ground.Clothes.Value
	f.least(v, 10, 5, "CIEDE2000")
	f.tell(fmt.Sprintf("The clothes stand out from the background, by %.0f.", v),
		fmt.Sprintf("The clothes differ from the background by only %.0f, and 10 is the least: wear something darker or of another colour.", v))
}
