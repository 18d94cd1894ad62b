package compliance

import (
	"fmt"

	"github.com/professionalaistudio/studio/edge/portrait/document"
)

// How much of the upper face may lie below half of the cheeks' luminance: eye sockets and the sides of the nose do on everybody
// (nine in ten official portraits have less than a fifth of it).
const shadePass, shadeFail = 0.30, 0.60

// faceExposure judges the light by the whites of the eyes, or the wall where they cannot be seen, and by what has gone white
// for good. Neither knows the colour of skin. OFIQ's mean, variance, under-exposure and range of the face do, and score dark
// skin down (issue 93 there), so they are left out: nobody is failed by the luminance of a face.
func faceExposure(f *Finding, m Measurements, _ document.Spec) {
	light := *m.Light
	f.Source = "OFIQ 1.0.3 OverExposurePrevention (ISO/IEC 29794-5) for the bright end; the rest ours"
	if over := 100 * light.Over.Value; over > 1 {
		f.most(over, 1, 5, "% of the face")
		f.Place = placed(Capture, light.Over.At)
		score, _ := OFIQ("OverExposurePrevention", light.Over.Value)
		f.Advice = fmt.Sprintf("%.0f %% of the face is burnt out to white, and 1 %% may be (OFIQ scores it %d of 100): turn the lamp away or down.", over, score)
		return
	}
	if !light.White.Known {
		white := m.ground().L.Value
		f.least(white, 60, 25, "L of the background")
		f.soften() // a dark wall is no dark photo
		f.Advice = fmt.Sprintf("The light is enough for the background, at a lightness of %.0f of 100.", white)
		if f.Verdict != Pass {
			f.Advice = fmt.Sprintf("The whites of the eyes cannot be seen, and the background has a lightness of only %.0f of 100: make sure that the face is bright enough.", white)
		}
		return
	}
	white := 100 * light.White.Value
	f.least(white, 9, 4, "% of white")
	f.tell(fmt.Sprintf("The light is right: the whites of the eyes are at %.0f %% of white.", white),
		fmt.Sprintf("The face is too dark: the whites of the eyes are at %.0f %% of white and should be at 9 at least; %.1f times the light is missing, so face a window.", white, max(9/max(white, 0.5), 1.1)))
}

const contrastPass = 32 // %: one official portrait in a hundred has more than 25

// faceContrast judges whether the darkest of the face (pupils, lashes, nostrils: dark on everybody) is dark against the whites
// of its eyes. Haze, a foggy lens and stray light raise it. In place of OFIQ's DynamicRange, which scores dark skin down.
func faceContrast(f *Finding, m Measurements, _ document.Spec) {
	v := 100 * m.Light.Black.Value
	f.most(v, contrastPass, 55, "% of the whites of the eyes")
	f.tell(fmt.Sprintf("Dark is dark: the darkest of the face is at %.0f %% of the whites of the eyes.", v),
		fmt.Sprintf("The photo is washed out: the darkest of the face is at %.0f %% of the whites of the eyes, and 32 is the most; clean the lens and have no lamp shine into it.", v))
}

// faceLighting tells how alike the cheeks are lit: OFIQ IlluminationUniformity. It is easily put off by a beard or a strand of
// hair, so it warns; a shadow that matters fails face.shadow.
func faceLighting(f *Finding, m Measurements, _ document.Spec) {
	f.Source = ofiq
	v := m.Light.Evenness.Value
	score, _ := OFIQ("IlluminationUniformity", v)
	verdict := f.least(100*v, 25, 0, "% alike")
	switch verdict {
	case Pass:
		f.Advice = fmt.Sprintf("The cheeks are lit alike, by %.0f %% (OFIQ scores it %d of 100).", 100*v, score)
	default:
		f.Advice = fmt.Sprintf("The cheeks are lit unlike: only %.0f %% of their shades are the same and 25 should be (OFIQ scores it %d of 100); turn towards the window or lamp.", 100*v, score)
	}
}

// faceShadow judges the halves of the face against each other, and how much of it lies in shadow.
func faceShadow(f *Finding, m Measurements, _ document.Spec) {
	sides, shade := m.Light.Sides.Value, m.Light.Shadow.Value
	f.Value, f.Min, f.Max, f.Unit = new(sides), new(0.7), new(1.4), "times the light, left to right"
	f.Verdict = Pass
	switch {
	case sides < 0.5 || sides > 2 || shade > shadeFail:
		f.Verdict = Fail
	case sides < 0.7 || sides > 1.4 || shade > shadePass:
		f.Verdict = Warn
	}
	switch {
	case f.Verdict == Pass:
		f.Advice = fmt.Sprintf("No shadow on the face: its left half has %.1f times the light of its right half.", sides)
	case sides < 0.7:
		f.Advice = fmt.Sprintf("The right half of the face has %.1f times the light of the left, and 1.4 is the most: turn towards the light, or put a white sheet on the other side.", 1/sides)
	case sides > 1.4:
		f.Advice = fmt.Sprintf("The left half of the face has %.1f times the light of the right, and 1.4 is the most: turn towards the light, or put a white sheet on the other side.", sides)
	default:
		f.Value, f.Min, f.Max, f.Unit = new(100*shade), nil, new(100*shadePass), "% of the upper face"
		f.Advice = fmt.Sprintf("%.0f %% of the upper face lies in shadow, and %.0f is the most: have the light in front of you rather than above.", 100*shade, 100*shadePass)
	}
}

// faceHotspot judges the largest white spot on the skin.
func faceHotspot(f *Finding, m Measurements, _ document.Spec) {
	v := 100 * m.Light.Hotspot.Value
	f.most(v, 0.5, 2, "% of the face")
	f.tell(fmt.Sprintf("No spot of the skin shines: the largest white one is %.1f %% of the face.", v),
		fmt.Sprintf("A spot of %.1f %% of the face shines white, and 0.5 is the most: no flash, or powder the skin.", v))
}
