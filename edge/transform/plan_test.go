package transform

import (
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
