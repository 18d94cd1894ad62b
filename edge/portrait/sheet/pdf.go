package sheet

import (
	"fmt"
	"image"
	"math"
	"strconv"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// PDF makes the sheet a page of the paper's exact size, with the JPEG of each item put in as it is, once, and placed as many
// times as it has copies, in its exact millimetres. Lay the sheet out at Vector. The lines, the bar and the letters are
// drawn, so nothing depends on a font of the printer's, and the same photos make the same bytes.
//
// There is no metadata but the producer. The reader is told not to scale the page when it prints it, which those that
// know the wish obey. The result is one buffer that has never been another's, and belongs to the caller, who wipes it.
func (l Layout) PDF(jpegs ...[]byte) ([]byte, error) {
	if len(jpegs) != len(l.Items) {
		return nil, fmt.Errorf("sheet: %d photos for %d items", len(jpegs), len(l.Items))
	}
	content, err := l.content()
	if err != nil {
		return nil, fmt.Errorf("sheet: %w", err)
	}
	heads := make([]string, len(jpegs)) // of the images
	names := ""
	const rest = 2048 // more than all else takes
	size := len(content) + rest
	for i, data := range jpegs {
		w, h, colours, err := jpegHeader(data)
		if err != nil {
			return nil, fmt.Errorf("sheet: photo %d: %w", i, err)
		}
		if item := l.Items[i]; math.Abs(float64(w)*item.Height-float64(h)*item.Width) > max(item.Width, item.Height) { // a pixel of rounding
			return nil, fmt.Errorf("sheet: photo %d: %d × %d pixels have not the shape of %g × %g mm", i, w, h, item.Width, item.Height)
		}
		space := "/DeviceRGB"
		if colours == 1 {
			space = "/DeviceGray"
		}
		heads[i] = fmt.Sprintf("/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8/ColorSpace%s/Filter/DCTDecode", w, h, space)
		names += fmt.Sprintf("/P%d %d 0 R", i, firstImage+i)
		size += len(heads[i]) + len(data) + 256
	}
	f := pdf{out: append(make([]byte, 0, size), "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"...)}
	f.object(catalog, "<</Type/Catalog/Pages %d 0 R/ViewerPreferences<</PrintScaling/None>>>>", pages)
	f.object(pages, "<</Type/Pages/Kids[%d 0 R]/Count 1>>", page)
	f.object(page, "<</Type/Page/Parent %d 0 R/MediaBox[0 0 %s %s]/Contents %d 0 R/Resources<</XObject<<%s>>>>>>",
		pages, number(points(l.Paper.Width)), number(points(l.Paper.Height)), contents, names)
	f.object(about, "<</Producer(Studio)>>")
	f.stream(contents, "", content)
	for i, data := range jpegs {
		f.stream(firstImage+i, heads[i], data)
	}
	return f.end(), nil
}

// The numbers of the objects.
const (
	catalog = iota + 1
	pages
	page
	about
	contents
	firstImage
)

// A pdf is a file that is being written.
type pdf struct {
	out     []byte
	offsets []int
}

func (f *pdf) object(n int, format string, args ...any) {
	f.begin(n)
	f.out = fmt.Appendf(f.out, format, args...)
	f.out = append(f.out, "\nendobj\n"...)
}

func (f *pdf) begin(n int) {
	f.offsets = append(f.offsets, len(f.out))
	f.out = fmt.Appendf(f.out, "%d 0 obj\n", n)
}

func (f *pdf) stream(n int, head string, data []byte) {
	f.begin(n)
	f.out = fmt.Appendf(f.out, "<<%s/Length %d>>stream\n", head, len(data))
	f.out = append(f.out, data...)
	f.out = append(f.out, "\nendstream\nendobj\n"...)
}

// end writes the table of where each object is.
func (f *pdf) end() []byte {
	table := len(f.out)
	f.out = fmt.Appendf(f.out, "xref\n0 %d\n0000000000 65535 f \n", len(f.offsets)+1)
	for _, at := range f.offsets {
		f.out = fmt.Appendf(f.out, "%010d 00000 n \n", at)
	}
	return fmt.Appendf(f.out, "trailer\n<</Size %d/Root %d 0 R/Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(f.offsets)+1, catalog, about, table)
}

func points(mm float64) float64 { return mm / 25.4 * 72 }

// number writes at most four decimals: a point in ten thousand is 35 nanometres.
func number(v float64) string { return strconv.FormatFloat(math.Round(v*1e4)/1e4, 'f', -1, 64) }

// content is what is drawn on the page, in pixels of the layout from the top left corner as on the raster.
func (l Layout) content() ([]byte, error) {
	scale := 72 / l.DPI
	out := fmt.Appendf(nil, "%s 0 0 %s 0 %s cm\n", strconv.FormatFloat(scale, 'f', 9, 64), strconv.FormatFloat(-scale, 'f', 9, 64), number(points(l.Paper.Height)))
	for _, t := range l.Tiles {
		w, h := l.Items[t.Item].Width/25.4*l.DPI, l.Items[t.Item].Height/25.4*l.DPI
		out = fmt.Appendf(out, "q %s 0 0 %s %d %s cm/P%d Do Q\n", number(w), number(-h), t.X, number(float64(t.Y)+h), t.Item)
	}
	fill := func(rects []image.Rectangle) {
		for _, r := range rects {
			out = fmt.Appendf(out, "%d %d %d %d re\n", r.Min.X, r.Min.Y, r.Dx(), r.Dy())
		}
		if len(rects) > 0 {
			out = append(out, "f\n"...)
		}
	}
	out = fmt.Appendf(out, "%s g\n", number(lineGrey/255.0))
	fill(l.Lines)
	out = append(out, "0 g\n"...)
	fill(l.Ticks)
	if !l.HasBar() {
		return out, nil
	}
	if at := l.label.box.Min; l.label.turned {
		out = fmt.Appendf(out, "0 1 -1 0 %d %d cm\n", l.label.box.Max.X, at.Y)
	} else {
		out = fmt.Appendf(out, "1 0 0 1 %d %d cm\n", at.X, at.Y)
	}
	fill(l.label.bar)
	return l.label.appendOutlines(out)
}

// appendOutlines draws the text as the paths of its letters.
func (w writing) appendOutlines(out []byte) ([]byte, error) {
	parsed, err := regular()
	if err != nil {
		return nil, err
	}
	face, err := faceAt(w.scale)
	if err != nil {
		return nil, err
	}
	size := fixed.Int26_6(math.Round(textSize * w.scale * 64))
	x, y := float64(w.dot.X), float64(w.dot.Y)
	var buffer sfnt.Buffer
	last := rune(-1)
	for _, r := range w.text {
		if last >= 0 {
			x += float64(face.Kern(last, r)) / 64
		}
		last = r
		glyph, err := parsed.GlyphIndex(&buffer, r)
		if err != nil {
			return nil, err
		}
		segments, err := parsed.LoadGlyph(&buffer, glyph, size, nil)
		if err != nil {
			return nil, err
		}
		var pen [2]float64
		for _, s := range segments {
			var p [3][2]float64
			for i, arg := range s.Args {
				p[i] = [2]float64{x + float64(arg.X)/64, y + float64(arg.Y)/64}
			}
			switch s.Op {
			case sfnt.SegmentOpMoveTo:
				pen = p[0]
				out = fmt.Appendf(out, "%s %s m\n", number(pen[0]), number(pen[1]))
			case sfnt.SegmentOpLineTo:
				pen = p[0]
				out = fmt.Appendf(out, "%s %s l\n", number(pen[0]), number(pen[1]))
			case sfnt.SegmentOpQuadTo: // PDF has cubic curves alone
				c := p[0]
				a := [2]float64{pen[0] + (c[0]-pen[0])*2/3, pen[1] + (c[1]-pen[1])*2/3}
				b := [2]float64{p[1][0] + (c[0]-p[1][0])*2/3, p[1][1] + (c[1]-p[1][1])*2/3}
				pen = p[1]
				out = appendCurve(out, a, b, pen)
			case sfnt.SegmentOpCubeTo:
				pen = p[2]
				out = appendCurve(out, p[0], p[1], pen)
			}
		}
		if advance, ok := face.GlyphAdvance(r); ok {
			x += float64(advance) / 64
		}
	}
	return append(out, "f\n"...), nil
}

func appendCurve(out []byte, a, b, c [2]float64) []byte {
	return fmt.Appendf(out, "%s %s %s %s %s %s c\n", number(a[0]), number(a[1]), number(b[0]), number(b[1]), number(c[0]), number(c[1]))
}
