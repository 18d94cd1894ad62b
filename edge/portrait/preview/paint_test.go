package preview

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/professionalaistudio/studio/edge/portrait/compliance"
)

// A pixel of the page where a point of the picture lies.
func at(img image.Image, page *page, unit, x, y float64) color.RGBA {
	k := float64(img.Bounds().Dx()) / math.Ceil(page.width)
	px, py := (page.picture.x0+x*unit)*k, (page.picture.y0+y*unit)*k
	r, g, b, _ := img.At(int(px), int(py)).RGBA()
	return color.RGBA{byte(r >> 8), byte(g >> 8), byte(b >> 8), 255}
}

// A line is where its finding says, in both renderings, also on a picture that is a fraction of what the finding speaks of.
func TestPlacesAreWhereTheyBelong(t *testing.T) {
	for _, scale := range []float64{0, 4} {
		p := grey(200, 300, 128)
		p.Scale = scale
		s := max(scale, 1)
		findings := []compliance.Finding{one("head.size", compliance.Fail, [2]float64{140 * s, 60 * s}, [2]float64{140 * s, 240 * s})}
		page := pageOf(t, p, findings, Options{})
		img := painting(t, p, findings, Options{})
		unit := 1000.0 / 300
		fail := looks[compliance.Fail].ink
		if got := at(img, page, unit, 140, 150); int(got.R)-int(fail.r) > 8 || int(got.G)-int(fail.g) > 8 {
			t.Errorf("scale %g: in the middle of the line the colour is %v", scale, got)
		}
		for _, off := range [][2]float64{{130, 150}, {150, 150}, {140, 250}, {140, 50}} {
			if got := at(img, page, unit, off[0], off[1]); got != (color.RGBA{128, 128, 128, 255}) {
				t.Errorf("scale %g: at %v the picture is %v", scale, off, got)
			}
		}
		svg, err := SVG(p, findings, Options{})
		if err != nil {
			t.Fatal(err)
		}
		want := `d="M` + num(page.picture.x0+140*unit) + " " + num(page.picture.y0+60*unit) + "L" + num(page.picture.x0+140*unit) + " " + num(page.picture.y0+240*unit) + `"`
		if !bytes.Contains(svg, []byte(want)) {
			t.Errorf("scale %g: the SVG has no line %s", scale, want)
		}
	}
}

// The picture is as large as it may be, and the page holds it.
func TestSizes(t *testing.T) {
	findings := []compliance.Finding{one("head.size", compliance.Fail, [2]float64{5, 3}, [2]float64{5, 9})}
	for _, test := range []struct{ w, h, most, side int }{
		{200, 200, 0, 640}, {1, 1, 0, 640}, {1, 3000, 0, 1600}, {3000, 1, 0, 1600}, {413, 531, 0, 640}, {1200, 1500, 0, 1500}, {3000, 4000, 0, 1600},
		{600, 800, 400, 400}, {600, 800, 10, 320},
		{600, 800, 1 << 40, 800},
	} {
		p := grey(test.w, test.h, 128)
		o := Options{MaxSide: test.most}
		page := pageOf(t, p, findings, o)
		img := painting(t, p, findings, o)
		side := float64(img.Bounds().Dx()) / page.width * long
		if math.Abs(side-float64(test.side)) > 0.01*float64(test.side) {
			t.Errorf("%d × %d is drawn at %.0f, want %d", test.w, test.h, side, test.side)
		}
	}
	if testing.Short() {
		return
	}
	p := grey(6000, 8000, 128)
	for name, f := range map[string]func(Picture, []compliance.Finding, Options) ([]byte, error){"SVG": SVG, "PNG": PNG, "JPEG": JPEG} {
		if data, err := f(p, findings, Options{}); err != nil || len(data) > 1<<20 {
			t.Errorf("%s of 48 megapixels: %d bytes, %v", name, len(data), err)
		}
	}
}

// A list that is long makes the page longer, and then all of it smaller, but never a page of any size.
func TestPageIsBounded(t *testing.T) {
	f := one("x", compliance.Fail, [2]float64{5, 5})
	f.Advice = string(bytes.Repeat([]byte("long advice "), 100))
	findings := slices.Repeat([]compliance.Finding{f}, 120)
	img := painting(t, grey(800, 1600, 128), findings, Options{})
	if n := img.Bounds().Dx() * img.Bounds().Dy(); n > mostPainted*11/10 {
		t.Errorf("%v is %d pixels, at most %d", img.Bounds(), n, mostPainted)
	}
}

func TestRefused(t *testing.T) {
	p, findings := sample(t)
	exif := append([]byte{0xff, 0xd8, 0xff, 0xe1, 0, 12, 'E', 'x', 'i', 'f', 0, 0, 0, 0, 0, 0}, p.Data[2:]...)
	broken := grey(10, 10, 0)
	broken.Pix = broken.Pix[1:]
	both := grey(p.Width, p.Height, 0)
	both.Data = p.Data
	scale := func(v float64) Picture {
		p := grey(10, 10, 0)
		p.Scale = v
		return p
	}
	for name, p := range map[string]Picture{
		"nothing":          {},
		"neither picture":  {On: "both", Pix: make([]byte, 3), Width: 1, Height: 1},
		"too few bytes":    broken,
		"pixels and file":  both,
		"another size":     {On: p.On, Data: p.Data, Width: p.Width + 1, Height: p.Height},
		"turned":           {On: p.On, Data: p.Data, Width: p.Height, Height: p.Width + 7},
		"half a file":      {On: p.On, Data: p.Data[:len(p.Data)/2], Width: p.Width, Height: p.Height},
		"a text":           {On: p.On, Data: []byte("hello"), Width: 1, Height: 1},
		"a camera's notes": {On: p.On, Data: exif, Width: p.Width, Height: p.Height},
		"too large":        {On: p.On, Data: p.Data, Width: 1 << 20, Height: 1 << 20},
		"no pixels":        {On: p.On, Pix: []byte{}, Width: 0, Height: 5},
		"a scale below 0":  scale(-1), "no scale": scale(math.NaN()), "an endless scale": scale(math.Inf(1)), "nearly 0": scale(1e-9),
	} {
		for kind, f := range map[string]func(Picture, []compliance.Finding, Options) ([]byte, error){"SVG": SVG, "PNG": PNG, "JPEG": JPEG} {
			if data, err := f(p, findings, Options{}); !errors.Is(err, ErrPicture) || data != nil {
				t.Errorf("%s of %s: %d bytes, %v", kind, name, len(data), err)
			}
		}
	}
}

// The same arguments give the same bytes, to many at once too, and change nothing of what they were given.
func TestDeterministic(t *testing.T) {
	p, findings := sample(t)
	pix, _, err := p.pixels()
	if err != nil {
		t.Fatal(err)
	}
	p.Pix, p.Data = pix, nil
	before := slices.Clone(pix)
	for name, f := range map[string]func(Picture, []compliance.Finding, Options) ([]byte, error){"SVG": SVG, "PNG": PNG, "JPEG": JPEG} {
		var all [4][]byte
		var wait sync.WaitGroup
		for i := range all {
			wait.Go(func() { all[i], _ = f(p, findings, Options{MaxSide: 320}) })
		}
		wait.Wait()
		for _, other := range all[1:] {
			if len(other) == 0 || !bytes.Equal(other, all[0]) {
				t.Errorf("%s: %d and %d bytes that differ", name, len(all[0]), len(other))
			}
		}
	}
	if !bytes.Equal(before, pix) {
		t.Error("the caller's pixels were changed")
	}
}

// A PNG is what it was made of, whatever filter a row takes.
func TestEncodePNG(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, size := range [][2]int{{1, 1}, {3, 2}, {200, 100}} {
		img := image.NewRGBA(image.Rect(0, 0, size[0], size[1]))
		for i := range img.Pix {
			x, y := i/4%size[0], i/4/size[0]
			img.Pix[i] = byte([]int{x, y, x + y, rng.IntN(256)}[y/3%4])
			if i%4 == 3 {
				img.Pix[i] = 255
			}
		}
		out := &buffer{}
		if err := encodePNG(out, img); err != nil {
			t.Fatal(err)
		}
		got, err := png.Decode(bytes.NewReader(out.data))
		if err != nil {
			t.Fatal(err)
		}
		for y := range size[1] {
			for x := range size[0] {
				if r, g, b, _ := got.At(x, y).RGBA(); (color.RGBA{byte(r >> 8), byte(g >> 8), byte(b >> 8), 255}) != img.RGBAAt(x, y) {
					t.Fatalf("%v: at %d %d there is %v, want %v", size, x, y, got.At(x, y), img.RGBAAt(x, y))
				}
			}
		}
	}
}

// What a buffer outgrows is overwritten.
func TestBufferLeavesNothing(t *testing.T) {
	b := &buffer{make([]byte, 0, 8)}
	b.WriteString("secret")
	old := b.data[:cap(b.data)]
	b.WriteString("and much more than there was room for")
	if !bytes.Equal(old, make([]byte, len(old))) {
		t.Errorf("%q is left behind", old)
	}
	if string(b.data) != "secretand much more than there was room for" {
		t.Errorf("it holds %q", b.data)
	}
}

// Every pixel counts as much as any other, and one shade stays that shade.
func TestScaled(t *testing.T) {
	for _, n := range []struct{ from, to int }{{1, 1}, {1, 7}, {7, 1}, {10, 3}, {1000, 999}, {3, 10}, {640, 640}} {
		total := make([]float64, n.from)
		for _, d := range taps(n.from, n.to) {
			sum := float32(0)
			for k, s := range d.share {
				sum += s
				total[d.from+k] += float64(s)
			}
			if math.Abs(float64(sum)-1) > 1e-5 {
				t.Errorf("%d to %d: shares of %f", n.from, n.to, sum)
			}
		}
		if n.to <= n.from {
			for i, s := range total {
				if math.Abs(s-float64(n.to)/float64(n.from)) > 1e-4 {
					t.Errorf("%d to %d: pixel %d counts for %f", n.from, n.to, i, s)
				}
			}
		}
		img := image.NewRGBA(image.Rect(0, 0, n.to, n.to))
		scaled(img, img.Rect, bytes.Repeat([]byte{201, 7, 90}, n.from*n.from), n.from, n.from)
		if got := img.RGBAAt(n.to/2, n.to/2); got != (color.RGBA{201, 7, 90, 255}) {
			t.Errorf("%d to %d: %v", n.from, n.to, got)
		}
	}
}

// Files of every kind that Go decodes are drawn on, what is transparent before white.
func TestFiles(t *testing.T) {
	red := image.NewNRGBA(image.Rect(0, 0, 20, 10))
	for i := range red.Pix {
		red.Pix[i] = []byte{255, 0, 0, 0}[i%4]
	}
	var data bytes.Buffer
	png.Encode(&data, red)
	pix, own, err := Picture{On: compliance.Output, Data: data.Bytes(), Width: 20, Height: 10}.pixels()
	if err != nil || !own || pix[0] != 255 || pix[1] != 255 {
		t.Errorf("a clear PNG is %v %v, want white", pix[:3], err)
	}
	grey := image.NewGray(image.Rect(0, 0, 20, 10))
	for i := range grey.Pix {
		grey.Pix[i] = 77
	}
	data.Reset()
	jpeg.Encode(&data, grey, nil)
	pix, _, err = Picture{On: compliance.Output, Data: data.Bytes(), Width: 20, Height: 10}.pixels()
	if err != nil || abs(int(pix[0])-77) > 2 {
		t.Errorf("a grey JPEG is %v %v", pix[:3], err)
	}
}
