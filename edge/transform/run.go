package transform

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/professionalaistudio/studio/edge/vips"
	"github.com/professionalaistudio/studio/edge/wire"
)

// What can be wrong with a picture, or with what is asked of it.
var (
	ErrNotImage         = vips.ErrUnknown
	ErrBroken           = vips.ErrBroken
	ErrTooLarge         = vips.ErrTooLarge // of the source by its header, or of the result by the options
	ErrUnsupportedInput = vips.ErrUnsupported
	// ErrUnsupportedOutput says that the format is not one that is written here.
	ErrUnsupportedOutput = errors.New("this format is not written here")
	// ErrNoCutter says that people shall be parted from the background, and nobody here can.
	ErrNoCutter = errors.New("nothing here tells people from what is behind them")
)

// A Cutter makes transparent what is behind the people of an upright picture; *portrait.Cutter is one. The image is decoded by then,
// and gets an alpha if it has none. Its errors are its own.
type Cutter interface {
	Cut(ctx context.Context, img *vips.Image) error
}

// A Maker makes pictures. The zero value takes anything and knows no people.
type Maker struct {
	Limits Limits
	Cutter Cutter // for the option matte; nil: that is ErrNoCutter
}

// Limits is what a stranger may ask for.
type Limits struct {
	MaxPixels int64 // of the source and of the result; 0 means no limit
	MaxFrames int   // how many frames of an animation count against MaxPixels; 0 means 1. The first is what is shown
}

func (l Limits) check(width, height, frames int) error {
	frames = max(1, min(frames, l.MaxFrames))
	if pixels := int64(width) * int64(height) * int64(frames); l.MaxPixels > 0 && pixels > l.MaxPixels {
		return fmt.Errorf("%d x %d pixels in %d frames, at most %d pixels: %w", width, height, frames, l.MaxPixels, ErrTooLarge)
	}
	return nil
}

// A Span is one stage of the work: "decode" (which includes crop and scale), "matte", "transform", "encode".
type Span struct {
	Name string
	Took time.Duration
}

// A Result is a finished picture. Its owner closes Buf.
type Result struct {
	Buf           *vips.Buffer
	Format        wire.Format // what was written; not always what was asked for, see New
	Width, Height int
	Timings       []Span
}

// Header is what the first bytes of a picture say.
type Header struct {
	Format        wire.Format
	Width, Height int // upright
	Alpha         bool
}

// Inspect reads the header of a picture and decodes nothing.
func Inspect(data []byte) (Header, error) {
	info, err := vips.Probe(data)
	if err != nil {
		return Header{}, err
	}
	w, h := info.Upright()
	return Header{Format: fromVips(info.Format), Width: w, Height: h, Alpha: info.Alpha}, nil
}

// Choose is the format of a result when the client names none and takes no newer one: the source's, if every client shows
// it, else one that can hold the picture.
func Choose(h Header, o wire.Options) wire.Format {
	switch {
	case h.Format == wire.PNG || h.Format == wire.JPEG && (!o.Matte || o.Background != nil):
		return h.Format
	case o.Background == nil && (h.Alpha || o.Extend || o.Matte):
		return wire.PNG
	}
	return wire.JPEG
}

// Run is that of a Maker who knows no people.
func Run(ctx context.Context, data []byte, o wire.Options, out wire.Format, limits Limits) (*Result, error) {
	return Maker{Limits: limits}.Run(ctx, data, o, out)
}

// Run makes the picture that o asks for out of data, in the format out (wire.FormatAuto: Choose). data must not change
// until it returns. Between the steps it looks at ctx; decoding is broken off when ctx ends.
func (m Maker) Run(ctx context.Context, data []byte, o wire.Options, out wire.Format) (*Result, error) {
	if o.Matte && m.Cutter == nil {
		return nil, ErrNoCutter
	}
	info, err := vips.Probe(data)
	if err != nil {
		return nil, err
	}
	plan, err := New(info, o, out, m.Limits)
	if err != nil {
		return nil, err
	}
	return plan.run(ctx, data, m.Cutter)
}

// Run carries the plan out on the bytes it was made for. One with a matte needs a Maker.
func (p *Plan) Run(ctx context.Context, data []byte) (*Result, error) { return p.run(ctx, data, nil) }

func (p *Plan) run(ctx context.Context, data []byte, cutter Cutter) (*Result, error) {
	if p.Matte && cutter == nil {
		return nil, ErrNoCutter
	}
	w := &work{Plan: p, cutter: cutter, started: time.Now()}
	defer w.close()
	for _, s := range w.steps() {
		if err := context.Cause(ctx); err != nil {
			return nil, fmt.Errorf("before %s: %w", s.name, err)
		}
		if err := s.do(ctx, data); err != nil {
			if cause := context.Cause(ctx); cause != nil {
				return nil, fmt.Errorf("%s: %w", s.name, cause)
			}
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		w.end(s.span)
	}
	r := &Result{Buf: w.buf, Format: fromVips(p.Format), Width: w.img.Width(), Height: w.img.Height(), Timings: w.spans}
	w.buf = nil // the result's now
	return r, nil
}

func fromVips(f vips.Format) wire.Format {
	switch f {
	case vips.JPEG:
		return wire.JPEG
	case vips.PNG:
		return wire.PNG
	case vips.WebP:
		return wire.WebP
	case vips.AVIF:
		return wire.AVIF
	case vips.GIF:
		return wire.GIF
	case vips.TIFF:
		return wire.TIFF
	case vips.HEIC:
		return wire.HEIC
	}
	return wire.FormatAuto
}

func toVips(f wire.Format) vips.Format {
	switch f {
	case wire.JPEG:
		return vips.JPEG
	case wire.PNG:
		return vips.PNG
	case wire.WebP:
		return vips.WebP
	case wire.AVIF:
		return vips.AVIF
	}
	return vips.Unknown
}
