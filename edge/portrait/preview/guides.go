package preview

import (
	"math"

	"github.com/professionalaistudio/studio/edge/portrait/document"
)

// Guides are where a document wants things, in pixels of what findings speak of (Picture.Scale). A nil one is not drawn.
type Guides struct {
	HeadTop *Span // rows: where the top of the head may lie
	Eyes    *Span // rows
	Chin    *Span // rows; of no height where it says where the chin is
	Centre  *Span // columns: where the middle of the face may lie
}

// A Span is from one row or column to another, counted from the top or the left.
type Span struct{ From, To float64 }

// GuidesOf are the lines of a document on its finished photo of a size in pixels. chin is the row of the chin: the top of the head
// is counted from it, so without it (0) there is no such band.
func GuidesOf(s document.Spec, width, height int, chin float64) *Guides {
	mmWide, mmHigh := s.FileSize()
	if !(mmWide > 0) || !(mmHigh > 0) || width < 1 || height < 1 {
		return nil
	}
	h := float64(height)
	scale := h / mmHigh
	up := func(b document.Band, from float64) *Span {
		return span(from-b.Max*scale, from-b.Min*scale, h)
	}
	g := &Guides{}
	if chin > 0 {
		g.HeadTop = up(s.Head().Band, chin)
		g.Chin = &Span{chin, chin}
	}
	if r, ok := s.Eye(); ok {
		g.Eyes = up(r.Band, h)
	}
	if r, ok := s.Chin(); ok {
		g.Chin = up(r.Band, h)
	}
	w := float64(width)
	across := w / mmWide
	centre := s.Centre(mmWide)
	g.Centre = span(w/2+centre.Min*across, w/2+centre.Max*across, w)
	return g
}

// span within 0 to most. An end that is open goes to the edge.
func span(from, to, most float64) *Span {
	if math.IsNaN(from) || math.IsNaN(to) {
		return nil
	}
	from, to = max(from, 0), min(to, most)
	if from > to {
		return nil
	}
	return &Span{from, to}
}

// guides draws the bands, each with its name at the edge.
func (l *layout) guides() {
	g := l.o.Guides
	if g == nil {
		return
	}
	const size = 15.0
	at := l.page.picture
	wide, high := at.x1-at.x0, at.y1-at.y0
	dash := []float64{16, 5, 3, 5}
	band := func(s *Span, most float64, rows bool, name string) {
		if s == nil {
			return
		}
		s = span(s.From*l.unit, s.To*l.unit, most)
		if s == nil {
			return
		}
		l.page.add(begin{name})
		b := box{at.x0, at.y0 + s.From, at.x1, at.y0 + s.To}
		edges := [][]point{{{b.x0, b.y0}, {b.x1, b.y0}}, {{b.x0, b.y1}, {b.x1, b.y1}}}
		if !rows {
			b = box{at.x0 + s.From, at.y0, at.x0 + s.To, at.y1}
			edges = [][]point{{{b.x0, b.y0}, {b.x0, b.y1}}, {{b.x1, b.y0}, {b.x1, b.y1}}}
		}
		if s.To-s.From < 1 {
			edges = edges[:1]
		} else {
			l.page.add(area{b.corners(), guide.faint(30)})
		}
		for _, e := range edges {
			l.page.add(stroke{e, false, white.faint(150), 3, nil}, stroke{e, false, guide, 1.4, dash})
		}
		text := l.ruler.line(point{}, name, size, false, guide, fromLeft)
		plate := box{b.x0 + 14, b.y0 - size*1.25, b.x0 + 22 + text.width, b.y0}
		if plate.y0 < at.y0+12 { // above the band, or within it where there is no room; clear of an outline of the whole picture
			plate.y0 = max(b.y0, at.y0+12)
			plate.y1 = plate.y0 + size*1.25
		}
		if !rows {
			mid := min(max((b.x0+b.x1)/2, at.x0+4+text.width/2+4), at.x1-8-text.width/2)
			plate = box{mid - text.width/2 - 4, at.y1 - size*1.25 - 12, mid + text.width/2 + 4, at.y1 - 12}
		}
		text.at = point{plate.x0 + 4, plate.y1 - size*0.35}
		if plate.x1 <= at.x1 && plate.y1 < at.y1 && plate.y0 > at.y0 {
			l.page.add(area{plate.corners(), white.faint(205)}, text)
		}
		l.page.add(end{})
	}
	band(g.Centre, wide, false, "middle of the face")
	band(g.HeadTop, high, true, "top of the head")
	band(g.Eyes, high, true, "eyes")
	band(g.Chin, high, true, "chin")
}
