package portrait

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/professionalaistudio/studio/edge/portrait/compliance"
	"github.com/professionalaistudio/studio/edge/portrait/document"
)

func spec(t testing.TB, id string) document.Spec {
	t.Helper()
	s, ok := document.Find(id)
	if !ok {
		t.Fatalf("%s is not in the pack", id)
	}
	return s
}

// The worked results of geometry §4.3, in millimetres: skull, with hair, eyes from the bottom, hair gap, chin gap, slack.
// They are computed on the row's nominal height, and rows whose source is silent on the top are shown for the skull alone.
func TestWorkedResults(t *testing.T) {
	const slackOf = 0.15
	for _, test := range []struct {
		id   string
		want [6]float64
	}{
		{"us-passport", [6]float64{26.9, 28.5, 31.5, 4.5, 18.0, 3.5}},
		{"gb-passport-print", [6]float64{31.5, 33.4, 23.8, 3.5, 8.1, 2.5}},
		{"ch-passport", [6]float64{31.5, 33.4, 23.8, 3.5, 8.1, 2.5}},
		{"de-passport", [6]float64{33.6, 35.6, 23.6, 2.6, 6.8, 1.6}},
		{"fr-passport", [6]float64{34.0, 36.0, 23.0, 3.0, 6.0, 2.0}},
		{"kr-passport", [6]float64{34.0, 36.0, 23.0, 3.0, 6.0, 2.0}},
		{"fi-passport", [6]float64{33.9, 36.0, 25.0, 3.0, 8.0, 1.0}},
		{"jp-passport", [6]float64{33.5, 35.5, 23.8, 2.5, 7.1, 1.5}},
		{"ca-passport", [6]float64{33.5, 35.5, 40.0, 11.3, 23.2, 2.5}},
		{"hk-passport", [6]float64{34.0, 36.0, 27.2, 3.8, 10.2, 2.0}},
		{"cn-visa", [6]float64{31.5, 33.3, 28.3, 2.1, 12.5, 1.0}},
		{"in-passport-abroad", [6]float64{37.1, 39.4, 22.1, 2.1, 3.5, 1.1}},
		{"vn-evisa", [6]float64{42.5, 45.0, 34.7, 1.5, 13.5, 0.5}},
	} {
		s := spec(t, test.id)
		height := s.HeightMM // as in the row: 51, where the pack means 50.8
		f := frame{width: 1000, height: int(1000 * height), scale: 1000}
		at, slack, ok := solve(attempt{head: []float64{1}, top: []float64{1}}.rules(s, f, modelOf(s.HeadTop)), height)
		if !ok {
			t.Errorf("%s: not solved", test.id)
			continue
		}
		m := modelOf(s.HeadTop)
		skull := at.head * m.skull
		got := [6]float64{skull, skull * 1.06, height - at.chin + m.eyes*at.head, at.chin - m.hair*at.head, height - at.chin, slack}
		for i := range got {
			if math.Abs(got[i]-test.want[i]) > slackOf {
				t.Errorf("%s: %.2f, want %.1f", test.id, got, test.want)
				break
			}
		}
	}
}

// Where the source is silent on the top, both readings fit if they can: the second paragraph under the table.
func TestBothReadings(t *testing.T) {
	for _, test := range []struct {
		id          string
		head, slack float64
		both        bool
	}{
		{"hk-passport", 33.0, 1.0, true}, {"cn-visa", 28.8, 0.15, true}, {"in-passport-abroad", 36.1, 0.04, true}, {"vn-evisa", 42.5, 0.5, true},
		{"ru-internal-passport", 33.0, 0.5, false}, // the head either way; the top margin of 5 mm only as given
	} {
		s := spec(t, test.id)
		at, a, slack := fit(s, frame{int(s.WidthMM * 100), int(s.HeightMM * 100), 100}, modelOf(s.HeadTop))
		if math.Abs(at.head-test.head) > 0.15 || math.Abs(slack-test.slack) > 0.05 || (len(a.top) > 1) != test.both {
			t.Errorf("%s: head %.2f, slack %.2f, readings %v, want %.1f, %.2f", test.id, at.head, slack, a, test.head, test.slack)
		}
	}
}

// A synthetic head, as a drawing of known rows: the counted top and the chin, and where the model has hair and eyes.
func synthetic(s document.Spec, chinX, chinY, length, tilt float64) (h Head, hair, eyes [2]float64) {
	m := modelOf(s.HeadTop)
	sin, cos := math.Sincos(tilt * math.Pi / 180)
	on := func(up float64) (float64, float64) { return chinX + sin*up*length, chinY - cos*up*length }
	cx, cy := on(1)
	hx, hy := on(m.hair)
	ex, ey := on(m.eyes)
	return Head{cx, cy, chinX, chinY}, [2]float64{hx, hy}, [2]float64{ex, ey}
}

// Every row of the pack: a synthetic head is cropped, then measured again in the output. What the row asks must hold within
// 0.15 mm or a pixel. Rows whose own numbers exclude one another say so.
func TestEveryRow(t *testing.T) {
	contradict := map[string]bool{"lb-passport": true, "ph-passport": true, "ru-internal-passport": true}
	for _, s := range document.All() {
		t.Run(s.ID, func(t *testing.T) {
			if contradict[s.ID] != (s.Contradiction() != "") {
				t.Errorf("contradiction %q", s.Contradiction())
			}
			for _, f := range []frame{fileFrame(s), printFrame(s, 300), printFrame(s, 600)} {
				h, hair, eyes := synthetic(s, 2000, 2200, 700, 0)
				c, err := find(s, f, given(h, s.HeadTop), 4000, 5000, within)
				if err != nil {
					t.Fatal(err)
				}
				if len(c.dropped) > 0 {
					t.Errorf("gave way: %v", c.dropped)
				}
				width, height := f.mm()
				_, crown := c.at(h.CrownX, h.CrownY)
				x, chin := c.at(h.ChinX, h.ChinY)
				_, hairY := c.at(hair[0], hair[1])
				_, eye := c.at(eyes[0], eyes[1])
				slack := max(0.15, 1/f.scale)
				in := func(what string, pixels float64, b document.Band) {
					if mm := pixels / f.scale; mm < b.Min-slack || mm > b.Max+slack {
						t.Errorf("%s is %.2f mm, the row has %v", what, mm, b)
					}
				}
				in("the head", chin-crown, s.Head().Band)
				if r, ok := s.Eye(); ok {
					in("the eye line", float64(f.height)-eye, r.Band)
				}
				if r, ok := s.Top(); ok {
					in("the top margin", crown, r.Band)
				}
				if r, ok := s.Chin(); ok {
					in("the chin gap", float64(f.height)-chin, r.Band)
				}
				in("the hair gap", hairY, document.Band{Min: 0, Max: height})
				in("the neck", float64(f.height)-chin, document.Band{Min: compliance.NeckRoom, Max: height})
				in("the middle", x-width*f.scale/2, document.Band{})
				if s.HeadTop == document.Unspecified && c.both {
					in("the head with hair", chin-hairY, s.Head().Band)
				}
			}
		})
	}
}

// The same head, turned, moved and scaled, gives the same photo within a pixel.
func TestSameHeadSamePhoto(t *testing.T) {
	for _, id := range []string{"us-passport", "de-passport", "jp-passport", "hk-passport", "cn-id-card", "fi-passport", "vn-evisa", "generic-cv-square"} {
		s := spec(t, id)
		f := fileFrame(s)
		probe := func(length, tilt, x, y float64) [4][2]float64 {
			h, hair, eyes := synthetic(s, x, y, length, tilt)
			c, err := find(s, f, given(h, s.HeadTop), 12000, 12000, within)
			if err != nil {
				t.Fatalf("%s at %g px, %g°: %v", id, length, tilt, err)
			}
			var out [4][2]float64
			for i, p := range [][2]float64{{h.CrownX, h.CrownY}, {h.ChinX, h.ChinY}, hair, eyes} {
				out[i][0], out[i][1] = c.at(p[0], p[1])
			}
			return out
		}
		want := probe(800, 0, 6000, 6000)
		for tilt := -8.0; tilt <= 8; tilt += 0.5 {
			for _, scale := range []float64{0.5, 0.8, 1, 1.7, 3} {
				for _, shift := range []float64{-900, 0, 731.3} {
					got := probe(800*scale, tilt, 6000+shift, 6000-shift/2)
					for i := range got {
						if math.Hypot(got[i][0]-want[i][0], got[i][1]-want[i][1]) > 1 {
							t.Fatalf("%s turned %g°, scaled %g, moved %g: point %d at %.2f, want %.2f", id, tilt, scale, shift, i, got[i], want[i])
						}
					}
				}
			}
		}
	}
}

// Where straightening is forbidden the photo stays level with the capture, and the head's height is what it measures so.
func TestNoStraightening(t *testing.T) {
	s := spec(t, "it-cie")
	h, _, _ := synthetic(s, 2000, 2200, 700, 6)
	c, err := find(s, fileFrame(s), given(h, s.HeadTop), 4000, 5000, within)
	if err != nil {
		t.Fatal(err)
	}
	if c.affine[1] != 0 || c.affine[3] != 0 {
		t.Errorf("the photo is turned: %v", c.affine)
	}
	_, crown := c.at(h.CrownX, h.CrownY)
	_, chin := c.at(h.ChinX, h.ChinY)
	if mm := (chin - crown) / c.scale; !s.Head().Has(mm) {
		t.Errorf("the head is %.2f mm high, %v", mm, s.Head().Band)
	}
}

// Rows that count the hair and rows that do not part as the hair grows: given the top that each counts, the skull shrinks
// in the one and stays in the other.
func TestHairCountsOrNot(t *testing.T) {
	us, de := spec(t, "us-passport"), spec(t, "de-passport")
	skull := 700.0
	size := func(s document.Spec, hair float64) float64 { // of the skull in the photo, mm
		top := skull
		if s.HeadTop == document.HairTop {
			top = skull * (1 + hair)
		}
		c, err := find(s, fileFrame(s), given(Head{2000, 2200 - top, 2000, 2200}, s.HeadTop), 4000, 5000, within)
		if err != nil {
			t.Fatal(err)
		}
		return skull * c.upscale() / c.scale
	}
	if flat, high := size(us, 0.06), size(us, 0.20); high > flat*0.9 {
		t.Errorf("us: the skull is %.1f mm under flat hair and %.1f under high hair", flat, high)
	}
	if flat, high := size(de, 0.06), size(de, 0.20); flat != high {
		t.Errorf("de: the skull is %.1f mm under flat hair and %.1f under high hair", flat, high)
	}
}

func TestNotEnoughMargin(t *testing.T) {
	us, jp, fr := spec(t, "us-passport"), spec(t, "jp-passport"), spec(t, "fr-passport")
	for name, test := range map[string]struct {
		s      document.Spec
		h      Head
		extend bool
		short  Short // empty: it fits
	}{
		"room on all sides":           {us, Head{2000, 1500, 2000, 2200}, false, ""},
		"nothing above":               {fr, Head{2000, 5, 2000, 705}, false, ShortAbove},
		"hair at the very edge":       {us, Head{2000, 0, 2000, 700}, false, ShortAbove},
		"nothing above, may extend":   {jp, Head{2000, 5, 2000, 705}, true, ""},
		"nothing above, may not":      {jp, Head{2000, 5, 2000, 705}, false, ShortAbove},
		"a little beside":             {jp, Head{250, 1500, 250, 2200}, false, ShortBeside},
		"off the middle but enough":   {jp, Head{350, 1500, 350, 2200}, false, ""},
		"too near the bottom":         {us, Head{2000, 4290, 2000, 4990}, false, ShortBelow},
		"the bottom is never made up": {jp, Head{2000, 4290, 2000, 4990}, true, ShortBelow},
		"the head fills the picture":  {us, Head{2000, 10, 2000, 4990}, false, ShortAround},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := find(test.s, fileFrame(test.s), given(test.h, test.s.HeadTop), 4000, 5000, limit{test.extend, test.extend, test.extend})
			var short *ErrCannotFit
			errors.As(err, &short)
			switch {
			case test.short == "" && err != nil:
				t.Error(err)
			case test.short == "" && c.padded() != test.extend:
				t.Errorf("padded %v", c.beyond)
			case test.short != "" && (short == nil || short.Short != test.short || short.Advice == ""):
				t.Errorf("%v, want short %s", err, test.short)
			}
			if short != nil {
				t.Log(short.Error(), "|", short.Advice)
			}
		})
	}
}

// The solver against a scan of the plane: nowhere is the smallest slack larger than where it says.
func TestSolverAgainstScan(t *testing.T) {
	for _, s := range document.All() {
		f := frame{int(s.WidthMM * 100), int(s.HeightMM * 100), 100}
		at, a, slack := fit(s, f, modelOf(s.HeadTop))
		rules := a.rules(s, f, modelOf(s.HeadTop))
		smallest := func(p point) float64 {
			least := math.Inf(1)
			for _, r := range rules {
				if r.counted {
					least = min(least, r.at(p))
				} else if r.at(p) < 0 {
					return math.Inf(-1)
				}
			}
			return least
		}
		if got := smallest(at); got < slack-yields-1e-3 {
			t.Errorf("%s: the slack at %v is %.3f, said %.3f", s.ID, at, got, slack)
		}
		best := math.Inf(-1)
		for i := range 200 {
			for j := range 200 {
				best = max(best, smallest(point{s.HeightMM * float64(i) / 200, s.HeightMM * float64(j) / 200}))
			}
		}
		if best > slack+1e-3 {
			t.Errorf("%s: a scan finds a slack of %.3f, the solver %.3f", s.ID, best, slack)
		}
	}
}

func BenchmarkFind(b *testing.B) {
	s := spec(b, "jp-passport")
	h := Head{2000, 1500, 2010, 2200}
	for b.Loop() {
		if _, err := find(s, fileFrame(s), given(h, s.HeadTop), 4000, 5000, within); err != nil {
			b.Fatal(err)
		}
	}
}

func TestHeadErrors(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for name, test := range map[string]struct {
		h    Head
		want HeadReason
	}{
		"good":                  {Head{200, 100, 205, 400}, ""},
		"not a number":          {Head{nan, 100, 200, 400}, HeadNotFinite},
		"infinite":              {Head{200, 100, 200, inf}, HeadNotFinite},
		"crown above the edge":  {Head{200, -1, 200, 400}, HeadOutside},
		"chin below the edge":   {Head{200, 100, 200, 801}, HeadOutside},
		"crown beside the edge": {Head{-3, 100, 200, 400}, HeadOutside},
		"huge":                  {Head{200, 100, 200, 1e300}, HeadOutside},
		"crown below the chin":  {Head{200, 400, 200, 100}, HeadUpsideDown},
		"lying on its side":     {Head{100, 200, 400, 210}, HeadUpsideDown},
		"no size":               {Head{200, 100, 200, 100}, HeadSmall},
		"a dot":                 {Head{200, 100, 203, 110}, HeadSmall},
		"15 pixels":             {Head{200, 100, 200, 115}, HeadSmall},
		"16 pixels":             {Head{200, 100, 200, 116}, ""},
	} {
		err := test.h.check(600, 800)
		var bad *HeadError
		errors.As(err, &bad)
		switch {
		case test.want == "" && err != nil, test.want != "" && (bad == nil || bad.Reason != test.want || !errors.Is(err, ErrHead)):
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

func TestParseHead(t *testing.T) {
	if got, err := ParseHead("10, 20.5,30,400"); err != nil || got != (Head{10, 20.5, 30, 400}) {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"", "1,2,3", "1,2,3,4,5", "a,b,c,d", "1,2,3,0x10", "1_0,2,3,4", "1,,3,4", fmt.Sprintf("%0300d,1,2,3", 1)} {
		if got, err := ParseHead(bad); !errors.Is(err, ErrHead) {
			t.Errorf("%q is read as %v, %v", bad, got, err)
		}
	}
	for _, bad := range []string{"nan,1,2,3", "1,inf,2,3", "1,2,3,1e999"} {
		var e *HeadError
		if _, err := ParseHead(bad); !errors.As(err, &e) || e.Reason != HeadNotFinite {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// FuzzParseHead: what is read is written back and read again as the same head, and it is finite.
func FuzzParseHead(f *testing.F) {
	f.Add("1,2,3,4")
	f.Add("1e300,-0,3.5,+4")
	f.Add("nan,1,2,3")
	f.Fuzz(func(t *testing.T, s string) {
		h, err := ParseHead(s)
		if err != nil {
			if !errors.Is(err, ErrHead) {
				t.Errorf("%v is no ErrHead", err)
			}
			return
		}
		again, err := ParseHead(h.String())
		if err != nil || again != h {
			t.Errorf("%q is %v, written %q is %v, %v", s, h, h.String(), again, err)
		}
		if err := h.check(1000, 1000); err == nil && (h.length() < leastHead || math.Abs(h.tilt()) > mostTilt) {
			t.Errorf("%v passes", h)
		}
	})
}
