package transform

import (
	"errors"
	"strings"
	"testing"

	"github.com/professionalaistudio/studio/edge/vips"
	"github.com/professionalaistudio/studio/edge/wire"
)

// sizes is the table of imgproxy's own tests: a source of 200 x 100, a box, and what comes out (en = enlarge, ex = extend).
// A dash is a case the table leaves out.
const sizes = `
box      fit      fit+en   fit+ex   fill     fill+en  fill+ex  fill-down
50x50    50x25    50x25    50x50    50x50    50x50    50x50    50x50
300x300  200x100  300x150  300x300  200x100  300x300  300x300  100x100
300x125  -        250x125  300x125  -        300x125  300x125  200x83
300x50   100x50   -        -        200x50   -        300x50   -
100x300  100x50   -        -        100x100  -        100x300  -
0x200    200x100  400x200  200x200  200x100  400x200  200x200  200x100
300x0    200x100  300x150  300x100  200x100  300x150  300x100  200x100
`

func parseSize(t *testing.T, s string) Size {
	t.Helper()
	var size Size
	w, h, ok := strings.Cut(s, "x")
	if !ok {
		t.Fatalf("%q is no size", s)
	}
	for i, side := range []string{w, h} {
		n := 0
		for _, c := range side {
			n = n*10 + int(c-'0')
		}
		if i == 0 {
			size.Width = n
		} else {
			size.Height = n
		}
	}
	return size
}

func plan(t *testing.T, info vips.Info, options string, out wire.Format) *Plan {
	t.Helper()
	o, err := wire.ParseOptions(options)
	if err != nil {
		t.Fatalf("%s: %v", options, err)
	}
	p, err := New(info, o, out, Limits{})
	if err != nil {
		t.Fatalf("%s: %v", options, err)
	}
	return p
}

func jpegInfo(width, height int) vips.Info {
	return vips.Info{Format: vips.JPEG, Width: width, Height: height, Orientation: 1, Bands: 3, Bits: 8, Pages: 1}
}

func TestSizes(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(sizes), "\n")
	columns := strings.Fields(lines[0])
	for _, line := range lines[1:] {
		cells := strings.Fields(line)
		box := parseSize(t, cells[0])
		for i, cell := range cells[1:] {
			if cell == "-" {
				continue
			}
			how, flag, _ := strings.Cut(columns[i+1], "+")
			options := strings.Join([]string{"rs", how, strings.ReplaceAll(cells[0], "x", ":"),
				map[bool]string{true: "1", false: "0"}[flag == "en"], map[bool]string{true: "1", false: "0"}[flag == "ex"]}, ":")
			p := plan(t, jpegInfo(200, 100), options, wire.PNG)
			if want := parseSize(t, cell); p.Result != want {
				t.Errorf("%s of 200x100 into %v is %v, want %v (%s)", columns[i+1], box, p.Result, want, options)
			}
		}
	}
}

// TestSizesOfTurned: a box is meant for the picture as seen.
func TestSizesOfTurned(t *testing.T) {
	turned := jpegInfo(200, 100)
	turned.Orientation = 6 // seen, it is 100 x 200
	for _, test := range []struct {
		options string
		want    Size
	}{
		{"", Size{100, 200}},
		{"w:50", Size{50, 100}},
		{"ar:0", Size{200, 100}},
		{"ar:0/w:50", Size{50, 25}},
		{"rot:90", Size{200, 100}},
		{"rot:90/w:50", Size{50, 25}},
		{"rot:180/w:50", Size{50, 100}},
		{"ar:0/rot:270/h:50", Size{25, 50}},
		{"rs:fill:50:50", Size{50, 50}},
		{"c:0.5:0.25", Size{50, 50}},
		{"c:80:40/rot:90", Size{80, 40}},
		{"c:300:40", Size{100, 40}},
		{"c:0:40", Size{100, 40}},
		{"c:0.001:0.001", Size{1, 1}},
		{"c:50:100/w:25", Size{25, 50}},
		{"c:50:100/rs:fill:100:100:1", Size{100, 100}},
		{"rs:auto:50:100", Size{50, 100}}, // both stand: fill
		{"rs:auto:100:50", Size{25, 50}},  // one lies: fit
		{"rs:force:30:40", Size{30, 40}},
		{"rs:force:400:50", Size{100, 13}}, // without enlarge both sides grow by the same less: 4 and 1/4 become 1 and 1/16
		{"w:1/h:1", Size{1, 1}},
	} {
		if got := plan(t, turned, test.options, wire.PNG).Result; got != test.want {
			t.Errorf("%q of 100x200, stored lying: %v, want %v", test.options, got, test.want)
		}
	}
}

// TestRounding: sizes round halves away from zero.
func TestRounding(t *testing.T) {
	for _, test := range []struct {
		source  Size
		options string
		want    Size
	}{
		{Size{300, 200}, "w:75", Size{75, 50}},
		{Size{200, 75}, "w:100", Size{100, 38}}, // 37.5
		{Size{200, 77}, "w:100", Size{100, 39}}, // 38.5
		{Size{1000, 1}, "w:10", Size{10, 1}},    // never nothing
		{Size{4000, 3000}, "w:800", Size{800, 600}},
		{Size{4032, 3024}, "w:333", Size{333, 250}}, // 249.75
		{Size{200, 100}, "rs:fill:1000:50:1", Size{1000, 50}},
	} {
		if got := plan(t, jpegInfo(test.source.Width, test.source.Height), test.options, wire.PNG).Result; got != test.want {
			t.Errorf("%s of %v is %v, want %v", test.options, test.source, got, test.want)
		}
	}
}

// TestShrink: the decoder never makes the picture smaller than the result needs.
func TestShrink(t *testing.T) {
	for _, test := range []struct {
		options string
		most    float64 // of a 4000 x 3000 source
	}{
		{"w:800", 5}, {"w:500", 8}, {"w:2001", 1.9990}, {"w:4000", 1}, {"", 1}, {"w:8000/el:1", 1},
		{"rs:fill:100:3000", 1}, {"rs:force:100:1500", 2}, {"c:1000:750/w:500", 2}, {"c:400:300/w:400", 1},
	} {
		p := plan(t, jpegInfo(4000, 3000), test.options, wire.JPEG)
		if p.Shrink > test.most+0.001 || p.Shrink < test.most-0.01 {
			t.Errorf("%s: the decoder may shrink by %.4f, want %.4f", test.options, p.Shrink, test.most)
		}
	}
}

// TestFormatLimits: what a format cannot hold is scaled down, and an AVIF under 16 pixels becomes a PNG or a JPEG.
func TestFormatLimits(t *testing.T) {
	alpha := jpegInfo(200, 100)
	alpha.Format, alpha.Bands, alpha.Alpha = vips.PNG, 4, true
	for _, test := range []struct {
		source  vips.Info
		options string
		out     wire.Format
		format  vips.Format
		want    Size
	}{
		{jpegInfo(200, 100), "w:20", wire.AVIF, vips.JPEG, Size{20, 10}},
		{jpegInfo(200, 100), "w:32", wire.AVIF, vips.AVIF, Size{32, 16}},
		{jpegInfo(200, 100), "w:30", wire.AVIF, vips.JPEG, Size{30, 15}},
		{alpha, "w:20", wire.AVIF, vips.PNG, Size{20, 10}},
		{alpha, "w:20/bg:fff", wire.AVIF, vips.JPEG, Size{20, 10}},
		{jpegInfo(200, 100), "s:15:20/ex:1", wire.AVIF, vips.PNG, Size{15, 20}},
		{jpegInfo(20000, 100), "", wire.WebP, vips.WebP, Size{16383, 82}},
		{jpegInfo(100, 20000), "", wire.AVIF, vips.AVIF, Size{82, 16384}},
		{jpegInfo(20000, 100), "", wire.JPEG, vips.JPEG, Size{20000, 100}},
		{jpegInfo(16383, 10), "", wire.WebP, vips.WebP, Size{16383, 10}},
	} {
		p := plan(t, test.source, test.options, test.out)
		if p.Format != test.format || p.Result != test.want {
			t.Errorf("%q of %dx%d as %s: %s of %v, want %s of %v", test.options, test.source.Width, test.source.Height, test.out,
				p.Format, p.Result, test.format, test.want)
		}
	}
}

func TestLimits(t *testing.T) {
	animation := jpegInfo(1000, 1000)
	animation.Format, animation.Pages = vips.GIF, 30
	for name, test := range map[string]struct {
		info    vips.Info
		options string
		limits  Limits
		ok      bool
	}{
		"as many as allowed":           {jpegInfo(1000, 1000), "", Limits{MaxPixels: 1_000_000}, true},
		"one row too many":             {jpegInfo(1000, 1001), "", Limits{MaxPixels: 1_000_000}, false},
		"no limit":                     {jpegInfo(50_000, 50_000), "w:100", Limits{}, true},
		"a bomb":                       {jpegInfo(50_000, 50_000), "w:100", Limits{MaxPixels: 50_000_000}, false},
		"a result that is too large":   {jpegInfo(100, 100), "rs:force:60000:60000:1", Limits{MaxPixels: 50_000_000}, false},
		"a canvas that is too large":   {jpegInfo(100, 100), "s:60000:60000/ex:1", Limits{MaxPixels: 50_000_000}, false},
		"one frame of many":            {animation, "", Limits{MaxPixels: 1_000_000}, true},
		"frames that count":            {animation, "", Limits{MaxPixels: 9_000_000, MaxFrames: 10}, false},
		"frames that count and may be": {animation, "", Limits{MaxPixels: 10_000_000, MaxFrames: 10}, true},
	} {
		o, err := wire.ParseOptions(test.options)
		if err != nil {
			t.Fatal(err)
		}
		_, err = New(test.info, o, wire.JPEG, test.limits)
		if test.ok && err != nil || !test.ok && !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: %v, allowed: %v", name, err, test.ok)
		}
	}
}

func TestChoose(t *testing.T) {
	for _, test := range []struct {
		header  Header
		options string
		want    wire.Format
	}{
		{Header{Format: wire.JPEG}, "", wire.JPEG},
		{Header{Format: wire.PNG}, "", wire.PNG},
		{Header{Format: wire.JPEG}, "s:9:9/ex:1", wire.JPEG},
		{Header{Format: wire.WebP}, "", wire.JPEG},
		{Header{Format: wire.WebP, Alpha: true}, "", wire.PNG},
		{Header{Format: wire.WebP, Alpha: true}, "bg:000", wire.JPEG},
		{Header{Format: wire.TIFF}, "s:9:9/ex:1", wire.PNG},
		{Header{Format: wire.GIF}, "", wire.JPEG},
	} {
		o, err := wire.ParseOptions(test.options)
		if err != nil {
			t.Fatal(err)
		}
		if got := Choose(test.header, o); got != test.want {
			t.Errorf("%+v with %q is answered as %s, want %s", test.header, test.options, got, test.want)
		}
	}
	o := wire.DefaultOptions()
	for _, out := range []wire.Format{wire.GIF, wire.TIFF, wire.SVG, wire.HEIC} {
		if _, err := New(jpegInfo(10, 10), o, out, Limits{}); !errors.Is(err, ErrUnsupportedOutput) {
			t.Errorf("%s as output: %v, want %v", out, err, ErrUnsupportedOutput)
		}
	}
}
