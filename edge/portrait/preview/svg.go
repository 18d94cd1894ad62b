package preview

import (
	"encoding/base64"
	"image"
	"image/jpeg"
	"math"
	"strconv"
	"strings"

	"github.com/professionalaistudio/studio/edge/portrait/compliance"
)

const embedded = 90 // quality of the JPEG in an SVG

// SVG draws findings on a picture as one SVG file: the picture is in it, as a JPEG of at most MaxSide pixels without any notes, and
// nothing else is loaded, no script, font or style. A unit of it is a thousandth of the picture's longer side. The bytes are the
// caller's, to wipe as it would the picture; the same arguments give the same bytes. The error wraps ErrPicture.
func SVG(p Picture, findings []compliance.Finding, o Options) ([]byte, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	page, err := lay(p, findings, o)
	if err != nil {
		return nil, err
	}
	file, err := p.reduced(o.mostOf())
	if err != nil {
		return nil, err
	}
	defer file.wipe()
	s := &svg{out: buffer{make([]byte, 0, base64.StdEncoding.EncodedLen(len(file.data))+64<<10)}}
	s.page(page, file.data)
	return s.out.data, nil
}

// reduced is the picture as a JPEG of at most so many pixels along its longer side.
func (p Picture) reduced(most int) (*buffer, error) {
	pix, own, err := p.pixels()
	if err != nil {
		return nil, err
	}
	if own {
		defer clear(pix)
	}
	w, h := fit(p.Width, p.Height, min(most, max(p.Width, p.Height)))
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	defer clear(img.Pix)
	scaled(img, img.Rect, pix, p.Width, p.Height)
	out := &buffer{make([]byte, 0, 64<<10)}
	if err := jpeg.Encode(out, img, &jpeg.Options{Quality: embedded}); err != nil {
		out.wipe()
		return nil, err
	}
	return out, nil
}

// fit is the size of a picture whose longer side has so many pixels.
func fit(width, height, side int) (w, h int) {
	k := float64(side) / float64(max(width, height))
	return max(int(math.Round(float64(width)*k)), 1), max(int(math.Round(float64(height)*k)), 1)
}

// svg writes a page.
type svg struct{ out buffer }

func (s *svg) text(parts ...string) {
	for _, p := range parts {
		s.out.WriteString(p)
	}
}

// The font's own names first: where it is installed the two drawings are alike to the letter. Everywhere else textLength keeps
// each line as long as it was laid out.
const family = "Go, 'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"

func (s *svg) page(p *page, jpg []byte) {
	s.text(`<?xml version="1.0" encoding="UTF-8"?>`, "\n",
		`<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" version="1.1" width="`, num(p.width), `" height="`, num(p.height),
		`" viewBox="0 0 `, num(p.width), ` `, num(p.height), `" role="img" aria-labelledby="preview-title preview-desc" xml:lang="en" font-family="`, family, `">`, "\n",
		`<title id="preview-title">`, escape(p.title), `</title>`, "\n", `<desc id="preview-desc">`, escape(p.text), "</desc>\n")
	for _, op := range p.list {
		switch op := op.(type) {
		case ground:
			s.text(`<path d="`, path(box{0, 0, p.width, p.height}.corners(), true), `"`, paint("fill", op.fill), "/>\n")
		case photo:
			s.text(`<image x="`, num(op.at.x0), `" y="`, num(op.at.y0), `" width="`, num(op.at.x1-op.at.x0), `" height="`, num(op.at.y1-op.at.y0),
				`" preserveAspectRatio="none" xlink:href="data:image/jpeg;base64,`)
			s.base64(jpg)
			s.text("\"/>\n")
		case area:
			s.text(`<path d="`, path(op.points, true), `"`, paint("fill", op.fill), "/>\n")
		case stroke:
			s.text(`<path d="`, path(op.points, op.closed), `" fill="none"`, paint("stroke", op.ink), ` stroke-width="`, num(op.width),
				`" stroke-linejoin="round" stroke-linecap="`, caps(op.dash), `"`, dashes(op.dash), "/>\n")
		case disc:
			s.text(`<circle cx="`, num(op.at.x), `" cy="`, num(op.at.y), `" r="`, num(op.radius), `"`)
			if op.fill.a > 0 {
				s.text(paint("fill", op.fill))
			} else {
				s.text(` fill="none"`)
			}
			if op.ink.a > 0 {
				s.text(paint("stroke", op.ink), ` stroke-width="`, num(op.width), `"`, dashes(op.dash))
				if op.dash != nil {
					s.text(` stroke-linecap="`, caps(op.dash), `"`)
				}
			}
			s.text("/>\n")
		case words:
			s.words(op)
		case begin:
			s.text("<g><title>", escape(op.name), "</title>\n")
		case end:
			s.text("</g>\n")
		}
	}
	s.text("</svg>\n")
}

func (s *svg) words(w words) {
	if w.text == "" {
		return
	}
	s.text(`<text x="`, num(w.at.x), `" y="`, num(w.at.y), `" font-size="`, num(w.size), `"`)
	if w.bold {
		s.text(` font-weight="bold"`)
	}
	switch w.align {
	case centred:
		s.text(` text-anchor="middle"`)
	case fromRight:
		s.text(` text-anchor="end"`)
	}
	s.text(paint("fill", w.ink), ` textLength="`, num(w.width), `" lengthAdjust="spacingAndGlyphs">`, escape(w.text), "</text>\n")
}

// base64 writes a file without a copy of all of it.
func (s *svg) base64(data []byte) {
	n := base64.StdEncoding.EncodedLen(len(data))
	s.out.room(n)
	s.out.data = base64.StdEncoding.AppendEncode(s.out.data, data)
}

func path(points []point, closed bool) string {
	var b strings.Builder
	for i, p := range points {
		b.WriteByte("ML"[min(i, 1)])
		b.WriteString(num(p.x) + " " + num(p.y))
	}
	if closed {
		b.WriteByte('Z')
	}
	return b.String()
}

func paint(what string, c colour) string {
	const digits = "0123456789abcdef"
	hex := []byte{'#', digits[c.r>>4], digits[c.r&15], digits[c.g>>4], digits[c.g&15], digits[c.b>>4], digits[c.b&15]}
	text := " " + what + `="` + string(hex) + `"`
	if c.a < 255 {
		text += " " + what + `-opacity="` + num(float64(c.a)/255) + `"`
	}
	return text
}

func caps(dash []float64) string {
	if dash == nil {
		return "round"
	}
	return "butt"
}

func dashes(dash []float64) string {
	if dash == nil {
		return ""
	}
	all := make([]string, len(dash))
	for i, d := range dash {
		all[i] = num(d)
	}
	return ` stroke-dasharray="` + strings.Join(all, " ") + `"`
}

// num is a number of at most two digits after the point.
func num(v float64) string {
	text := strconv.FormatFloat(v, 'f', 2, 64)
	text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	if text == "-0" || text == "" {
		return "0"
	}
	return text
}

var escapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")

// escape is a cleaned text in XML.
func escape(s string) string { return escapes.Replace(s) }
