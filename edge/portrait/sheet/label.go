package sheet

import (
	"image"
	"math"
	"slices"
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
)

// What is written beside the bar, and what where there is no room for that.
var sentences = []string{"20 mm: print at 100 %, do not fit to the page", "20 mm"}

// A label is the bar and the sentence: where it stands, and how it is drawn.
type label struct {
	box    image.Rectangle // on the sheet; empty when there is no room
	turned bool            // clockwise: what is up points right
	writing
	ink func() (*image.Alpha, error) // as it looks on the sheet, 255 where it is black; drawn once, when it is painted
}

func labelAt(at image.Point, w writing, turned bool) label {
	size := w.size
	if turned {
		size = image.Pt(size.Y, size.X)
	}
	return label{image.Rectangle{at, at.Add(size)}, turned, w, sync.OnceValues(func() (*image.Alpha, error) {
		ink, err := w.ink()
		if err == nil && turned {
			ink = quarterTurn(ink)
		}
		return ink, err
	})}
}

// A writing is a label that lies at the origin, upright.
type writing struct {
	text  string
	size  image.Point
	bar   []image.Rectangle
	dot   image.Point // where the text begins, on its baseline
	scale float64     // pixels per mm
}

// placeLabel puts the label into the middle of the widest blank strip that holds it. clear is kept from photos.
func (l Layout) placeLabel(clear int) label {
	for _, text := range sentences {
		w, err := write(text, l.DPI)
		if err != nil {
			return label{}
		}
		var best label
		var found [3]int // how wide the strip is, whether the label lies in it upright, how long it is
		for _, r := range l.blanks() {
			r = r.Inset(clear)
			mid := r.Min.Add(r.Max).Div(2)
			rank := [3]int{min(r.Dx(), r.Dy()), 1, max(r.Dx(), r.Dy())}
			at := labelAt(mid.Sub(w.size.Div(2)), w, false)
			if !at.box.In(r) {
				rank[1] = 0
				at = labelAt(mid.Sub(image.Pt(w.size.Y/2, w.size.X/2)), w, true)
			}
			if at.box.In(r) && slices.Compare(rank[:], found[:]) >= 0 {
				best, found = at, rank
			}
		}
		if !best.box.Empty() {
			return best
		}
	}
	return label{}
}

// blanks are the largest rectangles that no photo is in: for each stretch of columns between edges of photos, what is free
// in all of it from photo to photo.
func (l Layout) blanks() []image.Rectangle {
	xs := []int{0, l.Width}
	var photos []image.Rectangle
	for _, t := range l.Tiles {
		r := l.Photo(t)
		photos = append(photos, r)
		xs = append(xs, r.Min.X, r.Max.X)
	}
	slices.SortFunc(photos, func(a, b image.Rectangle) int { return a.Min.Y - b.Min.Y })
	slices.Sort(xs)
	xs = slices.Compact(xs)
	var found []image.Rectangle
	for i, left := range xs {
		for _, right := range xs[i+1:] {
			y := 0
			for _, r := range photos {
				if r.Min.X < right && r.Max.X > left {
					if r.Min.Y > y {
						found = append(found, image.Rect(left, y, right, r.Min.Y))
					}
					y = max(y, r.Max.Y)
				}
			}
			if y < l.Height {
				found = append(found, image.Rect(left, y, right, l.Height))
			}
		}
	}
	return found
}

var regular = sync.OnceValues(func() (*opentype.Font, error) { return opentype.Parse(goregular.TTF) })

func faceAt(scale float64) (font.Face, error) {
	parsed, err := regular()
	if err != nil {
		return nil, err
	}
	return opentype.NewFace(parsed, &opentype.FaceOptions{Size: textSize * scale, DPI: 72, Hinting: font.HintingNone})
}

// write lays out the bar and the text right of it.
func write(text string, dpi float64) (writing, error) {
	mm := dpi / 25.4
	face, err := faceAt(mm)
	if err != nil {
		return writing{}, err
	}
	bar := int(math.Round(barLength * mm))
	line := max(int(math.Round(0.2*mm)), 1)
	high := int(math.Ceil((textSize + 0.4) * mm))
	start := bar + int(mm)
	ends := int(barHeight * mm)
	top := (high - ends) / 2
	w := writing{
		text: text, size: image.Pt(start+font.MeasureString(face, text).Ceil(), high), scale: mm,
		dot: image.Pt(start, (high+face.Metrics().CapHeight.Round())/2),
		bar: []image.Rectangle{image.Rect(0, top+ends/2, bar, top+ends/2+line)},
	}
	for i := 0; i <= 4; i++ { // every 5 mm, longer at the ends; the outer edges of the end marks are 20 mm apart
		inset := ends / 4
		if i == 0 || i == 4 {
			inset = 0
		}
		x := max(0, min(int(math.Round(float64(i)*5*mm))-line/2, bar-line))
		w.bar = append(w.bar, image.Rect(x, top+inset, x+line, top+ends-inset))
	}
	return w, nil
}

// ink draws the writing, upright.
func (w writing) ink() (*image.Alpha, error) {
	face, err := faceAt(w.scale)
	if err != nil {
		return nil, err
	}
	ink := image.NewAlpha(image.Rectangle{Max: w.size})
	for _, r := range w.bar {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			row := ink.Pix[ink.PixOffset(r.Min.X, y):][:r.Dx()]
			for i := range row {
				row[i] = 255
			}
		}
	}
	(&font.Drawer{Dst: ink, Src: image.Opaque, Face: face, Dot: fixed.P(w.dot.X, w.dot.Y)}).DrawString(w.text)
	return ink, nil
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
