package portrait

import (
	"math"
	"testing"

	"github.com/professionalaistudio/studio/edge/portrait/document"
	"github.com/professionalaistudio/studio/edge/portrait/measure"
)

// faceAt are the points of an upright face turned about (x, y), the middle between its eyes: t pixels from there to the chin, eyes apart by
// t / 1.81.
func faceAt(x, y, t, degrees float64) *measure.Points {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	at := func(u, v float64) [2]float64 { return [2]float64{x + t*(u*cos-v*sin), y + t*(u*sin+v*cos)} }
	var p measure.Points
	for i := range p {
		p[i] = at(0, 0.5)
	}
	half := 0.5 / chinOverEyes
	for side, sign := range []float64{-1, 1} {
		p[measure.EyeOuter+side], p[measure.EyeInner+side] = at(sign*half*1.3, 0), at(sign*half*0.7, 0)
		p[measure.Jaw1+side] = at(sign*0.65, 0.1)
	}
	p[measure.NoseBridge], p[measure.NoseTip], p[measure.Chin], p[measure.Forehead] = at(0, 0.05), at(0, 0.45), at(0, 1), at(0, -0.55)
	return &p
}

// headIn is a person whose hair ends top pixels above the eyes and who is wide pixels wide there, turned likewise.
func headIn(x, y, top, wide, degrees float64) cover {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	return func(px, py float64) float64 {
		u, v := (px-x)*cos+(py-y)*sin, -(px-x)*sin+(py-y)*cos
		if px < 0 || py < 0 || math.Abs(u) > wide/2 {
			return 0
		}
		return min(max(v+top+0.5, 0), 1)
	}
}

// Crown, hair, eyes and chin are found in a head at any angle, for each way in which a document counts.
func TestSkull(t *testing.T) {
	const x, y, long = 700, 900, 200 // eyes, and from there to the chin
	for name, test := range map[string]struct {
		hair    float64 // above the eyes
		wide    float64
		covered bool
		points  func(*measure.Points)

		crown, top float64 // above the eyes
		cut        bool
		guessed    bool
	}{
		"usual":                   {hair: 230, crown: 200, top: 230},
		"bald":                    {hair: 190, crown: 190, top: 190},
		"big hair":                {hair: 320, crown: 260, top: 320}, // not more than .3 T below the hair
		"a hat":                   {hair: 320, crown: 200, top: 320, covered: true},
		"a strand above the head": {hair: 260, wide: 3, crown: 200, top: 212},
		"hair beyond the edge":    {hair: 2000, crown: 200, cut: true},
		"a scarf for a chin":      {hair: 230, crown: 200, top: 230, guessed: true, points: func(p *measure.Points) { p[measure.Chin][1] -= 60 }},
	} {
		for _, degrees := range []float64{0, -7, 12} {
			if degrees != 0 && (test.points != nil || test.cut) {
				continue
			}
			p := faceAt(x, y, long, degrees)
			if test.points != nil {
				test.points(p)
			}
			person := headIn(x, y, test.hair, 260, degrees)
			if test.wide > 0 { // one strand on top of an ordinary head
				strand, head := headIn(x, y, test.hair, test.wide, degrees), headIn(x, y, 212, 260, degrees)
				person = func(px, py float64) float64 { return max(strand(px, py), head(px, py)) }
			}
			s := skullOf(p, 0, true, person, 4, test.covered)
			if s.chinGuessed != test.guessed || s.hairCut != test.cut {
				t.Errorf("%s at %g°: chin guessed %v, hair cut %v", name, degrees, s.chinGuessed, s.hairCut)
			}
			for what, pair := range map[string][2]float64{
				"chin": {s.chin - s.eye, long}, "crown": {s.eye - s.crown, test.crown}, "hair": {s.eye - s.hair, test.top}, "ears": {s.ears, 1.3 * long},
			} {
				if what == "hair" && test.cut || what == "crown" && test.cut {
					continue
				}
				if math.Abs(pair[0]-pair[1]) > 2.5 {
					t.Errorf("%s at %g°: the %s is at %.1f, want %.1f", name, degrees, what, pair[0], pair[1])
				}
			}
			for _, top := range []document.HeadTop{document.HairTop, document.SkullCrown, document.Unspecified} {
				f := s.figure(top)
				if test.cut != f.hairCut || math.Abs(f.tilt()-degrees) > 0.1 {
					t.Errorf("%s at %g°, %s: tilt %.2f, hair cut %v", name, degrees, top, f.tilt(), f.hairCut)
				}
				if test.cut {
					continue
				}
				counted := test.crown
				if top == document.HairTop {
					counted = test.top
				}
				if got, want := f.length(), long+counted; math.Abs(got-want) > 4 {
					t.Errorf("%s at %g°, %s: the head is %.1f long, want %.1f", name, degrees, top, got, want)
				}
				if got := f.eyes * f.length(); math.Abs(got-long) > 2.5 {
					t.Errorf("%s at %g°, %s: the eyes are %.1f above the chin, want %d", name, degrees, top, got, long)
				}
			}
		}
	}
}

// A row that forbids straightening is measured from row to row.
func TestSkullAsItStands(t *testing.T) {
	f := skullOf(faceAt(700, 900, 200, 10), 0, false, headIn(700, 900, 230, 260, 10), 4, false).figure(document.HairTop)
	if f.tilt() != 0 {
		t.Errorf("it leans by %.2f° on paper, and is not to be turned", f.tilt())
	}
}

// Without a matte hair is where it usually is, and nobody says that it was seen.
func TestSkullWithoutMatte(t *testing.T) {
	f := skullOf(faceAt(700, 900, 200, 0), 0, true, nil, 1, false).figure(document.SkullCrown)
	if f.hairMeasured || math.Abs(f.hair-1.06) > 1e-9 || !f.eyesMeasured || math.Abs(f.eyes-0.5) > 1e-9 || math.Abs(f.length()-400) > 1e-6 {
		t.Errorf("%+v", f)
	}
}

// Where a person is not under the forehead at all, the matte is not believed.
func TestSkullWithAForeignMatte(t *testing.T) {
	s := skullOf(faceAt(700, 900, 200, 0), 0, true, func(float64, float64) float64 { return 0 }, 4, false)
	if s.hairKnown || s.hairCut {
		t.Errorf("%+v", s)
	}
}
