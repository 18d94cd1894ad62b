package portrait

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/professionalaistudio/studio/edge/portrait/compliance"
	"github.com/professionalaistudio/studio/edge/portrait/document"
	"github.com/professionalaistudio/studio/edge/portrait/measure"
	"github.com/professionalaistudio/studio/edge/vips"
	"github.com/professionalaistudio/studio/edge/wire"
)

// portraits are of people who do not exist, before busy backgrounds.
func portraitFile(t testing.TB, number string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "testdata", "portrait-"+number+".jpg"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func verdict(t testing.TB, r *Result, rule string) compliance.Verdict {
	return finding(t, r, rule).Verdict
}

// A photo is made of a selfie with nobody's help, and what the nets see in the photo, looked at again as a file of its own, is where the
// document wants it.
func TestMadeWithoutHelp(t *testing.T) {
	p := thinking(t)
	for _, number := range []string{"1", "2", "3"} {
		capture := portraitFile(t, number)
		made := 0
		for _, id := range []string{"jp-passport", "gb-passport-print", "at-passport", "cn-visa", "br-passport", "ch-passport"} {
			s, _ := document.Find(id)
			r, err := p.Photo(t.Context(), capture, Request{Document: id})
			var short *ErrCannotFit
			if errors.As(err, &short) { // said with a number, not guessed at
				if !strings.ContainsAny(short.Advice, "0123456789") && !strings.Contains(short.Advice, "cut off") {
					t.Errorf("%s of portrait %s: %s", id, number, short.Advice)
				}
				continue
			}
			if err != nil {
				t.Fatalf("%s of portrait %s: %v", id, number, err)
			}
			made++
			again, err := p.Check(t.Context(), r.Photo.Data, Request{Document: id})
			if err != nil {
				t.Fatalf("%s of portrait %s, looked at again: %v", id, number, err)
			}
			head, band := *finding(t, again, "head.size").Value, s.Head().Band
			slack := 0.04 * head // what the landmarks of two looks may differ by
			if head < band.Min-slack || head > band.Max+slack {
				t.Errorf("%s of portrait %s: looked at again the head is %.1f mm, the row has %v", id, number, head, band)
			}
			if before := *finding(t, r, "head.size").Value; math.Abs(before-head) > slack {
				t.Errorf("%s of portrait %s: the head was made %.1f mm and is %.1f", id, number, before, head)
			}
			for _, rule := range []string{"head.center", "identity.unchanged", "file.pixels", "file.format", "file.size", "file.dpi", "file.exif", "matte.holes"} {
				if v := verdict(t, r, rule); v == compliance.Fail {
					t.Errorf("%s of portrait %s: %s", id, number, finding(t, r, rule).Advice)
				}
			}
			r.Wipe()
		}
		if made < 3 && number != "3" { // whose hair ends where the picture does
			t.Errorf("of portrait %s only %d photos could be made", number, made)
		}
	}
}

// What may become of the background, by what the row says, and that a finding says what did.
func TestBackgroundAsTheRowAllows(t *testing.T) {
	p, capture := thinking(t), portraitFile(t, "1")
	red := &wire.RGB{R: 200, G: 20, B: 20}
	for name, test := range map[string]struct {
		Request
		want    error
		verdict compliance.Verdict
		says    string
		corner  *vips.RGB // of the photo; nil: as it was taken
	}{
		"the row is silent, and the wall fails": {Request{Document: "jp-passport"}, nil, compliance.Warn, "says nothing", &vips.White},
		"another colour where it is silent":     {Request{Document: "jp-passport", Background: red}, nil, compliance.Warn, "#c81414, as was asked", &vips.RGB{R: 200, G: 20, B: 20}},
		"only cut":                              {Request{Document: "jp-passport", Mode: ModeCrop}, nil, compliance.Pass, "only cutting", nil},
		"risky":                                 {Request{Document: "gb-passport-print"}, nil, compliance.Pass, "risky", nil},
		"risky, and asked for":                  {Request{Document: "gb-passport-print", Background: red}, nil, compliance.Warn, "risky", &vips.RGB{R: 200, G: 20, B: 20}},
		"forbidden":                             {Request{Document: "us-passport", Background: red}, ErrEditBarred, "", "", nil},
		"allowed":                               {Request{Document: "generic-cv-square"}, nil, compliance.Pass, "allows it", &vips.White},
		"only cut, and another colour":          {Request{Document: "jp-passport", Background: red, Mode: ModeCrop}, ErrBackgroundKept, "", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			test.Format = wire.PNG // what is judged is the colour, not what JPEG makes of it
			if s, _ := document.Find(test.Document); !s.MayBe("png") {
				test.Format = wire.JPEG
			}
			r, err := p.Photo(t.Context(), capture, test.Request)
			if !errors.Is(err, test.want) {
				t.Fatalf("%v, want %v", err, test.want)
			}
			if err != nil {
				return
			}
			f := finding(t, r, "edit.background")
			if f.Verdict != test.verdict || !strings.Contains(f.Advice, test.says) {
				t.Errorf("%s: %s, want %s with %q", f.Verdict, f.Advice, test.verdict, test.says)
			}
			pix, _, _ := unpacked(t, r.Photo.Data)
			corner := vips.RGB{R: pix[0], G: pix[1], B: pix[2]}
			if test.corner == nil {
				if corner == vips.White || verdict(t, r, "bg.uniform") == compliance.Pass || verdict(t, r, "matte.fringe") != compliance.NotAssessed {
					t.Errorf("the corner is %v, and the wall was to be kept", corner)
				}
				return
			}
			far := max(math.Abs(float64(corner.R)-float64(test.corner.R)), math.Abs(float64(corner.G)-float64(test.corner.G)), math.Abs(float64(corner.B)-float64(test.corner.B)))
			if far > 3 {
				t.Errorf("the corner is %v, want %v", corner, *test.corner)
			}
			if verdict(t, r, "matte.fringe") != compliance.Pass || verdict(t, r, "identity.unchanged") != compliance.Pass {
				t.Errorf("%s | %s", finding(t, r, "matte.fringe").Advice, finding(t, r, "identity.unchanged").Advice)
			}
			if test.Background == nil && verdict(t, r, "bg.colour") != compliance.Pass {
				t.Error(finding(t, r, "bg.colour").Advice)
			}
		})
	}
}

// A photo that is only cut is the capture put through the one map that the answer names, to the bit; and a face before a new background is
// that, too, to two levels of 255.
func TestFaceIsOnlyResampled(t *testing.T) {
	p, capture := thinking(t), portraitFile(t, "1")
	for name, r := range map[string]Request{
		"only cut":         {Document: "jp-passport", Mode: ModeCrop, Format: wire.PNG},
		"a new background": {Document: "jp-passport", Background: &wire.RGB{R: 10, G: 200, B: 90}, Format: wire.PNG},
	} {
		t.Run(name, func(t *testing.T) {
			made, err := p.Photo(t.Context(), capture, r)
			if err != nil {
				t.Fatal(err)
			}
			img, err := vips.Load(capture, vips.LoadConfig{})
			if err != nil {
				t.Fatal(err)
			}
			defer img.Close()
			for _, step := range []func() error{img.AutoRotate, img.ToSRGB, func() error {
				return img.Resample(made.Photo.Affine, made.Photo.Width, made.Photo.Height, vips.White)
			}} {
				if err := step(); err != nil {
					t.Fatal(err)
				}
			}
			want, _, _, err := img.Pixels()
			if err != nil {
				t.Fatal(err)
			}
			got, _, _ := unpacked(t, made.Photo.Data)
			if r.Mode == ModeCrop {
				if !slices.Equal(got, want) {
					t.Error("it is not the capture resampled")
				}
				return
			}
			// The face by a look of its own at the finished photo.
			raster := vips.Raster{Pix: slices.Clone(got), Width: made.Photo.Width, Height: made.Photo.Height, Bands: 3}
			faces, err := p.cfg.Faces.Find(t.Context(), raster)
			if err != nil || len(faces) != 1 {
				t.Fatalf("%d faces, %v", len(faces), err)
			}
			look, err := p.cfg.Faces.Look(t.Context(), raster, faces[0])
			if err != nil {
				t.Fatal(err)
			}
			worst, n := 0, 0
			measure.Runs(pointsOf(look, 1).Inside(), raster.Width, raster.Height, func(y, from, to int) {
				for i := 3 * (y*raster.Width + from); i < 3*(y*raster.Width+to); i++ {
					worst, n = max(worst, int(got[i])-int(want[i]), int(want[i])-int(got[i])), n+1
				}
			})
			if worst > 2 || n < 10_000 {
				t.Errorf("of %d samples of the face one is off by %d", n, worst)
			}
			same := 0
			for i := range got {
				if got[i] == want[i] {
					same++
				}
			}
			if same == len(got) {
				t.Error("nothing is new: the test tests nothing")
			}
		})
	}
}

// A head that is given holds; the nets only add what nobody said.
func TestGivenHeadHolds(t *testing.T) {
	p, capture := thinking(t), portraitFile(t, "1")
	found, err := p.Photo(t.Context(), capture, Request{Document: "jp-passport"})
	if err != nil {
		t.Fatal(err)
	}
	place := finding(t, found, "pose.roll").Place.Points
	head := Head{place[0][0], place[0][1] + 8, place[1][0], place[1][1]}
	given, err := p.Photo(t.Context(), capture, Request{Document: "jp-passport", Head: &head})
	if err != nil {
		t.Fatal(err)
	}
	if at := finding(t, given, "pose.roll").Place.Points; math.Abs(at[0][1]-head.CrownY) > 0.01 {
		t.Errorf("the crown was given at %.2f and is taken to be at %.2f", head.CrownY, at[0][1])
	}
	if v := finding(t, given, "eye.line"); v.Value == nil {
		t.Errorf("the eyes were not found: %s", v.Advice)
	}
	// Where nobody is, the head is somebody's whom the net does not see.
	nobody := Head{40, 20, 40, 110}
	if r, err := p.Check(t.Context(), capture, Request{Document: "jp-passport", Head: &nobody}); err != nil {
		t.Error(err)
	} else if f := finding(t, r, "pose.yaw"); f.Verdict != compliance.NotAssessed || !strings.Contains(f.Advice, "where the head was given") {
		t.Errorf("%s: %s", f.Verdict, f.Advice)
	}
}

// beside puts pictures side by side on grey, each scaled.
func beside(t testing.TB, height int, parts ...func() ([]byte, float64)) []byte {
	t.Helper()
	canvas, err := vips.FromPixels([]byte{170, 170, 170}, 1, 1, 3)
	if err != nil {
		t.Fatal(err)
	}
	defer canvas.Close()
	if err := canvas.Embed(0, 0, 400*len(parts), height, vips.RGB{R: 170, G: 170, B: 170}); err != nil {
		t.Fatal(err)
	}
	for i, part := range parts {
		data, scale := part()
		img, err := vips.Load(data, vips.LoadConfig{})
		if err != nil {
			t.Fatal(err)
		}
		defer img.Close()
		if err := errors.Join(img.ToSRGB(), img.Resize(scale, scale), img.CopyMemory(), canvas.CopyMemory(), canvas.Insert(img, 400*i+20, 20)); err != nil {
			t.Fatal(err)
		}
	}
	buf, err := canvas.Encode(vips.EncodeConfig{Format: vips.JPEG, Quality: 92, StripMetadata: true})
	if err != nil {
		t.Fatal(err)
	}
	defer buf.Close()
	return slices.Clone(buf.Bytes())
}

// Whose photo is it? Of two people nobody knows; somebody far behind is a finding.
func TestTwoFaces(t *testing.T) {
	p := thinking(t)
	one := func(scale float64) func() ([]byte, float64) {
		return func() ([]byte, float64) { return portraitFile(t, "1"), scale }
	}
	two := func(scale float64) func() ([]byte, float64) {
		return func() ([]byte, float64) { return portraitFile(t, "2"), scale }
	}
	for name, test := range map[string]struct {
		picture []byte
		want    error
		verdict compliance.Verdict
	}{
		"one":             {beside(t, 400, one(1)), nil, compliance.Pass},
		"two alike":       {beside(t, 400, one(1), two(1)), ErrTwoFaces, ""},
		"one half behind": {beside(t, 400, one(1), two(0.4)), nil, compliance.Warn},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := p.Check(t.Context(), test.picture, Request{Document: "jp-passport"})
			if !errors.Is(err, test.want) {
				t.Fatalf("%v, want %v", err, test.want)
			}
			if _, err := p.Photo(t.Context(), test.picture, Request{Document: "jp-passport"}); test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("a photo of it: %v", err)
			}
			if err == nil && verdict(t, r, "face.single") != test.verdict {
				t.Errorf("face.single is %s", finding(t, r, "face.single").Advice)
			}
		})
	}
}

// A live frame is judged without the matte: what needs it says so, the rest is judged.
func TestLiveFrame(t *testing.T) {
	r, err := thinking(t).Check(t.Context(), somebody(t, 240, 320), Request{Document: "jp-passport", Mode: ModeLive})
	if err != nil {
		t.Fatal(err)
	}
	for rule, want := range map[string]bool{"head.size": true, "pose.yaw": true, "eyes.open": true, "face.lighting": true, "bg.uniform": false, "shoulders.level": false} {
		if f := finding(t, r, rule); (f.Verdict != compliance.NotAssessed) != want || !want && !strings.Contains(f.Advice, "haste") {
			t.Errorf("%s is %s: %s", rule, f.Verdict, f.Advice)
		}
	}
}

// Whatever shape a picture has, a face in it is found or not, and a photo is made or an error says why: nothing panics, and nothing of a
// face the size of a stamp is guessed.
func TestOddShapes(t *testing.T) {
	p := thinking(t)
	known := []error{ErrNoFace, ErrTwoFaces, ErrHead, ErrBroken, ErrNotImage, ErrTooLarge}
	for _, size := range [][2]int{{1, 1}, {1, 4000}, {4000, 1}, {16, 16}, {20, 3000}, {3000, 20}, {33, 40}, {64, 64}, {90, 120}, {3000, 300}, {300, 3000}} {
		img, err := vips.Load(portraitFile(t, "2"), vips.LoadConfig{})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(img.ToSRGB(), img.ResizeTo(size[0], size[1])); err != nil { // stretched as it comes
			t.Fatal(err)
		}
		buf, err := img.Encode(vips.EncodeConfig{Format: vips.PNG})
		img.Close()
		if err != nil {
			t.Fatal(err)
		}
		data := slices.Clone(buf.Bytes())
		buf.Close()
		for name, do := range map[string]func() (*Result, error){
			"photo": func() (*Result, error) {
				return p.Photo(t.Context(), data, Request{Document: "jp-passport", Sheet: "10x15", Drawing: "svg"})
			},
			"check": func() (*Result, error) {
				return p.Check(t.Context(), data, Request{Document: "jp-passport", Drawing: "png"})
			},
			"live": func() (*Result, error) {
				return p.Check(t.Context(), data, Request{Document: "us-passport", Mode: ModeLive})
			},
			"by hand": func() (*Result, error) {
				w, h := float64(size[0]), float64(size[1])
				return p.Photo(t.Context(), data, Request{Document: "us-passport", Head: &Head{w / 2, h * 0.1, w / 2, h * 0.6}})
			},
		} {
			r, err := do()
			var short *ErrCannotFit
			switch {
			case err == nil && len(r.Findings) < 62:
				t.Errorf("%s of %d × %d: %d findings", name, size[0], size[1], len(r.Findings))
			case err != nil && !errors.As(err, &short) && !slices.ContainsFunc(known, func(e error) bool { return errors.Is(err, e) }):
				t.Errorf("%s of %d × %d: %v", name, size[0], size[1], err)
			}
		}
	}
}

// What fails is counted by its rule, and a live frame is not.
func TestFindingsAreCounted(t *testing.T) {
	p, frame := thinking(t), somebody(t, 240, 320)
	sum := func() (n float64) {
		families, err := prometheus.DefaultGatherer.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			if f.GetName() == "edge_portrait_findings_total" {
				for _, m := range f.GetMetric() {
					n += m.GetCounter().GetValue()
				}
			}
		}
		return n
	}
	at := sum()
	if _, err := p.Check(t.Context(), frame, Request{Document: "jp-passport", Mode: ModeLive}); err != nil {
		t.Fatal(err)
	}
	if sum() != at {
		t.Error("a live frame is counted")
	}
	r, err := p.Check(t.Context(), frame, Request{Document: "jp-passport"})
	if err != nil {
		t.Fatal(err)
	}
	want := 0.0
	for _, f := range r.Findings {
		if f.Verdict == compliance.Fail || f.Verdict == compliance.Warn {
			want++
		}
	}
	if got := sum() - at; got != want || want == 0 {
		t.Errorf("%g findings are counted, want %g", got, want)
	}
}
