package portrait

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/professionalaistudio/studio/edge/portrait/document"
	"github.com/professionalaistudio/studio/edge/portrait/sheet"
	"github.com/professionalaistudio/studio/edge/vips"
)

// An Also is another document whose photos go on the same sheet, of the same capture.
type Also struct {
	Document string
	Copies   int // 0 fills what is left
}

// MostWith is how many other documents a sheet may hold.
const MostWith = 7

// A plan is what is to be printed.
type plan struct {
	sheet.Layout
	specs []document.Spec // of the items; the first is what was asked for
	dpi   float64         // of the photos
	pdf   bool
}

// plans lays out what is to be printed, before anything is decoded; nil where nothing is.
func (p *Pipeline) plans(s document.Spec, r Request) (*plan, error) {
	if r.Sheet == "" && (r.Copies != 0 || r.Gap != nil || len(r.With) > 0) {
		return nil, fmt.Errorf("%w: copies, a gap and other documents are of a sheet, so name its paper", ErrPaper)
	}
	if r.Sheet == "" && !r.PDF {
		return nil, nil
	}
	if len(r.With) > MostWith {
		return nil, fmt.Errorf("%w: at most %d other documents go on it", ErrPaper, MostWith)
	}
	l := &plan{specs: []document.Spec{s}, pdf: r.PDF}
	items := []sheet.Item{item(s, r.Copies)}
	for _, also := range r.With {
		other, ok := p.pack.Find(also.Document)
		switch {
		case !ok:
			return nil, fmt.Errorf("%w: %.40q", ErrDocumentUnknown, also.Document)
		case r.Head != nil && other.HeadTop != s.HeadTop:
			return nil, fmt.Errorf("%w: %s and %s count another top of the head, so one that is given is right for one of them; let it be found", ErrPaper, s.ID, other.ID)
		}
		l.specs, items = append(l.specs, other), append(items, item(other, also.Copies))
	}
	o := sheet.Usual
	if r.Gap != nil {
		if o.Gap = *r.Gap; o.Gap == 0 {
			o.Margin = 3 // geometry §9: edge to edge, with what most printers leave blank
		}
	}
	o.DPI = 300
	for _, s := range l.specs {
		if s.DPI > 300 {
			o.DPI = 600
		}
	}
	if l.dpi = o.DPI; r.PDF {
		o.DPI = sheet.Vector
	}
	var err error
	if r.Sheet == "" {
		w, h := s.Size()
		l.Layout, err = sheet.Page(w, h)
		return l, err
	}
	paper, err := sheet.ParsePaper(r.Sheet)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPaper, err)
	}
	l.Layout, err = sheet.Lay(paper, items, o)
	switch {
	case errors.Is(err, sheet.ErrDoesNotFit):
		return nil, &ErrCannotFit{Short: ShortPaper, Reason: err.Error(), Advice: "Choose a larger paper, or fewer copies."}
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrPaper, err)
	}
	return l, nil
}

func item(s document.Spec, copies int) sheet.Item {
	w, h := s.Size()
	return sheet.Item{Width: w, Height: h, Count: copies}
}

// frame is that of an item's photo. Prints are true to the millimetre, so photos on a sheet have the print's shape and the sheet's
// density, which may both differ from the file's.
func (l *plan) frame(i int) frame { return printFrame(l.specs[i], l.dpi) }

// crop finds the crop of an item's photo; nil where nothing is printed. made is that of its file.
func (l *plan) crop(i int, made crop, solve func(frame) (crop, error)) (*crop, error) {
	if l == nil {
		return nil, nil
	}
	f := l.frame(i)
	if f == made.frame {
		return &made, nil
	}
	c, err := solve(f)
	return &c, err
}

// A print is one document's photo as a sheet wants it.
type print struct {
	crop
	pix []byte
}

func (t *print) wipe() {
	if t != nil {
		clear(t.pix)
	}
}

// print makes the photo of a sheet. pix are the pixels of the file, marked if it is, which is the same photo where both have one frame.
func (j job) print(c crop, pix []byte, file crop, preview bool) (*print, error) {
	if c.frame == file.frame {
		return &print{c, append([]byte(nil), pix...)}, nil
	}
	made, err := j.render(c)
	if err != nil || !preview {
		return &print{c, made}, err
	}
	if err := mark(made, c.width, c.height); err != nil {
		clear(made)
		return nil, fmt.Errorf("mark: %w", err)
	}
	return &print{c, made}, nil
}

// make makes the sheet of its prints.
func (l *plan) make(ctx context.Context, prints []*print, format vips.Format) (*Photo, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m := prints[0].affine
	if k := l.DPI / l.dpi; k != 1 { // to the units that a PDF is laid out in
		for i := range m {
			m[i] *= k
		}
	}
	first := l.Tiles[0]
	m[2] += float64(first.X)
	m[5] += float64(first.Y)
	photo := &Photo{Width: l.Width, Height: l.Height, DPI: l.DPI, Affine: m}
	var err error
	if l.pdf {
		photo.Type = "application/pdf"
		photo.Data, err = l.asPDF(prints)
		return photo, err
	}
	canvas, err := l.canvas(prints)
	if err != nil {
		return nil, err
	}
	defer canvas.Close()
	photo.Type = mediaType(format)
	photo.Data, err = written(canvas, vips.EncodeConfig{Format: format, Quality: usualQuality, Subsample444: true, Quick: true, DPI: l.DPI, StripMetadata: true})
	return photo, err
}

// asPDF puts each photo into it once, as a JPEG.
func (l *plan) asPDF(prints []*print) ([]byte, error) {
	files := make([][]byte, len(prints))
	defer func() {
		for _, f := range files {
			clear(f)
		}
	}()
	for i, t := range prints {
		img, err := vips.FromPixels(t.pix, t.width, t.height, 3)
		if err != nil {
			return nil, err
		}
		files[i], err = written(img, vips.EncodeConfig{Format: vips.JPEG, Quality: usualQuality, Subsample444: true, Quick: true, DPI: l.dpi, StripMetadata: true})
		img.Close()
		if err != nil {
			return nil, err
		}
	}
	return l.PDF(files...)
}

// canvas composes the sheet from its patches. What looks alike is kept once, and libvips joins it row by row as it encodes: an A4 sheet at
// 600 dpi is 100 MB that never exist at once.
func (l *plan) canvas(prints []*print) (*vips.Image, error) {
	photos := make([][]byte, len(prints))
	for i, t := range prints {
		photos[i] = t.pix
	}
	whole, err := vips.FromPixels([]byte{255, 255, 255}, 1, 1, 3)
	if err != nil {
		return nil, err
	}
	if err := whole.Embed(0, 0, l.Width, l.Height, vips.White); err != nil {
		whole.Close()
		return nil, err
	}
	patches := l.Patches()
	images := make([]*vips.Image, len(patches))
	defer func() {
		for _, img := range images {
			if img != nil {
				img.Close()
			}
		}
	}()
	for i, b := range patches {
		if b.Like == i {
			pix := make([]byte, 3*b.Dx()*b.Dy())
			err := l.Paint(pix, b.Rectangle, photos...)
			if err == nil {
				images[i], err = vips.FromPixels(pix, b.Dx(), b.Dy(), 3)
			}
			clear(pix)
			if err != nil {
				whole.Close()
				return nil, err
			}
		}
		if err := whole.Insert(images[b.Like], b.Min.X, b.Min.Y); err != nil {
			whole.Close()
			return nil, err
		}
	}
	return whole, nil
}

// upscaleOf is how much a capture must give for a file and a print.
func upscaleOf(file crop, made *crop) float64 {
	if made == nil {
		return file.upscale()
	}
	return math.Max(file.upscale(), made.upscale())
}
