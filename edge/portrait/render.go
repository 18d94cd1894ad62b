package portrait

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/professionalaistudio/studio/edge/portrait/document"
	"github.com/professionalaistudio/studio/edge/vips"
)

// A source is the decoded capture: upright, sRGB, opaque, and perhaps at a fraction of its size.
type source struct {
	*vips.Image
	scale         float64 // decoded pixels per capture pixel
	width, height int     // of the upright capture
	stop          func() bool
}

func (s *source) Close() {
	s.stop()
	s.Image.Close()
}

// What is looked at should be large enough to measure: as many pixels along its longer side where a photo is made, and where it is only
// judged. A head whose place is not known yet is taken to be such a part of the capture's height; a smaller one costs a second decoding, a
// larger one nothing.
const (
	seenSide   = 1500
	judgedSide = 800
	seenHead   = 0.42
)

// An eighths is how many eighths of its size a capture is decoded at: 8 or, for a JPEG, one of those that take less time than all of it.
type eighths int

var fewer = []eighths{1, 2, 3, 4, 8}

// atLeast is the least eighths of a capture for which enough is true, or all of it.
func atLeast(info vips.Info, enough func(e eighths) bool) eighths {
	for _, e := range fewer {
		if info.Format == vips.JPEG && int(e)*min(info.Width, info.Height) >= 8 && enough(e) {
			return e
		}
	}
	return 8
}

// eighthsFor is what a photo needs in which a pixel of the capture becomes so many: never fewer pixels than are made of it.
func eighthsFor(info vips.Info, upscale float64) eighths {
	return atLeast(info, func(e eighths) bool { return upscale*8 <= float64(e) })
}

// eighthsToSee is what is looked at before anybody knows where the head is. A photo that needs more is decoded again.
func eighthsToSee(info vips.Info, s document.Spec, f frame, looking bool) eighths {
	width, height := info.Upright()
	side := seenSide
	if looking { // nothing is made of it
		side, f.height = judgedSide, 0
	}
	_, mm := f.mm()
	if mm == 0 {
		mm = 1
	}
	upscale := s.Head().Min / mm * float64(f.height) / (seenHead * float64(height))
	return atLeast(info, func(e eighths) bool { return upscale*8 <= float64(e) && int(e)*max(width, height) >= 8*side })
}

// eighthsToJudge is what a capture needs to be judged in which, decoded at seen, a face has such a measure.Points.Fineness.
// Of 76 portraits of 12 MP that were judged at a half and at a quarter of it 89 of 5,500 verdicts differed; 87 did where five of their pixels
// were cut off.
func eighthsToJudge(info vips.Info, seen eighths, fineness float64) eighths {
	return atLeast(info, func(e eighths) bool { return e >= seen && fineness*float64(e) >= float64(seen) })
}

// finer decodes again what was looked at, at a larger scale. The coarse picture is gone before the other is there.
func (s *source) finer(ctx context.Context, data []byte, info vips.Info, e eighths, seen *capture) (*source, error) {
	s.Close()
	again, err := open(ctx, data, info, e)
	if err != nil {
		return nil, err
	}
	r, err := again.Raster()
	if err != nil {
		again.Close()
		return nil, err
	}
	seen.in(r, 1/again.scale)
	return again, nil
}

// open decodes a capture.
func open(ctx context.Context, data []byte, info vips.Info, e eighths) (*source, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	img, err := vips.LoadProbed(data, info, vips.LoadConfig{Eighths: int(e)})
	if err != nil {
		return nil, pictureError(err)
	}
	width, height := info.Upright()
	s := &source{img, float64(e) / 8, width, height, context.AfterFunc(ctx, img.Interrupter())}
	for _, step := range []func() error{
		img.CopyUpright, // at once, which is faster than line by line through all that follows
		img.ToSRGB, func() error { return img.Flatten(vips.White) },
		func() error { _, err := img.Raster(); return err },
	} {
		if err := step(); err != nil {
			s.Close()
			return nil, pictureError(err)
		}
	}
	if e == 3 && (img.Width() != width*3/8 || img.Height() != height*3/8) { // four inks: see CopyMemory
		s.scale = 4.0 / 8
	}
	return s, nil
}

// A job is one photo in the making.
type job struct {
	ctx      context.Context
	spec     document.Spec
	fig      figure
	source   *source
	beyond   limit
	backdrop *vips.RGB // a new background; nil: the capture's own
}

// solve finds the crop for a frame, as far beyond the capture as this photo may reach.
func (j job) solve(f frame) (crop, error) {
	return find(j.spec, f, j.fig, j.source.width, j.source.height, j.beyond)
}

// render makes the pixels of a crop: one resampling, then what lies beyond the capture. When nothing may be made up beyond
// it after all, it says ErrCannotFit and what is missing.
func (j job) render(c crop) ([]byte, error) {
	if err := j.ctx.Err(); err != nil {
		return nil, err
	}
	img, err := j.source.Clone()
	if err != nil {
		return nil, err
	}
	defer img.Close()
	m := c.affine
	for _, i := range []int{0, 1, 3, 4} {
		m[i] /= j.source.scale
	}
	ground := vips.White
	if j.backdrop != nil {
		ground = *j.backdrop
	}
	if err := img.Resample(m, c.width, c.height, ground); err != nil {
		return nil, pictureError(err)
	}
	pix, _, _, err := img.Pixels()
	if err != nil {
		return nil, pictureError(err)
	}
	if c.padded() && j.backdrop == nil && !extend(pix, c, j.source.width, j.source.height) {
		clear(pix)
		if _, err := find(j.spec, c.frame, j.fig, j.source.width, j.source.height, within); err != nil {
			return nil, err
		}
		return nil, errors.New("portrait: a crop reaches beyond a capture that it fits into")
	}
	return pix, nil
}

// file makes the file of the row, and hands on its pixels. Where the bytes do not suffice and the row leaves the size
// open, it is made smaller: the crop that it came out as is returned.
func (j job) file(c crop, format vips.Format, clock *clock) (file, pix []byte, made crop, err error) {
	for {
		if pix, err = j.render(c); err != nil {
			return nil, nil, c, err
		}
		clock.end("render")
		file, err = j.encode(pix, c, format, windowOf(j.spec, c.width, c.height))
		clock.end("encode")
		if err == nil {
			return file, pix, c, nil
		}
		clear(pix)
		var bytes *errBytes
		if !errors.As(err, &bytes) {
			return nil, nil, c, err
		}
		smaller := frame{width: j.spec.WidthFor(c.height * 9 / 10), height: c.height * 9 / 10}
		_, mm := c.mm()
		smaller.scale = float64(smaller.height) / mm
		if j.spec.PXRange == nil || j.spec.CheckPixels(smaller.width, smaller.height) != nil {
			return nil, nil, c, &ErrCannotFit{Short: ShortBytes, Reason: bytes.Error(),
				Advice: "Take the photo in better light and before a plain background: noise and patterns need many bytes."}
		}
		if c, err = j.solve(smaller); err != nil {
			return nil, nil, c, err
		}
	}
}

func (j job) encode(pix []byte, c crop, format vips.Format, w window) ([]byte, error) {
	img, err := vips.FromPixels(pix, c.width, c.height, 3)
	if err != nil {
		return nil, err
	}
	defer img.Close()
	return encode(j.ctx, img, format, float64(j.spec.DPI), w)
}

// marked writes the mark over the pixels and encodes them again. Letters need bytes of their own, so a window that the
// photo fits into may be too small for its preview: then the preview passes it.
func (j job) marked(pix []byte, c crop, format vips.Format) ([]byte, error) {
	if err := mark(pix, c.width, c.height); err != nil {
		return nil, fmt.Errorf("mark: %w", err)
	}
	w := windowOf(j.spec, c.width, c.height)
	file, err := j.encode(pix, c, format, w)
	var bytes *errBytes
	if errors.As(err, &bytes) {
		return j.encode(pix, c, format, window{w.least, math.MaxInt})
	}
	return file, err
}

// tiltMade is what is left of the head's tilt in the photo.
func tiltMade(c crop, h Head) float64 {
	cx, cy := c.at(h.CrownX, h.CrownY)
	x, y := c.at(h.ChinX, h.ChinY)
	return math.Atan2(cx-x, y-cy) * 180 / math.Pi
}
