package portrait

import (
	"context"
	"errors"
	"fmt"
	"image"
	"time"

	"github.com/professionalaistudio/studio/edge/vips"
	"github.com/professionalaistudio/studio/edge/wire"
)

// What else can keep a Removal from being made.
var (
	ErrNoSize        = errors.New("the picture does not say how large it is")
	ErrRegionOutside = errors.New("the region of interest reaches beyond the picture")
	ErrRegionEmpty   = errors.New("the region of interest is empty")
)

// A BackdropError is what is wrong with the picture that was to be laid behind the people.
type BackdropError struct{ Err error }

func (e *BackdropError) Error() string { return "the picture for the background: " + e.Err.Error() }
func (e *BackdropError) Unwrap() error { return e.Err }

// A Removal says what is to be made of a picture of people, in the words of remove.bg: their cut-out at a size, perhaps trimmed, moved,
// scaled, and laid on something. Its zero value is the cut-out in the picture's own size, as PNG if anything of it is transparent and
// as JPEG if not.
type Removal struct {
	MaxPixels  int64       // that the whole picture is scaled down to; 0 means no limit
	MaxResult  int64       // that the result has at most, with whatever was cut off or added; 0 means MaxPixels
	Region     *Region     // nobody is looked for outside of it; nil: everywhere
	Alpha      bool        // the matte alone, 8 bits a pixel; Background is then of no use
	Format     wire.Format // FormatAuto, PNG, JPEG or WebP. What is transparent is laid on white for a JPEG
	Zip        bool        // color.jpg and alpha.png in an archive, whatever Format and Alpha say
	Crop       bool        // away with what is empty around the people
	Margin     Margin      // left around them then
	Scale      float64     // the larger side of the people, as a part of the canvas, up to 1; 0: as they are
	Anchor     *Anchor     // where in the canvas they are; nil: where they were
	Background *Backdrop   // nil: nothing
}

// most is how many pixels a result may have; 0 means no limit.
func (r Removal) most() int64 {
	if r.MaxResult > 0 {
		return r.MaxResult
	}
	return r.MaxPixels
}

// A Backdrop lies behind the people: a picture that fills the canvas, or a colour.
type Backdrop struct {
	Picture []byte // a file; nil: the colour
	Colour  wire.RGB
	Opacity uint8 // of the colour
}

// opaque tells whether nothing shines through, without a look at the picture.
func (b *Backdrop) opaque() bool { return b != nil && b.Picture == nil && b.Opacity == 255 }

// A Removed is a finished file. Its owner wipes it.
type Removed struct {
	Data          []byte
	Type          string // its media type
	Width, Height int
	Foreground    image.Rectangle // what the people take of the upright picture that was given, in its pixels
	Timings       []Span
	wipe          func()
}

// Wipe overwrites the file. Calling it again does nothing.
func (r *Removed) Wipe() {
	if r.wipe != nil {
		r.wipe()
		r.wipe, r.Data = nil, nil
	}
}

// finer is by how much people may be enlarged before they are cut out again, from more of the picture.
const finer = 1.25

// Remove takes the background away as ask says. No more of the picture is decoded, looked at and refined than the result can show.
func (c *Cutter) Remove(ctx context.Context, data []byte, ask Removal) (*Removed, error) {
	if c == nil || c.mattes == nil {
		return nil, ErrNoNet
	}
	if ask.Zip {
		ask.Alpha = false // which is in the archive anyway
	}
	w := work{cutter: c, data: data, ask: ask, clock: &clock{last: time.Now()}}
	made, err := w.run(ctx)
	if err != nil {
		return nil, ended(ctx, pictureError(err))
	}
	made.Timings = w.clock.spans
	return made, nil
}

// work is one Removal under way.
type work struct {
	cutter *Cutter
	data   []byte
	ask    Removal
	clock  *clock

	info   vips.Info
	size   image.Point // of the upright picture
	region rectangle   // of it, in pixels
	behind vips.Info   // the header of the picture for the background
}

func (w *work) run(ctx context.Context) (*Removed, error) {
	if err := w.read(); err != nil {
		return nil, err
	}
	scale := fitting(w.size, w.ask.MaxPixels)
	if !w.ask.Crop { // then the picture is the result
		scale = fitting(w.size, w.ask.most())
	}
	p, err := w.people(ctx, scale)
	if err != nil {
		return nil, err
	}
	defer func() { p.close() }()
	canvas := scaled(w.size, scale)
	to := w.ask.arrange(p.box.floats(p.canvas, canvas), canvas)
	if more := to.grown(p.box); more > finer && scale < 1 {
		scale = min(1, scale*more)
		switch again, err := w.people(ctx, scale); {
		case err == nil:
			p.close()
			p = again
			to = w.ask.arrange(p.box.floats(p.canvas, canvas), canvas)
		case !errors.Is(err, ErrNoPerson): // who was there at a glance is not gone at a closer look
			return nil, err
		}
	}
	seen := p.box.floats(p.canvas, w.size).out().Intersect(image.Rectangle{Max: w.size})
	if err := w.fits(to.canvas); err != nil {
		return nil, err
	}
	if err := p.move(to); err != nil {
		return nil, err
	}
	made, err := w.finish(ctx, p)
	if err != nil {
		return nil, err
	}
	made.Width, made.Height, made.Foreground = to.canvas.X, to.canvas.Y, seen
	return made, nil
}

// read refuses by the headers what may not be decoded.
func (w *work) read() (err error) {
	if w.info, err = header(w.data, w.cutter.maxPixels); err != nil {
		return err
	}
	w.size.X, w.size.Y = w.info.Upright()
	w.region = whole(w.size)
	if w.ask.Region != nil {
		if w.region, err = w.ask.Region.in(w.size); err != nil {
			return err
		}
	}
	if b := w.ask.Background; b != nil && b.Picture != nil && !w.ask.Alpha {
		if w.behind, err = header(b.Picture, w.cutter.maxPixels); err != nil {
			return &BackdropError{err}
		}
	}
	return nil
}

// header is probed, which tells a header that cannot be read from a picture that cannot.
func header(data []byte, maxPixels int64) (vips.Info, error) {
	info, err := probed(data, maxPixels)
	if errors.Is(err, ErrBroken) {
		err = fmt.Errorf("%w: %w", ErrNoSize, err)
	}
	return info, err
}

// people cuts them out of the picture at a scale: what is outside of the region is not looked at.
func (w *work) people(ctx context.Context, scale float64) (_ *people, err error) {
	canvas := scaled(w.size, scale)
	img, err := decodedTo(ctx, w.data, w.info, canvas)
	if err != nil {
		return nil, err
	}
	p := &people{img: img, canvas: canvas}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	stop := context.AfterFunc(ctx, img.Interrupter())
	defer stop()
	part := w.region.times(float64(canvas.X)/float64(w.size.X), float64(canvas.Y)/float64(w.size.Y)).near(canvas)
	if err := img.Crop(part.Min.X, part.Min.Y, part.Dx(), part.Dy()); err != nil {
		return nil, err
	}
	p.at = part.Min
	if p.alpha, err = w.cutter.part(ctx, img, !w.ask.Alpha, w.clock); err != nil {
		return nil, err
	}
	if w.ask.Alpha { // the picture itself is not needed any more
		img.Close()
		p.img = nil
	}
	return p, p.measure()
}

// decodedTo is a picture upright and of exactly this size, of which the decoder has been asked for no more than that takes.
func decodedTo(ctx context.Context, data []byte, info vips.Info, size image.Point) (_ *vips.Image, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	width, height := size.X, size.Y // as stored
	if info.Orientation >= 5 {
		width, height = height, width
	}
	img, err := vips.LoadProbed(data, info, enough(info, width, height))
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			img.Close()
		}
	}()
	stop := context.AfterFunc(ctx, img.Interrupter())
	defer stop()
	if err := img.ResizeTo(width, height); err != nil {
		return nil, err
	}
	return img, img.AutoRotate()
}

// enough is how to open a picture that is to be scaled down to a size, as stored: a JPEG's and a WebP's decoder can do most of it.
func enough(info vips.Info, width, height int) vips.LoadConfig {
	cfg := vips.LoadConfig{Shrink: 1, Scale: min(1, max(float64(width)/float64(info.Width), float64(height)/float64(info.Height)))}
	for info.Format == vips.JPEG && cfg.Shrink < 8 && info.Width/(2*cfg.Shrink) >= width && info.Height/(2*cfg.Shrink) >= height {
		cfg.Shrink *= 2
	}
	return cfg
}

// fits refuses a canvas that is longer than its format can be.
func (w *work) fits(canvas image.Point) error {
	format := map[wire.Format]vips.Format{wire.WebP: vips.WebP, wire.PNG: vips.PNG}[w.ask.Format]
	if format == vips.Unknown || w.ask.Zip {
		format = vips.JPEG
	}
	if side := max(canvas.X, canvas.Y); side > format.MaxSide() {
		return fmt.Errorf("%v: %w: %d pixels, at most %d", format, ErrTooLong, side, format.MaxSide())
	}
	return nil
}
