package portrait

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"runtime/debug"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/edge/vips"
	"github.com/professionalaistudio/studio/edge/wire"
)

func removed(t *testing.T, c *Cutter, data []byte, ask Removal) (*Removed, image.Image) {
	t.Helper()
	made, err := c.Remove(t.Context(), data, ask)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(made.Wipe)
	if made.Type == "application/zip" {
		return made, nil
	}
	img, kind, err := image.Decode(bytes.NewReader(made.Data))
	if err != nil {
		t.Fatal(err)
	}
	if img.Bounds().Size() != image.Pt(made.Width, made.Height) || "image/"+kind != made.Type {
		t.Errorf("the file is a %s of %v, and is said to be %s of %d × %d", kind, img.Bounds().Size(), made.Type, made.Width, made.Height)
	}
	return made, img
}

// At the picture's own size it is the very cut-out that /v1/mattes makes.
func TestRemovalIsACutout(t *testing.T) {
	c, photo := cutter(t), somebody(t, 600, 800)
	plain, err := c.Cutout(t.Context(), photo, CutoutRequest{Format: wire.PNG})
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Buf.Close()
	made, _ := removed(t, c, photo, Removal{})
	if !bytes.Equal(made.Data, plain.Buf.Bytes()) {
		t.Error("the file is another than that of a cut-out")
	}
	blue := &wire.RGB{B: 255}
	laid, err := c.Cutout(t.Context(), photo, CutoutRequest{Format: wire.JPEG, Background: blue})
	if err != nil {
		t.Fatal(err)
	}
	defer laid.Buf.Close()
	made, _ = removed(t, c, photo, Removal{Background: &Backdrop{Colour: *blue, Opacity: 255}})
	if made.Type != "image/jpeg" || !bytes.Equal(made.Data, laid.Buf.Bytes()) {
		t.Errorf("on a colour it is %s, and another file than that of a cut-out", made.Type)
	}
	if want := image.Pt(300, 800); made.Foreground.Min.X < 1 && made.Foreground.Min.Y < 1 || !want.In(made.Foreground.Inset(-1)) {
		t.Errorf("the people are said to be at %v", made.Foreground)
	}
}

// What is decoded, looked at and refined has the size of the result: a preview does not cost what a full picture does.
func TestRemovalWorksAtTheScaleOfTheResult(t *testing.T) {
	c, photo := cutter(t), somebody(t, 1200, 1600)
	for _, most := range []int64{250_000, 480_000, 1_000_000, 0} {
		w := work{cutter: c, data: photo, ask: Removal{MaxPixels: most}, clock: &clock{}}
		if err := w.read(); err != nil {
			t.Fatal(err)
		}
		p, err := w.people(t.Context(), fitting(w.size, most))
		if err != nil {
			t.Fatal(err)
		}
		made, _ := removed(t, c, photo, w.ask)
		if got := image.Pt(p.alpha.Width(), p.alpha.Height()); got != image.Pt(made.Width, made.Height) {
			t.Errorf("for a result of %d × %d a picture of %v was refined", made.Width, made.Height, got)
		}
		if most > 0 && int64(made.Width)*int64(made.Height) > most || math.Abs(float64(made.Width)/float64(made.Height)-0.75) > 0.01 {
			t.Errorf("of at most %d pixels the result has %d × %d", most, made.Width, made.Height)
		}
		p.close()
	}
}

// People who are to be enlarged are cut out of more of the picture, so they are as sharp as it is.
func TestRemovalEnlargesFromThePicture(t *testing.T) {
	c, photo := cutter(t), inAField(t, 1600, 1200, 400, 3)
	_, small := removed(t, c, photo, Removal{MaxPixels: 100_000, Scale: 1, Anchor: &Anchor{0.5, 0.5}})
	_, large := removed(t, c, photo, Removal{MaxPixels: 100_000})
	if a, b := detail(small), detail(large); a < 0.4*b {
		t.Errorf("enlarged, people have a detail of %.2f, and %.2f as they are", a, b)
	}
}

// detail is how much neighbours differ where people are.
func detail(img image.Image) float64 {
	sum, n := 0.0, 0.0
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X-1; x++ {
			if alphaAt(img, x, y) == 255 && alphaAt(img, x+1, y) == 255 {
				a, _, _, _ := img.At(x, y).RGBA()
				b, _, _, _ := img.At(x+1, y).RGBA()
				sum += math.Abs(float64(a)-float64(b)) / 256
				n++
			}
		}
	}
	return sum / n
}

// inAField is somebody, high pixels high, in the lower right of an even field, with checks of some pixels all over.
func inAField(t *testing.T, width, height, high, checks int) []byte {
	t.Helper()
	person, _, err := image.Decode(bytes.NewReader(somebody(t, high*3/4, high)))
	if err != nil {
		t.Fatal(err)
	}
	field := image.NewNRGBA(image.Rect(0, 0, width, height))
	at := image.Pt(width*3/4-person.Bounds().Dx()/2, height-high)
	cut, err := cutter(t).Cutout(t.Context(), somebody(t, high*3/4, high), CutoutRequest{})
	if err != nil {
		t.Fatal(err)
	}
	mask := shown(t, cut)
	for y := range height {
		for x := range width {
			c := color.NRGBA{170, 180, 190, 255}
			if p := image.Pt(x, y).Sub(at); p.In(person.Bounds()) {
				r, g, b, _ := person.At(p.X, p.Y).RGBA()
				a := float64(alphaAt(mask, p.X, p.Y)) / 255
				mix := func(v uint32, under uint8) uint8 { return uint8(a*float64(v>>8) + (1-a)*float64(under)) }
				c = color.NRGBA{mix(r, c.R), mix(g, c.G), mix(b, c.B), 255}
				if checks > 0 && a == 1 && p.Y > high*3/4 && (x/checks+y/checks)%2 == 0 { // on the clothes
					c = color.NRGBA{c.R / 2, c.G / 2, c.B / 2, 255}
				}
			}
			field.SetNRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, field); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Trimmed, moved and scaled, people are where they are said to be, and nothing is anywhere else.
func TestRemovalPlaces(t *testing.T) {
	c, photo := cutter(t), inAField(t, 800, 600, 300, 0)
	whole, _ := removed(t, c, photo, Removal{})
	box := whole.Foreground
	if !box.In(image.Rect(480, 300, 720, 600)) || box.Dx() < 150 || box.Dy() < 220 {
		t.Fatalf("the people are said to be at %v", box)
	}
	for name, test := range map[string]struct {
		ask    Removal
		canvas image.Point
		at     image.Point // of the people's corner
	}{
		"trimmed":        {Removal{Crop: true}, box.Size(), image.Pt(0, 0)},
		"with a margin":  {Removal{Crop: true, Margin: Margin{px(7), px(5), px(3), px(11)}}, box.Size().Add(image.Pt(16, 10)), image.Pt(11, 7)},
		"in the corner":  {Removal{Anchor: &Anchor{0, 0}}, image.Pt(800, 600), image.Pt(0, 0)},
		"in the middle":  {Removal{Anchor: &Anchor{0.5, 0.5}}, image.Pt(800, 600), image.Pt((801-box.Dx())/2, (601-box.Dy())/2)},
		"half the size":  {Removal{Scale: float64(box.Dy()) / 1200, Anchor: &Anchor{0, 0}}, image.Pt(800, 600), image.Pt(0, 0)},
		"the matte":      {Removal{Alpha: true, Crop: true, Margin: Margin{px(7), px(5), px(3), px(11)}}, box.Size().Add(image.Pt(16, 10)), image.Pt(11, 7)},
		"the matte half": {Removal{Alpha: true, Scale: float64(box.Dy()) / 1200, Anchor: &Anchor{0, 0}}, image.Pt(800, 600), image.Pt(0, 0)},
	} {
		t.Run(name, func(t *testing.T) {
			made, img := removed(t, c, photo, test.ask)
			if made.Width != test.canvas.X || made.Height != test.canvas.Y {
				t.Fatalf("the result is %d × %d, want %v", made.Width, made.Height, test.canvas)
			}
			if made.Foreground != box {
				t.Errorf("the people are said to be at %v, want %v", made.Foreground, box)
			}
			seen := image.Rectangle{}
			for y := range made.Height {
				for x := range made.Width {
					a := alphaAt(img, x, y)
					if test.ask.Alpha {
						r, _, _, _ := img.At(x, y).RGBA()
						a = int(r >> 8)
					}
					if a >= visible {
						seen = seen.Union(image.Rect(x, y, x+1, y+1))
					}
				}
			}
			want := box.Sub(box.Min)
			if test.ask.Scale > 0 {
				want = image.Rect(0, 0, box.Dx()/2, box.Dy()/2)
			}
			want = want.Add(test.at)
			for i, d := range []int{seen.Min.X - want.Min.X, seen.Min.Y - want.Min.Y, seen.Max.X - want.Max.X, seen.Max.Y - want.Max.Y} {
				if slack := map[bool]int{true: 2, false: 0}[test.ask.Scale > 0]; abs(d) > slack {
					t.Errorf("people are seen at %v, want %v (side %d)", seen, want, i)
				}
			}
		})
	}
}

// Only what is inside the region is looked at.
func TestRemovalInARegion(t *testing.T) {
	c, photo := cutter(t), inAField(t, 800, 600, 300, 0)
	region := &Region{pct(75), px(0), pct(100), pct(100)}
	made, img := removed(t, c, photo, Removal{Region: region})
	if made.Foreground.Min.X < 600 || made.Width != 800 {
		t.Errorf("the people are said to be at %v of %d", made.Foreground, made.Width)
	}
	for y := range 600 {
		if a := alphaAt(img, 599, y); a != 0 {
			t.Fatalf("outside of the region alpha is %d", a)
		}
	}
	if a := alphaAt(img, 610, 590); a != 255 {
		t.Errorf("inside of it alpha is %d", a)
	}
	if _, err := c.Remove(t.Context(), photo, Removal{Region: &Region{px(0), px(0), pct(50), pct(100)}}); !errors.Is(err, ErrNoPerson) {
		t.Errorf("where nobody is, %v", err)
	}
	if _, err := c.Remove(t.Context(), photo, Removal{Region: &Region{px(0), px(0), px(801), px(600)}}); !errors.Is(err, ErrRegionOutside) {
		t.Errorf("beyond the picture, %v", err)
	}
}

func TestRemovalBackgrounds(t *testing.T) {
	c, photo := cutter(t), somebody(t, 600, 800)
	face, corner := image.Pt(300, 330), image.Pt(12, 12)
	at := func(img image.Image, p image.Point) color.NRGBA {
		return color.NRGBAModel.Convert(img.At(p.X, p.Y)).(color.NRGBA)
	}
	_, cut := removed(t, c, photo, Removal{})

	// A colour that may be seen through.
	made, img := removed(t, c, photo, Removal{Background: &Backdrop{Colour: wire.RGB{R: 200, G: 100}, Opacity: 119}})
	if got := at(img, corner); made.Type != "image/png" || got != (color.NRGBA{200, 100, 0, 119}) {
		t.Errorf("behind the person there is %v in a %s", got, made.Type)
	}
	if got, want := at(img, face), at(cut, face); got != want {
		t.Errorf("the face is %v, was %v", got, want)
	}
	// The same in a file that cannot show it lies on white.
	_, img = removed(t, c, photo, Removal{Format: wire.JPEG, Background: &Backdrop{Colour: wire.RGB{R: 200, G: 100}, Opacity: 119}})
	if got := at(img, corner); abs(int(got.R)-229) > 3 || abs(int(got.G)-183) > 3 || abs(int(got.B)-136) > 3 {
		t.Errorf("on white, behind the person there is %v", got)
	}
	_, img = removed(t, c, photo, Removal{Format: wire.JPEG})
	if got := at(img, corner); got != (color.NRGBA{255, 255, 255, 255}) {
		t.Errorf("a JPEG of a cut-out has %v behind the person", got)
	}

	// A picture fills the canvas, its middle in the middle: of one that is wider, left and right are lost.
	wide := image.NewNRGBA(image.Rect(0, 0, 400, 100))
	for i := range 400 * 100 {
		x := i % 400
		c := color.NRGBA{0, 0, 255, 255}
		if x < 160 {
			c = color.NRGBA{255, 0, 0, 255}
		} else if x >= 240 {
			c = color.NRGBA{0, 255, 0, 128}
		}
		wide.SetNRGBA(x, i/400, c)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, wide); err != nil {
		t.Fatal(err)
	}
	made, img = removed(t, c, photo, Removal{Background: &Backdrop{Picture: b.Bytes()}})
	if left, right := at(img, corner), at(img, image.Pt(590, 12)); left != (color.NRGBA{0, 0, 255, 255}) || right != left || made.Type != "image/jpeg" {
		// 75 of its 400 columns are seen, all of them blue
		if abs(int(left.B)-255) > 4 || abs(int(right.B)-255) > 4 || left.R > 4 || right.G > 4 {
			t.Errorf("a wide picture shows %v and %v at the edges of a %s", left, right, made.Type)
		}
	}
	// One that is itself transparent leaves the result so.
	half := image.NewNRGBA(image.Rect(0, 0, 6, 8))
	for i := range half.Pix {
		half.Pix[i] = []byte{10, 20, 30, 100}[i%4]
	}
	b.Reset()
	if err := png.Encode(&b, half); err != nil {
		t.Fatal(err)
	}
	made, img = removed(t, c, photo, Removal{Background: &Backdrop{Picture: b.Bytes()}})
	if got := at(img, corner); made.Type != "image/png" || got != (color.NRGBA{10, 20, 30, 100}) {
		t.Errorf("a transparent picture is %v behind the person, in a %s", got, made.Type)
	}
	// A strip is cut before it is enlarged.
	b.Reset()
	if err := png.Encode(&b, image.NewNRGBA(image.Rect(0, 0, 30_000, 1))); err != nil {
		t.Fatal(err)
	}
	removed(t, c, photo, Removal{Background: &Backdrop{Picture: b.Bytes()}})
}

// The same as Porter and Duff's over in real numbers, for every pair of opacities.
func TestUnder(t *testing.T) {
	for a := range 256 {
		for below := range 256 {
			pixel := []byte{200, 100, 0}
			got := under(pixel, uint8(a), 10, 100, 255, uint8(below))
			top, ground := float64(a)/255, float64(below)/255
			alpha := top + (1-top)*ground
			if math.Abs(float64(got)-255*alpha) > 0.5+1e-9 {
				t.Fatalf("%d on %d has alpha %d, want %.2f", a, below, got, 255*alpha)
			}
			if alpha == 0 {
				continue
			}
			for c, v := range [3][2]float64{{200, 10}, {100, 100}, {0, 255}} {
				if want := (v[0]*top + v[1]*(1-top)*ground) / alpha; math.Abs(float64(pixel[c])-want) > 0.5+1e-9 {
					t.Fatalf("%d on %d is %v, want %.2f in channel %d", a, below, pixel, want, c)
				}
			}
		}
	}
}

// A decoder is asked for the least that is not less than the result.
func TestEnough(t *testing.T) {
	jpeg, webp := vips.Info{Format: vips.JPEG, Width: 4000, Height: 3000}, vips.Info{Format: vips.WebP, Width: 4000, Height: 3000}
	for _, test := range []struct{ width, shrink int }{{4000, 1}, {2001, 1}, {2000, 2}, {1000, 4}, {577, 4}, {500, 8}, {20, 8}} {
		if got := enough(jpeg, test.width, test.width*3/4).Shrink; got != test.shrink {
			t.Errorf("for %d of 4000 columns a JPEG is opened at 1/%d, want 1/%d", test.width, got, test.shrink)
		}
	}
	if got := enough(webp, 1000, 750); got.Scale != 0.25 || got.Shrink != 1 {
		t.Errorf("for 1000 of 4000 columns a WebP is opened as %+v", got)
	}
}

// An archive holds the colours and the alpha, in one piece of memory that is zeroed.
func TestRemovalArchive(t *testing.T) {
	c, photo := cutter(t), somebody(t, 600, 800)
	_, cut := removed(t, c, photo, Removal{})
	for name, under := range map[string]*Backdrop{"nothing": nil, "a colour": {Colour: wire.RGB{G: 255}, Opacity: 255}} {
		made, err := c.Remove(t.Context(), photo, Removal{Zip: true, Alpha: true, Format: wire.JPEG, Background: under})
		if err != nil {
			t.Fatal(err)
		}
		archive, err := zip.NewReader(bytes.NewReader(made.Data), int64(len(made.Data)))
		if err != nil {
			t.Fatal(err)
		}
		pictures := map[string]image.Image{}
		for _, f := range archive.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			data, err := io.ReadAll(r)
			if err != nil || f.CRC32 != crc32.ChecksumIEEE(data) || f.Method != zip.Store {
				t.Fatalf("%s: %v, the sum is %08x, want %08x", f.Name, err, f.CRC32, crc32.ChecksumIEEE(data))
			}
			if pictures[f.Name], _, err = image.Decode(bytes.NewReader(data)); err != nil {
				t.Fatal(err)
			}
		}
		alpha, ok := pictures["alpha.png"].(*image.Gray)
		if !ok || len(pictures) != 2 || pictures["color.jpg"] == nil {
			t.Fatalf("on %s the archive holds %v, and the alpha is a %T", name, pictures, pictures["alpha.png"])
		}
		for _, p := range []image.Point{{X: 12, Y: 12}, {X: 300, Y: 330}, {X: 300, Y: 790}} {
			want := alphaAt(cut, p.X, p.Y)
			if under != nil {
				want = 255
			}
			if got := alpha.GrayAt(p.X, p.Y).Y; int(got) != want {
				t.Errorf("on %s alpha is %d at %v, want %d", name, got, p, want)
			}
		}
		data := made.Data
		made.Wipe()
		made.Wipe()
		if len(bytes.Trim(data, "\x00")) > 0 || made.Data != nil {
			t.Error("the archive is still in memory")
		}
	}
}

// Whether a file is made or refused, none of libvips' memory is kept, though nobody collects it.
func TestRemovalGivesItsMemoryBack(t *testing.T) {
	c, photo := cutter(t), somebody(t, 600, 800)
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	before := vips.MemoryStats().Buffers
	for name, test := range map[string]struct {
		ask  Removal
		fine bool
	}{
		"as it is":          {Removal{}, true},
		"on a picture":      {Removal{Scale: 0.5, Background: &Backdrop{Picture: photo}}, true},
		"enlarged":          {Removal{MaxPixels: 100_000, Region: &Region{pct(20), pct(20), pct(80), pct(60)}, Scale: 1, Crop: true}, true},
		"the matte":         {Removal{Alpha: true, Scale: 0.5}, true},
		"an archive":        {Removal{Zip: true, Crop: true, Margin: Margin{Top: px(5)}}, true},
		"half a background": {Removal{Background: &Backdrop{Picture: photo[:len(photo)/2]}}, false},
		"nobody":            {Removal{Region: &Region{px(0), px(0), px(20), px(20)}}, false},
		"too long":          {Removal{Format: wire.WebP, Crop: true, Margin: Margin{Left: px(20_000)}}, false},
	} {
		made, err := c.Remove(t.Context(), photo, test.ask)
		if err == nil {
			made.Wipe()
		}
		if (err == nil) != test.fine {
			t.Errorf("%s: %v", name, err)
		}
		// Its threads may let go a moment later.
		for range 100 {
			if vips.MemoryStats().Buffers == before {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if after := vips.MemoryStats().Buffers; after != before {
			t.Errorf("%s: libvips holds %d buffers, before it were %d", name, after, before)
			before = after
		}
	}
}

func TestRemovalIsRefused(t *testing.T) {
	c, photo := cutter(t), somebody(t, 600, 800)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	var header bytes.Buffer
	header.Write(photo[:40])
	for name, test := range map[string]struct {
		cutter *Cutter
		ctx    context.Context
		data   []byte
		ask    Removal
		want   error
	}{
		"no cutter":                  {nil, t.Context(), photo, Removal{}, ErrNoNet},
		"no picture":                 {c, t.Context(), []byte("hello, hello, hello"), Removal{}, ErrNotImage},
		"no size":                    {c, t.Context(), header.Bytes(), Removal{}, ErrNoSize},
		"cut short":                  {c, t.Context(), photo[:len(photo)/2], Removal{}, ErrBroken},
		"too large":                  {&Cutter{1000, c.faces, c.mattes}, t.Context(), photo, Removal{}, ErrTooLarge},
		"a background of no kind":    {c, t.Context(), photo, Removal{Background: &Backdrop{Picture: []byte("hello, hello, hello")}}, ErrNotImage},
		"half a background":          {c, t.Context(), photo, Removal{Background: &Backdrop{Picture: photo[:len(photo)/2]}}, ErrBroken},
		"the client is gone":         {c, ended, photo, Removal{}, context.Canceled},
		"gone before the background": {c, ended, photo, Removal{Background: &Backdrop{Picture: photo}}, context.Canceled},
	} {
		if made, err := test.cutter.Remove(test.ctx, test.data, test.ask); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, %v, want %v", name, made, err, test.want)
		}
	}
	var behind *BackdropError
	if _, err := c.Remove(t.Context(), photo, Removal{Background: &Backdrop{Picture: photo[:len(photo)/2]}}); !errors.As(err, &behind) {
		t.Errorf("half a background is %v, which does not say so", err)
	}
	w := work{ask: Removal{Format: wire.WebP}}
	if err := w.fits(image.Pt(20_000, 100)); !errors.Is(err, ErrTooLong) {
		t.Errorf("a WebP of 20,000 pixels is %v", err)
	}
}
