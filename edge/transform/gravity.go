package transform

import (
	"math"

	"github.com/professionalaistudio/studio/edge/wire"
)

// place is where a smaller box lies in a larger one: imgproxy's rule, whose positions round halves to even. Offsets are
// inward from the edge that the gravity names; from 1 on they are pixels, below that parts of the larger box. Focus
// points name the centre of the smaller box. It never leaves the larger one.
func place(outer, inner Size, g wire.Gravity) (x, y int) {
	ex, ey := edges(g.Kind)
	if g.Kind == wire.FocusPoint {
		x = roundEven(float64(outer.Width)*g.X) - inner.Width/2
		y = roundEven(float64(outer.Height)*g.Y) - inner.Height/2
	} else {
		x = placeSide(outer.Width, inner.Width, ex, g.X)
		y = placeSide(outer.Height, inner.Height, ey, g.Y)
	}
	return max(0, min(x, outer.Width-inner.Width)), max(0, min(y, outer.Height-inner.Height))
}

// placeSide is place on one axis; edge is -1 for left or top, 1 for right or bottom, 0 for the middle.
func placeSide(outer, inner, edge int, offset float64) int {
	if math.Abs(offset) < 1 {
		offset *= float64(outer)
	}
	off := roundEven(math.Max(-1e8, math.Min(1e8, offset)))
	switch edge {
	case -1:
		return off
	case 1:
		return outer - inner - off
	}
	return roundEven(float64(outer-inner+1)/2) + off
}

func roundEven(x float64) int { return int(math.RoundToEven(x)) }

// edges is what a gravity holds on to: -1, 0, 1 for left, middle, right and for top, middle, bottom.
func edges(k wire.GravityKind) (x, y int) {
	switch k {
	case wire.West, wire.NorthWest, wire.SouthWest:
		x = -1
	case wire.East, wire.NorthEast, wire.SouthEast:
		x = 1
	}
	switch k {
	case wire.North, wire.NorthEast, wire.NorthWest:
		y = -1
	case wire.South, wire.SouthEast, wire.SouthWest:
		y = 1
	}
	return x, y
}

var kinds = map[[2]int]wire.GravityKind{
	{0, 0}: wire.Center, {0, -1}: wire.North, {0, 1}: wire.South, {1, 0}: wire.East, {-1, 0}: wire.West,
	{1, -1}: wire.NorthEast, {-1, -1}: wire.NorthWest, {1, 1}: wire.SouthEast, {-1, 1}: wire.SouthWest,
}

// A turn takes directions in the picture as seen back to the picture as stored.
type turn struct {
	m     [4]int // stored x = m[0]·x + m[1]·y, stored y = m[2]·x + m[3]·y
	swaps bool   // width and height change places
}

// turnOf is the way back from an EXIF orientation and, after it, a rotation clockwise by a multiple of 90 degrees.
func turnOf(orientation, rotate int) turn {
	// What each orientation does to a direction as seen, to have it as stored.
	back := [9][4]int{
		1: {1, 0, 0, 1}, 2: {-1, 0, 0, 1}, 3: {-1, 0, 0, -1}, 4: {1, 0, 0, -1},
		5: {0, 1, 1, 0}, 6: {0, 1, -1, 0}, 7: {0, -1, -1, 0}, 8: {0, -1, 1, 0},
	}[orientation]
	t := turn{m: back, swaps: orientation >= 5}
	for range rotate / 90 {
		// First the quarter turn is undone: (x, y) as seen was (y, -x) before it.
		t.m = [4]int{-t.m[1], t.m[0], -t.m[3], t.m[2]}
		t.swaps = !t.swaps
	}
	return t
}

// back is a gravity given in the picture as seen, in the picture as stored. Edges, offsets and the way from the centre to
// a focus point are all directions, so one matrix turns them.
func (t turn) back(g wire.Gravity) wire.Gravity {
	switch g.Kind {
	case wire.Smart:
		return g
	case wire.FocusPoint:
		x, y := t.apply(g.X-0.5, g.Y-0.5)
		return wire.Gravity{Kind: wire.FocusPoint, X: x + 0.5, Y: y + 0.5}
	}
	ex, ey := edges(g.Kind)
	// Offsets are inward from the right and the bottom edge: as directions they point the other way.
	x, y := t.apply(inward(ex, g.X), inward(ey, g.Y))
	fx, fy := t.apply(float64(ex), float64(ey))
	ex, ey = int(fx), int(fy)
	return wire.Gravity{Kind: kinds[[2]int{ex, ey}], X: inward(ex, x), Y: inward(ey, y)}
}

func (t turn) apply(x, y float64) (float64, float64) {
	return float64(t.m[0])*x + float64(t.m[1])*y, float64(t.m[2])*x + float64(t.m[3])*y
}

// inward turns an offset from an edge into a direction and back.
func inward(edge int, offset float64) float64 {
	if edge == 1 {
		return -offset
	}
	return offset
}
