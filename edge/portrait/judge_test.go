package portrait

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/edge/portrait/compliance"
	"github.com/professionalaistudio/studio/edge/portrait/document"
	"github.com/professionalaistudio/studio/edge/portrait/face"
	"github.com/professionalaistudio/studio/edge/portrait/measure"
	"github.com/professionalaistudio/studio/edge/vips"
)

// What nets would have found in a drawn capture reaches the findings, each in its place; what was not found is not assessed
// and says why.
func TestJoin(t *testing.T) {
	s, ok := document.Find("de-passport")
	if !ok {
		t.Fatal("no de-passport")
	}
	d := forRow(s, 800, 1000)
	alpha := make([]byte, d.width*d.height)
	for i := range alpha {
		if wall := d.pix[3*i] == d.pix[3*i+1] && d.pix[3*i+2] == d.pix[3*i]+3; !wall {
			alpha[i] = 255
		}
	}
	look := &face.Look{Yaw: 12, Pitch: 1, Glasses: face.Property{Score: 0.9, Threshold: 0.5}, Headwear: face.Property{Score: 0.1, Threshold: 0.5},
		Occluded: face.Property{Score: 0.1, Threshold: 0.5}, LeftEyeOpen: face.Property{Score: 0.9, Threshold: 0.5}, RightEyeOpen: face.Property{Score: 0.9, Threshold: 0.5}}
	length := d.head.ChinY - d.head.CrownY
	at := func(x, y float64) face.Point {
		return face.Point{X: d.head.ChinX + x*length, Y: d.head.ChinY - y*length}
	}
	for i, name := range face.Names {
		x, y := 0.0, 0.4
		switch {
		case strings.Contains(name, "eye.outer"):
			x, y = 0.2, 0.5
		case strings.Contains(name, "eye.inner"):
			x, y = 0.08, 0.5
		case strings.Contains(name, "lid.upper"):
			x, y = 0.14, 0.52
		case strings.Contains(name, "lid.lower"), strings.Contains(name, "iris"):
			x, y = 0.14, 0.48
		case strings.Contains(name, "mouth"), strings.Contains(name, "lip"):
			x, y = 0.1, 0.2
		case strings.Contains(name, "jaw"):
			x, y = 0.3, 0.35
		case name == "chin":
			y = 0
		}
		if strings.HasPrefix(name, "left.") {
			x = -x
		}
		look.Points[i] = at(x, y)
	}
	one, two := face.Face{Box: face.Box{X0: 300, Y0: 300, X1: 500, Y1: 600}}, face.Face{Box: face.Box{X0: 10, Y0: 10, X1: 110, Y1: 160}}
	seen := sight{picture: vips.Raster{Pix: d.pix, Width: d.width, Height: d.height, Bands: 3}, scale: 2, faces: []face.Face{one, two}, look: look,
		alpha: &measure.Alpha{Pix: alpha, Width: d.width, Height: d.height}}

	var m compliance.Measurements
	if err := joinCapture(&m, seen, s); err != nil {
		t.Fatal(err)
	}
	m.History = historyOf(measure.Facts{Software: "Adobe Photoshop", Focal35: 26, Width: 800, Height: 1000, Taken: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)},
		time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC), m)
	got := func(rule string) compliance.Finding {
		findings := compliance.Check(m, s)
		return findings[slices.IndexFunc(findings, func(f compliance.Finding) bool { return f.Rule == rule })]
	}
	for rule, want := range map[string]compliance.Verdict{
		"pose.yaw": "fail", "pose.pitch": "pass", "face.single": "warn", "glasses.present": "pass", "eyes.hair": "not_assessed", "head.hat": "pass",
		"face.veil_mask": "pass", "edit.traces": "warn", "photo.age": "fail", "face.distortion": "warn", "bg.objects": "pass", "matte.fringe": "not_assessed",
	} {
		if f := got(rule); f.Verdict != want {
			t.Errorf("%s is %s, want %s: %s", rule, f.Verdict, want, f.Advice)
		}
	}
	if f := got("face.single"); f.Place == nil || f.Place.Points[2] != [2]float64{220, 320} {
		t.Errorf("the second face is drawn at %+v, want it in pixels of the capture", f.Place)
	}
	if f := got("bg.colour"); f.Place == nil || f.Place.On != compliance.Capture || f.Value == nil {
		t.Errorf("the background: %+v", f)
	}

	p := at(0.02, 0.42)
	seen.scale = 1
	if err := joinPhoto(&m, seen, s, &vips.RGB{R: 217, G: 217, B: 217}); err != nil {
		t.Fatal(err)
	}
	as := crop{frame: frame{d.width, d.height, 20}}
	before := &piece{of: as.frame, x: 10, y: 20, raster: vips.Raster{Width: d.width - 20, Height: d.height - 30, Bands: 3}}
	for y := range before.raster.Height {
		before.raster.Pix = append(before.raster.Pix, d.pix[3*((y+20)*d.width+10):][:3*before.raster.Width]...)
	}
	if n := before.unchanged(seen, as); !n.Known || n.Value != 0 {
		t.Errorf("a face that nobody touched has changed by %+v", n)
	}
	before.raster.Pix[3*((int(p.Y)-20)*before.raster.Width+int(p.X)-10)] ^= 64
	m.Unchanged = before.unchanged(seen, as)
	if f := got("identity.unchanged"); f.Verdict != compliance.Fail || *f.Value != 64 {
		t.Errorf("identity.unchanged: %+v", f)
	}
	if f := got("bg.colour"); f.Place == nil || f.Place.On != compliance.Output {
		t.Errorf("the background of the photo: %+v", f.Place)
	}

	var without compliance.Measurements
	seen.look, seen.alpha, seen.faces, seen.whyFace, seen.whyMatte = nil, nil, nil, "no face was found", "the nets are switched off"
	if err := joinCapture(&without, seen, s); err != nil {
		t.Fatal(err)
	}
	m = without
	for rule, why := range map[string]string{"pose.yaw": "no face", "face.blur": "no face", "bg.uniform": "switched off", "ears.visible": "no face", "face.posterised": "no face"} {
		if f := got(rule); f.Verdict != compliance.NotAssessed || !strings.Contains(f.Advice, why) {
			t.Errorf("%s is %s: %s, want %q", rule, f.Verdict, f.Advice, why)
		}
	}
}

// A capture that is only judged is decoded at a fraction of its size, and again at a larger one where the face in it is small: what is said of
// either is what is said of the face in a picture of its own.
func TestSmallFaceIsDecodedFiner(t *testing.T) {
	p := thinking(t)
	close := somebody(t, 900, 1200)
	large := somebody(t, 3000, 4000)
	img, err := vips.Load(close, vips.LoadConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer img.Close()
	if err := img.Embed(1050, 1400, 3000, 4000, vips.RGB{R: 128, G: 128, B: 128}); err != nil {
		t.Fatal(err)
	}
	buf, err := img.Encode(vips.EncodeConfig{Format: vips.JPEG, Quality: 95})
	if err != nil {
		t.Fatal(err)
	}
	defer buf.Close()
	check := func(data []byte) (*Result, int) {
		r, err := p.Check(t.Context(), data, Request{Document: "jp-passport"})
		if err != nil {
			t.Fatal(err)
		}
		decoded := 0
		for _, s := range r.Timings {
			if s.Name == "decode" {
				decoded++
			}
		}
		return r, decoded
	}
	if _, n := check(large); n != 1 {
		t.Errorf("a face that fills its capture is decoded %d times", n)
	}
	far, n := check(buf.Bytes())
	if n != 2 {
		t.Errorf("a small face is decoded %d times, want 2", n)
	}
	near, _ := check(close)
	for _, rule := range []string{"face.blur", "face.lighting", "face.exposure", "face.noise"} {
		a, b := finding(t, near, rule), finding(t, far, rule)
		if a.Value == nil || b.Value == nil {
			t.Errorf("%s is %s of the face alone and %s of the same face in a large capture", rule, a.Verdict, b.Verdict)
		} else if math.Abs(*a.Value-*b.Value) > 0.15*math.Abs(*a.Value)+0.02 {
			t.Errorf("%s is %g of the face alone and %g of the same face in a large capture", rule, *a.Value, *b.Value)
		}
	}
}
