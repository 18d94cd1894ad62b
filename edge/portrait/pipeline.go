package portrait

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/professionalaistudio/studio/edge/portrait/compliance"
	"github.com/professionalaistudio/studio/edge/portrait/document"
	"github.com/professionalaistudio/studio/edge/portrait/face"
	"github.com/professionalaistudio/studio/edge/portrait/matte"
	"github.com/professionalaistudio/studio/edge/vips"
	"github.com/professionalaistudio/studio/edge/wire"
)

// Config of a pipeline.
type Config struct {
	MaxPixels int64          // of a capture, said by its header; 0 means no limit
	Pack      *document.Pack // nil means the embedded one
	Faces     *face.Finder   // nil: nothing here finds a head, it must be given
	Mattes    *matte.Cutter  // nil: nothing here tells people from what is behind them
}

// A Pipeline makes document photos. Any number of goroutines may use it; it holds nothing of a request.
type Pipeline struct {
	cfg  Config
	pack *document.Pack
	log  *slog.Logger
}

// New makes a pipeline. libvips must have been started.
func New(cfg Config, log *slog.Logger) *Pipeline {
	pack := cfg.Pack
	if pack == nil {
		pack = document.Embedded()
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Pipeline{cfg, pack, log}
}

// A Mode is how much may be done to a capture.
type Mode string

const (
	ModeAsAllowed Mode = ""     // what the document allows: a background that fails its checks is replaced
	ModeCrop      Mode = "crop" // nothing but turned, scaled and cut
)

// A Request says what is to be made of a capture.
type Request struct {
	Document   string
	Head       *Head     // nil: it is found
	Background *wire.RGB // a colour to put behind the person; nil: as the document and Mode say
	Mode       Mode
	Sheet      string      // paper to lay copies out on; empty means none
	Mark       bool        // write PREVIEW across what is made
	Format     wire.Format // of the file; FormatAuto means JPEG
}

// A Span is one stage of the work.
type Span struct {
	Name string
	Took time.Duration
}

// A Photo is a finished file.
type Photo struct {
	Type   string     `json:"type"` // its media type
	Width  int        `json:"width"`
	Height int        `json:"height"`
	DPI    float64    `json:"dpi"`
	Affine [6]float64 `json:"affine"` // upright capture to this picture; on a sheet, to its first copy
	Data   []byte     `json:"data"`
}

// A Result is what Photo or Check found out and made. Its pictures belong to the caller, who wipes them.
type Result struct {
	Document string
	Pack     string
	Findings []compliance.Finding
	Photo    Photo // empty after Check
	Sheet    *Photo
	Timings  []Span
}

// Wipe overwrites the pictures.
func (r *Result) Wipe() {
	clear(r.Photo.Data)
	r.Photo.Data = nil
	if r.Sheet != nil {
		clear(r.Sheet.Data)
		r.Sheet.Data = nil
	}
}

// clock notes when stages end.
type clock struct {
	last  time.Time
	spans []Span
}

func (c *clock) end(name string) {
	now := time.Now()
	c.spans = append(c.spans, Span{name, now.Sub(c.last)})
	c.last = now
}

// row finds the document and refuses what cannot be done for it, whatever the capture.
func (p *Pipeline) row(r Request) (document.Spec, error) {
	s, ok := p.pack.Find(r.Document)
	if !ok {
		return s, fmt.Errorf("%w: %.40q", ErrDocumentUnknown, r.Document)
	}
	if r.Background != nil {
		if s.EditBarred() {
			return s, ErrEditBarred
		}
		return s, ErrBackgroundUnavailable
	}
	return s, nil
}

// probe reads the header, and refuses by it what may not be decoded.
func (p *Pipeline) probe(data []byte) (vips.Info, error) { return probed(data, p.cfg.MaxPixels) }

func probed(data []byte, maxPixels int64) (vips.Info, error) {
	info, err := vips.Probe(data)
	if err != nil {
		return info, pictureError(err)
	}
	if maxPixels > 0 && info.Pixels() > maxPixels {
		return info, fmt.Errorf("%w: %d × %d, at most %d", ErrTooLarge, info.Width, info.Height, maxPixels)
	}
	return info, nil
}

// pictureError puts an error of vips into this package's words.
func pictureError(err error) error {
	for _, e := range []struct{ theirs, ours error }{
		{vips.ErrUnknown, ErrNotImage}, {vips.ErrUnsupported, ErrNotImage}, {vips.ErrBroken, ErrBroken}, {vips.ErrTooLarge, ErrTooLarge},
	} {
		if errors.Is(err, e.theirs) {
			return fmt.Errorf("%w: %w", e.ours, err)
		}
	}
	return err
}

// Photo makes the photo of a document, and its sheet if one was asked for, and judges it. The context is asked between
// steps, and stops a decoding that is under way.
func (p *Pipeline) Photo(ctx context.Context, data []byte, r Request) (*Result, error) {
	c := clock{last: time.Now()}
	s, err := p.row(r)
	if err != nil {
		return nil, err
	}
	format, err := formatOf(s, r.Format)
	if err != nil {
		return nil, err
	}
	info, err := p.probe(data)
	if err != nil {
		return nil, err
	}
	if r.Head == nil {
		return nil, ErrNoHead
	}
	width, height := info.Upright()
	if err := r.Head.check(width, height); err != nil {
		return nil, err
	}
	c.end("probe")

	made, err := find(s, fileFrame(s), *r.Head, width, height, s.MayExtend())
	if err != nil {
		return nil, err
	}
	var laid *layout
	if r.Sheet != "" {
		if laid, err = layOut(s, r.Sheet, *r.Head, width, height, made); err != nil {
			return nil, err
		}
	}
	c.end("solve")

	source, err := open(ctx, data, info, max(made.upscale(), laid.upscale()))
	if err != nil {
		return nil, ended(ctx, err)
	}
	defer source.Close()
	c.end("decode")

	j := job{ctx: ctx, spec: s, head: *r.Head, width: width, height: height, source: source}
	file, pix, made, err := j.file(made, format, &c)
	if err != nil {
		return nil, ended(ctx, err)
	}
	defer clear(pix)
	// What is judged is the photo that will be handed over, marked or not.
	findings := compliance.Check(measureOf(file, made, s, *r.Head), s)
	c.end("judge")
	if r.Mark {
		clear(file)
		if file, err = j.marked(pix, made, format); err != nil {
			return nil, ended(ctx, err)
		}
		c.end("mark")
	}
	result := &Result{Document: s.ID, Pack: p.pack.Name(), Findings: findings, Photo: Photo{
		Type: mediaType(format), Width: made.width, Height: made.height, DPI: float64(s.DPI), Affine: made.affine, Data: file,
	}}
	if laid != nil {
		if result.Sheet, err = j.sheet(laid, pix, made, format, r.Mark, &c); err != nil {
			result.Wipe()
			return nil, ended(ctx, err)
		}
	}
	result.Timings = c.spans
	p.log.LogAttrs(ctx, slog.LevelDebug, "photo made", slog.String("document", s.ID), slog.Int("bytes", len(file)),
		slog.Int("failed", len(compliance.Failed(result.Findings))), slog.Bool("marked", r.Mark))
	return result, nil
}

// ended prefers the context's reason: a decoder that was stopped calls its picture broken.
func ended(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// formatOf is the format that is written, if the document takes it.
func formatOf(s document.Spec, asked wire.Format) (vips.Format, error) {
	switch asked {
	case wire.FormatAuto:
		if !s.MayBe("jpg") {
			return vips.PNG, nil
		}
		return vips.JPEG, nil
	case wire.JPEG:
		if s.MayBe("jpg") {
			return vips.JPEG, nil
		}
	case wire.PNG:
		if s.MayBe("png") {
			return vips.PNG, nil
		}
	}
	return 0, fmt.Errorf("%w: %v, it takes %v", ErrFormat, asked, s.Formats())
}

func mediaType(f vips.Format) string {
	if f == vips.PNG {
		return wire.PNG.MIME()
	}
	return wire.JPEG.MIME()
}
