package main

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/color/palette"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/professionalaistudio/studio/edge/portrait/compliance"
)

// What strangers send for a portrait: each kind has a problem of its own and something to do about it, or a photo is made of it, and the
// node lives. Nothing is guessed: where nobody is, or two are, there is no photo.
func TestPortraitsOfAllKinds(t *testing.T) {
	n := start(t)
	portrait := func(number string) image.Image {
		data, err := os.ReadFile("testdata/portrait-" + number + ".jpg")
		if err != nil {
			t.Fatal(err)
		}
		img, err := jpeg.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		return img
	}
	one, other := portrait("1"), portrait("2")
	plain := sample(t)
	inks, err := os.ReadFile("testdata/portrait-cmyk.jpg")
	if err != nil {
		t.Fatal(err)
	}
	deep := image.NewNRGBA64(one.Bounds())
	draw.Draw(deep, deep.Bounds(), one, one.Bounds().Min, draw.Src)
	few := image.NewPaletted(one.Bounds(), palette.Plan9)
	draw.FloydSteinberg.Draw(few, few.Bounds(), one, one.Bounds().Min)
	var moving bytes.Buffer
	if err := gif.EncodeAll(&moving, &gif.GIF{Image: []*image.Paletted{few, few, few}, Delay: []int{5, 5, 5}}); err != nil {
		t.Fatal(err)
	}
	two := image.NewRGBA(image.Rect(0, 0, 720, 360))
	draw.Draw(two, image.Rect(0, 0, 360, 360), one, one.Bounds().Min, draw.Src)
	draw.Draw(two, image.Rect(360, 0, 720, 360), other, other.Bounds().Min, draw.Src)
	tiny := image.NewRGBA(image.Rect(0, 0, 1, 1))

	for name, test := range map[string]struct {
		body   []byte
		kind   string
		word   string // empty: a photo is made
		status int
		says   string // a part of the detail
	}{
		"a portrait":               {plain, "image/jpeg", "", 200, ""},
		"nobody there":             {pngOf(t, hills()), "image/png", "no-face", 422, "no face"},
		"two people":               {jpegOf(t, two), "image/jpeg", "two-faces", 422, "more than one"},
		"the back of a head":       {pngOf(t, fromBehind()), "image/png", "no-face", 422, "no face"},
		"an animal":                {pngOf(t, cat()), "image/png", "no-face", 422, "no face"},
		"a drawing":                {pngOf(t, cartoon()), "image/png", "no-face", 422, "drawn"},
		"1 × 1":                    {pngOf(t, tiny), "image/png", "no-face", 422, ""},
		"a line":                   {jpegOf(t, image.NewGray(image.Rect(0, 0, 6000, 1))), "image/jpeg", "no-face", 422, ""},
		"a column":                 {jpegOf(t, image.NewGray(image.Rect(0, 0, 3, 6000))), "image/jpeg", "no-face", 422, ""},
		"100 megapixels":           {bomb(10_000, 10_000), "image/png", "too-large", 413, "50000000"},
		"cut short":                {plain[:len(plain)/2], "image/jpeg", "broken-image", 422, ""},
		"cut short in the header":  {plain[:200], "image/jpeg", "broken-image", 422, ""},
		"four inks":                {inks, "image/jpeg", "", 200, ""},
		"16 bits a sample":         {pngOf(t, deep), "image/png", "", 200, ""},
		"a palette":                {pngOf(t, few), "image/png", "", 200, ""},
		"HEIC from a phone":        {append([]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), make([]byte, 4000)...), "image/heic", "not-an-image", 415, "HEIC"},
		"lying, and EXIF says so":  {lying(t, one), "image/jpeg", "", 200, ""},
		"a picture that moves":     {moving.Bytes(), "image/gif", "", 200, ""},
		"said to be text":          {plain, "text/plain", "", 200, ""}, // what it is, its bytes say
		"said to be a picture":     {[]byte("<html>no picture</html>"), "image/jpeg", "not-an-image", 415, ""},
		"nothing":                  {nil, "image/jpeg", "malformed", 400, ""},
		"a picture that is no RGB": {pngOf(t, image.NewGray(image.Rect(0, 0, 400, 400))), "image/png", "no-face", 422, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, route := range []string{"/v1/photos", "/v1/checks"} {
				a := ask(t, http.MethodPost, n.public+route+"?document=jp-passport", bytes.NewReader(test.body),
					"Authorization", "Bearer "+testKey.Secret, "Content-Type", test.kind, "Accept", "application/json")
				if test.word == "" {
					p := readPhoto(t, a.ok(t).body)
					if f := p.finding(t, "pose.yaw"); f.Verdict == compliance.NotAssessed {
						t.Errorf("%s: the face was not found: %s", route, f.Advice)
					}
					if f := p.finding(t, "head.size"); f.Value == nil || math.Abs(*f.Value-33) > 3.5 {
						t.Errorf("%s: the head is %v: %s", route, f.Value, f.Advice)
					}
					continue
				}
				p := a.expect(t, test.word, test.status)
				if !strings.Contains(p.Detail, test.says) || p.Advice == "" {
					t.Errorf("%s: it says %q and advises %q, want %q", route, p.Detail, p.Advice, test.says)
				}
			}
		})
	}
}

func jpegOf(t *testing.T, img image.Image) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, img, &jpeg.Options{Quality: 92}); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func pngOf(t *testing.T, img image.Image) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := png.Encode(&buf, img); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// lying is a picture stored on its side, with a note to turn it right (orientation 6).
func lying(t *testing.T, img image.Image) []byte {
	t.Helper()
	b := img.Bounds()
	turned := image.NewRGBA(image.Rect(0, 0, b.Dy(), b.Dx()))
	for y := range b.Dy() {
		for x := range b.Dx() {
			turned.Set(y, b.Dx()-1-x, img.At(b.Min.X+x, b.Min.Y+y))
		}
	}
	stored := jpegOf(t, turned)
	exif := []byte("Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00")
	app1 := append(binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(exif)+2)), exif...)
	return append(append(bytes.Clone(stored[:2]), app1...), stored[2:]...)
}

// A canvas to draw with, with the grain of a camera in the end.
type canvas struct{ *image.RGBA }

func newCanvas(width, height int, ground color.RGBA) canvas {
	c := canvas{image.NewRGBA(image.Rect(0, 0, width, height))}
	draw.Draw(c, c.Bounds(), image.NewUniform(ground), image.Point{}, draw.Src)
	return c
}

func (c canvas) ellipse(x, y, rx, ry float64, col color.RGBA) {
	for py := int(y - ry); py <= int(y+ry); py++ {
		for px := int(x - rx); px <= int(x+rx); px++ {
			if u, v := (float64(px)-x)/rx, (float64(py)-y)/ry; u*u+v*v <= 1 {
				c.Set(px, py, col)
			}
		}
	}
}

func (c canvas) grain(strength float64) canvas {
	random := rand.New(rand.NewPCG(1, 2))
	for i := range c.Pix {
		if i%4 < 3 {
			c.Pix[i] = uint8(min(max(float64(c.Pix[i])+random.NormFloat64()*strength, 0), 255))
		}
	}
	return c
}

func hills() canvas {
	c := newCanvas(480, 600, color.RGBA{140, 180, 230, 255})
	for i := range 5 {
		c.ellipse(float64(100*i), 520, 160, float64(140+30*(i%3)), color.RGBA{60, uint8(110 + 20*i), 60, 255})
	}
	return c.grain(6)
}

func fromBehind() canvas {
	c := newCanvas(480, 600, color.RGBA{225, 225, 220, 255})
	c.ellipse(240, 640, 230, 200, color.RGBA{60, 70, 90, 255})
	c.ellipse(240, 430, 50, 90, color.RGBA{220, 175, 140, 255})
	c.ellipse(240, 260, 140, 170, color.RGBA{45, 35, 28, 255})
	random := rand.New(rand.NewPCG(3, 4))
	for range 4000 {
		a, r := random.Float64()*2*math.Pi, math.Sqrt(random.Float64())
		x, y, v := 240+135*r*math.Cos(a), 260+165*r*math.Sin(a), uint8(20+random.IntN(50))
		for k := range 14 {
			c.Set(int(x), int(y)+k, color.RGBA{v + 14, v + 6, v, 255})
		}
	}
	return c.grain(5)
}

func cat() canvas {
	c := newCanvas(480, 600, color.RGBA{120, 170, 120, 255})
	fur := color.RGBA{190, 140, 90, 255}
	for i := range 120 { // ears
		for _, side := range []float64{-1, 1} {
			c.ellipse(240+side*(145-float64(i)*.45), 95+float64(i), float64(i)/3+2, 2, fur)
		}
	}
	c.ellipse(240, 320, 150, 140, fur)
	for _, side := range []float64{-1, 1} {
		c.ellipse(240+side*65, 290, 34, 28, color.RGBA{200, 200, 60, 255})
		c.ellipse(240+side*65, 290, 8, 26, color.RGBA{0, 0, 0, 255})
		c.ellipse(240+side*25, 395, 25, 14, color.RGBA{90, 60, 50, 255})
	}
	c.ellipse(240, 352, 20, 13, color.RGBA{210, 110, 110, 255})
	return c.grain(10)
}

func cartoon() canvas {
	c := newCanvas(480, 600, color.RGBA{235, 235, 235, 255})
	hair, skin := color.RGBA{80, 50, 30, 255}, color.RGBA{240, 190, 150, 255}
	c.ellipse(240, 600, 210, 160, color.RGBA{60, 80, 160, 255})
	c.ellipse(240, 430, 45, 70, color.RGBA{230, 180, 140, 255})
	c.ellipse(240, 230, 142, 150, hair)
	c.ellipse(240, 285, 125, 160, skin)
	for _, x := range []float64{185, 295} {
		c.ellipse(x, 232, 36, 6, hair)
		c.ellipse(x, 270, 28, 16, color.RGBA{255, 255, 255, 255})
		c.ellipse(x, 270, 11, 11, color.RGBA{30, 60, 90, 255})
	}
	c.ellipse(240, 328, 16, 7, color.RGBA{210, 150, 110, 255})
	c.ellipse(240, 378, 46, 11, color.RGBA{200, 80, 80, 255})
	return c
}
