package matte

import (
	"bytes"
	"context"
	"errors"
	"image"
	"math"
	"reflect"
	"testing"

	"github.com/professionalaistudio/studio/edge/vips"
)

// cut is the whole way: sketch, alpha, colours.
func (s scene) cut(t testing.TB, side int, heads []image.Rectangle) (alpha []byte, cutout vips.Raster, sketch *Sketch) {
	t.Helper()
	c, _ := s.cutter(side, heads)
	sketch, err := c.Look(t.Context(), s.picture, heads)
	if err != nil {
		t.Fatal(err)
	}
	alpha, cutout = make([]byte, len(s.alpha)), clone(s.picture)
	if err := sketch.Refine(t.Context(), cutout, alpha, true); err != nil {
		t.Fatal(err)
	}
	return alpha, cutout, sketch
}

var walls = map[string]func(x, y int) [3]float64{
	"red":    plain(210, 30, 40),
	"green":  plain(40, 170, 60),
	"blue":   plain(30, 60, 200),
	"white":  plain(240, 240, 238),
	"bricks": bricks,
}

// What the sketch is sure of is kept to the bit, or dropped to nothing; a pixel with alpha 255 is what it was, wherever it is.
func TestSurePixelsAreKeptAndDropped(t *testing.T) {
	for name, wall := range walls {
		t.Run(name, func(t *testing.T) {
			s := draw(480, 640, 240, 250, 240, wall)
			alpha, cutout, sketch := s.cut(t, 96, nil)
			v := sketch.near
			for i, a := range alpha {
				x, y := i%480, i/480
				cell := v.state[int((float64(y)+.5)*96/640)*96+int((float64(x)+.5)*96/480)]
				was, is := [3]byte(s.picture.Pix[3*i:]), [3]byte(cutout.Pix[3*i:])
				switch {
				case cell == person && a != 255, cell == background && a != 0:
					t.Fatalf("the sketch is sure at %d,%d (%d), and alpha is %d", x, y, cell, a)
				case a == 255 && is != was:
					t.Fatalf("a pixel of the person at %d,%d was %v and is %v", x, y, was, is)
				case cell == background && is != [3]byte{}:
					t.Fatalf("of the background at %d,%d there is left %v", x, y, is)
				}
			}
			for _, p := range []image.Point{{240, 250}, {240, 150}, {240, 560}} {
				if a := alpha[p.Y*480+p.X]; a != 255 {
					t.Errorf("in the middle of the person at %v alpha is %d", p, a)
				}
			}
			if a := alpha[20*480+20]; a != 0 {
				t.Errorf("in a corner alpha is %d", a)
			}
		})
	}
}

// difference is the mean and the largest difference of two pictures, in levels, where the true alpha is open or next to it.
func (s scene) difference(a, b vips.Raster) (mean, most float64) {
	n := 0.0
	w := s.picture.Width
	for i, alpha := range s.alpha {
		near := alpha > 0 && alpha < 1
		for _, d := range []int{-2, -1, 1, 2, -w, w, -2 * w, 2 * w} {
			if j := i + d; j >= 0 && j < len(s.alpha) && (s.alpha[j] > .5) != (alpha > .5) {
				near = true
			}
		}
		if !near {
			continue
		}
		for c := 3 * i; c < 3*i+3; c++ {
			d := math.Abs(float64(a.Pix[c]) - float64(b.Pix[c]))
			mean += d
			most = max(most, d)
			n++
		}
	}
	return mean / n, most
}

// over is a picture laid on another by an alpha.
func over(front, back vips.Raster, alpha func(i int) float64) vips.Raster {
	out := clone(front)
	for i := range front.Width * front.Height {
		for c := 3 * i; c < 3*i+3; c++ {
			out.Pix[c] = clip(alpha(i)*float64(front.Pix[c]) + (1-alpha(i))*float64(back.Pix[c]))
		}
	}
	return out
}

// The colours that were estimated, laid over the wall that was there, are the picture again: nothing of the person was lost or made up.
func TestTheCutoutOverItsOwnBackgroundIsThePicture(t *testing.T) {
	for name, wall := range walls {
		t.Run(name, func(t *testing.T) {
			s := draw(480, 640, 240, 250, 240, wall)
			alpha, cutout, _ := s.cut(t, 128, nil)
			again := over(cutout, s.wall, func(i int) float64 { return float64(alpha[i]) / 255 })
			mean, most := s.difference(again, s.picture)
			limit := 5.0
			if name == "bricks" { // of two colours, one is taken for the wall
				limit = 8
			}
			t.Logf("mean %.2f, largest %.0f levels", mean, most)
			if mean > limit {
				t.Errorf("at the rim it differs by %.2f levels, want at most %g", mean, limit)
			}
		})
	}
}

// On a new colour nothing of the old wall is left at the rim: laid on it by the same alpha, our colours look as the person's true ones
// do. The captured colours do not, so the bound means something.
func TestNoRimOfTheOldWall(t *testing.T) {
	const bound = 7.5 // levels, mean over the rim
	for name, wall := range walls {
		t.Run(name, func(t *testing.T) {
			s := draw(480, 640, 240, 250, 240, wall)
			alpha, cutout, _ := s.cut(t, 128, nil)
			want, got, raw := clone(s.person), clone(cutout), clone(s.picture)
			for _, r := range []vips.Raster{want, got, raw} {
				if err := Over(r, alpha, vips.RGB{R: 90, G: 140, B: 220}); err != nil {
					t.Fatal(err)
				}
			}
			ours, _ := s.difference(got, want)
			captured, _ := s.difference(raw, want)
			t.Logf("%.2f levels, with the captured colours %.2f", ours, captured)
			if ours > bound || captured < bound {
				t.Errorf("the rim is off by %.2f levels, with the captured colours by %.2f, want at most %g and more", ours, captured, bound)
			}
		})
	}
}

// A hole between hair and neck stays open.
func TestHolesStayOpen(t *testing.T) {
	for name, wall := range walls {
		s := draw(480, 640, 240, 250, 240, wall)
		alpha, _, _ := s.cut(t, 128, nil)
		if a := alpha[s.hole.Y*480+s.hole.X]; a > 12 {
			t.Errorf("%s: in the hole alpha is %d, want 0", name, a)
		}
	}
}

// The refined alpha is nearer to the truth than the sketch drawn large.
func TestRefineIsBetterThanTheSketch(t *testing.T) {
	for name, wall := range walls {
		s := draw(960, 1280, 480, 500, 480, wall)
		alpha, _, sketch := s.cut(t, 128, nil)
		l := newLines(sketch.near)
		var ours, drawn float64
		for y := range 1280 {
			l.at(y)
			for x := range 960 {
				i := y*960 + x
				if s.alpha[i] == sketchAt(sketch.near, x, y) {
					continue
				}
				ours += math.Abs(float64(alpha[i])/255 - s.alpha[i])
				drawn += math.Abs(sketchAt(sketch.near, x, y) - s.alpha[i])
			}
		}
		t.Logf("%s: error %.0f, the sketch's %.0f", name, ours, drawn)
		if ours > .6*drawn {
			t.Errorf("%s: the error is %.0f pixels, the sketch's %.0f", name, ours, drawn)
		}
	}
}

// sketchAt is the alpha of a view at a pixel, between its cells.
func sketchAt(v *view, x, y int) float64 {
	x0, fx := centred((float64(x)+.5)*float64(v.width)/float64(v.part.Dx()), v.width)
	y0, fy := centred((float64(y)+.5)*float64(v.height)/float64(v.part.Dy()), v.height)
	x1, y1 := min(x0+1, v.width-1), min(y0+1, v.height-1)
	up := v.alpha[y0*v.width+x0] + fx*(v.alpha[y0*v.width+x1]-v.alpha[y0*v.width+x0])
	down := v.alpha[y1*v.width+x0] + fx*(v.alpha[y1*v.width+x1]-v.alpha[y1*v.width+x0])
	return float64(up + fy*(down-up))
}

// A small head is seen from near, and the two views meet without a step: alpha beside the seam is the truth on both sides.
func TestTwoViewsMeet(t *testing.T) {
	s := draw(1200, 900, 700, 300, 110, walls["green"])
	heads := []image.Rectangle{s.head}
	alpha, cutout, sketch := s.cut(t, 128, heads)
	if sketch.whole == nil {
		t.Fatal("a head of an eighth of the height is not looked at from near")
	}
	part := sketch.near.part
	step := func(i, j int) float64 { // of alpha, beyond that of the truth
		ours, truth := math.Abs(float64(alpha[i])-float64(alpha[j]))/255, math.Abs(s.alpha[i]-s.alpha[j])
		return ours - truth
	}
	for x := part.Min.X; x < part.Max.X; x++ {
		for _, y := range []int{part.Min.Y, part.Max.Y} {
			if got := step((y-1)*1200+x, y*1200+x); got > .2 {
				t.Errorf("across the seam at %d,%d alpha jumps by %.2f more than it should", x, y, got)
			}
		}
	}
	for i, a := range alpha {
		if a == 255 && [3]byte(cutout.Pix[3*i:]) != [3]byte(s.picture.Pix[3*i:]) {
			t.Fatalf("pixel %d,%d of the person has changed", i%1200, i/1200)
		}
	}
	// Hair is drawn from the near view: better than from the whole one alone.
	far, _, _ := s.cut(t, 128, nil)
	var near, whole float64
	box := s.head.Inset(-s.head.Dy() / 3)
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			i := y*1200 + x
			near += math.Abs(float64(alpha[i])/255 - s.alpha[i])
			whole += math.Abs(float64(far[i])/255 - s.alpha[i])
		}
	}
	if near > .7*whole {
		t.Errorf("around the head the error is %.0f pixels, from the whole picture it was %.0f", near, whole)
	}
}

// Without colours asked for the picture is left alone, and alpha is the same.
func TestAlphaAloneLeavesThePicture(t *testing.T) {
	s := draw(300, 260, 150, 100, 70, bricks)
	heads := []image.Rectangle{s.head}
	want, _, _ := s.cut(t, 96, heads)
	c, _ := s.cutter(96, heads)
	sketch, err := c.Look(t.Context(), s.picture, heads)
	if err != nil {
		t.Fatal(err)
	}
	picture, alpha := clone(s.picture), make([]byte, len(s.alpha))
	if err := sketch.Refine(t.Context(), picture, alpha, false); err != nil {
		t.Fatal(err)
	}
	if string(picture.Pix) != string(s.picture.Pix) {
		t.Error("the picture has changed")
	}
	if string(alpha) != string(want) {
		t.Error("alpha is another one")
	}
}

func TestWhatDoesNotFitIsRefused(t *testing.T) {
	s := draw(64, 64, 32, 20, 20, plain(0, 0, 255))
	_, _, sketch := s.cut(t, 32, nil)
	other := draw(32, 64, 16, 20, 20, plain(0, 0, 255))
	if err := sketch.Refine(t.Context(), other.picture, make([]byte, 32*64), true); err == nil {
		t.Error("a sketch of another picture is taken")
	}
	if err := sketch.Refine(t.Context(), s.picture, make([]byte, 5), true); err == nil {
		t.Error("too little room for alpha is taken")
	}
	if err := Over(s.picture, make([]byte, 5), vips.White); err == nil {
		t.Error("Over takes too little alpha")
	}
}

func TestWorkEndsWithItsContext(t *testing.T) {
	s := draw(64, 64, 32, 20, 20, plain(0, 0, 255))
	why := errors.New("the client left")
	ctx, cancel := context.WithCancelCause(t.Context())
	c, o := s.cutter(32, nil)
	sketch, err := c.Look(ctx, s.picture, nil)
	if err != nil {
		t.Fatal(err)
	}
	cancel(why)
	if err := sketch.Refine(ctx, s.picture, make([]byte, 64*64), true); !errors.Is(err, why) {
		t.Errorf("Refine says %v, want %v", err, why)
	}
	o.shown = 0
	if _, err := c.Look(ctx, s.picture, nil); !errors.Is(err, why) {
		t.Errorf("Look says %v, want %v", err, why)
	}
}

// Nothing is left of what was only looked at, nor of what was refined.
func TestWipeLeavesNothing(t *testing.T) {
	s := draw(300, 260, 150, 100, 70, bricks)
	heads := []image.Rectangle{s.head}
	c, _ := s.cutter(96, heads)
	looked, err := c.Look(t.Context(), s.picture, heads)
	if err != nil {
		t.Fatal(err)
	}
	_, _, refined := s.cut(t, 96, heads)
	for name, sketch := range map[string]*Sketch{"looked at": looked, "refined": refined} {
		views := []*view{sketch.near, sketch.whole}
		sketch.Wipe()
		for _, v := range views {
			part := v.part
			if empty := newView(96, 96); !reflect.DeepEqual(v, &view{part, 96, 96, empty.alpha, empty.pix, empty.guide, empty.state, empty.fill, false,
				empty.levels, empty.says, empty.across, empty.label, v.queue, empty.near}) {
				t.Errorf("%s: something of the picture is left", name)
			}
			for _, i := range v.queue[:cap(v.queue)] {
				if i != 0 {
					t.Fatalf("%s: something of its outline is left", name)
				}
			}
		}
		if err := sketch.Refine(t.Context(), s.picture, make([]byte, len(s.alpha)), true); err == nil || sketch.Share() != 0 {
			t.Errorf("%s: a sketch that was wiped is refined: %v", name, err)
		}
		sketch.Wipe()
	}
}

// A view that is used again knows nothing of what it was before.
func TestViewsAreUsedAgain(t *testing.T) {
	first, second := draw(300, 260, 150, 100, 70, bricks), draw(200, 300, 100, 150, 120, walls["blue"])
	want, colours, _ := second.cut(t, 64, nil)
	c, o := first.cutter(64, nil)
	for range 3 {
		o.scene, o.shown = first, 1
		sketch, err := c.Look(t.Context(), first.picture, nil)
		if err != nil {
			t.Fatal(err)
		}
		sketch.Wipe()
		o.scene, o.shown, o.parts = second, 0, []image.Rectangle{image.Rect(0, 0, 200, 300), image.Rect(0, 0, 300, 260)}
		if sketch, err = c.Look(t.Context(), second.picture, nil); err != nil {
			t.Fatal(err)
		}
		alpha, cutout := make([]byte, len(want)), clone(second.picture)
		if err := sketch.Refine(t.Context(), cutout, alpha, true); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(alpha, want) || !bytes.Equal(cutout.Pix, colours.Pix) {
			t.Fatal("the matte is another one")
		}
		sketch.Wipe()
	}
}

// What hangs on nobody is dropped: specks always, more where it is known that it has no head.
func TestTidy(t *testing.T) {
	blob := func(a []float32, r image.Rectangle) {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				a[y*100+x] = .8
			}
		}
	}
	person, second := image.Rect(30, 30, 70, 100), image.Rect(2, 20, 27, 100) // 2800 and 2000 cells
	speck, lamp := image.Rect(90, 2, 95, 7), image.Rect(75, 20, 95, 50)       // 25 and 600
	for name, test := range map[string]struct {
		heads []image.Rectangle // of a picture of 1000 x 500
		kept  []image.Rectangle
		gone  []image.Rectangle
	}{
		"nobody knows where heads are": {nil, []image.Rectangle{person, second, lamp}, []image.Rectangle{speck}},
		"one head is known":            {[]image.Rectangle{image.Rect(450, 160, 550, 250)}, []image.Rectangle{person, second}, []image.Rectangle{speck, lamp}},
		"a head of the smallest":       {[]image.Rectangle{image.Rect(920, 15, 930, 25)}, []image.Rectangle{person, second, speck}, []image.Rectangle{lamp}},
		"a head where nothing is":      {[]image.Rectangle{image.Rect(0, 0, 15, 15)}, []image.Rectangle{person, second, lamp}, []image.Rectangle{speck}},
		"a head outside":               {[]image.Rectangle{image.Rect(-90, -90, -10, -10)}, []image.Rectangle{person, second, lamp}, []image.Rectangle{speck}},
	} {
		v := newView(100, 100)
		v.part = image.Rect(0, 0, 1000, 500)
		for _, r := range []image.Rectangle{person, second, speck, lamp} {
			blob(v.alpha, r)
		}
		for x := range 100 { // a haze that joins them all, and one that hangs on nothing
			v.alpha[45*100+x] = max(v.alpha[45*100+x], .1)
			v.alpha[10*100+x/5] = .2
		}
		v.tidy(test.heads)
		if a, b := v.alpha[45*100+29], v.alpha[10*100+3]; a == 0 || b != 0 {
			t.Errorf("%s: beside a person there is %g of haze, and alone %g", name, a, b)
		}
		for _, r := range test.kept {
			if v.alpha[r.Min.Y*100+r.Min.X] == 0 {
				t.Errorf("%s: %v is dropped", name, r)
			}
		}
		for _, r := range test.gone {
			if v.alpha[r.Min.Y*100+r.Min.X] != 0 {
				t.Errorf("%s: %v is kept", name, r)
			}
		}
	}
}

func TestPart(t *testing.T) {
	bounds := image.Rect(0, 0, 3000, 2000)
	head := func(x, y, high int) image.Rectangle { return image.Rect(x-high*2/5, y-high/2, x+high*2/5, y+high/2) }
	for name, test := range map[string]struct {
		bounds image.Rectangle
		heads  []image.Rectangle
		want   image.Rectangle
	}{
		"no head":                     {bounds, nil, bounds},
		"a head outside":              {bounds, []image.Rectangle{head(-900, 100, 200)}, bounds},
		"a large head":                {bounds, []image.Rectangle{head(1500, 900, 700)}, bounds},
		"a small one":                 {bounds, []image.Rectangle{head(1500, 900, 200)}, image.Rect(1200, 630, 1801, 1231)},
		"at the edge":                 {bounds, []image.Rectangle{head(100, 100, 200)}, image.Rect(0, 0, 401, 431)},
		"two of a size":               {bounds, []image.Rectangle{head(1000, 900, 200), head(1600, 900, 180)}, image.Rect(700, 630, 1871, 1231)},
		"one far behind":              {bounds, []image.Rectangle{head(1500, 900, 200), head(2600, 900, 60)}, image.Rect(1200, 630, 1801, 1231)},
		"a large head, a long strip":  {image.Rect(0, 0, 4000, 1000), []image.Rectangle{head(2000, 500, 400)}, image.Rect(1400, 0, 2601, 1000)},
		"nearly all, so all":          {image.Rect(0, 0, 600, 600), []image.Rectangle{head(300, 300, 160)}, image.Rect(60, 84, 541, 565)},
		"larger than the picture":     {bounds, []image.Rectangle{image.Rect(-100, -100, 5000, 5000)}, bounds},
		"one pixel":                   {image.Rect(0, 0, 1, 1), []image.Rectangle{image.Rect(0, 0, 1, 1)}, image.Rect(0, 0, 1, 1)},
		"a head without any height":   {bounds, []image.Rectangle{image.Rect(50, 50, 90, 50)}, bounds},
		"a picture that is all thin ": {image.Rect(0, 0, 1, 900), []image.Rectangle{image.Rect(0, 100, 1, 110)}, image.Rect(0, 91, 1, 122)},
	} {
		if got := Part(test.bounds, test.heads); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}
