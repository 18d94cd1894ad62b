package transform

import (
	"testing"

	"github.com/professionalaistudio/studio/edge/vips"
	"github.com/professionalaistudio/studio/edge/wire"
)

// TestPlace works the rule out by hand: halves round to even, the middle is at (W - w + 1) / 2, offsets go inward from the
// named edge, from 1 on they are pixels and below that parts of the whole, and the box never leaves the whole.
func TestPlace(t *testing.T) {
	for name, test := range map[string]struct {
		outer, inner Size
		gravity      wire.Gravity
		x, y         int
	}{
		"middle":                     {Size{200, 100}, Size{100, 50}, wire.Gravity{}, 50, 26}, // 50.5 and 25.5
		"middle of an odd rest":      {Size{201, 103}, Size{100, 50}, wire.Gravity{}, 51, 27},
		"middle, moved":              {Size{200, 100}, Size{100, 50}, wire.Gravity{X: 10, Y: -5}, 60, 21},
		"middle, by a part":          {Size{200, 100}, Size{100, 50}, wire.Gravity{X: 0.05, Y: -0.05}, 60, 21},
		"top":                        {Size{200, 100}, Size{100, 50}, wire.Gravity{Kind: wire.North}, 50, 0},
		"top, 7 down":                {Size{200, 100}, Size{100, 50}, wire.Gravity{Kind: wire.North, Y: 7}, 50, 7},
		"bottom":                     {Size{200, 100}, Size{100, 50}, wire.Gravity{Kind: wire.South}, 50, 50},
		"bottom, 7 up":               {Size{200, 100}, Size{100, 50}, wire.Gravity{Kind: wire.South, Y: 7}, 50, 43},
		"left":                       {Size{200, 100}, Size{100, 50}, wire.Gravity{Kind: wire.West}, 0, 26},
		"right, a tenth in":          {Size{200, 100}, Size{100, 50}, wire.Gravity{Kind: wire.East, X: 0.1}, 80, 26},
		"top right":                  {Size{200, 100}, Size{100, 50}, wire.Gravity{Kind: wire.NorthEast, X: 3, Y: 4}, 97, 4},
		"top left":                   {Size{200, 100}, Size{100, 50}, wire.Gravity{Kind: wire.NorthWest, X: 3, Y: 4}, 3, 4},
		"bottom right":               {Size{200, 100}, Size{100, 50}, wire.Gravity{Kind: wire.SouthEast, X: 3, Y: 4}, 97, 46},
		"bottom left":                {Size{200, 100}, Size{100, 50}, wire.Gravity{Kind: wire.SouthWest, X: 3, Y: 4}, 3, 46},
		"half a pixel rounds even":   {Size{200, 100}, Size{100, 50}, wire.Gravity{Kind: wire.NorthWest, X: 2.5, Y: 3.5}, 2, 4},
		"held inside":                {Size{200, 100}, Size{100, 50}, wire.Gravity{Kind: wire.NorthWest, X: 150, Y: 80}, 100, 50},
		"held inside on the left":    {Size{200, 100}, Size{100, 50}, wire.Gravity{Kind: wire.NorthWest, X: -20, Y: -1}, 0, 0},
		"focus":                      {Size{200, 100}, Size{50, 50}, wire.Gravity{Kind: wire.FocusPoint, X: 0.5, Y: 0.5}, 75, 25},
		"focus near a corner":        {Size{200, 100}, Size{50, 50}, wire.Gravity{Kind: wire.FocusPoint, X: 0.05, Y: 0.98}, 0, 50},
		"focus, odd":                 {Size{200, 100}, Size{51, 51}, wire.Gravity{Kind: wire.FocusPoint, X: 0.4, Y: 0.5}, 55, 25},
		"an offset beyond all sense": {Size{200, 100}, Size{100, 50}, wire.Gravity{Kind: wire.NorthWest, X: 1e300, Y: -1e300}, 100, 0},
	} {
		if x, y := place(test.outer, test.inner, test.gravity); x != test.x || y != test.y {
			t.Errorf("%s: %v of %v is at %d,%d, want %d,%d", name, test.inner, test.outer, x, y, test.x, test.y)
		}
	}
}

// asSeen takes a point of the picture as stored to where it is seen: EXIF 2.32 says what each orientation means, and the
// rotation comes after it, clockwise. Written for single points, with nothing of turnOf in it.
func asSeen(orientation, rotate int, stored Size, x, y int) (seen Size, u, v int) {
	w, h := stored.Width, stored.Height
	switch orientation {
	case 1: // row 0 is the top, column 0 the left
		u, v = x, y
	case 2: // top, right
		u, v = w-1-x, y
	case 3: // bottom, right
		u, v = w-1-x, h-1-y
	case 4: // bottom, left
		u, v = x, h-1-y
	case 5: // left, top
		u, v = y, x
	case 6: // right, top
		u, v = h-1-y, x
	case 7: // right, bottom
		u, v = h-1-y, w-1-x
	case 8: // left, bottom
		u, v = y, w-1-x
	}
	if orientation >= 5 {
		w, h = h, w
	}
	for range rotate / 90 {
		u, v = h-1-v, u
		w, h = h, w
	}
	return Size{w, h}, u, v
}

// TestCropAsSeen: whatever the orientation and the rotation, a crop cuts what its gravity means in the picture as seen.
func TestCropAsSeen(t *testing.T) {
	// Rests divisible by four, so that the middle is the same from both sides.
	stored, offsets := Size{164, 124}, []wire.Gravity{{}, {X: 7, Y: 12}, {X: -4, Y: 6}, {X: 0.125, Y: -0.25}}
	kinds := []wire.GravityKind{wire.Center, wire.North, wire.South, wire.East, wire.West, wire.NorthEast, wire.NorthWest, wire.SouthEast, wire.SouthWest}
	count := 0
	for orientation := 1; orientation <= 8; orientation++ {
		for rotate := 0; rotate < 360; rotate += 90 {
			for _, kind := range append(kinds, wire.FocusPoint) {
				for _, g := range offsets {
					g.Kind = kind
					if kind == wire.FocusPoint {
						g.X, g.Y = 0.5+g.X/100, 0.5+g.Y/100
					}
					info := vips.Info{Format: vips.JPEG, Width: stored.Width, Height: stored.Height, Orientation: orientation, Bands: 3, Bits: 8, Pages: 1}
					o := wire.DefaultOptions()
					o.Rotate, o.Crop = rotate, &wire.Crop{W: 64, H: 48, Gravity: &g}
					p, err := New(info, o, wire.PNG, Limits{})
					if err != nil {
						t.Fatal(err)
					}
					seen, u0, v0 := asSeen(orientation, rotate, stored, p.Crop.X, p.Crop.Y)
					_, u1, v1 := asSeen(orientation, rotate, stored, p.Crop.X+p.Crop.Width-1, p.Crop.Y+p.Crop.Height-1)
					got := Rect{min(u0, u1), min(v0, v1), max(u0, u1) - min(u0, u1) + 1, max(v0, v1) - min(v0, v1) + 1}
					x, y := place(seen, Size{64, 48}, g)
					want := Rect{x, y, 64, 48}
					// Rounding to even is not the same from both sides where a part of the side is not whole.
					if d := max(abs(got.X-want.X), abs(got.Y-want.Y)); d > 1 || (d > 0 && g.X >= 1) || got.Width != want.Width || got.Height != want.Height {
						t.Errorf("orientation %d, rotated by %d, gravity %v: %+v is seen, want %+v", orientation, rotate, g, got, want)
					}
					if p.Result != (Size{64, 48}) {
						t.Errorf("orientation %d, rotated by %d: the result is %v, want 64x48", orientation, rotate, p.Result)
					}
					count++
				}
			}
		}
	}
	if want := 8 * 4 * 10 * 4; count != want {
		t.Errorf("%d cases, want %d", count, want)
	}
}

func abs(n int) int { return max(n, -n) }
