package transform

import (
	"bytes"
	"context"
	"errors"
	"image/color"
	"slices"
	"testing"

	"github.com/professionalaistudio/studio/edge/vips"
	"github.com/professionalaistudio/studio/edge/wire"
)

// leftHalf is a Cutter to whom everything on the left is people, and the rest is black and clear.
type leftHalf struct {
	sizes *[]Size
	err   error
}

func (c leftHalf) Cut(_ context.Context, img *vips.Image) error {
	if c.err != nil {
		return c.err
	}
	if err := img.ToSRGB(); err != nil {
		return err
	}
	w, h := img.Width(), img.Height()
	*c.sizes = append(*c.sizes, Size{w, h})
	r, err := img.Raster()
	if err != nil {
		return err
	}
	grey, err := vips.NewGrey(w, h)
	if err != nil {
		return err
	}
	defer grey.Close()
	alpha, err := grey.Raster()
	if err != nil {
		return err
	}
	for i := range alpha.Pix {
		if i%w < w/2 {
			alpha.Pix[i] = 255
		} else {
			clear(r.Pix[3*i:][:3])
		}
	}
	return img.AddAlpha(grey)
}

func cutOut(t *testing.T, data []byte, options string, out wire.Format) (*Result, []byte, []Size) {
	t.Helper()
	o, err := wire.ParseOptions(options)
	if err != nil {
		t.Fatal(err)
	}
	var sizes []Size
	r, err := Maker{Limits{}, leftHalf{sizes: &sizes}}.Run(t.Context(), data, o, out)
	if err != nil {
		t.Fatalf("%s: %v", options, err)
	}
	file := bytes.Clone(r.Buf.Bytes())
	r.Buf.Close()
	return r, file, sizes
}

// What is behind people goes before anything is cut, scaled or laid on a colour, so that edges are blended with their alpha and no
// background shows through.
func TestMatteComesBeforeTheRest(t *testing.T) {
	source := asPNG(t, slope())
	for options, test := range map[string]struct {
		size  Size
		place map[[2]int]color.NRGBA
	}{
		"matte:1":                     {Size{200, 100}, map[[2]int]color.NRGBA{{30, 40}: {30, 80, 40, 255}, {99, 40}: {99, 80, 40, 255}, {100, 40}: {}, {199, 99}: {}}},
		"matte:1/w:20":                {Size{20, 10}, map[[2]int]color.NRGBA{{4, 4}: {45, 90, 40, 255}, {14, 4}: {}}},
		"matte:1/c:100:50:ea":         {Size{100, 50}, map[[2]int]color.NRGBA{{2, 10}: {}, {80, 10}: {}}},
		"matte:1/c:100:50:we":         {Size{100, 50}, map[[2]int]color.NRGBA{{2, 10}: {2, 72, 40, 255}, {98, 10}: {98, 72, 40, 255}}},
		"matte:1/rot:180":             {Size{200, 100}, map[[2]int]color.NRGBA{{30, 40}: {}, {150, 40}: {49, 118, 40, 255}}},
		"matte:1/bg:00f":              {Size{200, 100}, map[[2]int]color.NRGBA{{30, 40}: {30, 80, 40, 255}, {150, 40}: {0, 0, 255, 255}}},
		"matte:1/bg:00f/w:20":         {Size{20, 10}, map[[2]int]color.NRGBA{{4, 4}: {45, 90, 40, 255}, {14, 4}: {0, 0, 255, 255}}},
		"matte:1/s:200:300/ex:1":      {Size{200, 300}, map[[2]int]color.NRGBA{{30, 140}: {30, 80, 40, 255}, {150, 140}: {}, {30, 10}: {}}},
		"matte:1/matte:0":             {Size{200, 100}, map[[2]int]color.NRGBA{{150, 40}: {150, 80, 40, 255}}},
		"bg:00f":                      {Size{200, 100}, map[[2]int]color.NRGBA{{150, 40}: {150, 80, 40, 255}}},
		"matte:1/rs:fill:50:100/g:we": {Size{50, 100}, map[[2]int]color.NRGBA{{40, 40}: {40, 80, 40, 255}}},
	} {
		r, file, sizes := cutOut(t, source, options, wire.PNG)
		img := decoded(t, file)
		if got := (Size{r.Width, r.Height}); got != test.size {
			t.Errorf("%s: the size is %v, want %v", options, got, test.size)
		}
		for p, want := range test.place {
			if got := at(img, p[0], p[1]); !close(got, want, 3) {
				t.Errorf("%s: at %v there is %v, want %v", options, p, got, want)
			}
		}
		wants := 1
		if options == "bg:00f" || options == "matte:1/matte:0" {
			wants = 0
		}
		if len(sizes) != wants {
			t.Errorf("%s: the cutter was asked %d times, want %d", options, len(sizes), wants)
		}
	}
	// At the seam alpha is in between, and colours are the people's: what is black behind it does not darken them.
	_, file, _ := cutOut(t, source, "matte:1/rs:force:21:10", wire.PNG)
	img := decoded(t, file)
	if c := at(img, 10, 5); c.A < 60 || c.A > 200 || !close(color.NRGBA{c.R, c.G, c.B, 255}, color.NRGBA{97, 110, 40, 255}, 8) {
		t.Errorf("across the seam there is %v, want half of the people's colour", c)
	}
}

// People are looked at upright and as small as the result lets the decoder make them; places and sizes are those of the picture as seen.
func TestMatteSeesPeopleUpright(t *testing.T) {
	file := withOrientation(asJPEG(t, slope()), 6) // 100 wide and 200 high as seen; its left half is the stored picture's lower one
	r, out, sizes := cutOut(t, file, "matte:1", wire.PNG)
	if want := (Size{100, 200}); (Size{r.Width, r.Height}) != want || len(sizes) != 1 || sizes[0] != want {
		t.Errorf("the picture is %d x %d, the cutter saw %v, want %v", r.Width, r.Height, sizes, want)
	}
	img := decoded(t, out)
	if a, b := at(img, 10, 100), at(img, 90, 100); a.A != 255 || b.A != 0 || !close(a, color.NRGBA{100, 178, 40, 255}, 6) {
		t.Errorf("on the left there is %v, on the right %v", a, b)
	}
	_, out, sizes = cutOut(t, file, "matte:1/c:100:50:no/w:50", wire.PNG)
	if c := at(decoded(t, out), 10, 10); !close(c, color.NRGBA{20, 158, 40, 255}, 6) {
		t.Errorf("in the upper part there is %v", c)
	}
	if want := (Size{50, 100}); sizes[0] != want { // a JPEG is opened at a half
		t.Errorf("the cutter saw %v, want %v", sizes, want)
	}
	_, _, sizes = cutOut(t, file, "matte:1/ar:0", wire.PNG)
	if want := (Size{200, 100}); sizes[0] != want {
		t.Errorf("left as stored, the cutter saw %v, want %v", sizes, want)
	}
}

// Where nobody names a format, the result is one that can be transparent, unless a colour lies behind.
func TestMatteNeedsAlpha(t *testing.T) {
	for options, want := range map[string]wire.Format{"matte:1": wire.PNG, "matte:1/bg:fff": wire.JPEG, "matte:0": wire.JPEG} {
		r, _, _ := cutOut(t, asJPEG(t, slope()), options, wire.FormatAuto)
		if r.Format != want {
			t.Errorf("%s is answered as %s, want %s", options, r.Format, want)
		}
	}
	_, file, _ := cutOut(t, asJPEG(t, slope()), "matte:1", wire.JPEG) // by name: on white
	if c := at(decoded(t, file), 190, 50); !close(c, color.NRGBA{255, 255, 255, 255}, 4) {
		t.Errorf("in a JPEG there is %v behind people, want white", c)
	}
}

func TestMatteWithoutACutter(t *testing.T) {
	o := wire.DefaultOptions()
	o.Matte = true
	if _, err := Run(t.Context(), asPNG(t, slope()), o, wire.PNG, Limits{}); !errors.Is(err, ErrNoCutter) {
		t.Errorf("Run says %v, want %v", err, ErrNoCutter)
	}
	why := errors.New("nobody there")
	if _, err := (Maker{Cutter: leftHalf{err: why}}).Run(t.Context(), asPNG(t, slope()), o, wire.PNG); !errors.Is(err, why) {
		t.Errorf("Run says %v, want %v", err, why)
	}
	r, _, _ := cutOut(t, asJPEG(t, slope()), "matte:1/w:50", wire.PNG)
	var stages []string
	for _, s := range r.Timings {
		stages = append(stages, s.Name)
	}
	if want := []string{"decode", "matte", "transform", "encode"}; !slices.Equal(stages, want) {
		t.Errorf("the stages are %v, want %v", stages, want)
	}
}
