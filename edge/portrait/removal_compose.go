package portrait

import (
	"context"
	"image"
	"math"

	"github.com/professionalaistudio/studio/edge/portrait/matte"
	"github.com/professionalaistudio/studio/edge/vips"
	"github.com/professionalaistudio/studio/edge/wire"
)

// people are cut out: their own colours, black where they are not, and their alpha, a picture of the same size.
type people struct {
	img, alpha *vips.Image
	at         image.Point // of both, in the canvas
	canvas     image.Point // its size
	box        box         // what of the canvas they take
}

func (p *people) close() {
	p.img.Close()
	p.alpha.Close()
}

// visible is the least alpha that counts when the empty is trimmed: what is fainter is not seen on any ground.
const visible = 8

// measure finds the box.
func (p *people) measure() error {
	r, err := p.alpha.Raster()
	if err != nil {
		return err
	}
	found := image.Rectangle{Min: image.Pt(r.Width, r.Height)}
	for y := range r.Height {
		row := r.Pix[y*r.Width:][:r.Width]
		first := 0
		for first < r.Width && row[first] < visible {
			first++
		}
		if first == r.Width {
			continue
		}
		last := r.Width - 1
		for last > first && row[last] < visible {
			last--
		}
		found.Min.X, found.Max.X = min(found.Min.X, first), max(found.Max.X, last+1)
		found.Min.Y, found.Max.Y = min(found.Min.Y, y), y+1
	}
	if found.Max == (image.Point{}) {
		return ErrNoPerson
	}
	p.box = box(found.Add(p.at))
	return nil
}

// move lays them on their canvas.
func (p *people) move(to arrangement) error {
	from := image.Rectangle(p.box)
	if to.canvas == p.canvas && to.people == from && p.at == (image.Point{}) && p.alpha.Width() == p.canvas.X && p.alpha.Height() == p.canvas.Y {
		return nil
	}
	cut := from.Sub(p.at)
	for _, img := range p.pictures() {
		if err := img.Crop(cut.Min.X, cut.Min.Y, cut.Dx(), cut.Dy()); err != nil {
			return err
		}
	}
	if to.people.Size() != from.Size() {
		if err := p.resize(to.people.Size()); err != nil {
			return err
		}
	}
	for _, img := range p.pictures() {
		if err := img.Embed(to.people.Min.X, to.people.Min.Y, to.canvas.X, to.canvas.Y, vips.RGB{}); err != nil {
			return err
		}
	}
	p.at, p.canvas, p.box = image.Point{}, to.canvas, box(to.people)
	return nil
}

func (p *people) pictures() []*vips.Image {
	if p.img == nil {
		return []*vips.Image{p.alpha}
	}
	return []*vips.Image{p.img, p.alpha}
}

// resize scales both together, so that a colour counts as much as it can be seen.
func (p *people) resize(size image.Point) error {
	if p.img == nil {
		return p.alpha.ResizeTo(size.X, size.Y)
	}
	if err := p.img.AddAlpha(p.alpha); err != nil {
		return err
	}
	if err := p.img.ResizeTo(size.X, size.Y); err != nil {
		return err
	}
	p.alpha.Close()
	var err error
	p.alpha, err = parted(p.img)
	return err
}

// parted takes the alpha off a picture.
func parted(img *vips.Image) (*vips.Image, error) {
	r, err := img.Raster()
	if err != nil {
		return nil, err
	}
	alpha, err := vips.NewGrey(r.Width, r.Height)
	if err != nil {
		return nil, err
	}
	values, err := alpha.Raster()
	if err == nil {
		for i := range values.Pix {
			values.Pix[i], r.Pix[4*i+3] = r.Pix[4*i+3], 255
		}
		err = img.Flatten(vips.RGB{}) // of what is opaque: it drops the fourth band and changes no other
	}
	if err != nil {
		alpha.Close()
		return nil, err
	}
	return alpha, nil
}

// finish lays people on what is to be behind them, and writes the file.
func (w *work) finish(ctx context.Context, p *people) (*Removed, error) {
	format := w.ask.Format
	if w.ask.Alpha {
		if format == wire.FormatAuto {
			format = wire.PNG
		}
		return w.file(p.alpha, format)
	}
	clear, err := w.lay(ctx, p)
	if err != nil {
		return nil, err
	}
	w.clock.end("background")
	switch {
	case w.ask.Zip:
		return w.archive(p)
	case clear:
		if err := p.img.AddAlpha(p.alpha); err != nil {
			return nil, err
		}
		if format == wire.FormatAuto {
			format = wire.PNG
		}
	case format == wire.FormatAuto:
		format = wire.JPEG
	}
	return w.file(p.img, format)
}

// lay puts the background behind people and reports whether anything is still transparent.
func (w *work) lay(ctx context.Context, p *people) (clear bool, err error) {
	r, err := p.img.Raster()
	if err != nil {
		return false, err
	}
	alpha, err := p.alpha.Raster()
	if err != nil {
		return false, err
	}
	ground, flat := vips.White, false
	switch b := w.ask.Background; {
	case b == nil:
	case b.opaque():
		ground, flat = vips.RGB{R: b.Colour.R, G: b.Colour.G, B: b.Colour.B}, true
	case b.Picture == nil:
		layColour(r, alpha.Pix, b.Colour, b.Opacity)
	default:
		if err := w.layPicture(ctx, p.canvas, r, alpha.Pix); err != nil {
			return false, err
		}
	}
	if !flat {
		if clear = transparent(alpha.Pix); !clear || w.ask.Format != wire.JPEG || w.ask.Zip {
			return clear, nil
		}
	}
	if err := matte.Over(r, alpha.Pix, ground); err != nil {
		return false, err
	}
	for i := range alpha.Pix {
		alpha.Pix[i] = 255
	}
	return false, nil
}

func transparent(alpha []byte) bool {
	for _, a := range alpha {
		if a != 255 {
			return true
		}
	}
	return false
}

// layColour puts a colour behind people that may be seen through itself.
func layColour(r vips.Raster, alpha []byte, c wire.RGB, opacity uint8) {
	for i, a := range alpha {
		if a != 255 {
			alpha[i] = under(r.Pix[3*i:][:3], a, c.R, c.G, c.B, opacity)
		}
	}
}

// under lays a pixel of alpha a on another colour and returns the alpha of both together (Porter and Duff's over, not premultiplied).
func under(pixel []byte, a, red, green, blue, opacity uint8) uint8 {
	above, below := int(a)*255, int(opacity)*int(255-a)
	sum := above + below
	if sum == 0 {
		pixel[0], pixel[1], pixel[2] = 0, 0, 0
		return 0
	}
	for c, b := range [3]uint8{red, green, blue} {
		pixel[c] = uint8((int(pixel[c])*above + int(b)*below + sum/2) / sum)
	}
	return uint8((sum + 127) / 255)
}

// layPicture puts a picture behind people that fills their canvas, its middle in the middle.
func (w *work) layPicture(ctx context.Context, canvas image.Point, r vips.Raster, alpha []byte) error {
	img, err := w.backdrop(ctx, canvas)
	if err != nil {
		return &BackdropError{pictureError(err)}
	}
	defer img.Close()
	behind, err := img.Raster()
	if err != nil {
		return &BackdropError{pictureError(err)}
	}
	for i, a := range alpha {
		if a == 255 {
			continue
		}
		b := behind.Pix[behind.Bands*i:][:behind.Bands]
		opacity := uint8(255)
		if behind.Bands == 4 {
			opacity = b[3]
		}
		alpha[i] = under(r.Pix[3*i:][:3], a, b[0], b[1], b[2], opacity)
	}
	return nil
}

// backdrop is the picture for the background, cut and scaled to the canvas. It is cut before it is enlarged: a strip that is to fill a
// square is never as large as all of it would be.
func (w *work) backdrop(ctx context.Context, canvas image.Point) (_ *vips.Image, err error) {
	var size image.Point
	size.X, size.Y = w.behind.Upright()
	scale := covering(size, canvas)
	if scale < 1 {
		size = image.Pt(int(math.Ceil(float64(size.X)*scale-1e-6)), int(math.Ceil(float64(size.Y)*scale-1e-6)))
		scale = 1
	}
	img, err := decodedTo(ctx, w.ask.Background.Picture, w.behind, size)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			img.Close()
		}
	}()
	part := func(canvas, size int) int { return min(max(int(float64(canvas)/scale+0.5), 1), size) }
	cut := image.Pt(part(canvas.X, size.X), part(canvas.Y, size.Y))
	if err := img.Crop((size.X-cut.X)/2, (size.Y-cut.Y)/2, cut.X, cut.Y); err != nil {
		return nil, err
	}
	if err := img.ToSRGB(); err != nil {
		return nil, err
	}
	return img, img.ResizeTo(canvas.X, canvas.Y)
}

// covering is by what a picture must be scaled to fill a canvas.
func covering(size, canvas image.Point) float64 {
	return math.Max(float64(canvas.X)/float64(size.X), float64(canvas.Y)/float64(size.Y))
}
