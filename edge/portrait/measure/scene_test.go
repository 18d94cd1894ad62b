package measure_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"regexp"
	"testing"

	"github.com/professionalaistudio/studio/edge/portrait/measure"
)

// everything takes all numbers of a picture, by the names of their groups and fields.
func everything(t testing.TB, p measure.Picture, points *measure.Points, alpha *measure.Alpha, frame measure.Box) map[string]measure.Number {
	t.Helper()
	s, err := measure.Look(p, points, alpha, frame)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Wipe()
	all := map[string]measure.Number{}
	for _, group := range []any{points.Measure(1), s.Light(), s.Tone(), s.Detail(), s.Eyes(), s.Hair(), s.Ground([3]uint8{217, 217, 217}), s.Figure(), s.Grain()} {
		v := reflect.ValueOf(group)
		for i := range v.NumField() {
			all[v.Type().Name()+"."+v.Type().Field(i).Name] = v.Field(i).Interface().(measure.Number)
		}
	}
	return all
}

// The order of the points is the net's.
func TestPointsAreTheNets(t *testing.T) {
	source, err := os.ReadFile("../../../models/training/points.py")
	if err != nil {
		t.Skip("the training code is not here: ", err)
	}
	ours := map[string]int{
		"iris": measure.Iris, "iris.outer": measure.IrisOuter, "iris.top": measure.IrisTop, "iris.inner": measure.IrisInner, "iris.bottom": measure.IrisBottom,
		"eye.outer": measure.EyeOuter, "eye.inner": measure.EyeInner, "lid.upper.1": measure.LidUpper1, "lid.upper.4": measure.LidUpper4, "lid.upper.7": measure.LidUpper7,
		"lid.lower.1": measure.LidLower1, "lid.lower.4": measure.LidLower4, "lid.lower.7": measure.LidLower7, "brow.1": measure.Brow1, "brow.5": measure.Brow5,
		"nose.bridge": measure.NoseBridge, "nose.tip": measure.NoseTip, "nose.base": measure.NoseBase, "nose.wing": measure.NoseWing,
		"mouth.corner": measure.MouthCorner, "lip.outer.upper.1": measure.LipOuterUpper1, "lip.outer.upper.2": measure.LipOuterUpper2, "lip.outer.upper": measure.LipOuterUpper,
		"lip.outer.lower.1": measure.LipOuterLower1, "lip.outer.lower.2": measure.LipOuterLower2, "lip.outer.lower": measure.LipOuterLower,
		"mouth.inner.corner": measure.MouthInnerCorner, "lip.inner.upper.1": measure.LipInnerUpper1, "lip.inner.upper": measure.LipInnerUpper,
		"lip.inner.lower.1": measure.LipInnerLower1, "lip.inner.lower": measure.LipInnerLower, "jaw.1": measure.Jaw1, "jaw.10": measure.Jaw10, "chin": measure.Chin,
		"temple": measure.Temple, "forehead.1": measure.Forehead1, "forehead.2": measure.Forehead2, "forehead": measure.Forehead,
	}
	at, found := 0, 0
	for _, row := range regexp.MustCompile(`\("([a-z0-9.]+)", \d+, (None|\d+)\)`).FindAllStringSubmatch(string(source), -1) {
		if want, ok := ours[row[1]]; ok {
			found++
			if want != at {
				t.Errorf("%s is at %d here and at %d in the net", row[1], want, at)
			}
		}
		if at++; row[2] != "None" {
			at++
		}
	}
	if at != len(measure.Points{}) || found != len(ours) {
		t.Errorf("the net has %d points, here are %d; %d of %d names were found", at, len(measure.Points{}), found, len(ours))
	}
}

// The same person in another picture has the same numbers: larger, turned, moved, or with a coarser matte.
func TestTheSamePersonElsewhere(t *testing.T) {
	c := newPerson().draw()
	c.blur(0.7, 0.7) // a lens is not as sharp as a drawing
	want := everything(t, c.picture(), &c.points, c.matte(), measure.Box{})
	skip := map[string]bool{ // of pixels as they are, or of the direction of gravity
		"Features.EyeDistance": true, "Features.EarToEar": true, "Features.Face": true, "Figure.Room": true, "Light.EyeDistance": true,
		"Grain.Blocks": true, "Grain.Shifted": true, "Grain.Levels": true, "Grain.Span": true, "Grain.Repeated": true, "Detail.Along": true,
	}
	same := func(t *testing.T, got map[string]measure.Number, share, offset float64, also ...string) {
		t.Helper()
		for name, w := range want {
			g := got[name]
			if skip[name] || len(also) > 0 && regexp.MustCompile(also[0]).MatchString(name) {
				continue
			}
			if g.Known != w.Known || math.Abs(g.Value-w.Value) > share*math.Abs(w.Value)+offset {
				t.Errorf("%s is %.4f (known %v %s), want %.4f (known %v)", name, g.Value, g.Known, g.Why, w.Value, w.Known)
			}
		}
	}
	t.Run("three times as large", func(t *testing.T) {
		big := c.enlarged(3)
		same(t, everything(t, big.picture(), &big.points, big.matte(), measure.Box{}), 0.12, 0.03, "Noise|Texture|Edge") // each pixel repeated is no finer detail
	})
	t.Run("turned by 6 degrees", func(t *testing.T) {
		r := c.turned(6)
		same(t, everything(t, r.picture(), &r.points, r.matte(), measure.Box{}), 0.12, 0.04, "Figure|Noise|Texture|Edge|Gradient|Off|Edges|Islands|Clothes|Detail|Ground")
	})
	t.Run("a coarse matte", func(t *testing.T) {
		same(t, everything(t, c.picture(), &c.points, c.coarse(4), measure.Box{}), 0.12, 0.06)
	})
	t.Run("a matte of the middle alone", func(t *testing.T) {
		field := measure.Box{X0: 60, Y0: 40, X1: 540, Y1: 700}
		part := &measure.Alpha{Width: 480, Height: 660, Field: field}
		for y := 40; y < 700; y++ {
			part.Pix = append(part.Pix, c.alpha[y*c.w+60:y*c.w+540]...)
		}
		same(t, everything(t, c.picture(), &c.points, part, measure.Box{}), 0.12, 0.03, "Figure")
	})
}

func (c *canvas) coarse(k int) *measure.Alpha {
	a := &measure.Alpha{Width: c.w / k, Height: c.h / k, Field: measure.Box{X1: float64(c.w / k * k), Y1: float64(c.h / k * k)}}
	for y := range a.Height {
		for x := range a.Width {
			sum := 0
			for i := range k * k {
				sum += int(c.alpha[(y*k+i/k)*c.w+x*k+i%k])
			}
			a.Pix = append(a.Pix, byte(sum/(k*k)))
		}
	}
	return a
}

// turned about the middle between the eyes; what comes in from outside is wall.
func (c *canvas) turned(degrees float64) *canvas {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	d := c.clone()
	for i := range c.alpha {
		x, y := float64(i%c.w)+0.5-c.at[0], float64(i/c.w)+0.5-c.at[1]
		u, v := cos*x+sin*y+c.at[0]-0.5, -sin*x+cos*y+c.at[1]-0.5
		fx, fy := math.Floor(u), math.Floor(v)
		var rgb [4]float64
		for k := range 4 {
			px, py := min(max(int(fx)+k%2, 0), c.w-1), min(max(int(fy)+k/2, 0), c.h-1)
			w := math.Abs(1-float64(k%2)-(u-fx)) * math.Abs(1-float64(k/2)-(v-fy))
			for b := range 3 {
				rgb[b] += w * float64(c.pix[3*(py*c.w+px)+b])
			}
			rgb[3] += w * float64(c.alpha[py*c.w+px])
		}
		for b := range 3 {
			d.pix[3*i+b] = byte(math.Round(rgb[b]))
		}
		d.alpha[i] = byte(math.Round(rgb[3]))
	}
	for i, p := range c.points {
		x, y := p[0]-c.at[0], p[1]-c.at[1]
		d.points[i] = [2]float64{c.at[0] + cos*x - sin*y, c.at[1] + sin*x + cos*y}
	}
	return d
}

// What is missing is a reason for every number that needs it, and for no other.
func TestWhatIsMissing(t *testing.T) {
	c := newPerson().draw()
	needsFace := regexp.MustCompile(`^(Features|Light|Tone|Detail|Eyes|Hair|Figure)\.|Ground\.(Shadow|Contrast|Clothes)|Grain\.(Levels|Span|Repeated)`)
	needsMatte := regexp.MustCompile(`^(Hair|Figure|Ground)\.`)
	broken := c.points
	broken[measure.Chin][1] = math.NaN()
	tiny := newPerson().scaled(0.15).draw()
	for _, test := range []struct {
		name    string
		got     map[string]measure.Number
		missing func(name string) bool
	}{
		{"nothing", everything(t, c.picture(), &c.points, c.matte(), measure.Box{}), func(string) bool { return false }},
		{"the face", everything(t, c.picture(), nil, c.matte(), measure.Box{}), needsFace.MatchString},
		{"a number of the face", everything(t, c.picture(), &broken, c.matte(), measure.Box{}), needsFace.MatchString},
		{"the matte", everything(t, c.picture(), &c.points, nil, measure.Box{}), needsMatte.MatchString},
		{"the pixels of the face", everything(t, tiny.picture(), &tiny.points, tiny.matte(), measure.Box{}), regexp.MustCompile(`^(Light|Tone|Detail|Eyes|Hair)\.|Grain\.Blocks|Grain.Shifted`).MatchString},
		{"the wall", everything(t, c.picture(), &c.points, &measure.Alpha{Pix: bytes.Repeat([]byte{255}, c.w*c.h), Width: c.w, Height: c.h}, measure.Box{}),
			regexp.MustCompile(`^Ground\.(L|A|B|Rough|RoughTone|Gradient|Shadow|Edges|Contrast|Clothes|Off|Nearest)$|Figure.Slope|^Hair\.`).MatchString},
	} {
		for name, n := range test.got {
			switch missing := test.missing(name); {
			case n.Known == missing:
				t.Errorf("without %s, %s is known: %v (%s)", test.name, name, n.Known, n.Why)
			case missing && (n.Why == "" || n.Value != 0 || n.At != nil):
				t.Errorf("without %s, %s is %+v", test.name, name, n)
			case !missing && n.Why != "":
				t.Errorf("without %s, %s is known and says %q", test.name, name, n.Why)
			}
		}
	}
}

// Places are in pixels of the capture, inside it, also when the picture is one decoded at a fraction.
func TestPlaces(t *testing.T) {
	c := newPerson().draw()
	p := c.picture()
	p.Scale = 4
	for name, n := range everything(t, p, &c.points, c.matte(), measure.Box{}) {
		if name[:5] == "Featu" {
			continue // by their own scale
		}
		for _, at := range n.At {
			if at[0] < -4 || at[1] < -4 || at[0] > 4*float64(c.w)+4 || at[1] > 4*float64(c.h)+4 {
				t.Errorf("%s lies at %v, beyond %d × %d", name, at, 4*c.w, 4*c.h)
			}
		}
		if name == "Light.White" && (len(n.At) == 0 || math.Abs(n.At[0][0]-4*c.points[measure.EyeOuter][0]) > 0.5) {
			t.Errorf("%s lies at %v, want the eyes", name, n.At)
		}
	}
	if f := c.points.Measure(4); f.Chin.At[1] != [2]float64{4 * c.points[measure.Chin][0], 4 * c.points[measure.Chin][1]} {
		t.Errorf("the chin lies at %v", f.Chin.At)
	}
}

// The background beyond the frame is nobody's concern.
func TestFrame(t *testing.T) {
	c := newPerson().draw()
	c.each(func(x, y, alpha float64, rgb *[3]float64) {
		if y < -2.2 && x < -1.5 {
			*rgb = [3]float64{90, 60, 40}
		}
	})
	whole := everything(t, c.picture(), &c.points, c.matte(), measure.Box{})
	framed := everything(t, c.picture(), &c.points, c.matte(), measure.Box{X0: 40, Y0: 65, X1: 560, Y1: 740})
	if whole["Ground.Edges"].Value < 0.001 || framed["Ground.Edges"].Value > 0 {
		t.Errorf("edges: %.4f of the whole, %.4f of the frame", whole["Ground.Edges"].Value, framed["Ground.Edges"].Value)
	}
}

func TestLookRefuses(t *testing.T) {
	c := newPerson().scaled(0.3).draw()
	ok := c.picture()
	for name, test := range map[string]struct {
		p     measure.Picture
		alpha *measure.Alpha
		frame measure.Box
	}{
		"too few bytes":         {measure.Picture{Pix: ok.Pix[1:], Width: ok.Width, Height: ok.Height}, nil, measure.Box{}},
		"no picture":            {measure.Picture{}, nil, measure.Box{}},
		"one pixel":             {measure.Picture{Pix: []byte{1, 2, 3}, Width: 1, Height: 1}, nil, measure.Box{}},
		"a matte cut short":     {ok, &measure.Alpha{Pix: c.alpha[1:], Width: c.w, Height: c.h}, measure.Box{}},
		"an empty matte":        {ok, &measure.Alpha{}, measure.Box{}},
		"a frame somewhere":     {ok, nil, measure.Box{X0: 5000, Y0: 5000, X1: 6000, Y1: 6000}},
		"a frame left of it":    {ok, nil, measure.Box{X0: -60, Y0: 0, X1: -10, Y1: 50}},
		"a negative width":      {measure.Picture{Pix: nil, Width: -16, Height: 16}, nil, measure.Box{}},
		"a width that is wrong": {measure.Picture{Pix: ok.Pix, Width: ok.Height, Height: ok.Height}, nil, measure.Box{}},
	} {
		if s, err := measure.Look(test.p, &c.points, test.alpha, test.frame); !errors.Is(err, measure.ErrPicture) || s != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzScene: whatever points, matte and frame it is given, a picture is measured without a panic, every number is finite, and
// the picture is left as it was.
func FuzzScene(f *testing.F) {
	c := newPerson().scaled(0.4).draw()
	f.Add(uint64(1), 0.0, 1.0, 0.0, 0.0, 240.0, 300.0, 255)
	f.Add(uint64(2), 40.0, 0.2, -50.0, -50.0, 400.0, 400.0, 128)
	f.Add(uint64(3), 300.0, 30.0, 100.0, 100.0, 101.0, 101.0, 0)
	f.Fuzz(func(t *testing.T, seed uint64, jitter, size, x0, y0, x1, y1 float64, cover int) {
		rng := rand.New(rand.NewPCG(seed, 0))
		points := c.points
		for i := range points {
			for k := range points[i] {
				points[i][k] = points[i][k]*size + jitter*rng.NormFloat64()
			}
		}
		alpha := c.matte()
		alpha.Pix = bytes.Clone(alpha.Pix)
		for i := range alpha.Pix {
			if rng.IntN(256) > cover {
				alpha.Pix[i] = byte(rng.IntN(256))
			}
		}
		alpha.Field = measure.Box{X0: x0 / 2, Y0: y0 / 2, X1: x1, Y1: y1}
		before := bytes.Clone(c.pix)
		s, err := measure.Look(c.picture(), &points, alpha, measure.Box{X0: x0, Y0: y0, X1: x1, Y1: y1})
		if err != nil {
			if !errors.Is(err, measure.ErrPicture) {
				t.Fatal(err)
			}
			return
		}
		s.Wipe()
		for name, n := range everything(t, c.picture(), &points, alpha, measure.Box{X0: x0, Y0: y0, X1: x1, Y1: y1}) {
			if math.IsNaN(n.Value) || math.IsInf(n.Value, 0) {
				t.Errorf("%s is %v", name, n.Value)
			}
		}
		if !bytes.Equal(before, c.pix) {
			t.Fatal("the picture was changed")
		}
	})
}

// Blocks are seen in a JPEG that was squeezed, and where its grid begins.
func TestBlocks(t *testing.T) {
	c := newPerson().draw()
	img := image.NewRGBA(image.Rect(0, 0, c.w, c.h))
	for i := range c.alpha {
		img.SetRGBA(i%c.w, i/c.w, color.RGBA{c.pix[3*i], c.pix[3*i+1], c.pix[3*i+2], 255})
	}
	squeezed := func(quality, cut int) map[string]measure.Number {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
			t.Fatal(err)
		}
		decoded, err := jpeg.Decode(&b)
		if err != nil {
			t.Fatal(err)
		}
		d := &canvas{w: c.w - cut, h: c.h - cut, points: c.points}
		for y := range d.h {
			for x := range d.w {
				r, g, b, _ := decoded.At(x+cut, y+cut).RGBA()
				d.pix = append(d.pix, byte(r>>8), byte(g>>8), byte(b>>8))
			}
		}
		return everything(t, d.picture(), &d.points, nil, measure.Box{})
	}
	for _, test := range []struct {
		quality, cut   int
		least, most    float64
		shifted        float64
		shiftedMatters bool
	}{
		{95, 0, 0, 0.25, 0, false}, {12, 0, 0.6, 100, 0, true}, {12, 3, 0.6, 100, 1, true}, {50, 5, 0.25, 100, 1, true},
	} {
		got := squeezed(test.quality, test.cut)
		if v := got["Grain.Blocks"].Value; v < test.least || v > test.most || test.shiftedMatters && got["Grain.Shifted"].Value != test.shifted {
			t.Errorf("quality %d, cut by %d: blocks %.2f (want %g to %g), shifted %g", test.quality, test.cut, v, test.least, test.most, got["Grain.Shifted"].Value)
		}
	}
}

func TestCameraDistance(t *testing.T) {
	// A main camera of 26 mm and 4000 × 3000 sees 5000 / 43.27 · 26 = 3004 pixels at a metre per metre, so eyes 63 mm apart are
	// 473 pixels apart at 40 cm and 189 at a metre.
	for _, test := range []struct{ focal, eyes, want float64 }{{26, 473, 0.4}, {26, 189.3, 1}, {50, 364, 1}} {
		if got := measure.CameraDistance(test.focal, 4000, 3000, test.eyes); !got.Known || math.Abs(got.Value-test.want) > 0.005 {
			t.Errorf("%g mm, %g pixels: %+v, want %g m", test.focal, test.eyes, got, test.want)
		}
	}
	for _, n := range []measure.Number{measure.CameraDistance(0, 4000, 3000, 200), measure.CameraDistance(26, 0, 3000, 200), measure.CameraDistance(26, 4000, 3000, 0), measure.CameraDistance(math.NaN(), 4000, 3000, 200)} {
		if n.Known || n.Why == "" {
			t.Errorf("%+v", n)
		}
	}
}

// A rim that is what the matte makes of the person and the new colour has none of the old wall, mixed in linear light or not.
func TestFringe(t *testing.T) {
	p := newPerson()
	p.wall = [3]float64{40, 90, 40}
	c := p.draw()
	c.blur(1.5, 1.5) // the old wall shines into the rim
	for i := range c.alpha {
		if c.alpha[i] > 0 && c.alpha[i] < 255 {
			c.alpha[i] = byte(min(max(int(c.alpha[i]), 30), 225))
		}
	}
	behind := [3]uint8{255, 255, 255}
	compose := func(linear, clean bool) *canvas {
		pure := p
		pure.wall = [3]float64{255, 255, 255}
		d := c.clone()
		for i, a := range c.alpha {
			k := float64(a) / 255
			for b := range 3 {
				f := float64(c.pix[3*i+b])
				if a == 0 || a == 255 {
					d.pix[3*i+b] = byte(math.Round(k*f + (1-k)*255))
					continue
				}
				if clean { // the colour next to it inside, as the estimate of the foreground would have it
					f = float64(inside(c, i)[b])
				}
				if linear {
					d.pix[3*i+b] = byte(math.Round(encode(k*decode(f) + (1-k)*decode(255))))
				} else {
					d.pix[3*i+b] = byte(math.Round(k*f + (1-k)*255))
				}
			}
		}
		return d
	}
	for _, linear := range []bool{false, true} {
		clean, dirty := compose(linear, true), compose(linear, false)
		good, bad := measure.Fringe(clean.picture(), clean.matte(), behind), measure.Fringe(dirty.picture(), dirty.matte(), behind)
		if !good.Known || !bad.Known || good.Value > 4 || bad.Value < good.Value+1 {
			t.Errorf("linear %v: the clean rim is off by %.2f, the dirty one by %.2f", linear, good.Value, bad.Value)
		}
	}
	if n := measure.Fringe(c.picture(), c.coarse(2), behind); n.Known {
		t.Errorf("a matte of another size: %+v", n)
	}
}

// inside is the nearest pixel that is wholly person.
func inside(c *canvas, i int) []byte {
	x, y := i%c.w, i/c.w
	for r := 1; r < 12; r++ {
		for k := range 16 {
			px, py := x+int(math.Round(float64(r)*math.Cos(float64(k)*math.Pi/8))), y+int(math.Round(float64(r)*math.Sin(float64(k)*math.Pi/8)))
			if px >= 0 && py >= 0 && px < c.w && py < c.h && c.alpha[py*c.w+px] == 255 {
				return c.pix[3*(py*c.w+px):]
			}
		}
	}
	return c.pix[3*i:]
}

func TestChanged(t *testing.T) {
	c := newPerson().draw()
	d := c.clone()
	at := func(x, y float64) int { return 3 * (int(c.at[1]+y*c.eye)*c.w + int(c.at[0]+x*c.eye)) }
	d.pix[at(0, -2.2)] ^= 255 // above the head
	if n := measure.Changed(d.picture(), c.picture(), &c.points); !n.Known || n.Value != 0 {
		t.Errorf("nothing of the face was changed: %+v", n)
	}
	d.pix[at(0.3, 0.4)+1] += 7
	if n := measure.Changed(d.picture(), c.picture(), &c.points); n.Value != 7 {
		t.Errorf("a value was changed by 7: %+v", n)
	}
	other := newPerson().scaled(0.5).draw()
	if n := measure.Changed(d.picture(), other.picture(), &c.points); n.Known || n.Why == "" {
		t.Errorf("two sizes: %+v", n)
	}
	if n := measure.Changed(d.picture(), c.picture(), nil); n.Known {
		t.Errorf("no face: %+v", n)
	}
}
