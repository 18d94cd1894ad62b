package face

import (
	"math"

	"github.com/professionalaistudio/studio/edge/vips"
)

// How a face lies in its crop, as in models/training/faces.py, for a crop of 128 pixels: the eyes level, the middle between them here,
// and the larger of the distance of the eyes and that from eyes to mouth so long. That file counts from the centre of the first
// pixel, so its 64, 52 is 64.5, 52.5 here.
const (
	cropSide = 128
	eyesX    = 64.5
	eyesY    = 52.5
	eyeSpan  = 33.0
)

// An affine takes a point to another: x' = a·x - b·y + c, y' = b·x + a·y + d. It turns, scales and moves.
type affine struct{ a, b, c, d float64 }

func (m affine) at(p Point) Point { return Point{m.a*p.X - m.b*p.Y + m.c, m.b*p.X + m.a*p.Y + m.d} }

// scale is how many pixels it makes of one.
func (m affine) scale() float64 { return math.Hypot(m.a, m.b) }

func (m affine) inverse() affine {
	det := m.a*m.a + m.b*m.b
	i := affine{a: m.a / det, b: -m.b / det}
	p := i.at(Point{m.c, m.d})
	i.c, i.d = -p.X, -p.Y
	return i
}

// align is the map from the picture to a crop of side x side, and how far it turns the picture, in radians.
func align(five [5]Point, side int) (m affine, turn float64) {
	middle := func(p, q Point) Point { return Point{(p.X + q.X) / 2, (p.Y + q.Y) / 2} }
	eyes, mouth := middle(five[LeftEye], five[RightEye]), middle(five[LeftMouth], five[RightMouth])
	acrossX, acrossY := five[RightEye].X-five[LeftEye].X, five[RightEye].Y-five[LeftEye].Y
	unit := float64(side) / cropSide
	k := eyeSpan * unit / max(math.Hypot(acrossX, acrossY), math.Hypot(mouth.X-eyes.X, mouth.Y-eyes.Y), 1e-3)
	turn = -math.Atan2(acrossY, acrossX)
	m = affine{a: math.Cos(turn) * k, b: math.Sin(turn) * k}
	at := m.at(eyes)
	m.c, m.d = eyesX*unit-at.X, eyesY*unit-at.Y
	return m, turn
}

// The crop of a face that is large in the picture is made from a smaller picture, or it would have stairs: from one with half as many
// pixels again as the crop, once the crop has fewer than half.
const (
	reduceBelow = 0.5
	reducedTo   = 1.5
)

// crop writes the face as the net sees it. Beyond the picture its edge goes on.
func crop(r vips.Raster, m affine, to vips.Raster) error {
	factor := 1.0
	if k := m.scale(); k < reduceBelow {
		factor = k * reducedTo
	}
	back := m.inverse()
	p, err := cut(r, back, to.Width, to.Height, factor)
	if err != nil {
		return err
	}
	defer clear(p.small.Pix)
	return p.warp(back, to)
}
