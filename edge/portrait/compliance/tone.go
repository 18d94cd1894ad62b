package compliance

import (
	"fmt"
	"math"

	"github.com/professionalaistudio/studio/edge/portrait/document"
)

// The whites of the eyes are not quite neutral: under neutral light they lie here in CIELAB, at a lightness of 76 (ours).
const eyeA, eyeB = 7.0, 5.0

// faceCast judges the colour of the light by the whites of the eyes, which the colour of skin does not touch. A wall that is
// neutral itself speaks for the camera; one with a colour may just have it, and says nothing. OFIQ's NaturalColour, which
// judges the skin, is told and not used.
//
// The facts ask for 8 and 15 from grey. The whites of the eyes are pinkish, more so where the rims of the lids are mixed in:
// of 540 official and laboratory portraits 90 % lie within 15 of what is normal, 95 % within 22.
func faceCast(f *Finding, m Measurements, _ document.Spec) {
	tone, ground := m.tone(), m.ground()
	wall := math.Inf(1)
	if ground.L.Known && ground.L.Value > 50 {
		wall = math.Hypot(ground.A.Value, ground.B.Value)
	}
	const pass, fail = 15, 25
	if !tone.WhiteA.Known {
		if wall > pass {
			f.unjudged("neither the whites of the eyes nor a neutral wall can be seen")
			return
		}
		f.most(wall, pass, fail, "CIELAB of the background")
		f.Advice = fmt.Sprintf("The light has no colour: the wall is %.0f CIELAB units from grey.", wall)
		return
	}
	a, b := tone.WhiteA.Value-eyeA, tone.WhiteB.Value-eyeB
	cast := math.Hypot(a, b)
	verdict := f.most(cast, pass, fail, "CIELAB of the whites of the eyes")
	if wall <= 5 {
		f.soften()
		if cast <= 20 {
			f.Verdict = Pass
		}
	}
	hue := "yellow"
	switch {
	case math.Abs(b) >= math.Abs(a) && b < 0:
		hue = "blue"
	case math.Abs(a) > math.Abs(b) && a > 0:
		hue = "red"
	case math.Abs(a) > math.Abs(b):
		hue = "green"
	}
	natural := ""
	if tone.Natural.Known {
		score, _ := OFIQ("NaturalColour", tone.Natural.Value)
		natural = fmt.Sprintf(" (OFIQ scores the skin's colour %d of 100)", score)
	}
	switch {
	case f.Verdict == Pass && verdict == Pass:
		f.Advice = fmt.Sprintf("The light has no colour: the whites of the eyes are %.0f CIELAB units from white%s.", cast, natural)
	case f.Verdict == Pass:
		f.Advice = fmt.Sprintf("The whites of the eyes are %.0f CIELAB units from white, but the wall is neutral within %.0f, so it is not the light.", cast, wall)
	default:
		f.Advice = fmt.Sprintf("The light is too %s: the whites of the eyes are %.0f CIELAB units from white, and %d is the most%s; use daylight, and switch other lamps off.", hue, cast, pass, natural)
	}
}

// faceColour judges whether the photo has colour at all. The facts pass 6; the lightest skin of the Monk scale has 5 in dim
// light, and grey pictures less than 1.
func faceColour(f *Finding, m Measurements, s document.Spec) {
	v := m.Tone.Chroma.Value
	verdict := f.least(v, 4, 3, "CIELAB chroma")
	switch {
	case verdict == Pass:
		f.Advice = fmt.Sprintf("The photo is in colour: the face has a chroma of %.0f.", v)
	case wants(s, aboutGrey) != silent:
		byRow(f, s)
		f.Verdict, f.Advice = Pass, fmt.Sprintf("The photo is in black and white, with a chroma of %.0f; this document takes it.", v)
	default:
		f.Advice = fmt.Sprintf("The photo has hardly any colour: the face has a chroma of %.1f, and 4 is the least; take it in colour, without a filter.", v)
	}
}
