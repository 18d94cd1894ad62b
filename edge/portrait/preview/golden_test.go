package preview

import (
	"bytes"
	"encoding/base64"
	"flag"
	"image"
	"image/draw"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

var update = flag.Bool("update", false, "write the golden previews anew; look at them before committing")

// small is the sample at 200 pixels: what a caller gives who decoded the capture at a fraction.
func small(t testing.TB, p Picture) Picture {
	t.Helper()
	pix, _, err := p.pixels()
	if err != nil {
		t.Fatal(err)
	}
	w, h := fit(p.Width, p.Height, 200)
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	scaled(img, img.Rect, pix, p.Width, p.Height)
	q := Picture{On: p.On, Width: w, Height: h, Scale: float64(p.Height) / float64(h)}
	for i := 0; i < len(img.Pix); i += 4 {
		q.Pix = append(q.Pix, img.Pix[i:i+3]...)
	}
	return q
}

// The previews that a person has looked at. The page must be the same to the letter; pixels may differ by what another
// processor's arithmetic rounds differently.
func TestGolden(t *testing.T) {
	p, findings := sample(t)
	p = small(t, p)
	o := Options{Caption: "Swiss passport", Guides: &Guides{Eyes: &Span{110, 140}}, MaxSide: 320}
	svg, err := SVG(p, findings, o)
	if err != nil {
		t.Fatal(err)
	}
	painted, err := PNG(p, findings, o)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		for name, data := range map[string][]byte{"golden.svg": svg, "golden.png": painted} {
			if err := os.WriteFile("testdata/"+name, data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	keep := func(name string, data []byte) string {
		path := filepath.Join(t.ArtifactDir(), name)
		os.WriteFile(path, data, 0o644)
		return path
	}
	read := func(name string) []byte {
		data, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	inside := regexp.MustCompile(`base64,([A-Za-z0-9+/=]*)`)
	parts := func(svg []byte) (page []byte, picture image.Image) {
		found := inside.FindSubmatch(svg)
		if found == nil {
			t.Fatal("there is no picture in it")
		}
		jpg, err := base64.StdEncoding.DecodeString(string(found[1]))
		if err != nil {
			t.Fatal(err)
		}
		return inside.ReplaceAll(svg, nil), decoded(t, jpg)
	}
	page, picture := parts(svg)
	wantPage, wantPicture := parts(read("golden.svg"))
	if !bytes.Equal(page, wantPage) {
		t.Errorf("another page; ours is in %s", keep("preview.svg", svg))
	}
	for name, pair := range map[string][2]image.Image{"the picture in the SVG": {picture, wantPicture}, "the PNG": {decoded(t, painted), decoded(t, read("golden.png"))}} {
		if mean, worst := difference(pair[0], pair[1]); mean > 0.5 || worst > 24 {
			t.Errorf("%s: a mean difference of %.2f and at worst %d; ours is in %s and %s", name, mean, worst, keep("preview.svg", svg), keep("preview.png", painted))
		}
	}
}

func decoded(t *testing.T, data []byte) image.Image {
	t.Helper()
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func difference(a, b image.Image) (mean float64, worst int) {
	if a.Bounds() != b.Bounds() {
		return 255, 255
	}
	var flat [2]*image.RGBA
	for i, img := range []image.Image{a, b} {
		flat[i] = image.NewRGBA(img.Bounds())
		draw.Draw(flat[i], flat[i].Rect, img, img.Bounds().Min, draw.Src)
	}
	sum := 0
	for i, v := range flat[0].Pix {
		d := abs(int(v) - int(flat[1].Pix[i]))
		sum, worst = sum+d, max(worst, d)
	}
	return float64(sum) / float64(len(flat[0].Pix)), worst
}
