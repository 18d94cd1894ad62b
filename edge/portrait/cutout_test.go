package portrait

import (
	"bytes"
	"context"
	"errors"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	_ "golang.org/x/image/webp"

	"github.com/professionalaistudio/studio/edge/inference/inferencetest"
	"github.com/professionalaistudio/studio/edge/portrait/face"
	"github.com/professionalaistudio/studio/edge/portrait/matte"
	"github.com/professionalaistudio/studio/edge/vips"
	"github.com/professionalaistudio/studio/edge/wire"
	"github.com/professionalaistudio/studio/models"
)

func cutter(t testing.TB) *Cutter {
	t.Helper()
	mattes, err := matte.New(inferencetest.Net(t, models.Matte))
	if err != nil {
		t.Fatal(err)
	}
	faces, err := face.New(inferencetest.Net(t, models.Detector), nil)
	if err != nil {
		t.Fatal(err)
	}
	return NewCutter(50_000_000, faces, mattes)
}

// somebody is a portrait of nobody as a camera would give it: enlarged, with the noise of a sensor.
func somebody(t testing.TB, width, height int) []byte {
	t.Helper()
	portraits.Lock()
	defer portraits.Unlock()
	key := [2]int{width, height}
	if data := portraits.made[key]; data != nil {
		return data
	}
	small, err := os.ReadFile(filepath.Join("..", "testdata", "portrait-1.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	img, err := vips.Load(small, vips.LoadConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer img.Close()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(img.ToSRGB())
	cut := min(img.Width(), img.Height()*width/height)
	check(img.Crop((img.Width()-cut)/2, 0, cut, min(img.Height(), cut*height/width)))
	check(img.ResizeTo(width, height))
	r, err := img.Raster()
	check(err)
	random := rand.New(rand.NewPCG(1, 2))
	for i := 0; i < len(r.Pix); i += 3 {
		luma := random.NormFloat64() * 3
		for c := range 3 {
			r.Pix[i+c] = uint8(max(0, min(255, float64(r.Pix[i+c])+luma+0.5)))
		}
	}
	buf, err := img.Encode(vips.EncodeConfig{Format: vips.JPEG, Quality: 90, DPI: 72, StripMetadata: true})
	check(err)
	defer buf.Close()
	if portraits.made == nil {
		portraits.made = map[[2]int][]byte{}
	}
	portraits.made[key] = bytes.Clone(buf.Bytes())
	return portraits.made[key]
}

var portraits struct {
	sync.Mutex
	made map[[2]int][]byte
}

func shown(t *testing.T, c *Cutout) image.Image {
	t.Helper()
	defer c.Buf.Close()
	img, kind, err := image.Decode(bytes.NewReader(c.Buf.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if kind != c.Format.String() || img.Bounds().Dx() != c.Width || img.Bounds().Dy() != c.Height {
		t.Errorf("the file is a %s of %v, and is said to be a %v of %d x %d", kind, img.Bounds().Size(), c.Format, c.Width, c.Height)
	}
	return img
}

func alphaAt(img image.Image, x, y int) int { _, _, _, a := img.At(x, y).RGBA(); return int(a >> 8) }

func TestCutout(t *testing.T) {
	c, photo := cutter(t), somebody(t, 600, 800)
	face, corner := image.Pt(300, 330), image.Pt(12, 12)

	made, err := c.Cutout(t.Context(), photo, CutoutRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var stages []string
	for _, s := range made.Timings {
		stages = append(stages, s.Name)
	}
	if got := len(stages); got != 5 {
		t.Errorf("the stages are %v", stages)
	}
	cut := shown(t, made)
	if a, b := alphaAt(cut, face.X, face.Y), alphaAt(cut, corner.X, corner.Y); a != 255 || b != 0 {
		t.Errorf("alpha in the face is %d and in a corner %d", a, b)
	}
	if r, g, b, _ := cut.At(corner.X, corner.Y).RGBA(); r+g+b != 0 {
		t.Errorf("behind the person there is still %v", cut.At(corner.X, corner.Y))
	}
	whole, err := vips.Load(photo, vips.LoadConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer whole.Close()
	pix, width, _, err := whole.Pixels()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for y := range 800 {
		for x := range 600 {
			r, g, b, a := cut.At(x, y).RGBA()
			if a == 0xffff {
				n++
				if got := [3]byte{byte(r >> 8), byte(g >> 8), byte(b >> 8)}; got != [3]byte(pix[3*(y*width+x):]) {
					t.Fatalf("a pixel of the person at %d,%d was %v and is %v", x, y, pix[3*(y*width+x):][:3], got)
				}
			}
		}
	}
	if n < 600*800/5 {
		t.Errorf("the person has %d pixels", n)
	}

	// The matte alone is that alpha; laid on a colour, the colour is behind.
	made, err = c.Cutout(t.Context(), photo, CutoutRequest{Alpha: true})
	if err != nil {
		t.Fatal(err)
	}
	alone, ok := shown(t, made).(*image.Gray)
	if !ok {
		t.Fatal("the matte is not grey")
	}
	for _, p := range []image.Point{face, corner, {300, 60}, {120, 500}, {480, 600}, {60, 700}} {
		if got, want := int(alone.GrayAt(p.X, p.Y).Y), alphaAt(cut, p.X, p.Y); got != want {
			t.Errorf("at %v the matte is %d, and alpha %d", p, got, want)
		}
	}
	for f, slack := range map[wire.Format]int{wire.PNG: 0, wire.JPEG: 4, wire.WebP: 14} { // Go takes the narrow range of WebP for the wide one
		made, err = c.Cutout(t.Context(), photo, CutoutRequest{Background: &wire.RGB{R: 20, G: 200, B: 90}, Format: f})
		if err != nil {
			t.Fatal(err)
		}
		img := shown(t, made)
		r, g, b, a := img.At(corner.X, corner.Y).RGBA()
		if d := max(abs(int(r>>8)-20), abs(int(g>>8)-200), abs(int(b>>8)-90)); d > slack || a != 0xffff {
			t.Errorf("%v: behind the person there is %v", f, img.At(corner.X, corner.Y))
		}
	}
	made, err = c.Cutout(t.Context(), photo, CutoutRequest{Format: wire.WebP})
	if err != nil {
		t.Fatal(err)
	}
	if img := shown(t, made); alphaAt(img, corner.X, corner.Y) != 0 || alphaAt(img, face.X, face.Y) != 255 {
		t.Error("the WebP is not transparent")
	}
}

// A picture lying on its side by its EXIF is looked at upright; one that is transparent stays so.
func TestCutoutOfOddPictures(t *testing.T) {
	c := cutter(t)
	img, err := vips.Load(somebody(t, 600, 800), vips.LoadConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer img.Close()
	opacity, err := vips.NewGrey(600, 800)
	if err != nil {
		t.Fatal(err)
	}
	defer opacity.Close()
	values, err := opacity.Raster()
	if err != nil {
		t.Fatal(err)
	}
	for i := range values.Pix {
		if i%600 >= 300 {
			values.Pix[i] = 255
		}
	}
	if err := img.AddAlpha(opacity); err != nil {
		t.Fatal(err)
	}
	buf, err := img.Encode(vips.EncodeConfig{Format: vips.PNG})
	if err != nil {
		t.Fatal(err)
	}
	defer buf.Close()
	made, err := c.Cutout(t.Context(), buf.Bytes(), CutoutRequest{})
	if err != nil {
		t.Fatal(err)
	}
	cut := shown(t, made)
	for y := 0; y < 800; y += 40 {
		if a := alphaAt(cut, 150, y); a != 0 {
			t.Errorf("what was transparent has alpha %d at %d", a, y)
		}
	}
	if a := alphaAt(cut, 330, 330); a < 250 {
		t.Errorf("the visible half of the face has alpha %d", a)
	}
}

func TestCutoutIsRefused(t *testing.T) {
	c, photo := cutter(t), somebody(t, 600, 800)
	empty := func() []byte {
		pix := bytes.Repeat([]byte{120, 150, 190}, 200*200)
		img, err := vips.FromPixels(pix, 200, 200, 3)
		if err != nil {
			t.Fatal(err)
		}
		defer img.Close()
		buf, err := img.Encode(vips.EncodeConfig{Format: vips.PNG})
		if err != nil {
			t.Fatal(err)
		}
		defer buf.Close()
		return bytes.Clone(buf.Bytes())
	}()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, test := range map[string]struct {
		cutter *Cutter
		ctx    context.Context
		data   []byte
		ask    CutoutRequest
		want   error
	}{
		"no cutter":               {nil, t.Context(), photo, CutoutRequest{}, ErrNoNet},
		"no net":                  {NewCutter(0, nil, nil), t.Context(), photo, CutoutRequest{}, ErrNoNet},
		"nobody":                  {c, t.Context(), empty, CutoutRequest{}, ErrNoPerson},
		"no picture":              {c, t.Context(), []byte("hello, hello, hello"), CutoutRequest{}, ErrNotImage},
		"cut short":               {c, t.Context(), photo[:len(photo)/2], CutoutRequest{}, ErrBroken},
		"too large":               {&Cutter{1000, c.faces, c.mattes}, t.Context(), photo, CutoutRequest{}, ErrTooLarge},
		"a JPEG without a colour": {c, t.Context(), photo, CutoutRequest{Format: wire.JPEG}, ErrNoAlpha},
		"a format unknown":        {c, t.Context(), photo, CutoutRequest{Format: wire.SVG}, ErrNoAlpha},
		"two wishes":              {c, t.Context(), photo, CutoutRequest{Alpha: true, Background: &wire.RGB{}}, ErrTwoWishes},
		"the client is gone":      {c, ended, photo, CutoutRequest{}, context.Canceled},
	} {
		if made, err := test.cutter.Cutout(test.ctx, test.data, test.ask); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, %v, want %v", name, made, err, test.want)
		}
	}
	img, err := vips.Load(photo, vips.LoadConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer img.Close()
	var nobody *Cutter
	if err := nobody.Cut(t.Context(), img); !errors.Is(err, ErrNoNet) {
		t.Errorf("Cut without nets says %v", err)
	}
	if nobody.Models() != nil || len(c.Models()) != 2 {
		t.Errorf("the nets are %v and %v", nobody.Models(), c.Models())
	}
}
