package portrait

import (
	"fmt"
	"image"
	"math"
)

// A Length is a distance in a picture: pixels, or hundredths of a side.
type Length struct {
	Value   float64
	Percent bool
}

func (l Length) of(side float64) float64 {
	if l.Percent {
		return l.Value / 100 * side
	}
	return l.Value
}

// A Region is a part of a picture: two corners, in pixels of the upright picture or as parts of its sides.
type Region struct{ X1, Y1, X2, Y2 Length }

// A Margin is left around people: in pixels of the result, or as parts of their own height and width.
type Margin struct{ Top, Right, Bottom, Left Length }

// An Anchor is where people are in a canvas: 0 at its left or upper edge, 1 at its right or lower one.
type Anchor struct{ X, Y float64 }

// in is the region of a picture of this size.
func (r Region) in(size image.Point) (rectangle, error) {
	w, h := float64(size.X), float64(size.Y)
	part := rectangle{r.X1.of(w), r.Y1.of(h), r.X2.of(w), r.Y2.of(h)}
	switch {
	case min(part.x1, part.x2, part.y1, part.y2) < 0, max(part.x1, part.x2) > w, max(part.y1, part.y2) > h:
		return part, fmt.Errorf("%w: it is %d × %d pixels", ErrRegionOutside, size.X, size.Y)
	case !(part.x1 < part.x2 && part.y1 < part.y2):
		return part, ErrRegionEmpty
	}
	return part, nil
}

// A rectangle is a part of a picture between whole pixels.
type rectangle struct{ x1, y1, x2, y2 float64 }

func whole(size image.Point) rectangle { return rectangle{0, 0, float64(size.X), float64(size.Y)} }

func (r rectangle) times(x, y float64) rectangle {
	return rectangle{r.x1 * x, r.y1 * y, r.x2 * x, r.y2 * y}
}

// near is the nearest whole pixels inside a canvas, one at the least.
func (r rectangle) near(canvas image.Point) image.Rectangle {
	x1, y1 := min(int(math.Round(r.x1)), canvas.X-1), min(int(math.Round(r.y1)), canvas.Y-1)
	return image.Rect(x1, y1, min(max(int(math.Round(r.x2)), x1+1), canvas.X), min(max(int(math.Round(r.y2)), y1+1), canvas.Y))
}

// out is all pixels that a part of it lies in. What is a thousandth of a pixel off does so by the arithmetic.
func (r rectangle) out() image.Rectangle {
	const eps = 1e-3
	return image.Rect(int(math.Floor(r.x1+eps)), int(math.Floor(r.y1+eps)), int(math.Ceil(r.x2-eps)), int(math.Ceil(r.y2-eps)))
}

// A box is where people are, in pixels.
type box image.Rectangle

// floats is the box on a canvas of another size.
func (b box) floats(from, to image.Point) rectangle {
	r := rectangle{float64(b.Min.X), float64(b.Min.Y), float64(b.Max.X), float64(b.Max.Y)}
	return r.times(float64(to.X)/float64(from.X), float64(to.Y)/float64(from.Y))
}

// fitting is by what a picture is to be scaled so that it has at most so many pixels.
func fitting(size image.Point, most int64) float64 {
	all := float64(size.X) * float64(size.Y)
	if most <= 0 || all <= float64(most) {
		return 1
	}
	return math.Sqrt(float64(most) / all)
}

// scaled is a size that was scaled down, rounded so that it has not one pixel more.
func scaled(size image.Point, scale float64) image.Point {
	if scale >= 1 {
		return size
	}
	return image.Pt(max(int(float64(size.X)*scale+1e-6), 1), max(int(float64(size.Y)*scale+1e-6), 1))
}

// An arrangement is what becomes of a cut-out: a canvas, and where on it the box of the people is laid.
type arrangement struct {
	canvas image.Point
	people image.Rectangle
}

// grown is how much larger people become than the box they were cut out in.
func (a arrangement) grown(b box) float64 {
	was := image.Rectangle(b)
	return max(float64(a.people.Dx())/float64(was.Dx()), float64(a.people.Dy())/float64(was.Dy()))
}

// arrange trims, scales and places people, whose box is given at the scale of the canvas.
func (r Removal) arrange(at rectangle, canvas image.Point) arrangement {
	w, h := at.x2-at.x1, at.y2-at.y1
	x, y, canvasW, canvasH := at.x1, at.y1, float64(canvas.X), float64(canvas.Y)
	if r.Crop {
		x, y = r.Margin.Left.of(w), r.Margin.Top.of(h)
		canvasW, canvasH = x+w+r.Margin.Right.of(w), y+h+r.Margin.Bottom.of(h)
	}
	free := func(canvas, side, at float64) float64 { // which part of what is free is before them
		if canvas-side < 1 {
			return 0.5
		}
		return at / (canvas - side)
	}
	anchor := Anchor{free(canvasW, w, x), free(canvasH, h, y)}
	if r.Anchor != nil {
		anchor = *r.Anchor
	}
	if r.Scale > 0 {
		grow := min(r.Scale*canvasW/w, r.Scale*canvasH/h)
		w, h = w*grow, h*grow
	}
	if r.Scale > 0 || r.Anchor != nil {
		x, y = anchor.X*(canvasW-w), anchor.Y*(canvasH-h)
	}
	// Whoever asks for a margin does not ask for more pixels.
	shrink, most := 1.0, float64(r.most())
	if all := canvasW * canvasH; most > 0 && all > most {
		shrink = math.Sqrt(most / all)
	}
	side := func(v float64) int { return max(int(math.Round(v*shrink)), 1) }
	a := arrangement{canvas: image.Pt(side(canvasW), side(canvasH))}
	if most > 0 && float64(a.canvas.X)*float64(a.canvas.Y) > most {
		a.canvas = image.Pt(max(int(canvasW*shrink+1e-6), 1), max(int(canvasH*shrink+1e-6), 1))
	}
	size := image.Pt(min(side(w), a.canvas.X), min(side(h), a.canvas.Y))
	place := func(v float64, room int) int { return min(max(int(math.Round(v*shrink)), 0), room) }
	corner := image.Pt(place(x, a.canvas.X-size.X), place(y, a.canvas.Y-size.Y))
	a.people = image.Rectangle{Min: corner, Max: corner.Add(size)}
	return a
}
