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
			planes := make([]float32, 3*w*h)
			if err := r.Average(part, planes, w, h, [3]float32{1, 1, 2}, [3]float32{0, 5, 0}); err != nil {
				t.Fatal(err)
			}
			for c := range 3 {
				for y := range h {
					for x := range w {
						want := averaged(r, part, w, h, x, y, c)
						switch c {
						case 1:
							want += 5
						case 2:
							want *= 2
						}
						if got := planes[(c*h+y)*w+x]; math.Abs(float64(got)-want) > 0.01 {
							t.Fatalf("%v to %d x %d: channel %d at %d,%d is %g, want %g", part, w, h, c, x, y, got, want)
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
	planes := make([]float32, 3*16*3)
	if err := r.Average(image.Rect(0, 0, 4, 1), planes, 16, 3, [3]float32{1, 1, 1}, [3]float32{}); err != nil {
		t.Fatal(err)
	}
	for i, got := range planes {
		x := float64(i % 16)
		if want := 40 * min(max((x+0.5)/4-0.5, 0), 3); math.Abs(float64(got)-want) > 1e-3 {
			t.Errorf("at %g is %g, want %g", x, got, want)
		}
	}
}

func TestAverageRefusesWhatDoesNotFit(t *testing.T) {
	r, one := noiseRaster(8, 8), [3]float32{1, 1, 1}
	for name, call := range map[string]func() error{
		"a part beyond the edge": func() error { return r.Average(image.Rect(0, 0, 9, 8), make([]float32, 12), 2, 2, one, one) },
		"an empty part":          func() error { return r.Average(image.Rect(3, 3, 3, 8), make([]float32, 12), 2, 2, one, one) },
		"too few numbers":        func() error { return r.Average(image.Rect(0, 0, 8, 8), make([]float32, 11), 2, 2, one, one) },
		"no size":                func() error { return r.Average(image.Rect(0, 0, 8, 8), nil, 0, 2, one, one) },
		"too few bytes": func() error {
			return Raster{r.Pix[:99], 8, 8, 3}.Average(image.Rect(0, 0, 8, 8), make([]float32, 12), 2, 2, one, one)
		},
		"four bands": func() error {
			return Raster{make([]byte, 256), 8, 8, 4}.Average(image.Rect(0, 0, 8, 8), make([]float32, 12), 2, 2, one, one)
		},
	} {
		if call() == nil {
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
	planes := make([]float32, 3*512*512)
	for b.Loop() {
		if err := r.Average(image.Rect(0, 0, 3000, 4000), planes, 512, 512, [3]float32{1, 1, 1}, [3]float32{}); err != nil {
			b.Fatal(err)
		}
	}
}
