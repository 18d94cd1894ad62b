package transform

import (
	"fmt"
	"math"

	"github.com/professionalaistudio/studio/edge/vips"
	"github.com/professionalaistudio/studio/edge/wire"
)

// A Plan is what will be done to one picture, worked out from its header and the options: sizes are known before anything
// is decoded. Crop and Scaled are measured in the picture as stored, everything behind them in the picture as seen.
type Plan struct {
	Source      vips.Info
	Upright     bool // the source is brought upright before all else, and Source is what it then is
	Matte       bool // what is behind people is taken away, before anything is cut or scaled
	Orientation int  // to be applied; 1 when the picture is upright or shall stay as it is
	Rotate      int  // after it, clockwise

	Shrink float64 // how much smaller the decoder may make the picture: never below the output's scale

	Crop         *Rect // cut before scaling; nil for none
	CropSmart    bool  // only the size of Crop counts, its place is looked for
	Scaled       Size  // of what is left, after scaling
	Cut          *Rect // cut after turning; nil for none
	CutSmart     bool
	Blur         float64
	Sharpen      float64
	Canvas       *Canvas // extend; nil for none
	Format       vips.Format
	FormatScaled *Size // a format's longest side was passed: scaled down to this
	Background   *vips.RGB
	Quality      int
	Strip        bool

	Result Size
}

// A Size is in pixels.
type Size struct{ Width, Height int }

func (s Size) turned() Size { return Size{s.Height, s.Width} }

// A Rect is a part of a picture.
type Rect struct{ X, Y, Width, Height int }

// A Canvas is what a picture is laid on, at (X, Y).
type Canvas struct {
	Size
	X, Y int
}

// minAVIF is the shortest side that an AVIF is written with; a smaller picture becomes a PNG or a JPEG, as imgproxy does.
const minAVIF = 16

// New plans. out is the format to be written, or wire.FormatAuto for the source's own where it can be written.
func New(info vips.Info, o wire.Options, out wire.Format, limits Limits) (*Plan, error) {
	upright := o.Matte && o.AutoRotate && info.Orientation > 1 // nobody is found lying on the side
	if upright {
		info.Width, info.Height = info.Upright()
		info.Orientation = 1
	}
	p := &Plan{Source: info, Upright: upright, Matte: o.Matte, Orientation: 1, Rotate: o.Rotate, Blur: o.Blur, Sharpen: o.Sharpen,
		Quality: o.Quality, Strip: o.StripMetadata}
	if o.AutoRotate {
		p.Orientation = info.Orientation
	}
	if o.Background != nil {
		p.Background = &vips.RGB{R: o.Background.R, G: o.Background.G, B: o.Background.B}
	}
	if err := limits.check(info.Width, info.Height, info.Pages); err != nil {
		return nil, fmt.Errorf("source: %w", err)
	}
	if err := p.choose(o, out); err != nil {
		return nil, err
	}

	turn := turnOf(p.Orientation, p.Rotate)
	seen := Size{info.Width, info.Height}
	if turn.swaps {
		seen = seen.turned()
	}
	cut := p.planCrop(o, turn, seen)
	scaled := p.planScale(o, turn, seen, cut)
	result := p.planCut(o, scaled)
	result = p.planCanvas(o, result)
	if err := limits.check(result.Width, result.Height, 1); err != nil {
		return nil, fmt.Errorf("result: %w", err)
	}
	p.Result = p.fitFormat(result)
	return p, nil
}

// choose settles the format. One with no name given is the source's, if we write it, else one that can hold the picture.
func (p *Plan) choose(o wire.Options, out wire.Format) error {
	if out == wire.FormatAuto {
		out = Choose(Header{Format: fromVips(p.Source.Format), Alpha: p.Source.Alpha}, o)
	}
	format := toVips(out)
	if !format.CanSave() {
		return fmt.Errorf("%s: %w", out, ErrUnsupportedOutput)
	}
	p.Format = format
	return nil
}

// planCrop is the cut before scaling. Its size and gravity are given in the picture as seen; it is turned back and done
// in the picture as stored, since that is smaller work. It returns the size as seen.
func (p *Plan) planCrop(o wire.Options, turn turn, seen Size) Size {
	if o.Crop == nil {
		return seen
	}
	want := Size{cropSide(seen.Width, o.Crop.W), cropSide(seen.Height, o.Crop.H)}
	if want == seen {
		return seen
	}
	gravity := o.Gravity
	if o.Crop.Gravity != nil {
		gravity = *o.Crop.Gravity
	}
	stored, full := want, Size{p.Source.Width, p.Source.Height}
	if turn.swaps {
		stored = stored.turned()
	}
	p.CropSmart = gravity.Kind == wire.Smart
	x, y := place(full, stored, turn.back(gravity))
	p.Crop = &Rect{x, y, stored.Width, stored.Height}
	return want
}

// cropSide is one side of a crop: pixels from 1 on, below that a part of the source, 0 all of it.
func cropSide(side int, crop float64) int {
	switch {
	case crop == 0:
		return side
	case crop >= 1:
		return int(math.Min(crop, float64(side)))
	}
	return max(1, round(float64(side)*crop))
}

// planScale sets how far the cropped picture is scaled, and returns the size it then has, as seen.
func (p *Plan) planScale(o wire.Options, turn turn, seen, cut Size) Size {
	wide, high := shrinks(cut, o)
	scaled := Size{max(1, round(float64(cut.Width)/wide)), max(1, round(float64(cut.Height)/high))}
	p.Scaled = scaled
	if turn.swaps {
		p.Scaled = scaled.turned()
	}
	// The decoder may do part of it, but no more than the side that shrinks less, measured on whole pixels.
	p.Shrink = math.Max(1, math.Min(
		float64(seen.Width)/float64(max(1, round(float64(seen.Width)/wide))),
		float64(seen.Height)/float64(max(1, round(float64(seen.Height)/high)))))
	return scaled
}

// shrinks is by how much each side of a picture has to shrink to meet the box: imgproxy's rule.
func shrinks(source Size, o wire.Options) (wide, high float64) {
	w, h := float64(source.Width), float64(source.Height)
	boxW, boxH := float64(o.Width), float64(o.Height)
	if o.Width == 0 {
		boxW = w
	}
	if o.Height == 0 {
		boxH = h
	}
	wide, high = w/boxW, h/boxH
	if wide != 1 || high != 1 {
		how := o.Resize
		if how == wire.Auto {
			how = wire.Fit
			if (w >= h) == (boxW >= boxH) {
				how = wire.Fill
			}
		}
		switch {
		case how == wire.Force: // each side for itself
		case o.Width == 0:
			wide = high
		case o.Height == 0:
			high = wide
		case how == wire.Fit:
			wide = math.Max(wide, high)
			high = wide
		default: // fill, fill-down
			wide = math.Min(wide, high)
			high = wide
		}
	}
	if least := math.Min(wide, high); least < 1 && !o.Enlarge {
		wide /= least // the ratio of the two stays what it was
		high /= least
	}
	return math.Min(wide, w), math.Min(high, h)
}

// planCut is the cut to the box that fill asks for, done in the picture as seen.
func (p *Plan) planCut(o wire.Options, scaled Size) Size {
	want := Size{o.Width, o.Height}
	if o.Resize == wire.FillDown {
		byWidth, byHeight := float64(want.Width)/float64(scaled.Width), float64(want.Height)/float64(scaled.Height)
		switch {
		case byWidth > byHeight && byWidth > 1: // too narrow: the box's ratio at the picture's width
			want = Size{scaled.Width, round(float64(scaled.Width) * float64(want.Height) / float64(want.Width))}
		case byHeight > byWidth && byHeight > 1:
			want = Size{round(float64(scaled.Height) * float64(want.Width) / float64(want.Height)), scaled.Height}
		}
	}
	want = Size{leastSet(want.Width, scaled.Width), leastSet(want.Height, scaled.Height)}
	if want == scaled {
		return scaled
	}
	p.CutSmart = o.Gravity.Kind == wire.Smart
	x, y := place(scaled, want, o.Gravity)
	p.Cut = &Rect{x, y, want.Width, want.Height}
	return want
}

// leastSet is the smaller of two sides, the first of which may be 0 for "as it is".
func leastSet(asked, have int) int {
	if asked <= 0 {
		return have
	}
	return min(asked, have)
}

// planCanvas is extend: the box around a picture that does not fill it.
func (p *Plan) planCanvas(o wire.Options, have Size) Size {
	if !o.Extend || (o.Width <= have.Width && o.Height <= have.Height) {
		return have
	}
	box := Size{max(o.Width, have.Width), max(o.Height, have.Height)}
	x, y := place(box, have, o.ExtendGravity)
	p.Canvas = &Canvas{box, x, y}
	return box
}

// fitFormat minds what the format can hold.
func (p *Plan) fitFormat(result Size) Size {
	if p.Format == vips.AVIF && min(result.Width, result.Height) < minAVIF {
		p.Format = vips.JPEG
		if p.Background == nil && (p.Source.Alpha || p.Matte || p.Canvas != nil) {
			p.Format = vips.PNG
		}
		p.Quality = 0 // the number asked for was AVIF's
	}
	if longest, most := max(result.Width, result.Height), p.Format.MaxSide(); longest > most {
		scale := float64(most) / float64(longest)
		result = Size{
			max(1, min(most, round(float64(result.Width)*scale))),
			max(1, min(most, round(float64(result.Height)*scale))),
		}
		p.FormatScaled = &result
	}
	return result
}

// round is to the nearest, halves away from zero: imgproxy's rule for sizes.
func round(x float64) int { return int(math.Round(x)) }
