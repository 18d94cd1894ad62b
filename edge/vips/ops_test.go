package vips

import (
	"bytes"
	"errors"
	"math"
	"testing"
)

func fromPixels(t testing.TB, pix []byte, width, height, bands int) *Image {
	t.Helper()
	img, err := FromPixels(pix, width, height, bands)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(img.Close)
	return img
}

func opaque(pix []byte) []byte {
	var out []byte
	for i := 0; i < len(pix); i += 4 {
		out = append(out, pix[i:i+3]...)
	}
	return out
}

func read(t *testing.T, img *Image) (pix []byte, width, height int) {
	t.Helper()
	pix, width, height, err := img.Pixels()
	if err != nil {
		t.Fatal(err)
	}
	return pix, width, height
}

func TestPixelsRoundTrip(t *testing.T) {
	for bands := 1; bands <= 4; bands++ {
		pix := noise(31, 17, bands)
		img := fromPixels(t, pix, 31, 17, bands)
		got, w, h := read(t, img)
		if w != 31 || h != 17 || !bytes.Equal(got, pix) {
			t.Errorf("%d bands: %d x %d, first difference at %d", bands, w, h, firstDifference(got, pix))
		}
		if img.HasAlpha() != (bands == 2 || bands == 4) {
			t.Errorf("%d bands: alpha is %v", bands, img.HasAlpha())
		}
	}
}

func TestRotate(t *testing.T) {
	pix := opaque(corners(64, 48).Pix)
	for degrees, seen := range map[int][4]int{0: {0, 1, 2, 3}, 90: {2, 0, 3, 1}, 180: {3, 2, 1, 0}, 270: {1, 3, 0, 2}, 450: {2, 0, 3, 1}, -90: {1, 3, 0, 2}} {
		img := fromPixels(t, pix, 64, 48, 3)
		if err := img.Rotate(degrees); err != nil {
			t.Fatal(err)
		}
		got, w, h := read(t, img)
		for i, c := range quarters(got, w, h, 3) {
			if !near(c, asRead[seen[i]], 0) {
				t.Errorf("turned by %d, %s is %v, want %v", degrees, names[i], c, asRead[seen[i]])
			}
		}
	}
	if fromPixels(t, pix, 64, 48, 3).Rotate(45) == nil {
		t.Error("half a quarter turn is taken")
	}
}

func TestCrop(t *testing.T) {
	pix := noise(20, 10, 3)
	img := fromPixels(t, pix, 20, 10, 3)
	if err := img.Crop(5, 3, 4, 2); err != nil {
		t.Fatal(err)
	}
	got, w, h := read(t, img)
	want := append(bytes.Clone(pix[3*(3*20+5):3*(3*20+9)]), pix[3*(4*20+5):3*(4*20+9)]...)
	if w != 4 || h != 2 || !bytes.Equal(got, want) {
		t.Errorf("the cut is %d x %d %v, want 4 x 2 %v", w, h, got, want)
	}
	for _, r := range [][4]int{{-1, 0, 2, 2}, {0, 0, 5, 2}, {3, 1, 2, 1}, {0, 0, 0, 1}, {1, 1, math.MaxInt, 1}, {math.MaxInt, 0, 1, 1}} {
		if img.Crop(r[0], r[1], r[2], r[3]) == nil {
			t.Errorf("%v of 4 x 2 is taken", r)
		}
	}
}

// TestResizeTo: an edge is found where the factor takes it, an even colour stays, and the size is what was asked for.
func TestResizeTo(t *testing.T) {
	const width, height, edge = 200, 100, 80
	pix := make([]byte, 3*width*height)
	for i := range width * height {
		v := byte(60)
		if i%width < edge {
			v = 200
		}
		copy(pix[3*i:], []byte{v, v, 120})
	}
	for _, size := range [][2]int{{100, 50}, {73, 31}, {40, 100}, {400, 200}, {371, 77}, {17, 9}, {3, 1}, {1, 1}} {
		img := fromPixels(t, pix, width, height, 3)
		if err := img.ResizeTo(size[0], size[1]); err != nil {
			t.Fatal(err)
		}
		got, w, h := read(t, img)
		if w != size[0] || h != size[1] {
			t.Errorf("%d x %d, want %v", w, h, size)
			continue
		}
		sum := 0.0
		row := got[3*w*(h/2):][:3*w]
		for x := range w {
			sum += (float64(row[3*x]) - 60) / 140
			if row[3*x+2] != 120 {
				t.Errorf("%v: an even colour became %d", size, row[3*x+2])
			}
		}
		if want := float64(edge) * float64(w) / width; math.Abs(sum-want) > 0.06 {
			t.Errorf("%v: the edge is at %.3f, want %.3f", size, sum, want)
		}
	}
	img := fromPixels(t, pix, width, height, 3)
	for _, size := range [][2]int{{0, 5}, {5, -1}, {maxSide + 1, 5}} {
		if img.ResizeTo(size[0], size[1]) == nil {
			t.Errorf("%v is taken", size)
		}
	}
	if err := img.Resize(0.125, 0.125); err != nil {
		t.Fatal(err)
	}
	if img.Width() != 25 || img.Height() != 13 { // 12.5 rounds away from zero
		t.Errorf("an eighth is %d x %d, want 25 x 13", img.Width(), img.Height())
	}
}

// TestResizeAlpha: the colour of what cannot be seen does not bleed into what can.
func TestResizeAlpha(t *testing.T) {
	pix := make([]byte, 4*64*64)
	for i := range 64 * 64 {
		if i%64 < 32 {
			copy(pix[4*i:], []byte{0, 200, 0, 255})
		} else {
			copy(pix[4*i:], []byte{255, 0, 0, 0}) // red, and invisible
		}
	}
	img := fromPixels(t, pix, 64, 64, 4)
	if err := img.ResizeTo(21, 21); err != nil {
		t.Fatal(err)
	}
	got, w, _ := read(t, img)
	for x := range w {
		p := got[4*(10*w+x):][:4]
		if p[3] > 8 && (p[0] > 10 || p[1] < 185) {
			t.Errorf("column %d is %v: the red that nobody sees shows", x, p)
		}
	}
	if l, r := got[4*10*w+3], got[4*(10*w+w-1)+3]; l != 255 || r != 0 {
		t.Errorf("opacity at the ends is %d and %d, want 255 and 0", l, r)
	}
}

// TestResizeOdd: what the fast way does not take goes libvips' way and has the right size all the same.
func TestResizeOdd(t *testing.T) {
	img := fromPixels(t, noise(500, 4, 3), 500, 4, 3)
	if err := img.ResizeTo(3, 3); err != nil { // more than a hundredfold
		t.Fatal(err)
	}
	if img.Width() != 3 || img.Height() != 3 {
		t.Errorf("%d x %d, want 3 x 3", img.Width(), img.Height())
	}
}

func TestEmbed(t *testing.T) {
	pix := bytes.Repeat([]byte{9, 8, 7}, 4)
	img := fromPixels(t, pix, 2, 2, 3)
	if err := img.Embed(1, 2, 5, 4, RGB{200, 100, 50}); err != nil {
		t.Fatal(err)
	}
	got, w, h := read(t, img)
	for y := range h {
		for x := range w {
			want := []byte{200, 100, 50}
			if x >= 1 && x < 3 && y >= 2 {
				want = []byte{9, 8, 7}
			}
			if p := got[3*(y*w+x):][:3]; !bytes.Equal(p, want) {
				t.Errorf("at %d,%d there is %v, want %v", x, y, p, want)
			}
		}
	}
	img = fromPixels(t, pix, 2, 2, 3)
	if err := img.EmbedClear(0, 0, 3, 2); err != nil {
		t.Fatal(err)
	}
	got, _, _ = read(t, img)
	if !img.HasAlpha() || !bytes.Equal(got[:4], []byte{9, 8, 7, 255}) || got[11] != 0 {
		t.Errorf("on a clear canvas the row is %v, want 9 8 7 255 twice and then nothing", got[:12])
	}
	if img.Embed(0, 0, 0, 5, White) == nil || img.Embed(maxSide+1, 0, 5, 5, White) == nil {
		t.Error("an impossible canvas is taken")
	}
}

func TestFlatten(t *testing.T) {
	img := fromPixels(t, []byte{200, 100, 0, 255, 200, 100, 0, 0, 200, 100, 0, 128}, 3, 1, 4)
	if err := img.Flatten(RGB{0, 0, 255}); err != nil {
		t.Fatal(err)
	}
	got, _, _ := read(t, img)
	if want := []byte{200, 100, 0, 0, 0, 255, 100, 50, 127}; !near(got, want, 1) {
		t.Errorf("flattened on blue: %v, want %v", got, want)
	}
	// A JPEG of a transparent picture lies on white.
	img = fromPixels(t, bytes.Repeat([]byte{200, 100, 0, 0}, 64), 8, 8, 4)
	b, err := img.Encode(EncodeConfig{Format: JPEG, StripMetadata: true})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	pix, _, _, _ := pixels(t, b.Bytes(), LoadConfig{})
	if !near(pix[:3], []byte{255, 255, 255}, 1) {
		t.Errorf("a clear picture as JPEG is %v, want white", pix[:3])
	}
}

func TestInsertAndClone(t *testing.T) {
	canvas, stamp := fromPixels(t, make([]byte, 3*16), 4, 4, 3), fromPixels(t, bytes.Repeat([]byte{1, 2, 3}, 4), 2, 2, 3)
	twin, err := canvas.Clone()
	if err != nil {
		t.Fatal(err)
	}
	defer twin.Close()
	if err := canvas.Insert(stamp, 2, 1); err != nil {
		t.Fatal(err)
	}
	stamp.Close() // it may go
	got, _, _ := read(t, canvas)
	for i := range 16 {
		x, y := i%4, i/4
		want := []byte{0, 0, 0}
		if x >= 2 && (y == 1 || y == 2) {
			want = []byte{1, 2, 3}
		}
		if p := got[3*i:][:3]; !bytes.Equal(p, want) {
			t.Errorf("at %d,%d there is %v, want %v", x, y, p, want)
		}
	}
	canvas.Close()
	if got, _, _ := read(t, twin); !bytes.Equal(got, make([]byte, 3*16)) {
		t.Error("the clone changed with the image")
	}
}

func TestFilters(t *testing.T) {
	pix := make([]byte, 3*40*40)
	for i := range 40 * 40 {
		if i%40 >= 20 {
			copy(pix[3*i:], []byte{200, 200, 200})
		}
	}
	slope := func(img *Image) int {
		got, w, _ := read(t, img)
		return int(got[3*(20*w+21)]) - int(got[3*(20*w+18)])
	}
	plain := fromPixels(t, pix, 40, 40, 3)
	before := slope(plain)
	if err := plain.Blur(3); err != nil {
		t.Fatal(err)
	}
	blurred := slope(plain)
	// A Gaussian of 3 pixels rises by 200·(Φ(1.5/3)−Φ(−1.5/3)) = 77 from 18.5 to 21.5.
	if blurred < 62 || blurred > 92 {
		t.Errorf("blurred by 3 the edge rises by %d over three pixels (before %d), want 77", blurred, before)
	}
	if err := plain.Sharpen(2); err != nil {
		t.Fatal(err)
	}
	if sharp := slope(plain); sharp <= blurred {
		t.Errorf("sharpened, the edge rises by %d, want more than %d", sharp, blurred)
	}
	for _, sigma := range []float64{-1, MaxBlur + 1, math.NaN(), math.Inf(1)} {
		if plain.Blur(sigma) == nil || plain.Sharpen(min(sigma, MaxSharpen+1)) == nil {
			t.Errorf("a sigma of %v is taken", sigma)
		}
	}
}

// TestWideBlur: a wide Gaussian, which is done on a smaller picture, is that of the formula too: an edge becomes Φ.
func TestWideBlur(t *testing.T) {
	const width, height, edge = 600, 60, 301.0
	pix := make([]byte, 3*width*height)
	for i := range width * height {
		if float64(i%width) >= edge {
			copy(pix[3*i:], []byte{200, 200, 200})
		}
	}
	for _, sigma := range []float64{5, 16, 17, 30, 60} {
		img := fromPixels(t, pix, width, height, 3)
		if err := img.Blur(sigma); err != nil {
			t.Fatal(err)
		}
		got, w, h := read(t, img)
		if w != width || h != height {
			t.Fatalf("blurred by %v it is %d x %d", sigma, w, h)
		}
		worst := 0.0
		for x := 100; x < 500; x++ {
			want := 100 * (1 + math.Erf((float64(x)+0.5-edge)/sigma/math.Sqrt2))
			worst = math.Max(worst, math.Abs(float64(got[3*(30*width+x)])-want))
		}
		// libvips cuts the tails of its kernel off at a fifth of the peak.
		if worst > 14 {
			t.Errorf("blurred by %v the edge is up to %.1f levels from the formula, want 14 at most", sigma, worst)
		}
	}
}

// TestSmartCrop: the cut goes where there is something to see.
func TestSmartCrop(t *testing.T) {
	pix := bytes.Repeat([]byte{200, 200, 200}, 200*60)
	for y := 10; y < 50; y++ {
		for x := 150; x < 180; x++ {
			copy(pix[3*(y*200+x):], []byte{byte(200 + x*y%50), byte(90 + x%60), 60})
		}
	}
	img := fromPixels(t, pix, 200, 60, 3)
	if err := img.SmartCrop(60, 60); err != nil {
		t.Fatal(err)
	}
	got, w, h := read(t, img)
	seen := 0
	for i := 0; i < len(got); i += 3 {
		if got[i+2] == 60 {
			seen++
		}
	}
	if w != 60 || h != 60 || seen < 30*40*9/10 {
		t.Errorf("the cut is %d x %d and holds %d pixels of the thing, want nearly all of %d", w, h, seen, 30*40)
	}
	if img.SmartCrop(61, 60) == nil {
		t.Error("a cut larger than the picture is taken")
	}
}

func TestClosed(t *testing.T) {
	img := fromPixels(t, noise(4, 4, 3), 4, 4, 3)
	stop := img.Interrupter()
	img.Close()
	img.Close()
	stop()
	var never *Image
	never.Close()
	for name, err := range map[string]error{
		"CopyMemory": img.CopyMemory(), "ToSRGB": img.ToSRGB(), "ResizeTo": img.ResizeTo(2, 2), "Crop": img.Crop(0, 0, 1, 1),
		"Rotate": img.Rotate(90), "Blur": img.Blur(1), "Flatten": img.Flatten(White), "Embed": img.Embed(0, 0, 5, 5, White),
		"SmartCrop": img.SmartCrop(1, 1), "StripMetadata": img.StripMetadata(), "Insert": img.Insert(img, 0, 0),
		"Resample": img.Resample([6]float64{1, 0, 0, 0, 1, 0}, 2, 2, White),
	} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%s of a closed image: %v, want %v", name, err, ErrClosed)
		}
	}
	if _, err := img.Encode(EncodeConfig{Format: PNG}); !errors.Is(err, ErrClosed) {
		t.Errorf("Encode of a closed image: %v, want %v", err, ErrClosed)
	}
	if w, h := img.Width(), img.Height(); w != 0 || h != 0 {
		t.Errorf("a closed image is %d x %d", w, h)
	}
}
