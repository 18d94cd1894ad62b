package portrait

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/professionalaistudio/studio/edge/portrait/compliance"
	"github.com/professionalaistudio/studio/edge/portrait/document"
	"github.com/professionalaistudio/studio/edge/portrait/measure"
	"github.com/professionalaistudio/studio/edge/vips"
)

// measureOf measures a finished photo: the file by its own bytes, the head by where the map has really put it.
func measureOf(file []byte, c crop, s document.Spec, h Head) compliance.Measurements {
	m := compliance.Measurements{Head: headOf(c, s, h, compliance.Output)}
	if facts, err := measure.Read(file); err != nil {
		m.WhyFile = "the file's own structure could not be read"
	} else {
		m.File = fileOf(facts)
	}
	return m
}

func fileOf(f measure.Facts) *compliance.File {
	return &compliance.File{
		Format: f.Format, Width: f.Width, Height: f.Height, Bytes: f.Bytes, Bits: f.Bits, Samples: f.Samples,
		Progressive: f.Progressive, Profile: f.Profile, DPI: f.DPI(), Private: f.Private(),
	}
}

// headOf measures the head in a crop, in millimetres.
func headOf(c crop, s document.Spec, h Head, on string) *compliance.Head {
	model := modelOf(s.HeadTop)
	crownX, crownY := c.at(h.CrownX, h.CrownY)
	chinX, chinY := c.at(h.ChinX, h.ChinY)
	width, height := c.mm()
	// A head that stays tilted is measured as a clerk measures it: upright, from row to row.
	head := (chinY - crownY) / c.scale
	chin := chinY / c.scale
	m := &compliance.Head{
		On: on, Width: width, Height: height, Head: head,
		Top: crownY / c.scale, Chin: height - chin, Hair: chin - model.hair*head, HairMeasured: model.hairMeasured,
		Eye: height - chin + model.eyes*head, Axis: (crownX+chinX)/2/c.scale - width/2,
		RollCapture: h.tilt(), RollOutput: tiltMade(c, h), Upscale: c.upscale(), Extended: c.beyond[0] + c.beyond[1] + c.beyond[2],
		CapturePlace: line(compliance.Capture, h.CrownX, h.CrownY, h.ChinX, h.ChinY),
	}
	if on == compliance.Output {
		m.OutputPlace = line(on, crownX, crownY, chinX, chinY)
	} else {
		m.OutputPlace = m.CapturePlace
	}
	return m
}

func line(on string, x0, y0, x1, y1 float64) *compliance.Place {
	round := func(v float64) float64 { return math.Round(v*100) / 100 }
	return &compliance.Place{On: on, Points: [][2]float64{{round(x0), round(y0)}, {round(x1), round(y1)}}}
}

// Check judges a picture and makes nothing. One that already has the document's shape is judged as a finished photo: its
// file, and the head in it as it stands. Any other is a capture: the crop that Photo would make is solved, and judged.
// The head may be missing; what needs it is then not assessed.
func (p *Pipeline) Check(ctx context.Context, data []byte, r Request) (*Result, error) {
	c := clock{last: time.Now()}
	s, err := p.row(r)
	if err != nil {
		return nil, err
	}
	info, err := p.probe(data)
	if err != nil {
		return nil, err
	}
	width, height := info.Upright()
	if r.Head != nil {
		if err := r.Head.check(width, height); err != nil {
			return nil, err
		}
	}
	c.end("probe")
	if err := decodes(ctx, data, info); err != nil {
		return nil, ended(ctx, err)
	}
	c.end("decode")

	m := compliance.Measurements{WhyFile: "no file was made of this capture yet"}
	facts, err := measure.Read(data)
	if finished := err == nil && info.Orientation == 1 && hasShape(s, facts); finished {
		m.File = fileOf(facts)
		if r.Head != nil {
			_, mm := s.FileSize()
			asIs := crop{frame: frame{width, height, float64(height) / mm}, affine: [6]float64{1, 0, 0, 0, 1, 0}}
			m.Head = headOf(asIs, s, *r.Head, compliance.Output)
			m.Head.Upscale = 0 // where it came from is not known
		}
	} else if r.Head != nil {
		made, err := find(s, fileFrame(s), *r.Head, width, height, s.MayExtend())
		var short *ErrCannotFit
		switch {
		case errors.As(err, &short):
			m.WhyHead = "the photo cannot be cut from this capture"
			m.Lacking = &compliance.Lacking{MM: short.MM, Advice: short.Advice, Place: line(compliance.Capture, r.Head.CrownX, r.Head.CrownY, r.Head.ChinX, r.Head.ChinY)}
		case err != nil:
			return nil, err
		default:
			m.Head = headOf(made, s, *r.Head, compliance.Capture)
		}
	}
	c.end("solve")
	result := &Result{Document: s.ID, Pack: p.pack.Name(), Findings: compliance.Check(m, s)}
	c.end("judge")
	result.Timings = c.spans
	return result, nil
}

// hasShape says whether a file has a size that the row's file or print has, at the row's density or at its own.
func hasShape(s document.Spec, f measure.Facts) bool {
	if s.CheckPixels(f.Width, f.Height) == nil {
		return true
	}
	for _, dpi := range []float64{float64(s.DPI), f.DPI()} {
		if w, h := s.PrintPixels(dpi); dpi >= 150 && w == f.Width && h == f.Height {
			return true
		}
	}
	return false
}

// decodes goes through all of a picture and keeps nothing of it: what is broken further down is not judged.
func decodes(ctx context.Context, data []byte, info vips.Info) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	shrink := 1
	if info.Format == vips.JPEG {
		shrink = 8
	}
	img, err := vips.LoadProbed(data, info, vips.LoadConfig{Shrink: shrink})
	if err != nil {
		return pictureError(err)
	}
	defer img.Close()
	defer context.AfterFunc(ctx, img.Interrupter())()
	if err := img.ResizeTo(max(img.Width()/16, 1), max(img.Height()/16, 1)); err != nil {
		return pictureError(err)
	}
	pix, _, _, err := img.Pixels()
	clear(pix)
	if err != nil {
		return pictureError(err)
	}
	return nil
}
