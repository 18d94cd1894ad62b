package matte

import (
	"image"
	"math"
	"testing"
)

// A part is refined to what it is in the whole, and nothing beyond it is touched; whether one view shows it or two.
func TestPartIsOfTheWhole(t *testing.T) {
	for name, heads := range map[string][]image.Rectangle{"one view": nil, "two views": {image.Rect(420, 200, 500, 300)}} {
		t.Run(name, func(t *testing.T) {
			s := draw(960, 640, 460, 250, 110, bricks)
			c, _ := s.cutter(96, heads)
			sketch, err := c.Look(t.Context(), s.picture, heads)
			if err != nil {
				t.Fatal(err)
			}
			defer sketch.Wipe()
			if (sketch.whole != nil) != (heads != nil) {
				t.Fatalf("with heads %v there is a second view: %v", heads, sketch.whole != nil)
			}
			all, whole := make([]byte, 960*640), clone(s.picture)
			if err := sketch.Refine(t.Context(), whole, all, true); err != nil {
				t.Fatal(err)
			}
			for _, only := range []image.Rectangle{image.Rect(300, 100, 700, 500), image.Rect(0, 0, 100, 640), image.Rect(430, 240, 431, 241), image.Rect(0, 0, 960, 640)} {
				alpha, part := make([]byte, only.Dx()*only.Dy()), clone(s.picture)
				if err := sketch.RefinePart(t.Context(), part, only, alpha, true); err != nil {
					t.Fatal(err)
				}
				for y := range 640 {
					for x := range 960 {
						i := y*960 + x
						want := s.picture
						if inside := image.Pt(x, y).In(only); inside {
							want = whole
							if a := alpha[(y-only.Min.Y)*only.Dx()+x-only.Min.X]; a != all[i] {
								t.Fatalf("of %v alpha at %d,%d is %d, of the whole it is %d", only, x, y, a, all[i])
							}
						}
						if [3]byte(part.Pix[3*i:]) != [3]byte(want.Pix[3*i:]) {
							t.Fatalf("of %v the pixel at %d,%d is %v, want %v", only, x, y, part.Pix[3*i:3*i+3], want.Pix[3*i:3*i+3])
						}
					}
				}
			}
			for _, only := range []image.Rectangle{{}, image.Rect(-1, 0, 5, 5), image.Rect(0, 0, 961, 10)} {
				if err := sketch.RefinePart(t.Context(), s.picture, only, make([]byte, only.Dx()*only.Dy()), false); err == nil {
					t.Errorf("%v is taken for a part", only)
				}
			}
		})
	}
}

// At tells the person from the wall at any place of the picture, and nothing beyond it.
func TestAt(t *testing.T) {
	s := draw(480, 640, 240, 250, 240, plain(210, 30, 40))
	c, _ := s.cutter(96, nil)
	sketch, err := c.Look(t.Context(), s.picture, nil)
	if err != nil {
		t.Fatal(err)
	}
	off, n := 0.0, 0.0
	for y := range 640 {
		for x := range 480 {
			off, n = off+math.Abs(sketch.At(float64(x)+.5, float64(y)+.5)-s.alpha[y*480+x]), n+1
		}
	}
	if off/n > .02 {
		t.Errorf("it is off by %.3f in the mean", off/n)
	}
	if w, h := sketch.Cell(); w != 5 || math.Abs(h-640./96) > 1e-9 {
		t.Errorf("a cell is %g × %g pixels", w, h)
	}
	for _, p := range [][2]float64{{-1, 300}, {240, -1}, {480, 300}, {240, 640}, {math.NaN(), 1}, {math.Inf(1), 1}} {
		if a := sketch.At(p[0], p[1]); a != 0 {
			t.Errorf("at %v there is %g", p, a)
		}
	}
	sketch.Wipe()
	if sketch.At(240, 250) != 0 {
		t.Error("a sketch that was wiped still shows somebody")
	}
}

// A sketch that is scaled makes of a larger picture what it would have made, had it seen that.
func TestScale(t *testing.T) {
	for name, heads := range map[string][]image.Rectangle{"one view": nil, "two views": {image.Rect(420, 200, 500, 300)}} {
		small, large := draw(960, 640, 460, 250, 110, plain(90, 160, 70)), draw(1920, 1280, 920, 500, 220, plain(90, 160, 70))
		c, _ := small.cutter(96, heads)
		sketch, err := c.Look(t.Context(), small.picture, heads)
		if err != nil {
			t.Fatal(err)
		}
		before := sketch.At(430.5, 260.5)
		sketch.Scale(1920, 1280)
		if after := sketch.At(861, 521); math.Abs(after-before) > 1e-6 {
			t.Errorf("%s: at the same place there is %.4f, and was %.4f", name, after, before)
		}
		alpha := make([]byte, 1920*1280)
		if err := sketch.Refine(t.Context(), large.picture, alpha, false); err != nil {
			t.Fatal(err)
		}
		off := 0.0
		for i, a := range alpha {
			off += math.Abs(float64(a)/255 - large.alpha[i])
		}
		if off /= float64(len(alpha)); off > .006 {
			t.Errorf("%s: alpha is off by %.4f in the mean", name, off)
		}
		sketch.Wipe()
		sketch.Scale(10, 10)
	}
}
