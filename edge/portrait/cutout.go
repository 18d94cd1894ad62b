package portrait

import (
	"context"
	"errors"
	"fmt"
	"image"
	"time"

	"github.com/professionalaistudio/studio/edge/portrait/face"
	"github.com/professionalaistudio/studio/edge/portrait/matte"
	"github.com/professionalaistudio/studio/edge/vips"
	"github.com/professionalaistudio/studio/edge/wire"
	"github.com/professionalaistudio/studio/models"
)

// What can keep people from being parted from the background, beside what is wrong with the picture.
var (
	ErrNoNet     = errors.New("there is no net that tells people from what is behind them")
	ErrNoPerson  = errors.New("there is nobody in the picture")
	ErrNoAlpha   = errors.New("this format cannot be transparent: lay the person on a colour, or ask for PNG, WebP or AVIF")
	ErrTooLong   = errors.New("a side of the picture is longer than this format can hold")
	ErrTwoWishes = errors.New("the matte alone has no background")
)

// leastPerson is the part of a picture without a face that people must take for there to be any.
const leastPerson = 0.01

// A Cutter takes the background away from pictures of people. Any number of goroutines may use it; it holds nothing of a picture.
// One without a net of mattes, or nil, says ErrNoNet.
type Cutter struct {
	maxPixels int64
	faces     *face.Finder
	mattes    *matte.Cutter
}

// NewCutter makes one. maxPixels is of a picture, said by its header; 0 means no limit. Where faces finds none, because it has no net
// or because there are none, people are looked for in the whole picture.
func NewCutter(maxPixels int64, faces *face.Finder, mattes *matte.Cutter) *Cutter {
	return &Cutter{maxPixels, faces, mattes}
}

// Models are the nets in use.
func (c *Cutter) Models() (all []models.Model) {
	if c == nil || c.mattes == nil {
		return nil
	}
	if c.faces.CanFind() {
		all = c.faces.Models()[:1]
	}
	return append(all, c.mattes.Model())
}

// Cut makes transparent what is behind the people of img, which is upright, and takes the background out of their outline's colours. It
// is what the option matte of a URL wants.
func (c *Cutter) Cut(ctx context.Context, img *vips.Image) error {
	alpha, err := c.part(ctx, img, true, &clock{last: time.Now()})
	if err != nil {
		return pictureError(err)
	}
	defer alpha.Close()
	return img.AddAlpha(alpha)
}

// part makes img opaque sRGB in memory and finds its alpha, a grey picture of the same size. Where colours is set, the picture is made
// that of the people. What was transparent stays so.
func (c *Cutter) part(ctx context.Context, img *vips.Image, colours bool, clock *clock) (_ *vips.Image, err error) {
	if c == nil || c.mattes == nil {
		return nil, ErrNoNet
	}
	if err := img.ToSRGB(); err != nil {
		return nil, err
	}
	opacity, err := opaque(img)
	if err != nil {
		return nil, err
	}
	defer clear(opacity)
	r, err := img.Raster()
	if err != nil {
		return nil, err
	}
	clock.end("decode")

	var heads []image.Rectangle
	if c.faces.CanFind() {
		found, err := c.faces.Find(ctx, r)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			heads = append(heads, f.Box.Rectangle())
		}
		clock.end("face")
	}
	sketch, err := c.mattes.Look(ctx, r, heads)
	if err != nil {
		return nil, err
	}
	defer sketch.Wipe()
	clock.end("matte")
	if share := sketch.Share(); share == 0 || len(heads) == 0 && share < leastPerson {
		return nil, ErrNoPerson
	}

	alpha, err := vips.NewGrey(r.Width, r.Height) // in C, as the picture: large blocks go back to the system at once
	if err != nil {
		return nil, err
	}
	values, err := alpha.Raster()
	if err == nil {
		err = sketch.Refine(ctx, r, values.Pix, colours)
	}
	if err != nil {
		alpha.Close()
		return nil, err
	}
	for i, a := range opacity {
		values.Pix[i] = min(values.Pix[i], a)
	}
	clock.end("refine")
	return alpha, nil
}

// opaque lays a picture with alpha on white and returns the alpha it had; nil for one without.
func opaque(img *vips.Image) ([]byte, error) {
	if !img.HasAlpha() {
		return nil, nil
	}
	r, err := img.Raster()
	if err != nil {
		return nil, err
	}
	alpha := make([]byte, r.Width*r.Height)
	for i := range alpha {
		alpha[i] = r.Pix[r.Bands*(i+1)-1]
	}
	return alpha, img.Flatten(vips.White)
}

// A CutoutRequest says what is to be made of a picture.
type CutoutRequest struct {
	Alpha      bool        // the matte alone, 8 bits a pixel
	Background *wire.RGB   // a colour behind the people; nil: nothing
	Format     wire.Format // of the file; FormatAuto means PNG
}

// A Cutout is a finished file. Its owner closes Buf.
type Cutout struct {
	Buf           *vips.Buffer
	Format        wire.Format
	Width, Height int // those of the upright picture
	Timings       []Span
}

// Cutout takes the background away from a picture: what is left is the people in their own colours, or their matte alone.
func (c *Cutter) Cutout(ctx context.Context, data []byte, ask CutoutRequest) (*Cutout, error) {
	clock := clock{last: time.Now()}
	format, err := ask.check()
	if err != nil {
		return nil, err
	}
	if c == nil || c.mattes == nil {
		return nil, ErrNoNet
	}
	info, err := probed(data, c.maxPixels)
	if err != nil {
		return nil, err
	}
	if side := max(info.Width, info.Height); side > format.MaxSide() {
		return nil, fmt.Errorf("%v: %w: %d pixels, at most %d", ask.Format, ErrTooLong, side, format.MaxSide())
	}
	img, err := c.cutout(ctx, data, info, ask, &clock)
	if err != nil {
		return nil, ended(ctx, pictureError(err))
	}
	defer img.Close()
	made := &Cutout{Format: ask.Format, Width: img.Width(), Height: img.Height()}
	if made.Buf, err = encoded(img, format); err != nil {
		return nil, ended(ctx, err)
	}
	clock.end("encode")
	made.Timings = clock.spans
	return made, nil
}

// encoded writes a cut-out, or a matte. Encoding takes longer than all else. With the least effort a PNG of 12 MP is a tenth larger and made
// in a sixth of the time, a WebP a quarter and in half.
func encoded(img *vips.Image, format vips.Format) (*vips.Buffer, error) {
	return img.Encode(vips.EncodeConfig{Format: format, StripMetadata: true, DPI: 72, Quality: cutoutQuality[format], Subsample444: true,
		Compression: 1, Effort: cutoutEffort[format]})
}

// cutoutQuality is what is written where nobody says: edges show what a format loses.
var (
	cutoutQuality = map[vips.Format]int{vips.JPEG: 92, vips.WebP: 90, vips.AVIF: 80}
	cutoutEffort  = map[vips.Format]int{vips.WebP: -1}
)

// check refuses what cannot be, and settles the format.
func (r *CutoutRequest) check() (vips.Format, error) {
	if r.Format == wire.FormatAuto {
		r.Format = wire.PNG
	}
	format, ok := map[wire.Format]vips.Format{wire.JPEG: vips.JPEG, wire.PNG: vips.PNG, wire.WebP: vips.WebP, wire.AVIF: vips.AVIF}[r.Format]
	switch {
	case !ok, !format.HasAlpha() && r.Background == nil && !r.Alpha:
		return format, fmt.Errorf("%v: %w", r.Format, ErrNoAlpha)
	case r.Alpha && r.Background != nil:
		return format, ErrTwoWishes
	}
	return format, nil
}

// cutout makes the picture that is to be written.
func (c *Cutter) cutout(ctx context.Context, data []byte, info vips.Info, ask CutoutRequest, clock *clock) (*vips.Image, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	img, err := vips.LoadProbed(data, info, vips.LoadConfig{})
	if err != nil {
		return nil, err
	}
	made := false
	defer func() {
		if !made {
			img.Close()
		}
	}()
	stop := context.AfterFunc(ctx, img.Interrupter())
	defer stop()
	if err := img.AutoRotate(); err != nil {
		return nil, err
	}
	alpha, err := c.part(ctx, img, !ask.Alpha, clock)
	if err != nil {
		return nil, err
	}
	if ask.Alpha {
		return alpha, nil // the picture itself is not needed any more
	}
	defer alpha.Close()
	switch {
	case ask.Background != nil:
		err = over(img, alpha, *ask.Background)
	default:
		err = img.AddAlpha(alpha)
	}
	made = err == nil
	return img, err
}

// over lays the people of img on a colour.
func over(img, alpha *vips.Image, c wire.RGB) error {
	r, err := img.Raster()
	if err != nil {
		return err
	}
	values, err := alpha.Raster()
	if err != nil {
		return err
	}
	return matte.Over(r, values.Pix, vips.RGB{R: c.R, G: c.G, B: c.B})
}
