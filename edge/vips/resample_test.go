package vips

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// light and code are the sRGB curve and its inverse, written from the standard.
func light(code float64) float64 {
	if v := code / 255; v <= 0.04045 {
		return v / 12.92
	} else {
		return math.Pow((v+0.055)/1.055, 2.4)
	}
}

func code(light float64) float64 {
	light = math.Max(0, math.Min(1, light))
	if light <= 0.0031308 {
		return 255 * 12.92 * light
	}
	return 255 * (1.055*math.Pow(light, 1/2.4) - 0.055)
}

// Two greys whose light is a whole code and leaves room for the overshoot of the kernel: white and black would be cut off
// there, and the sum with them.
const bright, dim = 225, 137

// halfPlane is a picture that is bright where a*x + b*y < c and dim elsewhere, each pixel as light as the part of it that
// is bright (found by counting 16 x 16 points).
func halfPlane(width, height int, a, b, c float64) []byte {
	pix := make([]byte, 3*width*height)
	for y := range height {
		for x := range width {
			inside := 0
			for i := range 16 {
				for j := range 16 {
					if a*(float64(x)+(float64(i)+0.5)/16)+b*(float64(y)+(float64(j)+0.5)/16) < c {
						inside++
					}
				}
			}
			part := float64(inside) / 256
			v := uint8(math.Round(code(part*light(bright) + (1-part)*light(dim))))
			copy(pix[3*(y*width+x):], []byte{v, v, v})
		}
	}
	return pix
}

// rotation is a map that scales by s, turns by degrees (clockwise as seen) about (cx, cy), and takes that point to (ox, oy).
func rotation(s, degrees, cx, cy, ox, oy float64) [6]float64 {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	a, b, d, e := s*cos, -s*sin, s*sin, s*cos
	return [6]float64{a, b, ox - a*cx - b*cy, d, e, oy - d*cx - e*cy}
}

func resample(t *testing.T, pix []byte, width, height int, m [6]float64, outWidth, outHeight int, bg RGB) []byte {
	t.Helper()
	img, err := FromPixels(pix, width, height, 3)
	if err != nil {
		t.Fatal(err)
	}
	defer img.Close()
	if err := img.Resample(m, outWidth, outHeight, bg); err != nil {
		t.Fatal(err)
	}
	out, w, h, err := img.Pixels()
	if err != nil || w != outWidth || h != outHeight {
		t.Fatalf("got %d x %d and %v, want %d x %d", w, h, err, outWidth, outHeight)
	}
	return out
}

// TestResampleEdges: an edge at a known place in the source is found where the map says, to 0.05 pixels. The light of a row
// that is bright up to the edge adds up to the place of the edge, whatever a symmetric kernel has made of it.
func TestResampleEdges(t *testing.T) {
	const width, height = 240, 200
	// The square that is looked at lies about the middle of the source, well inside it.
	const cx, cy = 120, 100
	for _, m := range []struct {
		name string
		m    [6]float64
		w, h int
	}{
		{"identity", [6]float64{1, 0, 0, 0, 1, 0}, 240, 200},
		{"half", [6]float64{0.5, 0, 0, 0, 0.5, 0}, 120, 100},
		{"two fifths, moved", [6]float64{0.4, 0, 3.37, 0, 0.4, -2.21}, 98, 75},
		{"a twelfth", [6]float64{1.0 / 12, 0, 0, 0, 1.0 / 12, 0}, 20, 16},
		{"grown", [6]float64{2.3, 0, -60.4, 0, 2.3, -20.1}, 430, 400},
		{"unequal", [6]float64{0.7, 0, 1.5, 0, 1.3, 0.25}, 165, 250},
		{"three degrees", rotation(0.6, 3, cx, cy, 40, 40), 80, 80},
		{"minus twelve", rotation(0.45, -12, cx, cy, 35, 35), 70, 70},
		{"nineteen, grown", rotation(1.2, 19, cx, cy, 50, 50), 100, 100},
		{"forty", rotation(0.5, 40, cx, cy, 25, 25), 50, 50},
		{"a quarter turn", rotation(0.5, 90, cx, cy, 30, 30), 60, 60},
		{"mirrored", [6]float64{-0.5, 0, 120, 0, 0.5, 0}, 120, 100},
	} {
		t.Run(m.name, func(t *testing.T) {
			for _, upright := range []bool{true, false} {
				// An edge in the source at x = 121.3125, or y = 98.625.
				pix := halfPlane(width, height, 1, 0, 121.3125)
				if !upright {
					pix = halfPlane(width, height, 0, 1, 98.625)
				}
				out := resample(t, pix, width, height, m.m, m.w, m.h, RGB{})
				checkEdge(t, out, m.w, m.h, m.m, upright)
			}
		})
	}
}

// share is how far a code lies from dim to bright, as light.
func share(c uint8) float64 { return (light(float64(c)) - light(dim)) / (light(bright) - light(dim)) }

// checkEdge compares the edge in out with where m takes x = 121.3125 or y = 98.625 of the source.
func checkEdge(t *testing.T, out []byte, w, h int, m [6]float64, upright bool) {
	t.Helper()
	det := m[0]*m[4] - m[1]*m[3]
	// The source's coordinate that the edge is in, as a function of the output's: k·(x', y') + k2.
	var kx, ky, k0, edge float64
	if upright {
		kx, ky, k0, edge = m[4]/det, -m[1]/det, (m[1]*m[5]-m[4]*m[2])/det, 121.3125
	} else {
		kx, ky, k0, edge = -m[3]/det, m[0]/det, (m[3]*m[2]-m[0]*m[5])/det, 98.625
	}
	worst, measured := 0.0, 0
	check := func(line, along int, at func(i int) float64, want float64, rising bool) {
		// Only lines on which the edge stays clear of the ends.
		if want < 6 || want > float64(along)-6 {
			return
		}
		from, to := max(0, int(want)-12), min(along, int(want)+12)
		sum := 0.0
		for i := from; i < to; i++ {
			sum += at(i)
		}
		got := float64(from) + sum
		if rising {
			got = float64(to) - sum
		}
		worst = math.Max(worst, math.Abs(got-want))
		measured++
	}
	if math.Abs(kx) >= math.Abs(ky) {
		for y := 8; y < h-8; y++ {
			want := (edge - k0 - ky*(float64(y)+0.5)) / kx
			check(y, w, func(x int) float64 { return share(out[3*(y*w+x)+1]) }, want, kx < 0)
		}
	} else {
		for x := 8; x < w-8; x++ {
			want := (edge - k0 - kx*(float64(x)+0.5)) / ky
			check(x, h, func(y int) float64 { return share(out[3*(y*w+x)+1]) }, want, ky < 0)
		}
	}
	if measured == 0 && w > 16 && h > 16 {
		t.Fatalf("the edge was nowhere to be measured")
	}
	if worst > 0.05 {
		t.Errorf("the edge is up to %.3f pixels from where the map takes it, want 0.05 (upright %v)", worst, upright)
	}
}

// TestResampleIdentity: a map that changes nothing changes nothing.
func TestResampleIdentity(t *testing.T) {
	pix := noise(67, 45, 3)
	out := resample(t, pix, 67, 45, [6]float64{1, 0, 0, 0, 1, 0}, 67, 45, RGB{})
	if !bytes.Equal(out, pix) {
		t.Errorf("identity changed pixels: first at %d", firstDifference(out, pix))
	}
	// A cut at whole pixels is a cut.
	out = resample(t, pix, 67, 45, [6]float64{1, 0, -10, 0, 1, -20}, 30, 20, RGB{})
	for y := range 20 {
		if want := pix[3*((y+20)*67+10) : 3*((y+20)*67+40)]; !bytes.Equal(out[3*30*y:3*30*(y+1)], want) {
			t.Fatalf("row %d of a cut is not the source's row %d", y, y+20)
		}
	}
}

// TestResampleFlat: an even colour stays what it is under every map, to the last level.
func TestResampleFlat(t *testing.T) {
	pix := bytes.Repeat([]byte{201, 93, 7}, 120*90)
	for _, m := range [][6]float64{
		{0.37, 0, 1.3, 0, 0.41, 0.9}, {1.9, 0, -30, 0, 1.7, -10}, rotation(0.5, 7, 60, 45, 15, 15), rotation(0.5, 60, 60, 45, 15, 15),
	} {
		out := resample(t, pix, 120, 90, m, 30, 30, RGB{201, 93, 7})
		for i := 0; i < len(out); i += 3 {
			if out[i] != 201 || out[i+1] != 93 || out[i+2] != 7 {
				t.Fatalf("%v: pixel %d of an even colour is %v", m, i/3, out[i:i+3])
			}
		}
	}
}

// TestResampleLight: stripes too fine for the output become the mean of their light, not of their codes.
func TestResampleLight(t *testing.T) {
	const width, height = 240, 240
	pix := make([]byte, 3*width*height)
	for i := 0; i < len(pix); i += 3 {
		if (i/3)%2 == 0 {
			copy(pix[i:], []byte{255, 255, 255})
		}
	}
	want := code(0.5) // 188, where the mean of codes would be 128
	for name, m := range map[string][6]float64{
		"upright": {0.25, 0, 0, 0, 0.25, 0}, "turned": rotation(0.25, 5, 120, 120, 30, 30), "far turned": rotation(0.25, 50, 120, 120, 30, 30),
	} {
		out := resample(t, pix, width, height, m, 60, 60, RGB{})
		for _, at := range []int{30*60 + 30, 25*60 + 33, 33*60 + 20} {
			if got := float64(out[3*at]); math.Abs(got-want) > 2 {
				t.Errorf("%s: stripes became %v, want %.0f", name, got, want)
			}
		}
	}
}

// TestResampleBackground: what lies outside the source is the background, exactly; what the edge crosses is its share of
// both, as light.
func TestResampleBackground(t *testing.T) {
	pix := bytes.Repeat([]byte{255, 255, 255}, 100*100)
	bg := RGB{20, 40, 60}
	// The source covers the output from 10.25 to 60.25 both ways.
	out := resample(t, pix, 100, 100, [6]float64{0.5, 0, 10.25, 0, 0.5, 10.25}, 80, 80, bg)
	at := func(x, y int) [3]uint8 { return [3]uint8(out[3*(y*80+x):]) }
	for _, p := range [][2]int{{0, 0}, {9, 40}, {40, 9}, {61, 40}, {79, 79}} {
		if got := at(p[0], p[1]); got != [3]uint8{20, 40, 60} {
			t.Errorf("outside, at %v, there is %v, want the background", p, got)
		}
	}
	for _, p := range [][2]int{{11, 11}, {35, 35}, {59, 59}} {
		if got := at(p[0], p[1]); got != [3]uint8{255, 255, 255} {
			t.Errorf("inside, at %v, there is %v, want white", p, got)
		}
	}
	want := uint8(math.Round(code(0.75 + 0.25*light(20))))
	if got := at(10, 40)[0]; got != want {
		t.Errorf("the pixel that is three quarters inside is %d, want %d", got, want)
	}
	// Far away there is nothing but background, and nothing breaks.
	out = resample(t, pix, 100, 100, [6]float64{0.5, 0, 5000, 0, 0.5, -7000}, 20, 20, bg)
	if !bytes.Equal(out, bytes.Repeat([]byte{20, 40, 60}, 400)) {
		t.Error("far from the source there is more than background")
	}
}

// TestResampleWays: the fast ways agree with the direct one. A row filter and a slanted kernel weigh alike, but not the
// same, so pictures with turning may differ by a little where there is detail.
func TestResampleWays(t *testing.T) {
	const width, height = 160, 140
	smooth := make([]byte, 3*width*height)
	for y := range height {
		for x := range width {
			for c := range 3 {
				fx, fy := float64(x)/(9+3*float64(c)), float64(y)/(13-2*float64(c))
				smooth[3*(y*width+x)+c] = uint8(128 + 100*math.Sin(fx)*math.Cos(fy))
			}
		}
	}
	bg := RGB{200, 100, 50}
	for _, test := range []struct {
		name  string
		m     [6]float64
		slack float64
	}{
		{"shrunk", [6]float64{0.4, 0, 2.3, 0, 0.45, -1.7}, 1},
		{"grown", [6]float64{1.7, 0, -60.2, 0, 1.5, -50.3}, 1},
		{"hanging over", [6]float64{0.5, 0, 10.6, 0, 0.5, 20.2}, 1},
		{"one degree", rotation(0.5, 1, 80, 70, 32, 32), 2},
		{"eight degrees", rotation(0.5, -8, 80, 70, 32, 32), 2},
		{"eighteen degrees, over the edge", rotation(0.4, 18, 80, 70, 40, 36), 3},
		{"grown and turned", rotation(1.4, 10, 80, 70, 32, 32), 2},
		{"sheared", [6]float64{0.6, 0.1, -10, -0.05, 0.5, 8}, 3},
	} {
		fast := resamplePixels(smooth, width, height, test.m, 64, 64, bg, false)
		slow := resamplePixels(smooth, width, height, test.m, 64, 64, bg, true)
		worst := 0.0
		for i := range fast {
			worst = math.Max(worst, math.Abs(float64(fast[i])-float64(slow[i])))
		}
		if worst > test.slack {
			t.Errorf("%s: the fast way is %v levels from the direct one, want %v", test.name, worst, test.slack)
		}
	}
}

// TestResampleVectors: every processor makes the same bytes.
func TestResampleVectors(t *testing.T) {
	if !useWideVectors(true) {
		t.Skip("this processor has one kind of vectors")
	}
	defer useWideVectors(true)
	pix := noise(333, 222, 3)
	for _, m := range [][6]float64{{0.31, 0, 2, 0, 0.47, 1}, {1.3, 0, -40, 0, 1.2, -3}, rotation(0.4, 6, 160, 110, 60, 60)} {
		useWideVectors(true)
		wide := resamplePixels(pix, 333, 222, m, 117, 101, White, false)
		useWideVectors(false)
		if narrow := resamplePixels(pix, 333, 222, m, 117, 101, White, false); !bytes.Equal(wide, narrow) {
			t.Errorf("%v: the vectors of AVX2 and SSE2 differ first at %d", m, firstDifference(wide, narrow))
		}
	}
}

// TestResampleCutsBeforeDecoding: the part of a file that the output does not show makes no difference.
func TestResampleRegion(t *testing.T) {
	pix := noise(600, 500, 3)
	whole := resamplePixels(pix, 600, 500, rotation(0.5, 4, 300, 250, 20, 20), 40, 40, White, false)
	img, err := FromPixels(pix, 600, 500, 3)
	if err != nil {
		t.Fatal(err)
	}
	defer img.Close()
	png, err := img.Encode(EncodeConfig{Format: PNG})
	if err != nil {
		t.Fatal(err)
	}
	defer png.Close()
	lazy, err := Load(png.Bytes(), LoadConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer lazy.Close()
	if err := lazy.Resample(rotation(0.5, 4, 300, 250, 20, 20), 40, 40, White); err != nil {
		t.Fatal(err)
	}
	part, _, _, err := lazy.Pixels()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(part, whole) {
		t.Errorf("decoding only what is needed changes the result, first at %d", firstDifference(part, whole))
	}
}

func TestResampleRefuses(t *testing.T) {
	img, err := FromPixels(noise(10, 10, 3), 10, 10, 3)
	if err != nil {
		t.Fatal(err)
	}
	defer img.Close()
	for name, f := range map[string]func() error{
		"a map that flattens": func() error { return img.Resample([6]float64{1, 1, 0, 1, 1, 0}, 5, 5, White) },
		"no number":           func() error { return img.Resample([6]float64{math.NaN(), 0, 0, 0, 1, 0}, 5, 5, White) },
		"infinity":            func() error { return img.Resample([6]float64{math.Inf(1), 0, 0, 0, 1, 0}, 5, 5, White) },
		"no pixels":           func() error { return img.Resample([6]float64{1, 0, 0, 0, 1, 0}, 0, 5, White) },
		"too many pixels":     func() error { return img.Resample([6]float64{1, 0, 0, 0, 1, 0}, 1<<20, 1<<20, White) },
	} {
		if f() == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if img.Width() != 10 || img.Height() != 10 {
		t.Errorf("after refusals the image is %d x %d, want 10 x 10", img.Width(), img.Height())
	}
}

func BenchmarkResample(b *testing.B) {
	const width, height = 2000, 2600 // a selfie as a phone held upright takes it, at half its size
	pix := noise(width, height, 3)
	for _, degrees := range []float64{0, 4} {
		b.Run(fmt.Sprintf("%v degrees", degrees), func(b *testing.B) {
			m := rotation(0.55, degrees, 1000, 1300, 413, 531)
			for b.Loop() {
				resamplePixels(pix, width, height, m, 827, 1063, White, false)
			}
			b.ReportMetric(float64(b.Elapsed())/float64(time.Millisecond)/float64(b.N), "ms/photo")
		})
	}
}

func noise(width, height, bands int) []byte {
	random := rand.New(rand.NewPCG(3, uint64(width)))
	pix := make([]byte, width*height*bands)
	for i := range pix {
		pix[i] = uint8(random.Uint32())
	}
	return pix
}

func firstDifference(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}
