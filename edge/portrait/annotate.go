package portrait

import (
	"errors"
	"fmt"

	"github.com/professionalaistudio/studio/edge/portrait/compliance"
	"github.com/professionalaistudio/studio/edge/portrait/document"
	"github.com/professionalaistudio/studio/edge/portrait/preview"
	"github.com/professionalaistudio/studio/edge/vips"
)

// ErrDrawing is a kind of drawing that there is none of.
var ErrDrawing = errors.New("findings are drawn as svg, png or jpeg")

// A Drawing is the picture with the findings drawn on it. Its owner wipes Data.
type Drawing struct {
	Type string // its media type
	Data []byte
}

// drawings are the kinds there are.
var drawings = map[string]struct {
	mime string
	draw func(preview.Picture, []compliance.Finding, preview.Options) ([]byte, error)
}{
	"svg":  {"image/svg+xml", preview.SVG},
	"png":  {"image/png", preview.PNG},
	"jpeg": {"image/jpeg", preview.JPEG},
}

// drawable refuses a kind that there is none of.
func drawable(kind string) error {
	if _, ok := drawings[kind]; !ok && kind != "" {
		return fmt.Errorf("%w, not as %.20q", ErrDrawing, kind)
	}
	return nil
}

// draw draws the findings of one of the two pictures; nil where no kind was asked for.
func (p *Pipeline) draw(kind string, on string, r vips.Raster, scale float64, findings []compliance.Finding, s document.Spec, guides *preview.Guides) (*Drawing, error) {
	d, ok := drawings[kind]
	if !ok {
		return nil, nil
	}
	data, err := d.draw(preview.Picture{On: on, Pix: r.Pix, Width: r.Width, Height: r.Height, Scale: scale}, findings, preview.Options{
		Caption: fmt.Sprintf("%s: %s. Rules of %s.", s.CountryName(), s.Document, p.pack.Name()), Guides: guides, NotJudged: true,
	})
	if err != nil {
		return nil, fmt.Errorf("draw the findings: %w", err)
	}
	return &Drawing{d.mime, data}, nil
}

// guides are where a document wants things on a photo that was made.
func guides(s document.Spec, made crop, h figure) *preview.Guides {
	_, chin := made.at(h.ChinX, h.ChinY)
	return preview.GuidesOf(s, made.width, made.height, chin)
}

// here says of findings of a picture that is capture and photo in one that all of them are on it.
func here(findings []compliance.Finding, on string) []compliance.Finding {
	all := make([]compliance.Finding, len(findings))
	for i, f := range findings {
		if all[i] = f; f.Place != nil {
			all[i].Place = &compliance.Place{On: on, Points: f.Place.Points}
		}
	}
	return all
}
