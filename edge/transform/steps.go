package transform

import (
	"context"
	"math"
	"time"

	"github.com/professionalaistudio/studio/edge/vips"
)

// work is one run of a plan.
type work struct {
	*Plan
	cutter  Cutter
	img     *vips.Image
	buf     *vips.Buffer
	stop    func() bool // ends the watch that breaks decoding off
	started time.Time
	spans   []Span
}

type step struct {
	name string
	span string // the stage it is timed in
	do   func(ctx context.Context, data []byte) error
}

// steps is the order of work. It is imgproxy's: what a step may rely on is what the ones before it left.
func (w *work) steps() []step {
	s := []step{
		{"open", "decode", w.open},
		{"colour", "decode", w.colour},
	}
	add := func(wanted bool, name, span string, do func() error) {
		if wanted {
			s = append(s, step{name, span, func(context.Context, []byte) error { return do() }})
		}
	}
	if w.Matte { // at the scale it was decoded at: what is cut or blended later is cut and blended with its alpha
		s = append(s, step{"upright", "decode", func(context.Context, []byte) error { return w.upright() }},
			step{"matte", "matte", func(ctx context.Context, _ []byte) error { return w.cutter.Cut(ctx, w.img) }})
	}
	add(w.Crop != nil, "crop", "decode", w.crop)
	add(true, "scale", "decode", w.scale)
	add(w.Orientation != 1 || w.Rotate != 0, "turn", "transform", w.turn)
	add(w.Cut != nil, "cut", "transform", w.cut)
	add(w.Blur > 0 || w.Sharpen > 0, "filter", "transform", w.filter)
	add(w.Canvas != nil, "extend", "transform", w.extend)
	add(w.FormatScaled != nil, "fit format", "transform", w.fitFormat)
	add(true, "flatten", "transform", w.flatten)
	add(true, "encode", "encode", w.encode)
	return s
}

// end closes a step, adding its time to its stage.
func (w *work) end(span string) {
	now := time.Now()
	took := now.Sub(w.started)
	w.started = now
	for i := range w.spans {
		if w.spans[i].Name == span {
			w.spans[i].Took += took
			return
		}
	}
	w.spans = append(w.spans, Span{span, took})
}

func (w *work) close() {
	if w.stop != nil {
		w.stop()
	}
	w.img.Close()
	w.buf.Close()
}

// open lets the decoder shrink as far as it can: JPEG in powers of two, WebP to any size.
func (w *work) open(ctx context.Context, data []byte) error {
	cfg := vips.LoadConfig{}
	switch {
	case w.Source.Format == vips.JPEG && w.Shrink >= 8:
		cfg.Shrink = 8
	case w.Source.Format == vips.JPEG && w.Shrink >= 4:
		cfg.Shrink = 4
	case w.Source.Format == vips.JPEG && w.Shrink >= 2:
		cfg.Shrink = 2
	case w.Source.Format == vips.WebP && w.Shrink > 1:
		cfg.Scale = 1 / w.Shrink
	}
	img, err := vips.LoadProbed(data, w.Source, cfg)
	if err != nil {
		return err
	}
	w.img = img
	w.stop = context.AfterFunc(ctx, img.Interrupter())
	return nil
}

// upright decodes all of the picture, as people are seen.
func (w *work) upright() error {
	if w.Upright {
		if err := w.img.AutoRotate(); err != nil {
			return err
		}
	}
	return w.img.CopyMemory()
}

// colour makes 8-bit sRGB or grey of it. Grey stays grey unless a colour is to come in.
func (w *work) colour(context.Context, []byte) error {
	if bg := w.Background; bg != nil && (bg.R != bg.G || bg.G != bg.B) {
		return w.img.ToSRGB()
	}
	return w.img.ToDisplay()
}

// crop cuts before scaling, in the picture as stored and as far as the decoder has shrunk it.
func (w *work) crop() error {
	// What a pixel of the file has become.
	x := float64(w.img.Width()) / float64(w.Source.Width)
	y := float64(w.img.Height()) / float64(w.Source.Height)
	width := max(1, min(w.img.Width(), round(float64(w.Crop.Width)*x)))
	height := max(1, min(w.img.Height(), round(float64(w.Crop.Height)*y)))
	if w.CropSmart {
		return w.img.SmartCrop(width, height)
	}
	left := min(int(math.RoundToEven(float64(w.Crop.X)*x)), w.img.Width()-width)
	top := min(int(math.RoundToEven(float64(w.Crop.Y)*y)), w.img.Height()-height)
	return w.img.Crop(left, top, width, height)
}

// scale brings it to its size and decodes: from here on the pixels are in memory, and few.
func (w *work) scale() error {
	if err := w.img.ResizeTo(w.Scaled.Width, w.Scaled.Height); err != nil {
		return err
	}
	return w.img.CopyMemory()
}

// turn brings the picture upright, then rotates it as asked.
func (w *work) turn() error {
	if w.Orientation != 1 {
		if err := w.img.AutoRotate(); err != nil {
			return err
		}
	}
	return w.img.Rotate(w.Rotate)
}

// cut is the cut to the box.
func (w *work) cut() error {
	if w.CutSmart {
		return w.img.SmartCrop(w.Cut.Width, w.Cut.Height)
	}
	return w.img.Crop(w.Cut.X, w.Cut.Y, w.Cut.Width, w.Cut.Height)
}

func (w *work) filter() error {
	if err := w.img.Blur(w.Blur); err != nil {
		return err
	}
	if err := w.img.Sharpen(w.Sharpen); err != nil {
		return err
	}
	return w.img.CopyMemory()
}

// extend lays the picture on its canvas. What is left stays transparent where the format can show that.
func (w *work) extend() error {
	c := w.Canvas
	switch {
	case w.Background != nil:
		return w.img.Embed(c.X, c.Y, c.Width, c.Height, *w.Background)
	case !w.Format.HasAlpha():
		return w.img.Embed(c.X, c.Y, c.Width, c.Height, vips.White)
	}
	return w.img.EmbedClear(c.X, c.Y, c.Width, c.Height)
}

// fitFormat scales down what the format cannot hold.
func (w *work) fitFormat() error {
	return w.img.ResizeTo(w.FormatScaled.Width, w.FormatScaled.Height)
}

// flatten lays a transparent picture on the colour asked for, or on white where the format knows no transparency.
func (w *work) flatten() error {
	switch {
	case w.Background != nil:
		return w.img.Flatten(*w.Background)
	case !w.Format.HasAlpha():
		return w.img.Flatten(vips.White)
	}
	return nil
}

func (w *work) encode() error {
	quality := w.Quality
	if quality == 0 {
		quality = w.Format.DefaultQuality()
	}
	cfg := vips.EncodeConfig{Format: w.Format, Quality: quality, StripMetadata: w.Strip}
	// libjpeg's habit and libheif's in libvips: from 90 on, colour is kept at full resolution.
	cfg.Subsample444 = quality >= 90
	if w.Strip {
		cfg.DPI = 72
	}
	buf, err := w.img.Encode(cfg)
	w.buf = buf
	return err
}
