package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg"
	_ "image/png"
	"math"
	"strings"
	"testing"

	_ "golang.org/x/image/webp"
)

// The judges of pictures that a running edge made: each states what the rule of an option says, and looks.

func at(img image.Image, x, y int) color.NRGBA {
	return color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
}

// decode reads a picture. x/image/webp hands out the luminance of a WebP, which lies between 16 and 235, as if it were a
// JPEG's, which lies between 0 and 255.
func decode(data []byte) (image.Image, string, error) {
	img, kind, err := image.Decode(bytes.NewReader(data))
	if ycc, ok := img.(*image.YCbCr); ok && kind == "webp" {
		full := image.NewNRGBA(ycc.Bounds())
		stretch := func(v float64) uint8 { return uint8(min(max(v*255/219+.5, 0), 255)) }
		for y := range full.Rect.Dy() {
			for x := range full.Rect.Dx() {
				luma := float64(ycc.Y[ycc.YOffset(x, y)]) - 16
				cb, cr := float64(ycc.Cb[ycc.COffset(x, y)])-128, float64(ycc.Cr[ycc.COffset(x, y)])-128
				cb, cr = cb*219/224, cr*219/224
				full.SetNRGBA(x, y, color.NRGBA{stretch(luma + 1.402*cr), stretch(luma - 0.344136*cb - 0.714136*cr), stretch(luma + 1.772*cb), 255})
			}
		}
		return full, kind, nil
	}
	return img, kind, err
}

func near(a, b color.NRGBA, slack float64) bool {
	for _, d := range []int{int(a.R) - int(b.R), int(a.G) - int(b.G), int(a.B) - int(b.B), int(a.A) - int(b.A)} {
		if math.Abs(float64(d)) > slack {
			return false
		}
	}
	return true
}

type judge = func(*testing.T, answer, image.Image)

func both(first, second judge) judge {
	return func(t *testing.T, a answer, img image.Image) {
		t.Helper()
		first(t, a, img)
		second(t, a, img)
	}
}

func colourAt(x, y int, r, g, b uint8) judge {
	return func(t *testing.T, _ answer, img image.Image) {
		t.Helper()
		if got, want := at(img, x, y), (color.NRGBA{r, g, b, 255}); !near(got, want, 3) {
			t.Errorf("pixel %d, %d is %v, want %v", x, y, got, want)
		}
	}
}

func clearAt(x, y int) judge {
	return func(t *testing.T, _ answer, img image.Image) {
		t.Helper()
		if got := at(img, x, y); got.A != 0 {
			t.Errorf("pixel %d, %d is %v, want it transparent", x, y, got)
		}
	}
}

// holdsPatch finds the one lively place of a flat picture.
func holdsPatch(t *testing.T, _ answer, img image.Image) {
	t.Helper()
	lively := 0
	b := img.Bounds()
	for y := range b.Dy() {
		for x := range b.Dx() {
			if c := at(img, x, y); int(c.R)-int(c.B) > 60 {
				lively++
			}
		}
	}
	all := 900 * b.Dy() * b.Dy() / (100 * 100) // 30 × 30 pixels of a source 100 high
	if lively < all*8/10 {
		t.Errorf("the cut holds %d of the %d pixels that catch the eye", lively, all)
	}
}

// blurred compares an edge in the middle of 64 pixels with what a Gaussian makes of it, cut off where it falls below a
// fifth of its height, as libvips has it.
func blurred(sigma float64) judge {
	bell := func(k int) float64 {
		if v := math.Exp(-float64(k*k) / (2 * sigma * sigma)); v >= .2 {
			return v
		}
		return 0
	}
	return func(t *testing.T, _ answer, img image.Image) {
		t.Helper()
		reach := int(3 * sigma)
		for x := 32 - reach; x < 32+reach; x++ {
			var light, all float64
			for k := -reach; k <= reach; k++ {
				if all += bell(k); x+k >= 32 {
					light += bell(k)
				}
			}
			want := 255 * light / all
			if got := at(img, x, 16).R; math.Abs(float64(got)-want) > 4 {
				t.Errorf("%d pixels from the edge it is %d, want about %.0f", x-32, got, want)
			}
		}
	}
}

func sharpened(t *testing.T, _ answer, img image.Image) {
	t.Helper()
	if dark, light := at(img, 31, 16).R, at(img, 32, 16).R; dark >= 100 || light <= 150 {
		t.Errorf("beside the edge it is %d and %d, want below 100 and above 150", dark, light)
	}
	if left, right := at(img, 5, 16).R, at(img, 58, 16).R; left != 100 || right != 150 {
		t.Errorf("far from the edge it is %d and %d, want 100 and 150 as before", left, right)
	}
}

// luminance is table K.1 of the JPEG standard, in the order of a file.
var luminance = [64]int{
	16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40, 26, 24, 22, 22, 24, 49, 35, 37, 29, 40, 58, 51, 61, 60, 57, 51,
	56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87, 95, 98, 103, 104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99,
}

// jpegQuality compares the first quantisation table with what the Independent JPEG Group's rule makes of a quality.
func jpegQuality(q int) judge {
	return func(t *testing.T, a answer, _ image.Image) {
		t.Helper()
		i := bytes.Index(a.body, []byte{0xff, 0xdb})
		if i < 0 {
			t.Fatal("a JPEG without a quantisation table")
		}
		table := a.body[i+5:]
		scale := 200 - 2*q
		if q < 50 {
			scale = 5000 / q
		}
		for k, base := range luminance {
			if want := min(max((base*scale+50)/100, 1), 255); int(table[k]) != want {
				t.Fatalf("entry %d of the table is %d, want %d at quality %d", k, table[k], want, q)
			}
		}
	}
}

func formatIs(mime, ending string) judge {
	magic := map[string]string{"image/jpeg": "\xff\xd8\xff", "image/png": "\x89PNG", "image/webp": "RIFF", "image/avif": "\x00\x00\x00"}
	return func(t *testing.T, a answer, _ image.Image) {
		t.Helper()
		if got := a.Header.Get("Content-Type"); got != mime {
			t.Errorf("the type is %s, want %s", got, mime)
		}
		if !bytes.HasPrefix(a.body, []byte(magic[mime])) {
			t.Errorf("the file begins with %q, want %q", a.body[:12], magic[mime])
		}
		if got := a.Header.Get("Content-Disposition"); !strings.Contains(got, "."+ending+`"`) {
			t.Errorf("it would be saved as %s, want the ending %s", got, ending)
		}
	}
}

func holdsArtist(want bool) judge {
	return func(t *testing.T, a answer, _ image.Image) {
		t.Helper()
		if got := bytes.Contains(a.body, []byte("An-Artist-To-Be-Found")); got != want {
			t.Errorf("the file names the artist: %v, want %v", got, want)
		}
	}
}

func ageAtMost(seconds int) judge {
	return func(t *testing.T, a answer, _ image.Image) {
		t.Helper()
		var age int
		if _, err := fmt.Sscanf(a.Header.Get("Cache-Control"), "max-age=%d, public", &age); err != nil || age > seconds || age < seconds-900 {
			t.Errorf("Cache-Control is %q, want a max-age of up to %d and little below", a.Header.Get("Cache-Control"), seconds)
		}
	}
}

func named(want string) judge {
	return func(t *testing.T, a answer, _ image.Image) {
		t.Helper()
		if got := a.Header.Get("Content-Disposition"); got != want {
			t.Errorf("Content-Disposition is %s, want %s", got, want)
		}
	}
}

// avifSize reads the image spatial extents out of an AVIF (ISO/IEC 23008-12, 6.5.3).
func avifSize(data []byte) (w, h int) {
	i := bytes.Index(data, []byte("ispe"))
	if i < 0 || len(data) < i+16 {
		return 0, 0
	}
	return int(binary.BigEndian.Uint32(data[i+8:])), int(binary.BigEndian.Uint32(data[i+12:]))
}
