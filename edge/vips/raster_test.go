package vips

import (
	"bytes"
	"errors"
	"image"
	"math"
	"math/rand/v2"
	"testing"
)

func noiseRaster(width, height int) Raster {
	random := rand.New(rand.NewPCG(1, 2))
	r := Raster{make([]byte, 3*width*height), width, height, 3}
	for i := range r.Pix {
		r.Pix[i] = byte(random.IntN(256))
	}
	return r
}

// averaged is Average said as simply as it can be: each output is the integral of the source under it.
func averaged(r Raster, part image.Rectangle, width, height, x, y, c int) float64 {
	cover := func(i int, low, high float64) float64 {
		return max(0, min(float64(i+1), high)-max(float64(i), low))
	}
	var sum, weight float64
	stepX, stepY := float64(part.Dx())/float64(width), float64(part.Dy())/float64(height)
	for v := range part.Dy() {
		for u := range part.Dx() {
			w := cover(u, float64(x)*stepX, float64(x+1)*stepX) * cover(v, float64(y)*stepY, float64(y+1)*stepY)
			sum += w * float64(r.Pix[3*((part.Min.Y+v)*r.Width+part.Min.X+u)+c])
			weight += w
		}
	}
	return sum / weight
}

func TestAverageIsTheMeanUnderEachPixel(t *testing.T) {
	r := noiseRaster(61, 47)
	for _, part := range []image.Rectangle{image.Rect(0, 0, 61, 47), image.Rect(7, 3, 58, 46), image.Rect(60, 46, 61, 47)} {
		for _, size := range [][2]int{{5, 7}, {part.Dx(), part.Dy()}, {13, 1}, {1, 1}} {
			w, h := min(size[0], part.Dx()), min(size[1], part.Dy())
			small := Raster{make([]byte, 3*w*h), w, h, 3}
			if err := r.Average(part, small); err != nil {
				t.Fatal(err)
			}
			for c := range 3 {
				for y := range h {
					for x := range w {
						want := averaged(r, part, w, h, x, y, c)
						if got := small.Pix[3*(y*w+x)+c]; math.Abs(float64(got)-want) > 0.501 {
							t.Fatalf("%v to %d x %d: channel %d at %d,%d is %d, want %g", part, w, h, c, x, y, got, want)
						}
					}
				}
			}
		}
	}
}

// Enlarging keeps a slope a slope, and repeats the ends beyond the outermost centres.
func TestAverageBlendsWhereItEnlarges(t *testing.T) {
	r := Raster{make([]byte, 3*4*1), 4, 1, 3}
	for x := range 4 {
		for c := range 3 {
			r.Pix[3*x+c] = byte(40 * x)
		}
	}
	large := Raster{make([]byte, 3*16*3), 16, 3, 3}
	if err := r.Average(image.Rect(0, 0, 4, 1), large); err != nil {
		t.Fatal(err)
	}
	for i, got := range large.Pix {
		x := float64(i / 3 % 16)
		if want := 40 * min(max((x+0.5)/4-0.5, 0), 3); math.Abs(float64(got)-want) > 0.501 {
			t.Errorf("at %g is %d, want %g", x, got, want)
		}
	}
}

// What is averaged into a part of a picture is what is averaged into one of its own, and nothing around it is touched.
func TestAverageIntoAPart(t *testing.T) {
	r := noiseRaster(97, 61)
	part, into := image.Rect(5, 3, 90, 60), image.Rect(4, 7, 24, 19)
	alone, within := Raster{make([]byte, 3*20*12), 20, 12, 3}, Raster{bytes.Repeat([]byte{77}, 3*30*25), 30, 25, 3}
	if err := r.Average(part, alone); err != nil {
		t.Fatal(err)
	}
	if err := r.AverageInto(part, within, into); err != nil {
		t.Fatal(err)
	}
	for y := range 25 {
		for x := range 30 {
			got, want := [3]byte(within.Pix[3*(y*30+x):]), [3]byte{77, 77, 77}
			if image.Pt(x, y).In(into) {
				want = [3]byte(alone.Pix[3*((y-into.Min.Y)*20+x-into.Min.X):])
			}
			if got != want {
				t.Fatalf("at %d,%d is %v, want %v", x, y, got, want)
			}
		}
	}
	for _, bad := range []image.Rectangle{{}, image.Rect(-1, 0, 5, 5), image.Rect(0, 0, 31, 5), image.Rect(0, 20, 5, 26)} {
		if err := r.AverageInto(part, within, bad); err == nil {
			t.Errorf("%v of 30 x 25 is written", bad)
		}
	}
}

func TestWarpReadsBetween(t *testing.T) {
	const w, h, ow, oh = 23, 17, 31, 29
	r := noiseRaster(w, h)
	random := rand.New(rand.NewPCG(5, 6))
	for range 40 {
		m := [6]float64{random.NormFloat64(), random.NormFloat64(), random.NormFloat64() * 9, random.NormFloat64(), random.NormFloat64(), random.NormFloat64() * 9}
		out := Raster{make([]byte, 3*ow*oh), ow, oh, 3}
		if err := r.Warp(m, out); err != nil {
			t.Fatal(err)
		}
		for c := range 3 {
			for y := range oh {
				for x := range ow {
					px, py := float64(x)+0.5, float64(y)+0.5
					at := [2]float64{m[0]*px + m[1]*py + m[2] - 0.5, m[3]*px + m[4]*py + m[5] - 0.5}
					at[0], at[1] = min(max(at[0], 0), w-1), min(max(at[1], 0), h-1)
					ix, iy := int(at[0]), int(at[1])
					fx, fy := at[0]-float64(ix), at[1]-float64(iy)
					value := func(x, y int) float64 { return float64(r.Pix[3*(min(y, h-1)*w+min(x, w-1))+c]) }
					want := (value(ix, iy)*(1-fx)+value(ix+1, iy)*fx)*(1-fy) + (value(ix, iy+1)*(1-fx)+value(ix+1, iy+1)*fx)*fy
					if got := out.Pix[3*(y*ow+x)+c]; math.Abs(float64(got)-want) > 0.501 {
						t.Fatalf("%v: channel %d at %d,%d is %d, want %g", m, c, x, y, got, want)
					}
				}
			}
		}
	}
	one, out := [6]float64{1, 0, 0, 0, 1, 0}, noiseRaster(ow, oh)
	for name, err := range map[string]error{
		"too few bytes": Raster{r.Pix[1:], w, h, 3}.Warp(one, out),
		"no columns":    Raster{nil, 0, h, 3}.Warp(one, out),
		"out too small": r.Warp(one, Raster{out.Pix[3:], ow, oh, 3}),
		"four bands":    r.Warp(one, Raster{make([]byte, 64), 4, 4, 4}),
		"not a number":  r.Warp([6]float64{math.NaN(), 0, 0, 0, 1, 0}, out),
		"far away":      r.Warp([6]float64{1, 0, math.Inf(1), 0, 1, 0}, out),
	} {
		if err == nil {
			t.Errorf("%s: warped", name)
		}
	}
}

func TestAverageRefusesWhatDoesNotFit(t *testing.T) {
	r, all := noiseRaster(8, 8), image.Rect(0, 0, 8, 8)
	to := func(bytes, width, height, bands int) Raster { return Raster{make([]byte, bytes), width, height, bands} }
	for name, err := range map[string]error{
		"a part beyond the edge": r.Average(image.Rect(0, 0, 9, 8), to(12, 2, 2, 3)),
		"an empty part":          r.Average(image.Rect(3, 3, 3, 8), to(12, 2, 2, 3)),
		"too few bytes":          r.Average(all, to(11, 2, 2, 3)),
		"no size":                r.Average(all, to(0, 0, 2, 3)),
		"too few of its own":     Raster{r.Pix[:99], 8, 8, 3}.Average(all, to(12, 2, 2, 3)),
		"four bands of its own":  to(256, 8, 8, 4).Average(all, to(12, 2, 2, 3)),
		"four bands":             r.Average(all, to(16, 2, 2, 4)),
	} {
		if err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

// What is written to a Raster is in the image, and alpha comes out as it went in.
func TestRasterIsTheImage(t *testing.T) {
	source := noiseRaster(33, 21)
	img, err := FromPixels(source.Pix, 33, 21, 3)
	if err != nil {
		t.Fatal(err)
	}
	defer img.Close()
	r, err := img.Raster()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Check(); err != nil || string(r.Pix) != string(source.Pix) {
		t.Fatalf("the raster is not the picture: %v", err)
	}
	r.Pix[3*(5*33+4)] ^= 0xff
	if again, err := img.Raster(); err != nil || &again.Pix[0] != &r.Pix[0] {
		t.Errorf("asked again it is a copy: %v", err)
	}
	grey := func(width, height int) (*Image, []byte) {
		img, err := NewGrey(width, height)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(img.Close)
		r, err := img.Raster()
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Pix) != width*height || bytes.ContainsFunc(r.Pix, func(r rune) bool { return r != 0 }) {
			t.Fatalf("%d bytes for %d x %d, or not black", len(r.Pix), width, height)
		}
		return img, r.Pix
	}
	for _, size := range [][2]int{{32, 21}, {33, 20}} {
		if other, _ := grey(size[0], size[1]); img.AddAlpha(other) == nil {
			t.Errorf("an alpha of %v is taken", size)
		}
	}
	if err := img.AddAlpha(img); err == nil {
		t.Error("an alpha of three bands is taken")
	}
	alpha, values := grey(33, 21)
	for i := range values {
		values[i] = byte(i)
	}
	if err := img.AddAlpha(alpha); err != nil {
		t.Fatal(err)
	}
	if !img.HasAlpha() || img.Bands() != 4 {
		t.Errorf("the picture has %d bands, alpha %t", img.Bands(), img.HasAlpha())
	}
	if err := img.AddAlpha(alpha); err == nil {
		t.Error("a second alpha is taken")
	}
	alpha.Close()
	if err := img.AddAlpha(alpha); !errors.Is(err, ErrClosed) {
		t.Errorf("an alpha that is closed: %v", err)
	}
	pix, _, _, err := img.Pixels()
	if err != nil {
		t.Fatal(err)
	}
	for i := range 33 * 21 {
		want := [4]byte{source.Pix[3*i], source.Pix[3*i+1], source.Pix[3*i+2], byte(i)}
		if i == 5*33+4 {
			want[0] ^= 0xff
		}
		if got := [4]byte(pix[4*i:]); got != want {
			t.Fatalf("pixel %d is %v, want %v", i, got, want)
		}
	}
	if _, err := NewGrey(0, 5); err == nil {
		t.Error("a picture without columns is made")
	}
}

func BenchmarkAverage(b *testing.B) {
	r := noiseRaster(3000, 4000)
	small := Raster{make([]byte, 3*512*512), 512, 512, 3}
	for b.Loop() {
		if err := r.Average(image.Rect(0, 0, 3000, 4000), small); err != nil {
			b.Fatal(err)
		}
	}
}
