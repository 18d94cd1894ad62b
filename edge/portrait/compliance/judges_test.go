package compliance

import (
	"math"
	"regexp"
	"strings"
	"testing"
	"time"
)

func known(v float64) Number {
	return Number{Value: v, Known: true, At: [][2]float64{{1, 2}, {3, 4}, {5, 6.123456}}}
}

// measured is a photo that everything was measured of, and nothing is wrong with.
func measured() Measurements {
	f, h := good()
	h.EyeMeasured, h.EarToEar, h.SideMeasured, h.Side = true, 19, true, 12
	no := func() *Score { return &Score{0.02, 0.5} }
	day := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	return Measurements{
		File: &f, Head: &h, Faces: &Faces{}, Pose: &Pose{}, Traits: &Traits{no(), no(), no(), no(), no(), &Score{0.9, 0.5}, no()},
		Features: &Features{EyeDistance: known(120), EyesOpen: known(0.08), MouthOpen: known(0.01), Gaze: known(0.01), GazeApart: known(0.1), Smile: known(0.02),
			BrowRaise: known(0.34), BrowGap: known(0.48), Chin: known(1.83), EarToEar: known(280), Face: known(50_000)},
		Light: &Light{White: known(0.3), Black: known(0.1), Over: known(0), Under: known(0.1), Range: known(6.8), Evenness: known(0.65), Sides: known(1.05),
			Shadow: known(0.08), Hotspot: known(0), EyeDistance: known(113)},
		Tone:   &Tone{WhiteA: known(7), WhiteB: known(5), Natural: known(0), Chroma: known(20)},
		Detail: &Detail{Edge: known(1.2), Motion: known(0.8), Along: known(90), Noise: known(1.2), Texture: known(1.5)},
		Eyes:   &Eyes{Red: known(0), Glare: known(0.004), Tint: known(0.95), Teeth: known(0)},
		Hair:   &Hair{Eyes: known(0.03), Brows: known(0.05), Face: known(0.01), Ears: known(0.5), Clipped: known(0), Contrast: known(40)},
		Ground: &Ground{L: known(92), A: known(0), B: known(1), Rough: known(0.8), RoughTone: known(0.4), Gradient: known(1), Shadow: known(0.5), Edges: known(0),
			Islands: known(0), Contrast: known(30), Clothes: known(40), Off: known(2), Nearest: known(100)},
		Figure:   &Figure{Slope: known(1), Width: known(2.2), Sides: known(2), CutTop: known(0), CutSides: known(0), Room: known(200), Holes: known(0), Islands: known(0)},
		Grain:    &Grain{Blocks: known(0.05), Shifted: known(0), Levels: known(180), Span: known(190), Repeated: known(0.05)},
		History:  &History{Taken: day.AddDate(0, -1, 0), Today: day, Software: "17.1", Camera: known(1.2)},
		Replaced: true, Fringe: known(3), Unchanged: known(1), Backdrop: &Backdrop{},
	}
}

var unjudged = strings.Fields("eyes.contact_lens glasses.frame face.makeup clothes.uniform photo.of_photo photo.mirror child.rules")

// Everything measured and nothing wrong: every rule passes but those that nobody judges; each sentence has a number in it, and
// what was measured somewhere has a place, in hundredths of a pixel.
func TestAllIsWell(t *testing.T) {
	judged := 0
	for _, f := range Check(measured(), spec(t, "us-visa")) {
		want := Pass
		for _, rule := range unjudged {
			if f.Rule == rule {
				want = NotAssessed
			}
		}
		if f.Rule == "head.width" { // the row has none
			want = NotAssessed
		}
		if f.Verdict != want {
			t.Errorf("%s is %s, want %s: %s", f.Rule, f.Verdict, want, f.Advice)
		}
		if want == NotAssessed {
			continue
		}
		judged++
		if f.Rule != "route" && f.Rule != "file.exif" && !regexp.MustCompile(`\d`).MatchString(f.Advice) {
			t.Errorf("%s tells no number: %s", f.Rule, f.Advice)
		}
		if strings.Count(f.Advice, ". ") > 0 || !strings.HasSuffix(f.Advice, ".") {
			t.Errorf("%s is not one sentence: %s", f.Rule, f.Advice)
		}
		if f.Place != nil {
			for _, p := range f.Place.Points {
				if math.Abs(100*p[1]-math.Round(100*p[1])) > 1e-9 {
					t.Errorf("%s lies at %v", f.Rule, p)
				}
			}
		}
	}
	if judged < 57 {
		t.Errorf("%d rules are judged", judged)
	}
}

// What each rule says of what lies just inside and just beyond its limits.
func TestLimits(t *testing.T) {
	for _, test := range []struct {
		rule, document string
		change         func(*Measurements)
		want           Verdict
		says           string
	}{
		{"pose.yaw", "", func(m *Measurements) { m.Pose.Yaw = -5 }, Pass, "5 degrees"},
		{"pose.yaw", "", func(m *Measurements) { m.Pose.Yaw = -5.1 }, Warn, "left"},
		{"pose.yaw", "", func(m *Measurements) { m.Pose.Yaw = 8.1 }, Fail, "right"},
		{"pose.pitch", "", func(m *Measurements) { m.Pose.Pitch = 5 }, Pass, "OFIQ"},
		{"pose.pitch", "", func(m *Measurements) { m.Pose.Pitch = 15 }, Warn, "raise the chin"},
		{"pose.pitch", "", func(m *Measurements) { m.Pose.Pitch = -15.1 }, Fail, "lower the chin"},
		{"shoulders.level", "", func(m *Measurements) { m.Figure.Slope.Value = 4 }, Pass, "level"},
		{"shoulders.level", "", func(m *Measurements) { m.Figure.Slope.Value = -8 }, Warn, "left"},
		{"shoulders.level", "", func(m *Measurements) { m.Figure.Slope.Value = 8.1 }, Fail, "right"},
		{"shoulders.visible", "", func(m *Measurements) { m.Figure.Width.Value, m.Figure.Sides.Value = 1.5, 0 }, Pass, "1.5"},
		{"shoulders.visible", "", func(m *Measurements) { m.Figure.Width.Value, m.Figure.Sides.Value = 1.3, 1 }, Warn, "1.3"},
		{"shoulders.visible", "", func(m *Measurements) { m.Figure.Width.Value, m.Figure.Sides.Value = 1.1, 1 }, Fail, "1.1"},
		{"shoulders.visible", "", func(m *Measurements) { m.Figure.Width.Value = 1.1 }, Pass, "side to side"},
		{"shoulders.visible", "", func(m *Measurements) { m.Made = &Figure{Width: known(1), Sides: known(0)} }, Fail, "1.0"},

		{"eyes.open", "", func(m *Measurements) { m.Features.EyesOpen.Value = 0.03 }, Pass, "open"},
		{"eyes.open", "", func(m *Measurements) { m.Features.EyesOpen.Value = 0.029 }, Warn, "half"},
		{"eyes.open", "", func(m *Measurements) { m.Features.EyesOpen.Value = 0.019 }, Fail, "closed"},
		{"eyes.open", "", func(m *Measurements) { m.Traits.EyesOpen.Value = 0.4 }, Warn, "40 of 100"},
		{"eyes.open", "", func(m *Measurements) { m.Traits.EyesOpen.Value = 0.1 }, Warn, "10 of 100"}, // against wide outlines
		{"eyes.open", "", func(m *Measurements) { m.Traits.EyesOpen.Value, m.Features.EyesOpen.Value = 0.1, 0.04 }, Fail, "10 of 100"},
		{"mouth.closed", "", func(m *Measurements) { m.Traits.MouthOpen.Value = 0.7 }, Warn, "70 of 100"},
		{"eyes.distance", "", func(m *Measurements) { m.Features.EyeDistance.Value = 90 }, Pass, "90"},
		{"eyes.distance", "", func(m *Measurements) { m.Features.EyeDistance.Value = 60 }, Warn, "67 %"},
		{"eyes.distance", "", func(m *Measurements) { m.Features.EyeDistance.Value = 44 }, Fail, "44"},
		{"eyes.distance", "", func(m *Measurements) { m.Features.EyeDistance.Value, m.Pose.Yaw = 80, 30 }, Pass, "92"},
		{"eyes.gaze", "", func(m *Measurements) { m.Features.Gaze.Value = -0.12 }, Pass, "17 degrees"},
		{"eyes.gaze", "", func(m *Measurements) { m.Features.Gaze.Value = -0.13 }, Warn, "left"},
		{"eyes.gaze", "", func(m *Measurements) { m.Features.Gaze.Value = 0.21 }, Fail, "right"},
		{"eyes.gaze", "", func(m *Measurements) { m.Features.GazeApart.Value = 0.35 }, NotAssessed, "35 %"},
		{"eyes.red", "", func(m *Measurements) { m.Eyes.Red.Value = 0.02 }, Pass, "2 %"},
		{"eyes.red", "", func(m *Measurements) { m.Eyes.Red.Value = 0.05 }, Warn, "5 %"},
		{"eyes.red", "", func(m *Measurements) { m.Eyes.Red.Value = 0.09 }, Fail, "9 %"},
		{"eyes.hair", "", func(m *Measurements) { m.Hair.Eyes.Value = 0.21 }, Warn, "21 %"},
		{"eyes.hair", "", func(m *Measurements) { m.Hair.Eyes.Value = 0.41 }, Fail, "41 %"},
		{"eyes.hair", "", func(m *Measurements) { m.Light.Shadow.Value = 0.4 }, NotAssessed, "shadows on 40 %"},
		{"eyes.hair", "", func(m *Measurements) { m.Traits.Headwear.Value = 0.3 }, NotAssessed, "head covering"},
		{"eyes.hair", "", func(m *Measurements) { m.Traits.Glasses.Value = 0.3 }, NotAssessed, "glasses"},
		{"brows.visible", "", func(m *Measurements) { m.Hair.Brows.Value = 0.7 }, Warn, "70 %"},
		{"brows.visible", "sg-passport", func(m *Measurements) { m.Hair.Brows.Value = 0.7 }, Fail, "70 %"},
		{"brows.visible", "sg-passport", func(m *Measurements) { m.Hair.Brows.Value = 0.5 }, Warn, "50 %"},

		{"glasses.present", "us-visa", func(m *Measurements) { m.Traits.Glasses.Value = 0.24 }, Pass, "24 of 100"},
		{"glasses.present", "us-visa", func(m *Measurements) { m.Traits.Glasses.Value = 0.26 }, Warn, "may be glasses"},
		{"glasses.present", "us-visa", func(m *Measurements) { m.Traits.Glasses.Value = 0.5 }, Fail, "take them off"},
		{"glasses.present", "de-passport", func(m *Measurements) { m.Traits.Glasses.Value = 0.9 }, Pass, "no glare"},
		{"glasses.present", "de-health-card", func(m *Measurements) { m.Traits.Glasses.Value = 0.9 }, Pass, "says nothing"},
		{"glasses.tint", "de-passport", func(m *Measurements) { m.Eyes.Tint.Value = 0.2 }, Pass, "No glasses"},
		{"glasses.tint", "de-passport", func(m *Measurements) { m.Traits.Glasses.Value, m.Eyes.Tint.Value = 0.9, 0.75 }, Pass, "75 %"},
		{"glasses.tint", "de-passport", func(m *Measurements) { m.Traits.Glasses.Value, m.Eyes.Tint.Value = 0.9, 0.3 }, Warn, "30 %"},
		{"glasses.tint", "de-passport", func(m *Measurements) { m.Traits.Glasses.Value, m.Traits.Dark.Value, m.Eyes.Tint.Value = 0.9, 0.3, 0.55 }, Warn, "55 %"},
		{"glasses.tint", "de-passport", func(m *Measurements) { m.Traits.Glasses.Value, m.Traits.Dark.Value, m.Eyes.Tint.Value = 0.9, 0.3, 0.45 }, Fail, "45 %"},
		{"glasses.tint", "de-passport", func(m *Measurements) { m.Traits.Glasses.Value, m.Traits.Dark.Value = 0.9, 0.6 }, Fail, "dark"},
		{"glasses.tint", "de-passport", func(m *Measurements) { m.Traits.Glasses.Value, m.Traits.Dark, m.Eyes.Tint = 0.9, nil, Number{} }, NotAssessed, "how dark"},
		{"glasses.tint", "de-passport", func(m *Measurements) { m.Traits.Glasses.Value, m.Eyes.Tint = 0.9, Number{} }, Pass, "net"},
		{"glasses.glare", "de-passport", func(m *Measurements) { m.Eyes.Glare.Value = 0.5 }, Pass, "No glasses"},
		{"glasses.glare", "de-passport", func(m *Measurements) { m.Traits.Glasses.Value, m.Eyes.Glare.Value = 0.9, 0.015 }, Pass, "1.5 %"},
		{"glasses.glare", "de-passport", func(m *Measurements) { m.Traits.Glasses.Value, m.Eyes.Glare.Value = 0.9, 0.02 }, Warn, "2 %"},
		{"glasses.glare", "de-passport", func(m *Measurements) { m.Traits.Glasses.Value, m.Eyes.Glare = 0.9, Number{Why: "too dark to see"} }, NotAssessed, "too dark to see"},
		{"glasses.glare", "de-passport", func(m *Measurements) { m.Traits.Glasses.Value, m.Eyes.Glare.Value = 0.9, 0.04 }, Warn, "4 %"},
		{"glasses.glare", "de-passport", func(m *Measurements) { m.Traits.Glasses.Value, m.Eyes.Glare.Value = 0.9, 0.06 }, Fail, "6 %"},

		{"mouth.closed", "", func(m *Measurements) { m.Features.MouthOpen.Value = 0.06 }, Pass, "OFIQ"},
		{"mouth.closed", "", func(m *Measurements) { m.Features.MouthOpen.Value = 0.1 }, Warn, "10 %"},
		{"mouth.closed", "", func(m *Measurements) { m.Features.MouthOpen.Value = 0.13 }, Fail, "13 %"},
		{"mouth.smile", "us-visa", func(m *Measurements) { m.Traits.Smile.Value = 0.6 }, Warn, "smile"},
		{"mouth.smile", "us-passport", func(m *Measurements) { m.Traits.Smile.Value = 0.6 }, Pass, "natural"},
		{"mouth.smile", "us-visa", func(m *Measurements) { m.Features.Smile.Value, m.Traits.Smile = 0.08, nil }, Warn, "8 %"},
		{"mouth.smile", "us-visa", func(m *Measurements) { m.Features.Smile.Value = 0.08 }, Pass, "8 %"}, // the net is sure
		{"mouth.teeth", "", func(m *Measurements) { m.Eyes.Teeth.Value = 0.03 }, Warn, "3 %"},
		{"mouth.teeth", "", func(m *Measurements) { m.Eyes.Teeth.Value = 0.06 }, Fail, "6 %"},
		{"expression", "", func(m *Measurements) { m.Features.BrowRaise.Value = 0.43 }, Pass, "43 %"},
		{"expression", "", func(m *Measurements) { m.Features.BrowRaise.Value = 0.45 }, Warn, "raised"},
		{"expression", "", func(m *Measurements) { m.Features.BrowRaise.Value = 0.2 }, Warn, "drawn down"},
		{"expression", "", func(m *Measurements) { m.Pose.Pitch = 12 }, NotAssessed, "12 degrees"},

		{"ears.visible", "us-visa", func(m *Measurements) { m.Hair.Ears.Value = 0 }, Pass, "does not ask"},
		{"ears.visible", "ph-passport", func(m *Measurements) { m.Hair.Ears.Value = 0.1 }, Warn, "both"},
		{"ears.visible", "ph-passport", func(m *Measurements) { m.Hair.Ears.Value = 0.03 }, Fail, "both"},
		{"ears.visible", "fr-passport", func(m *Measurements) { m.Hair.Ears.Value = 0.03 }, Warn, "both"}, // "if possible"
		{"face.single", "", func(m *Measurements) { m.Faces.Second = 0.05 }, Pass, "5 %"},
		{"face.single", "", func(m *Measurements) { m.Faces.Second = 0.2 }, Warn, "20 %"},
		{"face.single", "", func(m *Measurements) { m.Faces.Second = 0.3 }, Fail, "30 %"},
		{"face.hair_over", "", func(m *Measurements) { m.Hair.Face.Value = 0.11 }, Warn, "11 %"},
		{"face.hair_over", "", func(m *Measurements) { m.Hair.Face.Value = 0.31 }, Fail, "31 %"},
		{"face.veil_mask", "", func(m *Measurements) { m.Traits.Occluded.Value = 0.3 }, Warn, "30 of 100"},
		{"face.veil_mask", "", func(m *Measurements) { m.Traits.Occluded.Value = 0.5 }, Fail, "50 of 100"},
		{"head.hat", "fr-passport", func(m *Measurements) { m.Traits.Headwear.Value = 0.5 }, Fail, "take it off"},
		{"head.hat", "de-passport", func(m *Measurements) { m.Traits.Headwear.Value = 0.9 }, Warn, "religious or medical"},
		{"head.hat", "de-health-card", func(m *Measurements) { m.Traits.Headwear.Value = 0.9 }, Warn, "faith or health"},

		{"face.exposure", "", func(m *Measurements) { m.Light.White.Value = 0.09 }, Pass, "9 %"},
		{"face.exposure", "", func(m *Measurements) { m.Light.White.Value = 0.08 }, Warn, "too dark"},
		{"face.exposure", "", func(m *Measurements) { m.Light.White.Value = 0.041 }, Warn, "too dark"},
		{"face.exposure", "", func(m *Measurements) { m.Light.White.Value = 0.03 }, Fail, "3.0 times"},
		{"face.exposure", "", func(m *Measurements) { m.Light.Over.Value = 0.02 }, Warn, "burnt out"},
		{"face.exposure", "", func(m *Measurements) { m.Light.Over.Value = 0.06 }, Fail, "6 %"},
		{"face.exposure", "", func(m *Measurements) { m.Light.White = Number{Why: "no whites"} }, Pass, "background"},
		{"face.exposure", "", func(m *Measurements) { m.Light.White, m.Ground.L = Number{Why: "no whites"}, known(10) }, Warn, "10 of 100"},
		{"face.exposure", "", func(m *Measurements) { m.Light.White, m.Ground = Number{Why: "no whites are seen"}, nil }, NotAssessed, "no whites are seen"},
		{"face.exposure", "", func(m *Measurements) { m.Light.Under.Value, m.Light.Range.Value = 0.99, 3 }, Pass, "30 %"}, // dark skin
		{"face.contrast", "", func(m *Measurements) { m.Light.Black.Value = 0.33 }, Warn, "33 %"},
		{"face.contrast", "", func(m *Measurements) { m.Light.Black.Value = 0.6 }, Fail, "60 %"},
		{"face.lighting", "", func(m *Measurements) { m.Light.Evenness.Value = 0.2 }, Warn, "20 %"},
		{"face.lighting", "", func(m *Measurements) { m.Light.Evenness.Value = 0 }, Warn, "0 %"},
		{"face.shadow", "", func(m *Measurements) { m.Light.Sides.Value = 0.71 }, Pass, "0.7"},
		{"face.shadow", "", func(m *Measurements) { m.Light.Sides.Value = 0.6 }, Warn, "right half of the face has 1.7"},
		{"face.shadow", "", func(m *Measurements) { m.Light.Sides.Value = 2.1 }, Fail, "left half of the face has 2.1"},
		{"face.shadow", "", func(m *Measurements) { m.Light.Shadow.Value = 0.4 }, Warn, "40 %"},
		{"face.shadow", "", func(m *Measurements) { m.Light.Shadow.Value = 0.7 }, Fail, "70 %"},
		{"face.hotspot", "", func(m *Measurements) { m.Light.Hotspot.Value = 0.01 }, Warn, "1.0 %"},
		{"face.hotspot", "", func(m *Measurements) { m.Light.Hotspot.Value = 0.03 }, Fail, "3.0 %"},
		{"face.colour_cast", "", func(m *Measurements) { m.Tone.WhiteB.Value, m.Ground = 23, nil }, Warn, "yellow"},
		{"face.colour_cast", "", func(m *Measurements) { m.Tone.WhiteB.Value, m.Ground = -25, nil }, Fail, "blue"},
		{"face.colour_cast", "", func(m *Measurements) { m.Tone.WhiteA.Value, m.Ground = 40, nil }, Fail, "red"},
		{"face.colour_cast", "", func(m *Measurements) { m.Tone.WhiteA.Value, m.Ground = -30, nil }, Fail, "green"},
		{"face.colour_cast", "", func(m *Measurements) { m.Tone.WhiteB.Value = 24 }, Pass, "wall is neutral"},
		{"face.colour_cast", "", func(m *Measurements) { m.Tone.WhiteB.Value = 40 }, Warn, "yellow"},
		{"face.colour_cast", "", func(m *Measurements) { m.Tone.WhiteB.Value, m.Ground.B.Value = 40, 30 }, Fail, "yellow"}, // so is the wall
		{"face.colour_cast", "", func(m *Measurements) { m.Tone.WhiteA, m.Tone.WhiteB = Number{}, Number{} }, Pass, "wall"},
		{"face.colour_cast", "", func(m *Measurements) { m.Tone.WhiteA, m.Tone.WhiteB, m.Ground.B.Value = Number{}, Number{}, 30 }, NotAssessed, "neutral wall"},
		{"face.is_colour", "us-visa", func(m *Measurements) { m.Tone.Chroma.Value = 3.5 }, Warn, "3.5"},
		{"face.is_colour", "us-visa", func(m *Measurements) { m.Tone.Chroma.Value = 1 }, Fail, "1.0"},
		{"face.is_colour", "ca-passport", func(m *Measurements) { m.Tone.Chroma.Value = 1 }, Pass, "black and white"},

		{"face.blur", "", func(m *Measurements) { m.Detail.Edge.Value = 2.8 }, Pass, "1.8 mm"},
		{"face.blur", "", func(m *Measurements) { m.Detail.Edge.Value = 3 }, Warn, "1.9 mm"},
		{"face.blur", "", func(m *Measurements) { m.Detail.Edge.Value = 4.3 }, Fail, "2.7 mm"},
		{"face.motion_blur", "", func(m *Measurements) { m.Detail.Motion.Value = 0.4 }, Warn, "up and down"},
		{"face.motion_blur", "", func(m *Measurements) { m.Detail.Motion.Value, m.Detail.Along.Value = 0, 0 }, Warn, "sideways"},
		{"face.motion_blur", "", func(m *Measurements) { m.Detail.Motion.Value, m.Detail.Noise.Value = 0.1, 5 }, NotAssessed, "grain"},
		{"face.noise", "", func(m *Measurements) { m.Detail.Noise.Value = 7 }, Warn, "7 of 255"},
		{"face.noise", "", func(m *Measurements) { m.Detail.Noise.Value = 13 }, Fail, "13 of 255"},
		{"face.pixelation", "", func(m *Measurements) { m.Head.Upscale = 1.5 }, Warn, "67 % of the distance"},
		{"face.pixelation", "", func(m *Measurements) { m.Grain.Repeated.Value = 0.5 }, Warn, "repeat"},
		{"face.pixelation", "", func(m *Measurements) { m.Grain.Repeated.Value = 0.35 }, Warn, "repeat"},
		{"face.pixelation", "", func(m *Measurements) { m.Grain.Repeated.Value = 0.95 }, Fail, "repeat"},
		{"face.pixelation", "", func(m *Measurements) { m.Grain.Blocks.Value = 0.8 }, Warn, "80 %"},
		{"face.pixelation", "", func(m *Measurements) { m.Grain.Blocks.Value = 2.5 }, Fail, "250 %"},
		{"face.pixelation", "", func(m *Measurements) { m.Head, m.WhyHead = nil, "nobody gave it" }, NotAssessed, "nobody gave it"},
		{"face.posterised", "", func(m *Measurements) { m.Grain.Levels.Value = 70 }, Warn, "70 levels"},
		{"face.posterised", "", func(m *Measurements) { m.Grain.Levels.Value = 40 }, Fail, "40 levels"},
		{"face.posterised", "", func(m *Measurements) { m.Grain.Levels.Value, m.Grain.Span.Value = 40, 42 }, Pass, "40 levels"},
		{"face.posterised", "", func(m *Measurements) { m.MadeGrain = &Grain{Levels: known(30), Span: known(200)} }, Fail, "30 levels"},
		{"face.distortion", "", func(m *Measurements) { m.History.Camera.Value = 0.7 }, Pass, "0.7 m"},
		{"face.distortion", "", func(m *Measurements) { m.History.Camera.Value = 0.45 }, Warn, "25 cm further"},
		{"face.distortion", "", func(m *Measurements) { m.History.Camera.Value = 0.3 }, Fail, "40 cm further"},
		{"face.distortion", "", func(m *Measurements) { m.History.Camera = Number{Why: "the camera did not note its lens"} }, NotAssessed, "lens"},
		{"face.smooth_filter", "", func(m *Measurements) { m.Detail.Texture.Value = 0.3 }, Warn, "0.3 %"},
		{"face.smooth_filter", "", func(m *Measurements) { m.Detail.Edge.Value = 3 }, NotAssessed, "not sharp"},
		{"face.smooth_filter", "", func(m *Measurements) { m.Detail.Motion.Value = 0.4 }, NotAssessed, "smeared"},
		{"face.smooth_filter", "", func(m *Measurements) { m.Detail.Motion.Value, m.Detail.Noise.Value = 0.4, 5 }, Pass, "1.5 %"},
		{"face.smooth_filter", "", func(m *Measurements) { m.Light.Black.Value = 0.4 }, NotAssessed, "washed out"},
		{"face.smooth_filter", "", func(m *Measurements) { m.Features.EyeDistance.Value = 70 }, NotAssessed, "70 pixels"},

		{"bg.uniform", "", func(m *Measurements) { m.Ground.Rough.Value = 4.1 }, Warn, "pattern"},
		{"bg.uniform", "", func(m *Measurements) { m.Ground.Rough.Value = 11 }, Fail, "11"},
		{"bg.uniform", "", func(m *Measurements) { m.Ground.RoughTone.Value = 3.5 }, Warn, "several colours"},
		{"bg.colour", "", func(m *Measurements) { m.Ground.Off.Value = 6 }, Pass, "white"},
		{"bg.colour", "de-passport", func(m *Measurements) { m.Ground.Off.Value = 6 }, Pass, "is light-grey or off-white, within"},
		{"bg.colour", "", func(m *Measurements) { m.Ground.Off.Value = 7 }, Warn, "7"},
		{"bg.colour", "", func(m *Measurements) { m.Ground.Off.Value = 13 }, Fail, "13"},
		{"bg.colour", "jp-passport", func(m *Measurements) { m.Ground.Off.Value = 40 }, Pass, "prescribes no colour"},
		{"bg.lightness", "", func(m *Measurements) { m.Ground.L.Value = 79 }, Warn, "79"},
		{"bg.lightness", "", func(m *Measurements) { m.Ground.L.Value = 59 }, Fail, "59"},
		{"bg.lightness", "", func(m *Measurements) { m.Ground.L.Value, m.Ground.Nearest.Value = 57, 57 }, Pass, "57"}, // the document asks for blue
		{"bg.shadow", "", func(m *Measurements) { m.Ground.Shadow.Value = 5 }, Warn, "1 m away"},
		{"bg.shadow", "", func(m *Measurements) { m.Ground.Shadow.Value = 11 }, Fail, "11"},
		{"bg.shadow", "", func(m *Measurements) { m.Ground.Shadow.Value, m.Ground.Edges.Value = 11, 0.1 }, NotAssessed, "busy"},
		{"bg.objects", "", func(m *Measurements) { m.Ground.Edges.Value = 0.002 }, Warn, "0.2 %"},
		{"bg.objects", "", func(m *Measurements) { m.Ground.Edges.Value = 0.006 }, Fail, "0.6 %"},
		{"bg.objects", "", func(m *Measurements) { m.Ground.Islands.Value = 0.03 }, Fail, "beside"},
		{"bg.objects", "", func(m *Measurements) { m.Ground.Islands.Value, m.Ground.Edges.Value = 0.006, 0.1 }, Fail, "lies on an edge"},
		{"bg.contrast", "", func(m *Measurements) { m.Ground.Contrast.Value = 11 }, Warn, "11"},
		{"bg.contrast", "", func(m *Measurements) { m.Ground.Contrast.Value = 5 }, Fail, "5"},
		{"bg.gradient", "", func(m *Measurements) { m.Ground.Gradient.Value = 5 }, Warn, "5"},
		{"bg.gradient", "", func(m *Measurements) { m.Ground.Gradient.Value = 11 }, Fail, "11"},
		{"clothes.match_bg", "", func(m *Measurements) { m.Ground.Clothes.Value = 9 }, Warn, "9"},
		{"clothes.match_bg", "", func(m *Measurements) { m.Ground.Clothes.Value = 5 }, Warn, "5"},
		{"clothes.match_bg", "", func(m *Measurements) { m.Ground.Clothes.Value = 4 }, Fail, "4"},

		{"matte.holes", "", func(m *Measurements) { m.Figure.Holes.Value = 0.001 }, Warn, "0.1 %"},
		{"matte.holes", "", func(m *Measurements) { m.Figure.Islands.Value = 0.003 }, Fail, "0.3 %"},
		{"matte.holes", "", func(m *Measurements) { m.Replaced = false }, NotAssessed, "as it was taken"},
		{"matte.fringe", "", func(m *Measurements) { m.Fringe.Value = 9 }, Warn, "9"},
		{"matte.fringe", "", func(m *Measurements) { m.Fringe.Value = 17 }, Fail, "17"},
		{"matte.fringe", "", func(m *Measurements) { m.Replaced = false }, NotAssessed, "as it was taken"},
		{"matte.ears_clipped", "", func(m *Measurements) { m.Hair.Clipped.Value = 0.04 }, Warn, "4 %"},
		{"matte.ears_clipped", "", func(m *Measurements) { m.Hair.Clipped.Value = 0.06 }, Fail, "6 %"},
		{"matte.cut_hair", "", func(m *Measurements) { m.Figure.CutSides.Value = 0.2 }, Warn, "side edge, over 20 %"},
		{"matte.cut_hair", "", func(m *Measurements) { m.Figure.CutTop.Value = 0.3 }, Fail, "top edge, over 30 %"},
		{"identity.unchanged", "", func(m *Measurements) { m.Unchanged.Value = 2 }, Pass, "2 of 255"},
		{"identity.unchanged", "", func(m *Measurements) { m.Unchanged.Value = 3 }, Fail, "3 of 255"},

		{"edit.traces", "", func(m *Measurements) { m.History.Software = "Adobe Photoshop Lightroom 14.0 (Macintosh)" }, Warn, "Lightroom"},
		{"edit.traces", "", func(m *Measurements) { m.History.Software = "HDR+ 1.0.345618096zd" }, Pass, "0 of 3"},
		{"edit.traces", "", func(m *Measurements) { m.History.Edited = true }, Warn, "1 of 3"},
		{"edit.traces", "", func(m *Measurements) { m.Grain.Blocks.Value, m.Grain.Shifted.Value = 0.4, 1 }, Warn, "cut after"},
		{"edit.traces", "", func(m *Measurements) { m.Grain.Blocks.Value = 0.4 }, Pass, "No traces"},
		{"edit.traces", "", func(m *Measurements) { m.History = nil }, NotAssessed, "notes were not read"},
		{"photo.age", "us-passport", func(m *Measurements) { m.History.Taken = m.History.Today.AddDate(0, -6, 1) }, Pass, "6 months"},
		{"photo.age", "us-passport", func(m *Measurements) { m.History.Taken = m.History.Today.AddDate(0, -6, -3) }, Fail, "take a new one"},
		{"photo.age", "gb-passport-print", func(m *Measurements) { m.History.Taken = m.History.Today.AddDate(0, -2, 0) }, Fail, "1 month old"},
		{"photo.age", "sg-passport", func(m *Measurements) { m.History.Taken = m.History.Today.AddDate(0, -2, 0) }, Pass, "3 months"},
		{"photo.age", "de-passport", func(m *Measurements) { m.History.Taken = m.History.Today.AddDate(0, -5, 0) }, Pass, "6 months"}, // "3-6 months"
		{"photo.age", "", func(m *Measurements) { m.History.Taken = m.History.Today.AddDate(0, 0, 20) }, NotAssessed, "20 days ahead"},
		{"photo.age", "", func(m *Measurements) { m.History.Taken = time.Time{} }, NotAssessed, "note the day"},

		{"eye.line", "us-visa", func(m *Measurements) { m.Head.Eye = 28.9 }, Warn, "mm"},
		{"eye.line", "us-visa", func(m *Measurements) { m.Head.Eye = 20 }, Fail, "less than the least"},
		{"eye.line", "ca-passport", func(m *Measurements) { m.Head.Eye, m.Head.Height = 20, 70 }, Warn, "less than the least"}, // ICAO's band
		{"head.width", "nl-passport", func(m *Measurements) { m.Head.EarToEar = 18 }, Pass, "18 mm"},
		{"head.width", "nl-passport", func(m *Measurements) { m.Head.EarToEar = 21 }, Fail, "1 mm more"},
		{"head.width", "nl-passport", func(m *Measurements) { m.Head.EarToEar = 0 }, NotAssessed, "16.0 to 20.0 mm"},
		{"head.margin", "us-visa", func(m *Measurements) { m.Head.Side = 0 }, Fail, "side of the head"},
		{"head.margin", "us-visa", func(m *Measurements) { m.Head.Side = 0.5 }, Warn, "side of the head"},
		{"head.margin", "jp-passport", func(m *Measurements) { m.Head.Top, m.Head.Chin, m.Head.Side = 4, 7, 1.5 }, Fail, "0.5 mm less"},
	} {
		document := test.document
		if document == "" {
			document = "us-visa"
		}
		t.Run(test.rule+"/"+test.says, func(t *testing.T) {
			m := measured()
			test.change(&m)
			got := find(t, Check(m, spec(t, document)), test.rule)
			if got.Verdict != test.want || !strings.Contains(got.Advice, test.says) {
				t.Errorf("%s: %s, want %s with %q", got.Verdict, got.Advice, test.want, test.says)
			}
			if got.Verdict == Warn || got.Verdict == Fail {
				if got.Value == nil || got.Min == nil && got.Max == nil {
					t.Errorf("a %s without a value or a limit: %+v", got.Verdict, got)
				}
			}
		})
	}
}

// Without a group its rules are not assessed, and say why.
func TestGroupsMissing(t *testing.T) {
	for _, test := range []struct {
		name, why string
		without   func(*Measurements)
		rules     string
	}{
		{"face", "two faces were found", func(m *Measurements) {
			m.Features, m.Light, m.Tone, m.Detail, m.Eyes, m.Pose, m.Traits, m.Ground, m.Grain = nil, nil, nil, nil, nil, nil, nil, nil, nil
			m.WhyFace = "two faces were found"
		}, "pose.yaw eyes.open eyes.gaze eyes.red mouth.closed expression face.blur face.shadow face.exposure face.colour_cast glasses.present glasses.tint head.hat face.veil_mask face.posterised"},
		{"matte", "the matte was not asked for", func(m *Measurements) {
			m.Hair, m.Ground, m.Figure, m.WhyMatte = nil, nil, nil, "the matte was not asked for"
		}, "bg.uniform bg.colour bg.shadow bg.objects shoulders.level shoulders.visible matte.cut_hair clothes.match_bg eyes.hair ears.visible matte.holes"},
	} {
		m := measured()
		test.without(&m)
		findings := Check(m, spec(t, "us-visa"))
		for _, rule := range strings.Fields(test.rules) {
			if f := find(t, findings, rule); f.Verdict != NotAssessed || !strings.Contains(f.Advice, test.why) || f.Value != nil {
				t.Errorf("without the %s, %s is %s: %s", test.name, rule, f.Verdict, f.Advice)
			}
		}
	}
}

// Where a background is judged on the finished photo, its place is there.
func TestWhere(t *testing.T) {
	m := measured()
	m.GroundOn = Output
	if f := find(t, Check(m, spec(t, "us-visa")), "bg.shadow"); f.Place == nil || f.Place.On != Output || len(f.Place.Points) != 3 {
		t.Errorf("%+v", f.Place)
	}
	m.GroundOn = ""
	if f := find(t, Check(m, spec(t, "us-visa")), "bg.colour"); f.Place == nil || f.Place.On != Capture {
		t.Errorf("%+v", f.Place)
	}
	if f := find(t, Check(m, spec(t, "us-visa")), "pose.yaw"); f.Place == nil || f.Place.On != Capture {
		t.Errorf("the face of a turned head is at %+v", f.Place)
	}
}

// What became of the background, by what the document says of that.
func TestBackground(t *testing.T) {
	for _, test := range []struct {
		document string
		b        Backdrop
		want     Verdict
		says     string
	}{
		{"jp-passport", Backdrop{}, Pass, "as it was taken"},
		{"us-passport", Backdrop{Fails: true}, Pass, "forbids"},
		{"gb-passport-print", Backdrop{Fails: true}, Pass, "risky"},
		{"jp-passport", Backdrop{Fails: true, Crop: true}, Pass, "only cutting"},
		{"jp-passport", Backdrop{Colour: "#ffffff", Fails: true}, Warn, "says nothing"},
		{"jp-passport", Backdrop{Colour: "#ffffff", Beyond: true}, Warn, "too near the head"},
		{"generic-cv-square", Backdrop{Colour: "#ff0000", Asked: true}, Pass, "as was asked; this document allows"},
		{"gb-passport-print", Backdrop{Colour: "#d9d9d9", Asked: true}, Warn, "risky"},
	} {
		m := measured()
		m.Backdrop = &test.b
		f := find(t, Check(m, spec(t, test.document)), "edit.background")
		if f.Verdict != test.want || !strings.Contains(f.Advice, test.says) || f.Value == nil || (*f.Value > 0) != (test.b.Colour != "") {
			t.Errorf("%s, %+v: %s, %s", test.document, test.b, f.Verdict, f.Advice)
		}
	}
}

// A crown that nobody can see is told as an interval.
func TestCrownIsAnInterval(t *testing.T) {
	m := measured()
	if f := find(t, Check(m, spec(t, "us-visa")), "head.size"); strings.Contains(f.Advice, "estimated") {
		t.Errorf("a head that was given is estimated: %s", f.Advice)
	}
	m.Head.Head, m.Head.Unsure = 33, 1
	if f := find(t, Check(m, spec(t, "gb-passport-print")), "head.size"); !strings.Contains(f.Advice, "32.0 to 34.0 mm") {
		t.Errorf("it does not say how sure it is: %s", f.Advice)
	}
}
