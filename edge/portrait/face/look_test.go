package face

import (
	"math"
	"testing"

	"github.com/professionalaistudio/studio/edge/vips"
)

// The map is that of faces.align in models/training/faces.py, whose numbers stand here; it counts from pixel centres, which is
// taken out.
func TestAlignIsThatOfTheTraining(t *testing.T) {
	for _, test := range []struct {
		five [5]Point
		want [6]float64
	}{
		{[5]Point{{100, 100}, {140, 100}, {120, 125}, {105, 145}, {135, 145}}, [6]float64{0.733333, -0.000000, -24.000000, 0.000000, 0.733333, -21.333336}},
		{[5]Point{{200.5, 300.25}, {260, 280}, {240, 310}, {215, 345}, {268, 330}}, [6]float64{0.497049, -0.169164, -1.366936, 0.169164, 0.497049, -131.156403}},
		{[5]Point{{30, 60}, {38, 70}, {30, 72}, {20, 78}, {27, 86}}, [6]float64{1.031714, 1.289643, -54.905098, -1.289643, 1.031714, 28.786427}},
		{[5]Point{{400, 380}, {1200, 420}, {790, 800}, {480, 1150}, {1100, 1180}}, [6]float64{0.041147, 0.002057, 30.259354, -0.002057, 0.041147, 37.187035}},
	} {
		five := test.five
		for i := range five {
			five[i].X, five[i].Y = five[i].X+0.5, five[i].Y+0.5
		}
		m, _ := align(five, 128)
		w := test.want
		for _, p := range []Point{{0, 0}, {64, 52}, {1000, 20}} {
			want := Point{w[0]*p.X + w[1]*p.Y + w[2] + 0.5, w[3]*p.X + w[4]*p.Y + w[5] + 0.5}
			got := m.at(Point{p.X + 0.5, p.Y + 0.5})
			if math.Hypot(got.X-want.X, got.Y-want.Y) > 2e-3 {
				t.Errorf("%v: %v goes to %v, want %v", test.five, p, got, want)
			}
			if back := m.inverse().at(m.at(p)); math.Hypot(back.X-p.X, back.Y-p.Y) > 1e-6 {
				t.Errorf("%v comes back as %v", p, back)
			}
		}
	}
}

// A glance is one run of the net, and a look a second one of what the first has shown.
func TestAGlanceIsHalfALook(t *testing.T) {
	net := seen(nil, [3]float32{}, [properties]float32{})
	f, err := New(nil, net)
	if err != nil {
		t.Fatal(err)
	}
	found := Face{Points: [5]Point{{780, 500}, {820, 500}, {800, 520}, {785, 540}, {815, 540}}}
	glance, err := f.Glance(t.Context(), ramp(1600, 1200), found)
	if err != nil || net.runs != 1 {
		t.Fatalf("a glance is %d runs: %v", net.runs, err)
	}
	look, err := f.Look(t.Context(), ramp(1600, 1200), found)
	if err != nil || net.runs != 3 {
		t.Fatalf("a look is %d runs: %v", net.runs-1, err)
	}
	if glance.Points == look.Points {
		t.Error("what is seen in another crop lies where it was seen in the first")
	}
}

// What the net is shown is the picture under the map, wherever the face lies and however large it is; beyond the edge the edge goes on.
func TestTheCropIsThePictureUnderTheMap(t *testing.T) {
	r := ramp(1600, 1200)
	for name, five := range map[string][5]Point{
		"of its own size":       {{780, 500}, {820, 500}, {800, 520}, {785, 540}, {815, 540}},
		"small":                 {{796, 500}, {805, 501}, {800, 505}, {797, 510}, {804, 510}},
		"large":                 {{500, 300}, {1100, 340}, {800, 600}, {560, 900}, {1050, 930}},
		"larger than all":       {{-2000, -3000}, {4000, -2000}, {800, 600}, {-2500, 3000}, {3500, 4000}},
		"turned":                {{700, 600}, {640, 820}, {800, 730}, {860, 660}, {820, 850}},
		"at the edge":           {{2, 3}, {90, 10}, {40, 60}, {0, 95}, {85, 100}},
		"beyond the picture":    {{-900, -900}, {-700, -900}, {-800, -800}, {-880, -700}, {-720, -700}},
		"all points at a place": {{800, 600}, {800, 600}, {800, 600}, {800, 600}, {800, 600}},
	} {
		t.Run(name, func(t *testing.T) {
			net := seen(nil, [3]float32{}, [properties]float32{})
			f, err := New(nil, net)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.Look(t.Context(), r, Face{Points: five}); err != nil {
				t.Fatal(err)
			}
			m, _ := align(five, 128)
			sees(t, net.first, r, m)
		})
	}
}

// sees checks that a net was shown the picture under the map.
func sees(t *testing.T, shown []byte, r vips.Raster, m affine) {
	t.Helper()
	back := m.inverse()
	slack := 1.05 + 0.6*200/1200/m.scale()*0.5 // of the steps of a byte, and where the edge is averaged with what is within
	for y := 0; y < 128; y += 5 {
		for x := 0; x < 128; x += 5 {
			want := on(r, back.at(Point{float64(x) + 0.5, float64(y) + 0.5}))
			for c := range 3 {
				if got := float64(shown[3*(y*128+x)+c]); math.Abs(got-want[c]) > slack {
					t.Fatalf("channel %d at %d,%d is %.2f, want %.2f", c, x, y, got, want[c])
				}
			}
		}
	}
}

// The second look is at the face as the first one saw it: where the detector's points were off, the net's own decide.
func TestALookIsTakenTwice(t *testing.T) {
	r := ramp(1600, 1200)
	detected := [5]Point{{770, 490}, {830, 505}, {800, 520}, {785, 540}, {815, 540}}
	own := [5]Point{{780, 500}, {820, 500}, {800, 520}, {785, 540}, {815, 540}}
	first, _ := align(detected, 128)
	net := seen(placed(first, own), [3]float32{}, [properties]float32{})
	f, err := New(nil, net)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Look(t.Context(), r, Face{Points: detected}); err != nil {
		t.Fatal(err)
	}
	sees(t, net.first, r, first)
	second, _ := align(own, 128)
	sees(t, net.shown, r, second)
}

// placed is what a net says that sees the five points of a face there.
func placed(m affine, five [5]Point) [][2]float32 {
	points := make([][2]float32, len(Names))
	for i, name := range alignedBy {
		p := m.at(five[i])
		points[Index(name)] = [2]float32{float32(p.X / 128), float32(p.Y / 128)}
	}
	return points
}

// A fine pattern in a large face comes out as its mean: the crop has no stairs.
func TestALargeFaceIsAveraged(t *testing.T) {
	r := ramp(1200, 1200)
	for i := range r.Pix {
		r.Pix[i] = byte(i / 3 % 2 * 200)
	}
	net := seen(nil, [3]float32{}, [properties]float32{})
	f, err := New(nil, net)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Look(t.Context(), r, Face{Points: [5]Point{{450, 450}, {750, 450}, {600, 600}, {480, 740}, {720, 740}}}); err != nil {
		t.Fatal(err)
	}
	for i, v := range net.first {
		if math.Abs(float64(v)-100) > 25 {
			t.Fatalf("number %d is %d, want about 100", i, v)
		}
	}
}

// Points, angles and properties come back to the picture and its own names.
func TestWhatIsSeenIsToldOfThePicture(t *testing.T) {
	// The eye on the right is lower by as much as it is to the right: the head leans by 45 degrees, clockwise.
	five := [5]Point{{300, 300}, {400, 400}, {330, 380}, {240, 380}, {310, 450}}
	m, _ := align(five, 128)
	f, err := New(nil, seen(placed(m, five), [3]float32{12, -3, 2}, [properties]float32{.6, .4, .29, .3, .69, 2, -1, .5}))
	if err != nil {
		t.Fatal(err)
	}
	l, err := f.Look(t.Context(), ramp(700, 700), Face{Points: five})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]Point{"left.iris": five[LeftEye], "right.iris": five[RightEye]} {
		if got, ok := l.Point(name); !ok || math.Hypot(got.X-want.X, got.Y-want.Y) > 0.01 {
			t.Errorf("%s is at %v, want %v", name, got, want)
		}
	}
	if _, ok := l.Point("tail"); ok {
		t.Error("there is a point called tail")
	}
	if l.Yaw != 12 || l.Pitch != -3 || math.Abs(l.Roll-47) > 1e-4 {
		t.Errorf("yaw %g, pitch %g, roll %g, want 12, -3, 47", l.Yaw, l.Pitch, l.Roll)
	}
	for name, test := range map[string]struct {
		got   Property
		score float64
		yes   bool
	}{
		"mouth": {l.MouthOpen, .6, true}, "smile": {l.Smile, .4, false}, "left eye": {l.LeftEyeOpen, .29, false},
		"right eye": {l.RightEyeOpen, .3, true}, "glasses": {l.Glasses, .69, false}, "dark": {l.DarkGlasses, 1, true},
		"headwear": {l.Headwear, 0, false}, "occluded": {l.Occluded, .5, true},
	} {
		if math.Abs(test.got.Score-test.score) > 1e-6 || test.got.Yes() != test.yes {
			t.Errorf("%s is %+v (%t), want %g (%t)", name, test.got, test.got.Yes(), test.score, test.yes)
		}
	}
}
