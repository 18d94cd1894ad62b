package matte

import (
	"context"
	"fmt"
	"image"
	"math"

	"github.com/professionalaistudio/studio/edge/vips"
)

// How far colours and sketch are believed; chosen on people with a known alpha, see doc.go. Nothing here is sharp: half and double
// of each changes the error by a few per cent.
const (
	noise    = 0.03 * 255 // levels: what a colour is off by without meaning anything
	offLine  = 2          // how much being off the line between F and B counts as noise
	doubtLow = 0.05       // τ where the sketch says 0 or 1
	doubtMid = 0.30       // τ where it says ½
	snap     = 0.04       // from 0 and 1, within which alpha is 0 or 1
	freedom  = 25.0       // levels by which the people's colours may differ from those carried into the band
)

// feather is the part of a near view's side over which it takes over from the whole one.
const feather = 1.0 / 12

// Refine makes the matte at the scale of the picture: alpha, a byte for each pixel. Where colours is set it also makes r the people's
// own picture: pixels that are surely theirs stay as they are, those of the background become black, and in the band the
// background is taken out of the colour, so that Over can lay them on any other. r must be what Look saw.
//
// The work is linear in the pixels and done in the band alone.
func (s *Sketch) Refine(ctx context.Context, r vips.Raster, alpha []byte, colours bool) error {
	return s.RefinePart(ctx, r, image.Rect(0, 0, r.Width, r.Height), alpha, colours)
}

// RefinePart is Refine for a part of the picture: alpha is a byte for each pixel of it, and nothing beyond it is touched.
func (s *Sketch) RefinePart(ctx context.Context, r vips.Raster, only image.Rectangle, alpha []byte, colours bool) error {
	if err := r.Check(); err != nil {
		return err
	}
	if s.near == nil || r.Width != s.Width || r.Height != s.Height || only.Empty() || !only.In(image.Rect(0, 0, r.Width, r.Height)) ||
		len(alpha) != only.Dx()*only.Dy() {
		return fmt.Errorf("matte: a sketch of %d x %d and %d bytes of alpha do not fit %v of a picture of %d x %d",
			s.Width, s.Height, len(alpha), only, r.Width, r.Height)
	}
	for _, v := range []*view{s.near, s.whole} {
		v.prepare()
	}
	near := newLines(s.near)
	defer near.wipe()
	whole := newLines(s.whole)
	defer whole.wipe()
	var seam []byte // what the whole view says where both do
	if whole != nil {
		seam = make([]byte, 4*s.near.part.Dx())
		defer clear(seam)
	}
	for y := only.Min.Y; y < only.Max.Y; y++ {
		if y%64 == 0 && ctx.Err() != nil {
			return fmt.Errorf("refine: %w", context.Cause(ctx))
		}
		row := span{
			x: only.Min.X, pix: r.Pix[3*(y*r.Width+only.Min.X):][:3*only.Dx()],
			alpha: alpha[(y-only.Min.Y)*only.Dx():][:only.Dx()], colours: colours,
		}
		if whole == nil {
			near.row(y, row)
			continue
		}
		s.row(y, row, near, whole, seam)
	}
	return nil
}

// A span is pixels beside one another, the first of which is at x. Colours are changed in place.
type span struct {
	x       int
	pix     []byte
	alpha   []byte
	colours bool
}

// cut is what of a span lies between two columns, perhaps nothing.
func (s span) cut(from, to int) span {
	end := s.x + len(s.alpha)
	from = min(max(from, s.x), end)
	to = min(max(to, from), end)
	return span{from, s.pix[3*(from-s.x) : 3*(to-s.x)], s.alpha[from-s.x : to-s.x], s.colours}
}

// row is one row of a sketch of two views: the whole one, over which the near one is faded in.
func (s *Sketch) row(y int, row span, near, whole *lines, seam []byte) {
	part := s.near.part
	if y < part.Min.Y || y >= part.Max.Y {
		whole.row(y, row)
		return
	}
	whole.row(y, row.cut(0, part.Min.X))
	whole.row(y, row.cut(part.Max.X, s.Width))

	// Edges that are the picture's own are no seam.
	frame := image.Rect(0, 0, s.Width, s.Height)
	fadeX, fadeY := int(feather*float64(part.Dx())), int(feather*float64(part.Dy()))
	sure := part
	if part.Min.X > frame.Min.X {
		sure.Min.X += fadeX
	}
	if part.Max.X < frame.Max.X {
		sure.Max.X -= fadeX
	}
	if part.Min.Y > frame.Min.Y {
		sure.Min.Y += fadeY
	}
	if part.Max.Y < frame.Max.Y {
		sure.Max.Y -= fadeY
	}
	weight := func(v, low, sureLow, sureHigh, high int) float32 {
		switch {
		case v < sureLow:
			return (float32(v-low) + 0.5) / float32(sureLow-low)
		case v >= sureHigh:
			return (float32(high-v) - 0.5) / float32(high-sureHigh)
		}
		return 1
	}
	wy := weight(y, part.Min.Y, sure.Min.Y, sure.Max.Y, part.Max.Y)
	mixed := func(from, to int) {
		piece := row.cut(from, to)
		n := len(piece.alpha)
		if n == 0 {
			return
		}
		from = piece.x
		other := span{from, seam[:3*n], seam[3*n : 4*n], row.colours}
		copy(other.pix, piece.pix)
		near.row(y, piece)
		whole.row(y, other)
		for i := range piece.alpha {
			w := wy * weight(from+i, part.Min.X, sure.Min.X, sure.Max.X, part.Max.X)
			mix(piece, other, i, w)
		}
	}
	if wy < 1 {
		mixed(part.Min.X, part.Max.X)
		return
	}
	mixed(part.Min.X, sure.Min.X)
	near.row(y, row.cut(sure.Min.X, sure.Max.X))
	mixed(sure.Max.X, part.Max.X)
}

// mix makes pixel i of a that of a and b, a counting w.
func mix(a, b span, i int, w float32) {
	if a.alpha[i] == b.alpha[i] && [3]byte(a.pix[3*i:]) == [3]byte(b.pix[3*i:]) {
		return
	}
	wa, wb := w*float32(a.alpha[i]), (1-w)*float32(b.alpha[i])
	sum := wa + wb
	a.alpha[i] = uint8(min(sum+0.5, 254)) // where both say 255 they are alike
	if a.colours && sum > 0 {
		for c := 3 * i; c < 3*i+3; c++ {
			a.pix[c] = uint8((wa*float32(a.pix[c])+wb*float32(b.pix[c]))/sum + 0.5)
		}
	}
}

// lines evaluates a view at the scale of the picture, a row at a time.
type lines struct {
	*view
	edge  []int     // the first pixel of each cell of a row, and one behind the last
	step  float64   // cells a pixel
	y     int       // the row that line is of
	line  []float32 // view.fill at its height
	cells int       // the row of cells that it lies in
}

func newLines(v *view) *lines {
	if v == nil {
		return nil
	}
	l := &lines{view: v, step: float64(v.width) / float64(v.part.Dx()), y: -1}
	l.line, l.edge = make([]float32, known*v.width), make([]int, v.width+1)
	for c := range l.edge {
		l.edge[c] = v.part.Min.X + int(math.Ceil(float64(c)/l.step-0.5-1e-9))
	}
	l.edge[v.width] = v.part.Max.X
	return l
}

func (l *lines) wipe() {
	if l != nil {
		clear(l.line)
	}
}

// at makes line that of row y.
func (l *lines) at(y int) {
	if l.y == y {
		return
	}
	l.y = y
	v := (float64(y-l.part.Min.Y) + 0.5) * float64(l.height) / float64(l.part.Dy())
	l.cells = min(int(v), l.height-1)
	low, part := centred(v, l.height)
	high := min(low+1, l.height-1)
	state := l.state[l.cells*l.width:][:l.width]
	for c := range l.width {
		if state[c] != band && (c == 0 || state[c-1] != band) && (c == l.width-1 || state[c+1] != band) {
			continue
		}
		a, b := l.fill[known*(low*l.width+c):][:known], l.fill[known*(high*l.width+c):][:known]
		to := l.line[known*c:][:known]
		for k := range to {
			to[k] = a[k] + part*(b[k]-a[k])
		}
	}
}

// centred is between which two of n cells a position lies, by their centres.
func centred(v float64, n int) (low int, part float32) {
	v = min(max(v-0.5, 0), float64(n-1))
	low = int(v)
	return low, float32(v - float64(low))
}

// row makes alpha and colours of a span of a row, all of it within the part that the view shows.
func (l *lines) row(y int, s span) {
	if len(s.alpha) == 0 {
		return
	}
	l.at(y)
	state := l.state[l.cells*l.width:][:l.width]
	end := s.x + len(s.alpha)
	for c := min(int((float64(s.x-l.part.Min.X)+0.5)*l.step), l.width-1); c < l.width && l.edge[c] < end; {
		first := c
		for c++; c < l.width && state[c] == state[first]; {
			c++
		}
		from, to := max(l.edge[first], s.x), min(l.edge[c], end)
		if from >= to {
			continue
		}
		piece := s.cut(from, to)
		switch state[first] {
		case person:
			for i := range piece.alpha {
				piece.alpha[i] = 255
			}
		case background:
			clear(piece.alpha)
			if s.colours {
				clear(piece.pix)
			}
		default:
			l.unmix(piece)
		}
	}
}

// unmix takes the pixels of a span, all in the band, apart.
func (l *lines) unmix(s span) {
	u := (float64(s.x-l.part.Min.X) + 0.5) * l.step
	for i := range s.alpha {
		low, part := centred(u, l.width)
		u += l.step
		a := l.line[known*low:][:known]
		b := l.line[known*min(low+1, l.width-1):][:known]
		var at mixture
		for k := range at {
			at[k] = a[k] + part*(b[k]-a[k])
		}
		alpha := at.alpha(s.pix[3*i:][:3])
		s.alpha[i] = alpha
		if s.colours && alpha < 255 {
			at.colour(s.pix[3*i:][:3], float32(alpha)/255)
		}
	}
}
