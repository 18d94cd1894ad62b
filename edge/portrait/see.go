package portrait

import (
	"context"
	"fmt"
	"image"
	"math"

	"github.com/professionalaistudio/studio/edge/portrait/document"
	"github.com/professionalaistudio/studio/edge/portrait/face"
	"github.com/professionalaistudio/studio/edge/portrait/matte"
	"github.com/professionalaistudio/studio/edge/portrait/measure"
	"github.com/professionalaistudio/studio/edge/vips"
	"github.com/professionalaistudio/studio/models"
)

// rival is how large a second face may be, as a part of the first's area, before nobody can say whose photo it is. It is where face.single
// fails.
const rival = 0.25

// drawnFlat is the share of flat pixels (measure.Flat) from which a face is a drawing. Of 500 portraits none has more than .33, of drawings in
// one colour for each thing all have .95 and more. A painting with shades passes for a photo.
const drawnFlat = 0.8

// A capture is what was decoded and what the nets found in it.
type capture struct {
	sight
	width, height int           // of the upright capture, in its own pixels
	sketch        *matte.Sketch // nil where there is none
	person        measure.Alpha // of the sketch
}

// Wipe overwrites what was copied of the capture, and what was found in it. The picture itself is its source's.
func (c *capture) Wipe() {
	if c.sketch != nil {
		c.sketch.Wipe()
		c.sketch = nil
	}
	clear(c.person.Pix)
	clear(c.faces)
	if c.look != nil {
		*c.look = face.Look{}
	}
}

// see looks at a decoded capture with the nets there are. Where a head was given, the face in it is the one; else the largest, unless
// another is nearly as large. quick looks once, and leaves the matte out.
func (p *Pipeline) see(ctx context.Context, src *source, head *Head, quick bool, clock *clock) (*capture, error) {
	r, err := src.Raster()
	if err != nil {
		return nil, err
	}
	c := &capture{sight: sight{picture: r, scale: 1 / src.scale, whyFace: "there is no net that finds faces", whyMatte: "there is no net that tells people from what is behind them"}}
	c.width, c.height = src.width, src.height
	if !p.cfg.Faces.CanFind() || !p.cfg.Faces.CanLook() {
		return c, nil
	}
	if c.faces, err = p.cfg.Faces.Find(ctx, r); err != nil {
		return nil, err
	}
	if err := c.choose(head); err != nil {
		return nil, err
	}
	var heads []image.Rectangle
	if len(c.faces) > 0 {
		look := p.cfg.Faces.Look
		if quick {
			look = p.cfg.Faces.Glance
		}
		if c.look, err = look(ctx, r, c.faces[0]); err != nil {
			return nil, err
		}
		if n := measure.Flat(c.pixels(), c.points()); head == nil && n.Known && n.Value > drawnFlat {
			return nil, fmt.Errorf("%w: what looks like one is drawn, %.0f %% of its pixels are exactly like their neighbours", ErrNoFace, 100*n.Value)
		}
		heads = []image.Rectangle{c.faces[0].Box.Rectangle()}
	}
	clock.end("face")
	if p.cfg.Mattes == nil {
		return c, nil
	}
	if quick {
		c.whyMatte = "a live frame is looked at in haste"
		return c, nil
	}
	if len(heads) == 0 {
		c.whyMatte = c.whyFace
		return c, nil
	}
	if err := p.part(ctx, c, heads); err != nil {
		c.Wipe()
		return nil, err
	}
	clock.end("matte")
	return c, nil
}

// part tells the person from the background.
func (p *Pipeline) part(ctx context.Context, c *capture, heads []image.Rectangle) (err error) {
	if c.sketch, err = p.cfg.Mattes.Look(ctx, c.picture, heads); err != nil {
		return err
	}
	c.show()
	return nil
}

// show makes the sketch the alpha that is measured by.
func (c *capture) show() {
	clear(c.person.Pix)
	pix, width, height, part := c.sketch.Alpha()
	c.person = measure.Alpha{Pix: pix, Width: width, Height: height, Field: measure.Box{
		X0: float64(part.Min.X), Y0: float64(part.Min.Y), X1: float64(part.Max.X), Y1: float64(part.Max.Y),
	}}
	c.alpha = &c.person
}

// in says where everything lies in the same capture decoded at another scale.
func (c *capture) in(r vips.Raster, scale float64) {
	k := float64(r.Width) / float64(c.picture.Width)
	c.picture, c.scale = r, scale
	for i := range c.faces {
		f := &c.faces[i]
		f.Box = face.Box{X0: f.Box.X0 * k, Y0: f.Box.Y0 * k, X1: f.Box.X1 * k, Y1: f.Box.Y1 * k}
	}
	if c.look != nil {
		for i, at := range c.look.Points {
			c.look.Points[i] = face.Point{X: at.X * k, Y: at.Y * k}
		}
	}
	if c.sketch != nil {
		c.sketch.Scale(r.Width, r.Height)
		c.show()
	}
}

// choose puts the face whose photo it is first.
func (c *capture) choose(head *Head) error {
	if len(c.faces) == 0 {
		if c.whyFace = "no face was found"; head == nil {
			return ErrNoFace
		}
		return nil
	}
	if head != nil {
		// The face between crown and chin; without one there the head is somebody's whom the net does not see.
		x, y := (head.CrownX+head.ChinX)/2/c.scale, (head.CrownY+head.ChinY)/2/c.scale
		nearest, at := math.Inf(1), -1
		for i, f := range c.faces {
			cx, cy := (f.Box.X0+f.Box.X1)/2, (f.Box.Y0+f.Box.Y1)/2
			if d := math.Hypot(cx-x, cy-y); d < nearest && d < head.length()/c.scale/2 {
				nearest, at = d, i
			}
		}
		if at < 0 {
			c.whyFace, c.faces = "no face was found where the head was given", nil
			return nil
		}
		c.faces[0], c.faces[at] = c.faces[at], c.faces[0]
		return nil
	}
	if len(c.faces) > 1 && area(c.faces[1].Box) > rival*area(c.faces[0].Box) {
		return ErrTwoFaces
	}
	return nil
}

func area(b face.Box) float64 { return max(b.Width(), 0) * max(b.Height(), 0) }

// figure is the head as the row counts it, in capture pixels: the one that was given, if one was, with what is seen of it.
func (c *capture) figure(s document.Spec, head *Head) (figure, error) {
	if c.look == nil {
		if head == nil {
			return figure{}, ErrNoHead
		}
		return given(*head, s.HeadTop), nil
	}
	var person cover
	step := 1.0
	if c.sketch != nil {
		person = func(x, y float64) float64 { return c.sketch.At(x/c.scale, y/c.scale) }
		across, down := c.sketch.Cell()
		step = max(across, down) * c.scale
	}
	found := skullOf(pointsOf(c.look, c.scale), c.look.Yaw, s.MayStraighten(), person, step, c.look.Headwear.Yes()).figure(s.HeadTop)
	if head == nil {
		if found.hairCut = found.hairCut || found.CrownY < 0; found.length() < leastHead {
			return found, fmt.Errorf("%w that is large enough: the head is %.0f pixels high, at least %.0f are needed", ErrNoFace, found.length(), leastHead)
		}
		return found, found.usable()
	}
	// What somebody said holds; only what they did not say is taken from the nets, if both mean the same head.
	f := given(*head, s.HeadTop)
	if ratio := found.length() / head.length(); ratio > 0.8 && ratio < 1.25 {
		f.eyes, f.eyesMeasured = found.eyes*ratio, true
		f.ears = found.ears * ratio
	}
	return f, nil
}

// frame is the part of the decoded picture that a crop shows.
func (c *capture) frame(made crop) measure.Box {
	b := measure.Box{X0: math.Inf(1), Y0: math.Inf(1), X1: math.Inf(-1), Y1: math.Inf(-1)}
	for _, at := range [][2]float64{{0, 0}, {float64(made.width), 0}, {0, float64(made.height)}, {float64(made.width), float64(made.height)}} {
		x, y := made.back(at[0], at[1])
		b = measure.Box{X0: min(b.X0, x/c.scale), Y0: min(b.Y0, y/c.scale), X1: max(b.X1, x/c.scale), Y1: max(b.Y1, y/c.scale)}
	}
	b = measure.Box{X0: max(b.X0, 0), Y0: max(b.Y0, 0), X1: min(b.X1, float64(c.picture.Width)), Y1: min(b.Y1, float64(c.picture.Height))}
	if b.X1-b.X0 < 1 || b.Y1-b.Y0 < 1 {
		return measure.Box{}
	}
	return b
}

// free says at which edges of the capture a new background may go on: those that the person does not touch above the photo's bottom.
func (c *capture) free(s document.Spec, fig figure) limit {
	if c.sketch == nil {
		return within
	}
	f := fileFrame(s)
	_, high := f.mm()
	at, _, _ := fit(s, f, fig.model)
	bottom := min((fig.ChinY+(high-at.chin)*fig.length()/at.head)/c.scale, float64(c.picture.Height)-0.5)
	across, down := c.sketch.Cell()
	right := float64(c.picture.Width) - 0.5
	touches := func(x0, y0, x1, y1 float64) bool {
		n := int(max((x1-x0)/across, (y1-y0)/down)*2) + 1
		for i := range n + 1 {
			t := float64(i) / float64(n)
			if c.sketch.At(x0+t*(x1-x0), y0+t*(y1-y0)) > 0.5 {
				return true
			}
		}
		return false
	}
	return limit{left: !touches(0.5, 0.5, 0.5, bottom), top: !touches(0.5, 0.5, right, 0.5), right: !touches(right, 0.5, right, bottom)}
}

// Models are the nets in use, for the receipt.
func (p *Pipeline) Models() (all []models.Model) {
	if p.cfg.Faces != nil {
		all = p.cfg.Faces.Models()
	}
	if p.cfg.Mattes != nil {
		all = append(all, p.cfg.Mattes.Model())
	}
	return all
}

// Pack names the rules in use.
func (p *Pipeline) Pack() *document.Pack { return p.pack }

// A person is the part of a capture that becomes a photo, with a new background: the picture itself, changed there and nowhere else.
type person struct {
	rect  image.Rectangle // in decoded pixels
	alpha []byte          // of it
}

func (l *person) wipe() {
	if l != nil {
		clear(l.alpha)
	}
}

// lay puts a colour behind the person in the part of the picture that the crops show. The picture is changed in place.
func (c *capture) lay(ctx context.Context, colour vips.RGB, crops ...crop) (*person, error) {
	rect := image.Rectangle{}
	for _, made := range crops {
		b := c.frame(made)
		// The kernel reaches three pixels of the photo or of the picture, whichever are larger.
		margin := 4*max(1, 1/(made.upscale()*c.scale)) + 2
		rect = rect.Union(image.Rect(int(b.X0-margin), int(b.Y0-margin), int(math.Ceil(b.X1+margin)), int(math.Ceil(b.Y1+margin))))
	}
	rect = rect.Intersect(image.Rect(0, 0, c.picture.Width, c.picture.Height))
	if rect.Empty() {
		return nil, fmt.Errorf("portrait: a photo of no part of its capture")
	}
	l := &person{rect, make([]byte, rect.Dx()*rect.Dy())}
	// What the kernel reaches from inside the face is the person's too.
	reach := 0.0
	for _, made := range crops {
		reach = max(reach, 4*max(1, 1/(made.upscale()*c.scale)))
	}
	face := c.keep(rect, reach)
	defer clear(face)
	if err := c.sketch.RefinePart(ctx, c.picture, rect, l.alpha, true); err != nil {
		l.wipe()
		return nil, err
	}
	c.put(rect, reach, face, l.alpha)
	for y := range rect.Dy() {
		row := vips.Raster{Pix: c.picture.Pix[3*((rect.Min.Y+y)*c.picture.Width+rect.Min.X):][:3*rect.Dx()], Width: rect.Dx(), Height: 1, Bands: 3}
		if err := matte.Over(row, l.alpha[y*rect.Dx():][:rect.Dx()], colour); err != nil {
			l.wipe()
			return nil, err
		}
	}
	return l, nil
}

// inside calls f with the runs of pixels of a part of the picture that are surely face, or within reach pixels of that.
func (c *capture) inside(rect image.Rectangle, reach float64, f func(y, from, to int)) {
	points := c.points()
	if points == nil {
		return
	}
	outline := points.Inside()
	middle := middleOf(outline...)
	for i, at := range outline {
		dx, dy := at[0]-middle[0], at[1]-middle[1]
		k := 1 + reach/max(math.Hypot(dx, dy), 1)
		outline[i] = [2]float64{middle[0] + k*dx - float64(rect.Min.X), middle[1] + k*dy - float64(rect.Min.Y)}
	}
	measure.Runs(outline, rect.Dx(), rect.Dy(), f)
}

// keep copies the face out of a part of the picture, and put puts it back: whatever the matte says of it, it is the person's.
func (c *capture) keep(rect image.Rectangle, reach float64) (face []byte) {
	n := 0
	c.inside(rect, reach, func(_, from, to int) { n += 3 * (to - from) })
	face = make([]byte, 0, n)
	c.inside(rect, reach, func(y, from, to int) {
		row := c.picture.Pix[3*((rect.Min.Y+y)*c.picture.Width+rect.Min.X):]
		face = append(face, row[3*from:3*to]...)
	})
	return face
}

func (c *capture) put(rect image.Rectangle, reach float64, face, alpha []byte) {
	c.inside(rect, reach, func(y, from, to int) {
		row := c.picture.Pix[3*((rect.Min.Y+y)*c.picture.Width+rect.Min.X):]
		face = face[copy(row[3*from:3*to], face):]
		for i := from; i < to; i++ {
			alpha[y*rect.Dx()+i] = 255
		}
	})
}

// at is alpha at a place of the decoded picture, between pixels in proportion; beyond the part it is 0.
func (l *person) at(x, y float64) uint8 {
	x, y = x-float64(l.rect.Min.X)-0.5, y-float64(l.rect.Min.Y)-0.5
	w, h := l.rect.Dx(), l.rect.Dy()
	if !(x > -1 && y > -1 && x < float64(w) && y < float64(h)) {
		return 0
	}
	x, y = max(x, 0), max(y, 0)
	ix, iy := int(x), int(y)
	u, v := int((x-float64(ix))*256), int((y-float64(iy))*256)
	nx, ny := min(ix+1, w-1), min(iy+1, h-1)
	upper, lower := l.alpha[iy*w:][:w], l.alpha[ny*w:][:w]
	a := int(upper[ix])*(256-u) + int(upper[nx])*u
	b := int(lower[ix])*(256-u) + int(lower[nx])*u
	return uint8((a*(256-v) + b*v + 1<<15) >> 16)
}

// alphaOf is the alpha of a finished photo, of its size divided by fraction. l is nil where the background was kept: then it is the
// sketch's, which is right within a cell.
func (c *capture) alphaOf(made crop, l *person, fraction int) *measure.Alpha {
	if c.sketch == nil {
		return nil
	}
	w, h := made.width/fraction, made.height/fraction
	a := &measure.Alpha{Pix: make([]byte, w*h), Width: w, Height: h}
	kx, ky := float64(made.width)/float64(w), float64(made.height)/float64(h)
	for y := range h {
		x0, y0 := made.back(0.5*kx, (float64(y)+0.5)*ky)
		x1, y1 := made.back(1.5*kx, (float64(y)+0.5)*ky)
		x0, y0, x1, y1 = x0/c.scale, y0/c.scale, x1/c.scale, y1/c.scale
		for x := range w {
			px, py := x0+float64(x)*(x1-x0), y0+float64(x)*(y1-y0)
			if l != nil {
				a.Pix[y*w+x] = l.at(px, py)
			} else {
				a.Pix[y*w+x] = uint8(c.sketch.At(px, py)*255 + 0.5)
			}
		}
	}
	return a
}
