package preview

import (
	"cmp"
	"math"
	"slices"

	"github.com/professionalaistudio/studio/edge/portrait/compliance"
)

// Sizes on the page.
const (
	long     = 1000.0 // the longer side of the picture
	least    = 22.0   // a region smaller than this gets a ring around it: an outline would cover it
	ring     = 14.0
	edge     = 2.0 // how near to the picture's edge a line may run and be seen
	inset    = 5.0 // of the outline of the whole picture, from its edge
	together = 5.0 // places that are nearer than this are one place
	corners  = 512 // of an outline; more are thinned
)

// A form is how the points of a place hang together.
type form int

const (
	spots   form = iota // each point for itself
	lines               // open lines, in parts
	regions             // outlines, in parts
	frame               // the whole picture
)

// forms are the rules whose points are something else than one point, a line or an outline: how many open lines there are, or
// that each point stands for itself.
var forms = map[string]struct {
	form  form
	parts int
}{
	"eyes.gaze":  {spots, 1}, // the irises
	"eyes.open":  {lines, 2}, // from corner to corner of each eye
	"expression": {lines, 2}, // the brows
}

// A figure is one thing that is drawn: where one finding is, or several that are in the same place.
type figure struct {
	form   form
	parts  [][]point
	bounds box
	look   look
	marks  []*mark // in the order of their numbers; none where only what passes is there
}

// figureOf puts a place on the page. It is nothing when nothing of it lies in the picture.
func (l *layout) figureOf(ruleID string, p *compliance.Place) (*figure, bool) {
	at := l.page.picture
	var points []point
	for _, q := range p.Points {
		x, y := at.x0+q[0]*l.unit, at.y0+q[1]*l.unit
		if !math.IsNaN(x) && !math.IsNaN(y) {
			points = append(points, point{min(max(x, -1e6), 1e6), min(max(y, -1e6), 1e6)})
		}
	}
	if len(points) == 0 {
		return nil, false
	}
	f := &figure{form: regions, parts: [][]point{points}}
	known, special := forms[ruleID]
	switch {
	case special && len(points)%known.parts == 0 && len(points) > 1:
		f.form = known.form
		each := len(points) / known.parts
		f.parts = slices.Collect(slices.Chunk(points, each))
	case len(points) == 1:
		f.form = spots
	case len(points) == 2:
		f.form = lines
	default:
		f.parts = halves(points)
	}
	f.bounds = boundsOf(f.parts)
	if b := f.bounds; b.x1 < at.x0-1 || b.y1 < at.y0-1 || b.x0 > at.x1+1 || b.y0 > at.y1+1 {
		return nil, false
	}
	seen := box{at.x0 + edge, at.y0 + edge, at.x1 - edge, at.y1 - edge}
	for i, part := range f.parts {
		if f.form == lines && len(part) == 2 {
			cut, ok := clip(part[0], part[1], seen)
			if !ok {
				return nil, false
			}
			f.parts[i] = cut
			continue
		}
		f.parts[i] = thin(within(part, seen))
	}
	f.bounds = boundsOf(f.parts)
	f.enlarge()
	if b := f.bounds; f.form == regions && len(f.parts) == 1 && b.x1-b.x0 > 0.94*(at.x1-at.x0) && b.y1-b.y0 > 0.94*(at.y1-at.y0) && len(f.parts[0]) == 4 {
		f.form, f.bounds = frame, box{at.x0 + inset, at.y0 + inset, at.x1 - inset, at.y1 - inset}
		f.parts[0] = f.bounds.corners()
	}
	return f, true
}

// halves parts an outline that is two: measures of both eyes or both cheeks give one after the other. It tells them by the two
// steps between them, which are then much longer than any other.
func halves(points []point) [][]point {
	n := len(points)
	if n < 8 || n%2 != 0 {
		return [][]point{points}
	}
	between := min(apart(points[n/2-1], points[n/2]), apart(points[n-1], points[0]))
	longest := 0.0
	for i := range n - 1 {
		if i != n/2-1 {
			longest = max(longest, apart(points[i], points[i+1]))
		}
	}
	if between > 2.5*longest {
		return [][]point{points[:n/2], points[n/2:]}
	}
	return [][]point{points}
}

func apart(p, q point) float64 { return math.Hypot(p.x-q.x, p.y-q.y) }

func boundsOf(parts [][]point) box {
	b := box{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for _, part := range parts {
		for _, p := range part {
			b = box{min(b.x0, p.x), min(b.y0, p.y), max(b.x1, p.x), max(b.y1, p.y)}
		}
	}
	return b
}

// within moves points that lie beyond a box to its edge.
func within(points []point, b box) []point {
	out := make([]point, len(points))
	for i, p := range points {
		out[i] = point{min(max(p.x, b.x0), b.x1), min(max(p.y, b.y0), b.y1)}
	}
	return out
}

// clip is the part of a line that lies in a box (Liang and Barsky, 1984).
func clip(p, q point, b box) ([]point, bool) {
	from, to := 0.0, 1.0
	dx, dy := q.x-p.x, q.y-p.y
	for _, e := range [4][2]float64{{-dx, p.x - b.x0}, {dx, b.x1 - p.x}, {-dy, p.y - b.y0}, {dy, b.y1 - p.y}} {
		switch {
		case e[0] == 0 && e[1] < 0:
			return nil, false
		case e[0] < 0:
			from = max(from, e[1]/e[0])
		case e[0] > 0:
			to = min(to, e[1]/e[0])
		}
	}
	if from > to {
		return nil, false
	}
	return []point{{p.x + from*dx, p.y + from*dy}, {p.x + to*dx, p.y + to*dy}}, true
}

// thin leaves out points that nobody can tell apart, and as many more as leave a bounded number.
func thin(points []point) []point {
	if len(points) <= 8 {
		return points
	}
	out := points[:1:1]
	for _, p := range points[1:] {
		if apart(p, out[len(out)-1]) > 0.75 {
			out = append(out, p)
		}
	}
	if n := len(out); n > corners {
		for i := range corners {
			out[i] = out[i*n/corners]
		}
		out = out[:corners]
	}
	return out
}

// enlarge makes spots of parts too small to see an outline around.
func (f *figure) enlarge() {
	if f.form == spots {
		return
	}
	small := func(part []point) (point, bool) {
		b := boundsOf([][]point{part})
		return point{(b.x0 + b.x1) / 2, (b.y0 + b.y1) / 2}, max(b.x1-b.x0, b.y1-b.y0) < least
	}
	var centres []point
	for _, part := range f.parts {
		centre, ok := small(part)
		if !ok {
			return
		}
		centres = append(centres, centre)
	}
	f.form, f.parts = spots, [][]point{centres}
	f.bounds = boundsOf(f.parts)
}

// same says whether two figures cannot be told apart.
func (f *figure) same(g *figure) bool {
	if f.form != g.form || len(f.parts) != len(g.parts) {
		return false
	}
	if f.form == frame {
		return true
	}
	for i, part := range f.parts {
		other := g.parts[i]
		if len(part) != len(other) {
			return false
		}
		for k, p := range part {
			if apart(p, other[k]) > together {
				return false
			}
		}
	}
	return true
}

// anchor is where the line from the number of a figure ends, for numbers on the left or on the right of the picture.
func (f *figure) anchor(right bool) point {
	if f.form == lines && len(f.parts) == 1 && len(f.parts[0]) == 2 {
		p, q := f.parts[0][0], f.parts[0][1]
		if math.Abs(p.y-q.y) > math.Abs(p.x-q.x) { // an upright line is met at its top: on the way to its middle lies a face
			return slices.MinFunc(f.parts[0], func(p, q point) int { return cmp.Compare(p.y, q.y) })
		}
	}
	best, found := point{}, false
	for _, part := range f.parts {
		for _, p := range part {
			further := p.x < best.x
			if right {
				further = p.x > best.x
			}
			if !found || further || p.x == best.x && p.y < best.y {
				best, found = p, true
			}
		}
	}
	if f.form == spots {
		if right {
			best.x += ring
		} else {
			best.x -= ring
		}
	}
	return best
}

// draw puts a figure on the page: on light and on dark ground it must be seen, so a white line goes under every coloured one.
func (f *figure) draw(p *page) {
	width, halo := 3.0, 2.2
	c := f.look.ink
	if len(f.marks) == 0 {
		width, halo, c = 2, 0.8, c.faint(220)
	}
	under := white.faint(215)
	if len(f.marks) == 0 {
		under = white.faint(130)
	}
	line := func(points []point, closed bool) {
		p.add(stroke{points, closed, under, width + 2*halo, nil}, stroke{points, closed, c, width, f.look.dash})
	}
	for _, part := range f.parts {
		switch f.form {
		case spots:
			for _, at := range part {
				p.add(disc{at, ring, colour{}, under, width + 2*halo, nil}, disc{at, ring, colour{}, c, width, f.look.dash})
			}
		case lines:
			line(part, false)
			if len(part) == 2 && apart(part[0], part[1]) > least {
				for _, end := range ticks(part[0], part[1], 9) {
					line(end, false)
				}
			}
		default:
			line(part, true)
		}
	}
}

// ticks stand across the ends of a line, as on a drawing of an engineer.
func ticks(p, q point, half float64) [][]point {
	d := apart(p, q)
	nx, ny := -(q.y-p.y)/d*half, (q.x-p.x)/d*half
	return [][]point{{{p.x + nx, p.y + ny}, {p.x - nx, p.y - ny}}, {{q.x + nx, q.y + ny}, {q.x - nx, q.y - ny}}}
}
