package compliance

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/professionalaistudio/studio/edge/portrait/document"
)

func spec(t *testing.T, id string) document.Spec {
	t.Helper()
	s, ok := document.Find(id)
	if !ok {
		t.Fatalf("%s is not in the pack", id)
	}
	return s
}

// good is a photo of us-visa that nothing is wrong with.
func good() (File, Head) {
	return File{Format: "jpg", Width: 600, Height: 600, Bytes: 120_000, Bits: 8, Samples: 3, DPI: 300},
		Head{On: Output, Width: 50.8, Height: 50.8, Head: 29, Top: 5, Chin: 16.8, Hair: 5, HairMeasured: true, Eye: 31, Upscale: 0.5,
			OutputPlace: &Place{Output, [][2]float64{{300, 59}, {300, 401}}}, CapturePlace: &Place{Capture, [][2]float64{{1, 2}, {3, 4}}}}
}

func find(t *testing.T, findings []Finding, rule string) Finding {
	t.Helper()
	i := slices.IndexFunc(findings, func(f Finding) bool { return f.Rule == rule })
	if i < 0 {
		t.Fatalf("there is no %s", rule)
	}
	return findings[i]
}

// All 63 ids of the catalogue (one row of it has three names and is judged as one), the route, what was done to the
// background, and seven that only OFIQ has or
// that stand in for what it has, in every answer.
func TestEveryRuleIsThere(t *testing.T) {
	want := strings.Fields(`route file.format file.size file.pixels file.dpi file.jpeg_ratio file.exif edit.traces edit.background head.size head.center eye.line
		head.margin head.width pose.roll pose.yaw pose.pitch shoulders.level shoulders.visible eyes.open eyes.distance eyes.gaze eyes.red eyes.contact_lens eyes.hair
		brows.visible glasses.present glasses.tint glasses.glare glasses.frame mouth.closed mouth.smile mouth.teeth expression ears.visible face.single face.hair_over
		face.veil_mask head.hat face.exposure face.contrast face.lighting face.shadow face.hotspot face.colour_cast face.is_colour face.blur face.motion_blur face.noise face.pixelation
		face.posterised face.distortion face.smooth_filter face.makeup bg.uniform bg.colour bg.lightness bg.shadow bg.objects bg.contrast
		bg.gradient matte.holes matte.fringe matte.cut_hair matte.ears_clipped clothes.match_bg clothes.uniform photo.age photo.of_photo
		photo.mirror identity.unchanged child.rules`)
	if got := Rules(); !slices.Equal(got, want) {
		t.Errorf("rules\n%v, want\n%v", got, want)
	}
	f, h := good()
	for _, s := range document.All() {
		for _, m := range []Measurements{{}, {File: &f}, {Head: &h}, {File: &f, Head: &h}, {Lacking: &Lacking{MM: 2, Advice: "Step back."}}} {
			for i, got := range Check(m, s) {
				if got.Rule != want[i] || got.Advice == "" || got.Source == "" || got.Date == "" || !strings.HasSuffix(got.Advice, ".") {
					t.Fatalf("%s: %+v", s.ID, got)
				}
				if !slices.Contains([]Verdict{Pass, Warn, Fail, NotAssessed}, got.Verdict) {
					t.Fatalf("%s: %s is %q", s.ID, got.Rule, got.Verdict)
				}
				if _, err := json.Marshal(got); err != nil {
					t.Fatalf("%s: %s: %v", s.ID, got.Rule, err)
				}
			}
		}
	}
}

// Nothing measured: nothing passes but what the row alone decides.
func TestNotAssessedIsNeverAPass(t *testing.T) {
	for _, f := range Check(Measurements{WhyFile: "no file was made", WhyHead: "nobody said where it is"}, spec(t, "us-visa")) {
		switch {
		case f.Rule == "route":
		case f.Verdict != NotAssessed || !strings.HasPrefix(f.Advice, "Not judged"):
			t.Errorf("%s is %s: %s", f.Rule, f.Verdict, f.Advice)
		case strings.HasPrefix(f.Rule, "file.") && !strings.Contains(f.Advice, "no file was made"):
			t.Errorf("%s does not say why: %s", f.Rule, f.Advice)
		}
	}
}

// Every rule that is judged now, with what passes, what warns and what fails.
func TestVerdicts(t *testing.T) {
	type change func(*File, *Head)
	for _, test := range []struct {
		rule, document string
		name           string
		change         change
		want           Verdict
		says           string // a part of the advice
	}{
		{"file.format", "us-visa", "a plain JPEG", func(*File, *Head) {}, Pass, "24-bit"},
		{"file.format", "us-visa", "a PNG", func(f *File, _ *Head) { f.Format = "png" }, Fail, "must be jpg"},
		{"file.format", "us-passport", "a PNG for a print", func(f *File, _ *Head) { f.Format = "png" }, Pass, "png"},
		{"file.format", "us-visa", "progressive", func(f *File, _ *Head) { f.Progressive = true }, Fail, "baseline"},
		{"file.format", "us-visa", "grey", func(f *File, _ *Head) { f.Samples = 1 }, Fail, "24"},
		{"file.format", "us-visa", "16 bit", func(f *File, _ *Head) { f.Bits = 16 }, Fail, "48"},
		{"file.format", "us-visa", "another colour space", func(f *File, _ *Head) { f.Profile = "other" }, Fail, "sRGB"},
		{"file.format", "us-visa", "sRGB by profile", func(f *File, _ *Head) { f.Profile = "srgb" }, Pass, "sRGB"},

		{"file.size", "us-visa", "inside", func(f *File, _ *Head) { f.Bytes = 240_000 }, Pass, "240000"},
		{"file.size", "us-visa", "inside for 1024", func(f *File, _ *Head) { f.Bytes = 240 * 1024 }, Warn, "1024"},
		{"file.size", "us-visa", "too much", func(f *File, _ *Head) { f.Bytes = 240*1024 + 1 }, Fail, "too many"},
		{"file.size", "cn-visa", "too little", func(f *File, _ *Head) { f.Bytes = 39_999 }, Fail, "961 too few"},
		{"file.size", "us-passport", "no limit", func(f *File, _ *Head) { f.Bytes = 1 }, Pass, "no limit"},

		{"file.pixels", "us-visa", "the smallest", func(*File, *Head) {}, Pass, "600 × 600"},
		{"file.pixels", "us-visa", "too small", func(f *File, _ *Head) { f.Width, f.Height = 599, 599 }, Fail, "at least 600"},
		{"file.pixels", "us-visa", "too large", func(f *File, _ *Head) { f.Width, f.Height = 1201, 1201 }, Fail, "at most 1200"},
		{"file.pixels", "us-visa", "not square", func(f *File, _ *Head) { f.Width = 620 }, Fail, "600 wide"},
		{"file.pixels", "fi-passport", "not exact", func(f *File, _ *Head) { f.Width, f.Height = 500, 652 }, Fail, "500 × 653"},

		{"file.dpi", "us-visa", "300", func(*File, *Head) {}, Pass, "300 dpi"},
		{"file.dpi", "us-visa", "300 as a PNG says it", func(f *File, _ *Head) { f.DPI = 11811 * 0.0254 }, Pass, "300 dpi"},
		{"file.dpi", "us-visa", "absent", func(f *File, _ *Head) { f.DPI = 0 }, Fail, "300 dpi"},
		{"file.dpi", "us-visa", "72", func(f *File, _ *Head) { f.DPI = 72 }, Fail, "317 % too large"},
		{"file.dpi", "us-visa", "600", func(f *File, _ *Head) { f.DPI = 600 }, Fail, "50 % too small"},

		{"file.jpeg_ratio", "us-visa", "20 times", func(f *File, _ *Head) { f.Bytes = 54_000 }, Pass, "20.0 times"},
		{"file.jpeg_ratio", "us-visa", "more", func(f *File, _ *Head) { f.Bytes = 53_999 }, Fail, "54000 bytes"},
		{"file.jpeg_ratio", "de-passport", "no limit", func(f *File, _ *Head) { f.Bytes = 5_000 }, Pass, "no limit"},

		{"file.exif", "us-visa", "nothing", func(*File, *Head) {}, Pass, "no position"},
		{"file.exif", "us-visa", "a position", func(f *File, _ *Head) { f.Private = []string{"a GPS position", "a thumbnail"} }, Fail, "a GPS position, a thumbnail"},

		{"head.size", "us-visa", "in the middle", func(*File, *Head) {}, Pass, "29 mm"},
		{"head.size", "us-visa", "near the edge", func(_ *File, h *Head) { h.Head = 34.7 }, Warn, "0.3 mm inside"},
		{"head.size", "us-visa", "too small", func(_ *File, h *Head) { h.Head = 22.4 }, Fail, "3 mm less"},
		{"head.size", "us-visa", "too large", func(_ *File, h *Head) { h.Head = 36.2 }, Fail, "1.2 mm more"},
		{"head.size", "de-health-card", "by default", func(_ *File, h *Head) { h.Head = 34 }, Pass, "default"},
		{"head.size", "lb-passport", "a row that contradicts itself", func(*File, *Head) {}, Pass, "contradict"},

		{"head.center", "us-visa", "in the middle", func(*File, *Head) {}, Pass, "0.0 mm"},
		{"head.center", "us-visa", "a little off", func(_ *File, h *Head) { h.Axis = -3 }, Warn, "left"},
		{"head.center", "us-visa", "far off", func(_ *File, h *Head) { h.Axis = 6 }, Fail, "right"},
		{"head.center", "fi-passport", "1.5 mm", func(_ *File, h *Head) { h.Axis = 1.5 }, Pass, "1.5 mm"},
		{"head.center", "fi-passport", "1.6 mm", func(_ *File, h *Head) { h.Axis = 1.6 }, Fail, "0.1 mm"},

		{"head.margin", "us-visa", "room all around", func(*File, *Head) {}, Pass, "mm"},
		{"head.margin", "us-visa", "hair at the edge", func(_ *File, h *Head) { h.Hair = 0.4 }, Warn, "0.6 mm less"},
		{"head.margin", "us-visa", "hair cut", func(_ *File, h *Head) { h.Hair = -0.5 }, Fail, "From the hair"},
		{"head.margin", "de-passport", "hair cut, by the model", func(_ *File, h *Head) { h.Hair, h.HairMeasured = -0.5, false }, Warn, "taken to rise"},
		{"head.margin", "us-visa", "no neck", func(_ *File, h *Head) { h.Chin = 1 }, Warn, "chin"},
		{"head.margin", "us-visa", "chin cut", func(_ *File, h *Head) { h.Chin = -1 }, Fail, "chin"},
		{"head.margin", "jp-passport", "inside", func(_ *File, h *Head) { h.Top, h.Chin = 4, 7 }, Pass, "mm"},
		{"head.margin", "jp-passport", "too near the top", func(_ *File, h *Head) { h.Top, h.Chin = 1.5, 7 }, Fail, "crown"},
		{"head.margin", "jp-passport", "too near the bottom", func(_ *File, h *Head) { h.Top, h.Chin = 4, 4 }, Fail, "chin"},
		{"head.margin", "us-visa", "carried on", func(_ *File, h *Head) { h.Extended = 2.5 }, Warn, "2.5 mm"},

		{"pose.roll", "us-visa", "upright", func(_ *File, h *Head) { h.RollCapture = -8 }, Pass, "8.0 degrees"},
		{"pose.roll", "us-visa", "slanted", func(_ *File, h *Head) { h.RollCapture = 8.1 }, Warn, "shoulders"},
		{"pose.roll", "us-visa", "too slanted", func(_ *File, h *Head) { h.RollCapture = -15.1 }, Fail, "again"},
		{"pose.roll", "it-cie", "left as it was, a little", func(_ *File, h *Head) { h.RollCapture, h.RollOutput = 3, 3 }, Warn, "3.0 degrees"},
		{"pose.roll", "it-cie", "left as it was", func(_ *File, h *Head) { h.RollCapture, h.RollOutput = 9, 9 }, Fail, "9.0 degrees"},

		{"face.pixelation", "us-visa", "enough", func(_ *File, h *Head) { h.Upscale = 1.2 }, Pass, "0.8 pixels"},
		{"face.pixelation", "us-visa", "magnified", func(_ *File, h *Head) { h.Upscale = 1.5 }, Warn, "67 % of the distance"},
		{"face.pixelation", "us-visa", "blown up", func(_ *File, h *Head) { h.Upscale = 2.1 }, Fail, "2.1 times"},
		{"face.pixelation", "us-visa", "not known", func(_ *File, h *Head) { h.Upscale = 0 }, NotAssessed, "not known"},

		{"eye.line", "us-visa", "never judged", func(*File, *Head) {}, NotAssessed, "31.0 mm"},
		{"head.width", "nl-passport", "never judged", func(*File, *Head) {}, NotAssessed, "16.0 to 20.0 mm"},

		{"route", "us-visa", "self made", func(*File, *Head) {}, Pass, "yourself"},
		{"route", "nl-passport", "at the counter", func(*File, *Head) {}, Warn, "counter"},
		{"route", "ch-passport", "mostly captured", func(*File, *Head) {}, Warn, "ask"},
		{"route", "de-passport", "certified", func(*File, *Head) {}, Fail, "certified"},
		{"route", "us-green-card", "captured", func(*File, *Head) {}, Fail, "itself"},
		{"route", "ca-passport", "stamp", func(*File, *Head) {}, Fail, "stamp"},
		{"route", "fr-passport", "booth", func(*File, *Head) {}, Fail, "booth"},
		{"route", "my-student-pass", "studio", func(*File, *Head) {}, Fail, "studio"},
	} {
		t.Run(test.rule+"/"+test.document+"/"+test.name, func(t *testing.T) {
			f, h := good()
			test.change(&f, &h)
			got := find(t, Check(Measurements{File: &f, Head: &h}, spec(t, test.document)), test.rule)
			if got.Verdict != test.want || !strings.Contains(got.Advice, test.says) {
				t.Errorf("%s: %s, want %s with %q", got.Verdict, got.Advice, test.want, test.says)
			}
		})
	}
}

// A capture that cannot be cut fails where it lacks, and says how much.
func TestLacking(t *testing.T) {
	m := Measurements{WhyHead: "the photo cannot be cut from this capture", Lacking: &Lacking{MM: 3.2, Advice: "Step back: 40 pixels are missing."}}
	findings := Check(m, spec(t, "us-visa"))
	margin := find(t, findings, "head.margin")
	if margin.Verdict != Fail || margin.Advice != m.Lacking.Advice || *margin.Value != -3.2 {
		t.Errorf("%+v", margin)
	}
	if size := find(t, findings, "head.size"); size.Verdict != NotAssessed || !strings.Contains(size.Advice, m.WhyHead) || *size.Min != 25.4 {
		t.Errorf("%+v", size)
	}
	if got := Failed(findings); !slices.Equal(got, []string{"head.margin"}) {
		t.Errorf("failed: %v", got)
	}
}

// A published limit is quoted with its source; ours says that it is ours.
func TestWhoSaysSo(t *testing.T) {
	f, h := good()
	findings := Check(Measurements{File: &f, Head: &h}, spec(t, "us-visa"))
	if got := find(t, findings, "head.size"); !strings.Contains(got.Source, "travel.state.gov") || got.Date != "2026-11-23" {
		t.Errorf("head.size of us-visa: %q of %q, want the day the row was compiled: its sources bear no date", got.Source, got.Date)
	}
	if got := find(t, findings, "route"); !strings.Contains(got.Source, "notice updated 2026-03-19") || got.Date != "2026-03-19" {
		t.Errorf("the route of us-visa: %q of %q, want the notice on editing and its day", got.Source, got.Date)
	}
	if got := find(t, findings, "face.pixelation"); got.Source != "ours" {
		t.Errorf("face.pixelation: %q", got.Source)
	}
	if got := find(t, Check(Measurements{File: &f, Head: &h}, spec(t, "de-health-card")), "head.size"); got.Source != "ours" {
		t.Errorf("a default: %q", got.Source)
	}
}

// The names on the wire are fixed.
func TestWireForm(t *testing.T) {
	f, h := good()
	data, err := json.Marshal(find(t, Check(Measurements{File: &f, Head: &h}, spec(t, "us-visa")), "file.pixels"))
	if err != nil {
		t.Fatal(err)
	}
	var keys map[string]any
	if err := json.Unmarshal(data, &keys); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"rule", "verdict", "value", "min", "max", "unit", "source", "date", "confidence", "place", "advice"} {
		if _, ok := keys[key]; !ok {
			t.Errorf("%s is missing in %s", key, data)
		}
	}
	if len(keys) != 11 || keys["verdict"] != "pass" || keys["place"] != nil {
		t.Errorf("%s", data)
	}
}
