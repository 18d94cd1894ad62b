package matte

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"sync"

	"github.com/professionalaistudio/studio/edge/vips"
	"github.com/professionalaistudio/studio/models"
)

// ErrNet says that a net is not one of mattes: it wants one output, a number for each pixel of its input.
var ErrNet = errors.New("not a net of mattes")

// A Net is what runs the matte's net; *inference.Net is one.
type Net interface {
	Run(ctx context.Context, fill func(in []byte), read func(out [][]float32) error) error
	Model() models.Model
}

// A Cutter parts people from the background. Any number of goroutines may use it; it holds nothing of a picture.
type Cutter struct {
	net           Net
	width, height int // of the net's input, and of its alpha

	mu    sync.Mutex
	spare []*view // zeroed; the last one given back is the first to be taken
}

// kept is how many views a Cutter keeps for the next picture: what a few at once need, and no more after a rush.
const kept = 4

// New makes a Cutter of a net. The error wraps ErrNet.
func New(net Net) (*Cutter, error) {
	m := net.Model()
	in := m.Input
	if len(m.Outputs) != 1 || count(m.Outputs[0].Shape) != in.Width*in.Height {
		return nil, fmt.Errorf("%s: %w", m.Name, ErrNet)
	}
	return &Cutter{net: net, width: in.Width, height: in.Height}, nil
}

func count(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// Model names the net, for the receipt.
func (c *Cutter) Model() models.Model { return c.net.Model() }

// A Sketch is a matte at the scale of the net: one view of the whole picture, or one of a part and one of the rest. Its owner
// wipes it.
type Sketch struct {
	Width, Height int   // of the picture, in pixels
	near, whole   *view // near: the part around the heads; whole: nil where near shows everything
	from          *Cutter
}

// Look runs the net on an upright picture. heads are the boxes of the faces in it, in pixels; none is known where it is empty.
func (c *Cutter) Look(ctx context.Context, r vips.Raster, heads []image.Rectangle) (*Sketch, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	s := &Sketch{Width: r.Width, Height: r.Height, from: c}
	bounds := image.Rect(0, 0, r.Width, r.Height)
	part := Part(bounds, heads)
	var err error
	if s.near, err = c.look(ctx, r, part, heads); err == nil && part != bounds {
		s.whole, err = c.look(ctx, r, bounds, heads)
	}
	if err != nil {
		s.Wipe()
		return nil, err
	}
	return s, nil
}

// look runs the net on a part of the picture.
func (c *Cutter) look(ctx context.Context, r vips.Raster, part image.Rectangle, heads []image.Rectangle) (*view, error) {
	v := c.view()
	v.part = part
	var bad error
	err := c.net.Run(ctx, func(in []byte) {
		bad = r.Average(part, vips.Raster{Pix: in, Width: c.width, Height: c.height, Bands: 3})
		copy(v.guide, in)
	}, func(out [][]float32) error {
		if bad == nil {
			v.take(out[0])
		}
		return bad
	})
	if err != nil {
		c.give(v)
		return nil, err
	}
	v.tidy(heads) // heads are in pixels of the picture
	return v, nil
}

// At is what the net says of a place in the picture, in pixels from its top left corner: 0 for the background to 1 for the person,
// between the centres of its cells in proportion. Beyond the picture it is 0.
func (s *Sketch) At(x, y float64) float64 {
	if s.near == nil || !(x >= 0 && y >= 0 && x < float64(s.Width) && y < float64(s.Height)) {
		return 0
	}
	v := s.near
	if s.whole != nil && !image.Pt(int(x), int(y)).In(v.part) {
		v = s.whole
	}
	across, u := centred((x-float64(v.part.Min.X))*float64(v.width)/float64(v.part.Dx()), v.width)
	down, w := centred((y-float64(v.part.Min.Y))*float64(v.height)/float64(v.part.Dy()), v.height)
	next := min(across+1, v.width-1)
	upper, lower := v.alpha[down*v.width:][:v.width], v.alpha[min(down+1, v.height-1)*v.width:][:v.width]
	a := upper[across] + u*(upper[next]-upper[across])
	return float64(a + w*(lower[across]+u*(lower[next]-lower[across])-a))
}

// Scale makes a sketch one of the same picture at another size, as if Look had seen that: what it knows is in cells.
func (s *Sketch) Scale(width, height int) {
	if s.near == nil {
		return
	}
	across, down := float64(width)/float64(s.Width), float64(height)/float64(s.Height)
	for _, v := range []*view{s.near, s.whole} {
		if v != nil {
			x := func(x int) int { return int(math.Round(float64(x) * across)) }
			y := func(y int) int { return int(math.Round(float64(y) * down)) }
			v.part = image.Rect(x(v.part.Min.X), y(v.part.Min.Y), x(v.part.Max.X), y(v.part.Max.Y))
		}
	}
	s.Width, s.Height = width, height
}

// Cell is how many pixels of the picture a cell of the sketch is wide and high where the heads are: what At can tell apart.
func (s *Sketch) Cell() (width, height float64) {
	if s.near == nil {
		return 0, 0
	}
	return float64(s.near.part.Dx()) / float64(s.near.width), float64(s.near.part.Dy()) / float64(s.near.height)
}

// Alpha is what the net says of the part of the picture around the heads, which is all of it where they are large: a byte for each cell,
// 255 for the person. It is a copy, which the caller wipes.
func (s *Sketch) Alpha() (pix []byte, width, height int, part image.Rectangle) {
	if s.near == nil {
		return nil, 0, 0, image.Rectangle{}
	}
	return bytes.Clone(s.near.pix), s.near.width, s.near.height, s.near.part
}

// Share is how much of the picture the people take, 0 to 1.
func (s *Sketch) Share() float64 {
	if s.whole == nil { // a sketch that was wiped shows nobody
		return s.near.share()
	}
	// What is near is seen better there; it is counted once.
	part, all := area(s.near.part), float64(s.Width)*float64(s.Height)
	return max(s.near.share()*part/all, s.whole.share())
}

func area(r image.Rectangle) float64 { return float64(r.Dx()) * float64(r.Dy()) }

// view is one that is zero.
func (c *Cutter) view() *view {
	c.mu.Lock()
	defer c.mu.Unlock()
	last := len(c.spare) - 1
	if last < 0 {
		return newView(c.width, c.height)
	}
	v := c.spare[last]
	c.spare = c.spare[:last]
	return v
}

// give takes a view back, zeroed.
func (c *Cutter) give(v *view) {
	if v == nil {
		return
	}
	v.wipe()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.spare) < kept {
		c.spare = append(c.spare, v)
	}
}

// Wipe zeroes the sketch, which is then of no use. Calling it again does nothing.
func (s *Sketch) Wipe() {
	if s.from != nil {
		s.from.give(s.near)
		s.from.give(s.whole)
		s.near, s.whole, s.from = nil, nil, nil
	}
}
