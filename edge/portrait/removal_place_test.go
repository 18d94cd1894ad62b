package portrait

import (
	"errors"
	"image"
	"math"
	"testing"
)

func px(v float64) Length  { return Length{Value: v} }
func pct(v float64) Length { return Length{Value: v, Percent: true} }

func TestRegions(t *testing.T) {
	size := image.Pt(400, 300)
	for name, test := range map[string]struct {
		region Region
		want   rectangle
		err    error
	}{
		"everything":         {Region{px(0), px(0), pct(100), pct(100)}, rectangle{0, 0, 400, 300}, nil},
		"both units":         {Region{pct(25), px(30), px(399), pct(50)}, rectangle{100, 30, 399, 150}, nil},
		"a pixel too wide":   {Region{px(0), px(0), px(401), px(300)}, rectangle{}, ErrRegionOutside},
		"a pixel too high":   {Region{px(0), px(0), px(400), px(301)}, rectangle{}, ErrRegionOutside},
		"above the picture":  {Region{px(0), px(-1), px(400), px(300)}, rectangle{}, ErrRegionOutside},
		"nothing":            {Region{pct(50), px(0), pct(50), px(300)}, rectangle{}, ErrRegionEmpty},
		"corners exchanged":  {Region{px(200), px(0), px(100), px(300)}, rectangle{}, ErrRegionEmpty},
		"more than it is":    {Region{px(0), px(0), pct(100.1), pct(100)}, rectangle{}, ErrRegionOutside},
		"outside of a space": {Region{px(500), px(0), px(600), px(300)}, rectangle{}, ErrRegionOutside},
	} {
		got, err := test.region.in(size)
		if !errors.Is(err, test.err) || err == nil && got != test.want {
			t.Errorf("%s: %v, %v, want %v, %v", name, got, err, test.want, test.err)
		}
	}
	if got, want := (rectangle{0.2, 0.2, 0.4, 0.4}).near(image.Pt(10, 10)), image.Rect(0, 0, 1, 1); got != want {
		t.Errorf("a region of less than a pixel is %v, want %v", got, want)
	}
	if got, want := (rectangle{9.9, 9.9, 10, 10}).near(image.Pt(10, 10)), image.Rect(9, 9, 10, 10); got != want {
		t.Errorf("the last part of a pixel is %v, want %v", got, want)
	}
}

// The sizes that the documentation of remove.bg and its answers give for a preview.
func TestAPictureIsMadeToFit(t *testing.T) {
	for size, want := range map[image.Point]image.Point{
		{X: 4000, Y: 3000}:  {X: 577, Y: 433},
		{X: 6000, Y: 4000}:  {X: 612, Y: 408},
		{X: 6250, Y: 4000}:  {X: 625, Y: 400},
		{X: 500, Y: 333}:    {X: 500, Y: 333},
		{X: 500, Y: 500}:    {X: 500, Y: 500},
		{X: 1000000, Y: 10}: {X: 158113, Y: 1},
	} {
		if got := scaled(size, fitting(size, 250_000)); got != want {
			t.Errorf("%v becomes %v, want %v", size, got, want)
		}
	}
}

func TestArrangements(t *testing.T) {
	canvas, people := image.Pt(200, 100), rectangle{40, 20, 80, 80} // 40 × 60
	for name, test := range map[string]struct {
		ask    Removal
		canvas image.Point
		people image.Rectangle
	}{
		"as it was":                 {Removal{}, canvas, image.Rect(40, 20, 80, 80)},
		"trimmed":                   {Removal{Crop: true}, image.Pt(40, 60), image.Rect(0, 0, 40, 60)},
		"a margin on every side":    {Removal{Crop: true, Margin: Margin{px(1), px(2), px(3), px(4)}}, image.Pt(46, 64), image.Rect(4, 1, 44, 61)},
		"a margin of their sides":   {Removal{Crop: true, Margin: Margin{pct(10), pct(50), pct(0), pct(50)}}, image.Pt(80, 66), image.Rect(20, 6, 60, 66)},
		"a margin without trimming": {Removal{Margin: Margin{px(9), px(9), px(9), px(9)}}, canvas, image.Rect(40, 20, 80, 80)},
		"as large as there is room": {Removal{Scale: 1, Anchor: &Anchor{0.5, 0.5}}, canvas, image.Rect(66, 0, 133, 100)},
		"half as high":              {Removal{Scale: 0.5, Anchor: &Anchor{0.5, 0.5}}, canvas, image.Rect(83, 25, 116, 75)},
		"smaller where they were":   {Removal{Scale: 0.3}, canvas, image.Rect(45, 35, 65, 65)},
		"in the corner":             {Removal{Anchor: &Anchor{1, 0}}, canvas, image.Rect(160, 0, 200, 60)},
		"in the other":              {Removal{Anchor: &Anchor{0, 1}}, canvas, image.Rect(0, 40, 40, 100)},
		"trimmed, then scaled":      {Removal{Crop: true, Scale: 0.5, Anchor: &Anchor{0.5, 0.5}}, image.Pt(40, 60), image.Rect(10, 15, 30, 45)},
		"a margin for no pixels": {Removal{Crop: true, MaxPixels: 2400, Margin: Margin{pct(50), pct(50), pct(50), pct(50)}},
			image.Pt(40, 60), image.Rect(10, 15, 30, 45)},
		"a limit of the result alone": {Removal{Crop: true, MaxPixels: 20_000, MaxResult: 600}, image.Pt(20, 30), image.Rect(0, 0, 20, 30)},
	} {
		got := test.ask.arrange(people, canvas)
		at := got.people
		if got.canvas != test.canvas || abs(at.Min.X-test.people.Min.X) > 1 || abs(at.Min.Y-test.people.Min.Y) > 1 || at.Dx() != test.people.Dx() || at.Dy() != test.people.Dy() {
			t.Errorf("%s: %v in %v, want %v in %v", name, got.people, got.canvas, test.people, test.canvas)
		}
	}
}

// Whatever is asked, people lie in their canvas, keep their shape, and there are no more pixels than may be.
func FuzzArrange(f *testing.F) {
	f.Add(uint16(400), uint16(300), uint16(10), uint16(20), uint16(100), uint16(200), true, 10.0, true, 30.0, false, 0.5, 0.5, 1.0, uint32(100_000))
	f.Add(uint16(1), uint16(1), uint16(0), uint16(0), uint16(1), uint16(1), true, 500.0, false, 50.0, true, 0.1, 0.0, 0.0, uint32(1))
	f.Fuzz(func(t *testing.T, w, h, x, y, pw, ph uint16, crop bool, a float64, aPercent bool, b float64, bPercent bool, scale, ax, ay float64, most uint32) {
		canvas := image.Pt(int(w)+1, int(h)+1)
		at := image.Rect(int(x), int(y), int(x)+int(pw)+1, int(y)+int(ph)+1).Intersect(image.Rectangle{Max: canvas})
		in := func(v, from, to float64) float64 { return math.Min(math.Max(v, from), to) }
		for _, v := range []float64{a, b, scale, ax, ay} {
			if math.IsNaN(v) {
				return
			}
		}
		if at.Empty() {
			return
		}
		length := func(v float64, percent bool) Length {
			if percent {
				return pct(in(v, 0, 50))
			}
			return px(in(v, 0, 500))
		}
		ask := Removal{Crop: crop, Margin: Margin{length(a, aPercent), length(b, bPercent), length(b, bPercent), length(a, aPercent)},
			Scale: in(scale, 0.1, 1), Anchor: &Anchor{in(ax, 0, 1), in(ay, 0, 1)}, MaxPixels: int64(most) + 1}
		got := ask.arrange(box(at).floats(canvas, canvas), canvas)
		size := got.people.Size()
		if got.people.Empty() || !got.people.In(image.Rectangle{Max: got.canvas}) {
			t.Fatalf("%v does not lie in %v", got.people, got.canvas)
		}
		if all := int64(got.canvas.X) * int64(got.canvas.Y); all > ask.MaxPixels && got.canvas.X > 1 && got.canvas.Y > 1 {
			t.Errorf("%v is more than %d pixels", got.canvas, ask.MaxPixels)
		}
		// Each side is rounded, so the ratio is off by a pixel of either at the most.
		was := float64(at.Dx()) / float64(at.Dy())
		least, largest := (float64(size.X)-1)/(float64(size.Y)+1), (float64(size.X)+1)/math.Max(float64(size.Y)-1, 0.5)
		if size.X > 1 && size.Y > 1 && (was < least || was > largest) {
			t.Errorf("%v became %v: another shape", at.Size(), size)
		}
	})
}
