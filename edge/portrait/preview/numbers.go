package preview

import (
	"cmp"
	"math"
	"slices"
	"strconv"
)

const (
	badge  = 17.0 // half of a number's badge
	pitch  = 42.0 // from one badge to the one below it
	gutter = 58.0 // where they stand, on either side of the picture
)

// drawBadge draws what carries a number or a sign: its form tells the verdict without the colour.
func (l *layout) drawBadge(at point, k look, text string) {
	letters := k.ink
	switch k.grave {
	case 0: // an octagon, as a stop sign
		o := make([]point, 8)
		for i := range o {
			s, c := math.Sincos((float64(i) + 0.5) * math.Pi / 4)
			o[i] = point{at.x + c*badge*1.04, at.y + s*badge*1.04}
		}
		l.page.add(area{o, k.wash}, stroke{o, true, white, 1.5, nil})
		letters = white
	case 1: // a diamond, as a warning sign
		d := []point{{at.x, at.y - badge*1.2}, {at.x + badge*1.2, at.y}, {at.x, at.y + badge*1.2}, {at.x - badge*1.2, at.y}}
		l.page.add(area{d, k.wash}, stroke{d, true, k.ink, 2.4, nil})
	default:
		l.page.add(disc{at, badge * 0.8, k.wash, k.ink, 1.8, k.dash})
	}
	if text != "" {
		size := 19.0
		if len(text) > 1 {
			size = 17
		}
		l.page.add(l.ruler.line(point{at.x, at.y + size*0.36}, text, size, true, letters, centred))
	}
}

// A column is the numbers on one side of the picture.
type column struct {
	right   bool
	figures []*figure
	tops    []float64 // of the stack of each figure's numbers, once placed
	load    float64
}

func (f *figure) high() float64 { return pitch * float64(len(f.marks)) }

// columns deals the numbered figures out to the sides, the gravest first: each to where the line to it is shorter, unless much
// stands there already.
func (l *layout) columns(figures []*figure) [2]*column {
	both := [2]*column{{}, {right: true}}
	at := l.page.picture
	for _, f := range figures {
		left := f.anchor(false).x - at.x0 + 0.8*both[0].load
		right := at.x1 - f.anchor(true).x + 0.8*both[1].load
		c := both[0]
		if right < left {
			c = both[1]
		}
		c.figures, c.load = append(c.figures, f), c.load+f.high()
	}
	return both
}

// place stacks the numbers of a column as near to what they belong to as there is room, in that order, from top on. What does
// not fit beside the picture goes on below it; place says how far down.
func (c *column) place(top, high float64) float64 {
	wish := func(f *figure) float64 {
		if f.form == frame {
			return top // of the whole picture: first
		}
		return f.anchor(c.right).y
	}
	slices.SortStableFunc(c.figures, func(f, g *figure) int { return cmp.Compare(wish(f), wish(g)) })
	bottom := top + max(high, c.load)
	c.tops = make([]float64, len(c.figures))
	at := top
	for i, f := range c.figures {
		c.tops[i] = max(wish(f)-f.high()/2, at)
		at = c.tops[i] + f.high()
	}
	next := bottom
	for i, f := range slices.Backward(c.figures) {
		c.tops[i] = min(c.tops[i], next-f.high())
		next = c.tops[i]
	}
	return bottom
}

// draw draws the lines to the figures and the numbers.
func (l *layout) drawColumn(c *column) {
	at := l.page.picture
	x, toward := at.x0-gutter/2-2, 1.0
	if c.right {
		x, toward = at.x1+gutter/2+2, -1
	}
	for i, f := range c.figures {
		edge := x + toward*(badge+6)
		from := point{edge, c.tops[i] + f.high()/2}
		to := f.anchor(c.right)
		if f.form == frame {
			to.y = min(max(from.y, f.bounds.y0), f.bounds.y1)
		}
		line := []point{from, to}
		l.page.add(stroke{line, false, white.faint(190), 4.2, nil}, stroke{line, false, f.look.ink, 1.7, nil})
		l.page.add(disc{to, 4.5, f.look.ink, white, 1.5, nil})
		if len(f.marks) > 1 {
			l.page.add(stroke{[]point{{edge, c.tops[i] + pitch/2 - badge}, {edge, c.tops[i] + f.high() - pitch/2 + badge}}, false, f.look.ink, 1.7, nil})
		}
		for k, m := range f.marks {
			l.page.add(begin{m.said()})
			l.drawBadge(point{x, c.tops[i] + pitch*(float64(k)+0.5)}, m.look, strconv.Itoa(m.number))
			l.page.add(end{})
		}
	}
}
