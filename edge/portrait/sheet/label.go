package sheet

import (
	"image"
	"math"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// The bar is 20 mm long, so that any ruler tells whether the printer kept the size.
const (
	barLength = 20.0
	barHeight = 1.6
	textSize  = 2.2 // mm of the em
	labelText = "20 mm: print at 100 %, do not fit to the page"
)

// A label is the bar and the sentence, drawn as one grey picture of ink (255 is black), upright or turned.
type label struct {
	box image.Rectangle // on the sheet; empty when there is no room
	ink *image.Alpha
}

// placeLabel finds the widest blank strip along an edge and puts the label into its middle.
func placeLabel(l Layout, xs, ys []int, clear int) label {
	right := l.Width - (xs[len(xs)-1] + l.Tile.X)
	bottom := l.Height - (ys[len(ys)-1] + l.Tile.Y)
	ink := drawLabel(l.DPI)
	if ink == nil {
		return label{}
	}
	size := ink.Bounds().Size()
	if bottom >= right || size.X > l.Height {
		if size.X > l.Width || size.Y > bottom-2*clear {
			return label{}
		}
		at := image.Pt((l.Width-size.X)/2, l.Height-bottom/2-size.Y/2)
		return label{image.Rectangle{at, at.Add(size)}, ink}
	}
	ink = quarterTurn(ink)
	size = ink.Bounds().Size()
	if size.X > right-2*clear {
		return label{}
	}
	at := image.Pt(l.Width-right/2-size.X/2, (l.Height-size.Y)/2)
	return label{image.Rectangle{at, at.Add(size)}, ink}
}

var regular = sync.OnceValues(func() (*opentype.Font, error) { return opentype.Parse(goregular.TTF) })

func drawLabel(dpi float64) *image.Alpha {
	parsed, err := regular()
	if err != nil {
		return nil
	}
	mm := dpi / 25.4
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: textSize * mm, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return nil
	}
	bar := int(math.Round(barLength * mm))
	line := max(int(math.Round(0.2*mm)), 1)
	high := int(math.Ceil((textSize + 0.4) * mm))
	start := bar + int(mm)
	ink := image.NewAlpha(image.Rect(0, 0, start+font.MeasureString(face, labelText).Ceil(), high))
	fill := func(r image.Rectangle) {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			row := ink.Pix[ink.PixOffset(r.Min.X, y):][:r.Dx()]
			for i := range row {
				row[i] = 255
			}
		}
	}
	ends := int(barHeight * mm)
	top := (high - ends) / 2
	fill(image.Rect(0, top+ends/2, bar, top+ends/2+line))
	for i := 0; i <= 4; i++ { // every 5 mm, longer at the ends; the outer edges of the end marks are 20 mm apart
		x := min(int(math.Round(float64(i)*5*mm)), bar)
		inset := ends / 4
		if i == 0 || i == 4 {
			inset = 0
		}
		x = max(0, min(x-line/2, bar-line))
		fill(image.Rect(x, top+inset, x+line, top+ends-inset))
	}
	m := face.Metrics()
	base := (high + m.CapHeight.Round()) / 2
	(&font.Drawer{Dst: ink, Src: image.Opaque, Face: face, Dot: fixed.P(start, base)}).DrawString(labelText)
	return ink
}

// quarterTurn turns the ink clockwise.
func quarterTurn(src *image.Alpha) *image.Alpha {
	b := src.Bounds()
	dst := image.NewAlpha(image.Rect(0, 0, b.Dy(), b.Dx()))
	for y := range b.Dy() {
		for x := range b.Dx() {
			dst.Pix[dst.PixOffset(b.Dy()-1-y, x)] = src.Pix[src.PixOffset(x, y)]
		}
	}
	return dst
}
