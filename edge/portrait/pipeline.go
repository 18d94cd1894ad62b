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
	"github.com/professionalaistudio/studio/edge/portrait/measure"
	"github.com/professionalaistudio/studio/edge/vips"
	"github.com/professionalaistudio/studio/edge/wire"
)

// Config of a pipeline.
type Config struct {
	Today     func() time.Time // nil means time.Now: what the age of a photo is counted from
	MaxPixels int64            // of a capture, said by its header; 0 means no limit
	Pack      *document.Pack   // nil means the embedded one
	Faces     *face.Finder     // nil: nothing here finds a head, it must be given
	Mattes    *matte.Cutter    // nil: nothing here tells people from what is behind them
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
	ModeLive      Mode = "live" // a frame of a live picture, to be judged in haste: without a matte
)

// A Request says what is to be made of a capture.
type Request struct {
	Document   string
	Head       *Head     // nil: it is found
	Background *wire.RGB // a colour to put behind the person; nil: as the document and Mode say
	Mode       Mode
	Sheet      string      // paper to lay copies out on, as sheet.ParsePaper reads it; empty means none
	Copies     int         // on the sheet; 0 fills it
	Gap        *float64    // between copies in mm, 0 for one shared line; nil is usual
	With       []Also      // other documents on the sheet, made of the same capture as each allows
	PDF        bool        // what is printed, the sheet or where there is none the photo, as a PDF in true millimetres
	Drawing    string      // svg, png or jpeg: the picture with the findings drawn on it; empty means none
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
	Photo    Photo     // empty after Check
	Sheet    *Photo    // or the page of a PDF
	With     []*Result // what the other documents of the sheet say of their photos, which are on it alone
	Drawing  *Drawing  // of the photo, or after Check of what was checked
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
	if r.Drawing != nil {
		clear(r.Drawing.Data)
		r.Drawing.Data = nil
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
	if err := drawable(r.Drawing); err != nil {
		return s, err
	}
	switch {
	case !ok:
		return s, fmt.Errorf("%w: %.40q", ErrDocumentUnknown, r.Document)
	case r.Background == nil:
		return s, nil
	case s.EditBarred():
		return s, ErrEditBarred
	case r.Mode == ModeCrop:
		return s, ErrBackgroundKept
	case p.cfg.Mattes == nil || !p.cfg.Faces.CanFind() || !p.cfg.Faces.CanLook():
		return s, ErrBackgroundUnavailable
	}
	return s, nil
}

// probe reads the header, and refuses by it what may not be decoded.
func (p *Pipeline) probe(data []byte) (vips.Info, error) { return probed(data, p.cfg.MaxPixels) }

func probed(data []byte, maxPixels int64) (vips.Info, error) {
	info, err := vips.Probe(data)
	switch {
	case errors.Is(err, vips.ErrUnsupported) && vips.Sniff(data) == vips.HEIC:
		return info, ErrHEIC
	case err != nil:
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
	l, err := p.plans(s, r)
	if err != nil {
		return nil, err
	}
	info, err := p.probe(data)
	if err != nil {
		return nil, err
	}
	c.end("probe")
	result, first, err := p.photo(ctx, data, info, s, r, format, l, 0, &c)
	if err != nil {
		return nil, ended(ctx, err)
	}
	defer first.wipe()
	if l != nil {
		if err := p.printed(ctx, data, info, r, format, l, first, result, &c); err != nil {
			result.Wipe()
			return nil, ended(ctx, err)
		}
	}
	result.Timings = c.spans
	count(result.Findings)
	p.log.LogAttrs(ctx, slog.LevelDebug, "photo made", slog.String("document", s.ID), slog.Int("bytes", len(result.Photo.Data)),
		slog.Int("failed", len(compliance.Failed(result.Findings))), slog.Bool("marked", r.Mark))
	return result, nil
}

// printed makes what is printed. The other documents of a sheet are photos of their own, one after the other: each with the background that
// it allows, and with its findings.
func (p *Pipeline) printed(ctx context.Context, data []byte, info vips.Info, r Request, format vips.Format, l *plan, first *print, result *Result, c *clock) error {
	prints := []*print{first}
	defer func() {
		for _, t := range prints[1:] {
			t.wipe()
		}
	}()
	for i, s := range l.specs[1:] {
		ask := Request{Document: s.ID, Head: r.Head, Mode: r.Mode, Mark: r.Mark}
		other, t, err := p.photo(ctx, data, info, s, ask, vips.JPEG, l, i+1, c)
		if err != nil {
			return fmt.Errorf("%s: %w", s.ID, err)
		}
		other.Wipe() // its file is not asked for
		result.With, prints = append(result.With, other), append(prints, t)
	}
	var err error
	result.Sheet, err = l.make(ctx, prints, format)
	c.end("sheet")
	return err
}

// ahead does with a head that was given what can be done before anything is decoded: it refuses what will not do, and says how much of the
// capture's size is needed.
func (p *Pipeline) ahead(s document.Spec, r Request, info vips.Info, l *plan, i int) (eighths, error) {
	width, height := info.Upright()
	if err := r.Head.check(width, height); err != nil {
		return 0, err
	}
	beyond := about(s)
	if p.replaces(s, r) {
		beyond = limit{true, true, true}
	}
	solve := func(f frame) (crop, error) { return find(s, f, given(*r.Head, s.HeadTop), width, height, beyond) }
	made, err := solve(fileFrame(s))
	if err != nil {
		return 0, err
	}
	onSheet, err := l.crop(i, made, solve)
	if err != nil {
		return 0, err
	}
	return eighthsFor(info, upscaleOf(made, onSheet)), nil
}

// replaces says whether a background that fails its checks may be replaced without being asked to be.
func (p *Pipeline) replaces(s document.Spec, r Request) bool {
	if r.Mode == ModeCrop || p.cfg.Mattes == nil {
		return false
	}
	return r.Background != nil || s.BackgroundReplacement == document.Unknown || s.BackgroundReplacement == document.Allowed
}

// photo makes it: look, solve, decide on the background, render, encode, judge. Where l is not nil it also makes the print of l's item i.
func (p *Pipeline) photo(ctx context.Context, data []byte, info vips.Info, s document.Spec, r Request, format vips.Format, l *plan, i int, c *clock) (*Result, *print, error) {
	size := eighthsToSee(info, s, fileFrame(s), false)
	if r.Head != nil {
		var err error
		if size, err = p.ahead(s, r, info, l, i); err != nil {
			return nil, nil, err
		}
	} else if !p.cfg.Faces.CanFind() || !p.cfg.Faces.CanLook() {
		return nil, nil, ErrNoHead
	}
	source, err := open(ctx, data, info, size)
	if err != nil {
		return nil, nil, err
	}
	defer func() { source.Close() }()
	c.end("decode")
	seen, err := p.see(ctx, source, r.Head, false, c)
	if err != nil {
		return nil, nil, err
	}
	defer func() { seen.Wipe() }()

	fig, err := seen.figure(s, r.Head)
	if err != nil {
		return nil, nil, err
	}
	j := job{ctx: ctx, spec: s, fig: fig, source: source}
	made, err := j.solve(fileFrame(s))
	may := seen.sketch != nil && p.replaces(s, r)
	if r.Background != nil && seen.sketch == nil {
		return nil, nil, fmt.Errorf("%w: %s", ErrBackgroundUnavailable, seen.whyMatte)
	}
	if err != nil && may { // a new background may go on where the capture ends
		j.beyond, j.backdrop = seen.free(s, fig), backdrop(s, r)
		made, err = j.solve(fileFrame(s))
	} else if err != nil {
		j.beyond = about(s)
		made, err = j.solve(fileFrame(s))
	}
	if err != nil {
		return nil, nil, err
	}
	onSheet, err := l.crop(i, made, j.solve)
	if err != nil {
		return nil, nil, err
	}
	c.end("solve")
	if finer := eighthsFor(info, upscaleOf(made, onSheet)); finer > size { // the head was smaller than thought
		again, err := source.finer(ctx, data, info, finer, seen)
		if err != nil {
			return nil, nil, err
		}
		source, j.source = again, again
		c.end("decode")
	}

	m := compliance.Measurements{}
	seen.sight.frame = seen.frame(made)
	if err := joinCapture(&m, seen.sight, s); err != nil {
		return nil, nil, err
	}
	if facts, err := measure.Read(data); err == nil {
		m.History = historyOf(facts, p.today(), m)
	}
	c.end("measure")
	m.Backdrop = &compliance.Backdrop{Asked: r.Background != nil, Beyond: j.backdrop != nil, Crop: r.Mode == ModeCrop, Fails: unfit(m, s)}
	if r.Background != nil || may && m.Backdrop.Fails {
		j.backdrop = backdrop(s, r)
	}
	if j.backdrop != nil {
		m.Backdrop.Colour = fmt.Sprintf("#%02x%02x%02x", j.backdrop.R, j.backdrop.G, j.backdrop.B)
	}
	taken, err := j.taken(seen, made)
	if err != nil {
		return nil, nil, err
	}
	defer taken.wipe()
	var lain *person
	if j.backdrop != nil {
		crops := []crop{made}
		if onSheet != nil {
			crops = append(crops, *onSheet)
		}
		if lain, err = seen.lay(ctx, *j.backdrop, crops...); err != nil {
			return nil, nil, err
		}
		c.end("background")
	}
	defer lain.wipe()

	file, pix, made, err := j.file(made, format, c)
	if err != nil {
		return nil, nil, err
	}
	defer clear(pix)
	// What is judged is the photo that will be handed over, marked or not.
	if err := p.judgeMade(&m, seen, lain, j, made, file, pix, taken); err != nil {
		clear(file)
		return nil, nil, err
	}
	findings := compliance.Check(m, s)
	c.end("judge")
	if r.Mark {
		clear(file)
		if file, err = j.marked(pix, made, format); err != nil {
			return nil, nil, err
		}
		c.end("mark")
	}
	result := &Result{Document: s.ID, Pack: p.pack.Name(), Findings: findings, Photo: Photo{
		Type: mediaType(format), Width: made.width, Height: made.height, DPI: float64(s.DPI), Affine: made.affine, Data: file,
	}}
	if r.Drawing != "" {
		photo := vips.Raster{Pix: pix, Width: made.width, Height: made.height, Bands: 3}
		if result.Drawing, err = p.draw(r.Drawing, compliance.Output, photo, 1, findings, s, guides(s, made, fig)); err != nil {
			result.Wipe()
			return nil, nil, err
		}
		c.end("draw")
	}
	if onSheet == nil {
		return result, nil, nil
	}
	t, err := j.print(*onSheet, pix, made, r.Mark)
	if err != nil {
		result.Wipe()
		return nil, nil, err
	}
	return result, t, nil
}

func (p *Pipeline) today() time.Time {
	if p.cfg.Today != nil {
		return p.cfg.Today()
	}
	return time.Now()
}

// backdrop is the colour that was asked for, or the first that the document allows.
func backdrop(s document.Spec, r Request) *vips.RGB {
	if r.Background != nil {
		return &vips.RGB{R: r.Background.R, G: r.Background.G, B: r.Background.B}
	}
	c := colours(s)[0]
	return &vips.RGB{R: c[0], G: c[1], B: c[2]}
}

// unfit says whether the background of a capture fails a check that a new one would pass.
func unfit(m compliance.Measurements, s document.Spec) bool {
	for _, f := range compliance.Check(m, s) {
		switch f.Rule {
		case "bg.uniform", "bg.colour", "bg.lightness", "bg.shadow", "bg.objects", "bg.gradient":
			if f.Verdict == compliance.Fail {
				return true
			}
		}
	}
	return false
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
