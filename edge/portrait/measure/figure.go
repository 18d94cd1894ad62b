package measure

import (
	"math"

	"github.com/professionalaistudio/studio/edge/portrait/patch"
)

// Figure is the shape of the person in the matte, inside the frame.
type Figure struct {
	Slope    Number // degrees by which the shoulder on the right is lower than the one on the left
	Width    Number // widest below the chin / from ear to ear
	Sides    Number // how many of the two side edges the person reaches below the chin: 0 to 2
	CutTop   Number // length of the top edge that the person covers / from ear to ear
	CutSides Number // length of the side edges above the chin that the person covers / from ear to ear
	Room     Number // px of the picture from the head, above the chin, to the nearer side edge
	Holes    Number // enclosed holes in face and chest / person
	Islands  Number // what the matte has apart from the person / person
}

// Figure measures the shape. It needs the matte and the points.
func (s *Scene) Figure() Figure {
	g, why := s.small()
	if g != nil && s.points == nil {
		g, why = nil, noFace
	}
	if g == nil {
		none := unknown(why)
		return Figure{none, none, none, none, none, none, none, none}
	}
	p := s.points
	ears := distance(p[Jaw1], p[Jaw1+Right]) / g.cell
	chin, eyes := g.from(p[Chin]), g.from(p.eyes())
	var f Figure
	f.Slope = g.slope(chin, eyes, ears)
	f.Width, f.Sides = g.width(chin, eyes, ears)
	f.CutTop, f.CutSides, f.Room = g.cut(chin, ears)
	f.Holes = s.holes(g)
	f.Islands = s.islands(g)
	return f
}

func (g *small) person(x, y int) bool { return g.alpha[y*g.w+x] >= half }

// slope compares the heights at which the matte begins below the level of the chin, at equal distances left and right of it.
// Where it has begun above that level there is hair or a raised arm, and nothing is compared.
func (g *small) slope(chin, eyes [2]float64, ears float64) Number {
	t := chin[1] - eyes[1]
	from := int(chin[1])
	begins := func(x float64) (int, bool) {
		if x < 0 || int(x) >= g.w || from < 0 || from >= g.h || g.person(int(x), from) {
			return 0, false
		}
		for y := from; y < g.h; y++ {
			if g.person(int(x), y) {
				return y, true
			}
		}
		return 0, false
	}
	var angles []float64
	var line [][2]float64
	for d := 0.65 * ears; d < 1.3*ears; d += max(0.05*ears, 1) {
		l, ok := begins(chin[0] - d)
		r, okay := begins(chin[0] + d)
		if !ok || !okay || math.Abs(float64(l-from)) > 2*t || math.Abs(float64(r-from)) > 2*t {
			continue
		}
		angles = append(angles, math.Atan2(float64(r-l), 2*d)*180/math.Pi)
		if line == nil {
			line = [][2]float64{{chin[0] - d, float64(l)}, {chin[0] + d, float64(r)}}
		}
	}
	if len(angles) < 3 {
		return unknown("both shoulders cannot be seen")
	}
	return number(middle(angles), g.at(line)...)
}

// width is the widest row of the person below the chin, and which sides it reaches.
func (g *small) width(chin, eyes [2]float64, ears float64) (width, sides Number) {
	t := chin[1] - eyes[1]
	from := int(chin[1] + 0.3*t)
	if from >= g.h || from < 0 {
		return unknown("the picture ends at the chin"), unknown("the picture ends at the chin")
	}
	widest, row, left, right := 0, from, false, false
	for y := from; y < g.h; y++ {
		x0, x1 := -1, -1
		for x := range g.w {
			if g.person(x, y) {
				if x0 < 0 {
					x0 = x
				}
				x1 = x
			}
		}
		if x0 < 0 {
			continue
		}
		left, right = left || x0 <= 1, right || x1 >= g.w-2
		if x1-x0+1 > widest {
			widest, row = x1-x0+1, y
		}
	}
	reached := 0.0
	for _, yes := range []bool{left, right} {
		if yes {
			reached++
		}
	}
	at := g.at([][2]float64{{chin[0] - float64(widest)/2, float64(row)}, {chin[0] + float64(widest)/2, float64(row)}})
	return number(float64(widest)/ears, at...), number(reached)
}

// cut is where the person reaches the top edge and, above the chin, the side edges.
func (g *small) cut(chin [2]float64, ears float64) (top, sides, room Number) {
	n := 0
	x0, x1 := g.w, 0
	for x := range g.w {
		if g.person(x, 0) {
			n++
			x0, x1 = min(x0, x), max(x1, x)
		}
	}
	if top = number(float64(n) / ears); n > 0 {
		top = number(float64(n)/ears, g.at([][2]float64{{float64(x0), 0}, {float64(x1 + 1), 0}})...)
	}
	touch, nearest := 0, g.w
	for y := range min(max(int(chin[1]), 0), g.h) {
		for x := range g.w {
			if g.person(x, y) {
				nearest = min(nearest, x, g.w-1-x)
			}
		}
		for _, x := range []int{0, g.w - 1} {
			if g.person(x, y) {
				touch++
			}
		}
	}
	return top, number(float64(touch) / ears), number(float64(nearest) * g.cell)
}

// parts names the connected sets (of four neighbours) of the cells in which the person is, or is not, and counts the cells of each.
// Who asked for the names gives them back.
func (g *small) parts(person bool) (names []int32, sizes []int) {
	names = int32s.take(g.w * g.h)
	in := uint8s.take(g.w * g.h)
	defer uint8s.give(in)
	for i, a := range g.alpha {
		if (a >= half) == person {
			in[i] = 1
		}
	}
	return names, patch.Label(in, names, g.w)
}

func (s *Scene) islands(g *small) Number {
	if s.apart == nil {
		s.apart = new(g.islands())
	}
	return *s.apart
}

// islands is what the matte has apart from its largest part. Single cells are the matte's grain.
func (g *small) islands() Number {
	names, sizes := g.parts(true)
	defer int32s.give(names)
	total, most, main := 0, 0, int32(0)
	for i, n := range sizes {
		if total += n; n > most {
			most, main = n, int32(i+1)
		}
	}
	if total == 0 {
		return unknown("there is nobody in the matte")
	}
	apart := 0
	box := Box{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for i, name := range names {
		if name != 0 && name != main && sizes[name-1] > 2 {
			apart++
			x, y := float64(i%g.w), float64(i/g.w)
			box = Box{min(box.X0, x), min(box.Y0, y), max(box.X1, x+1), max(box.Y1, y+1)}
		}
	}
	if apart == 0 {
		return number(0)
	}
	return number(float64(apart)/float64(most), g.at(box.corners())...)
}

// holes are sets of cells that are not the person, enclosed by it, in the face or on the chest. What is open between hair and
// neck, or between arm and body, is none.
func (s *Scene) holes(g *small) Number {
	names, sizes := g.parts(false)
	defer int32s.give(names)
	open := make([]bool, len(sizes)+1)
	for x := range g.w {
		open[names[x]], open[names[(g.h-1)*g.w+x]] = true, true
	}
	for y := range g.h {
		open[names[y*g.w]], open[names[y*g.w+g.w-1]] = true, true
	}
	p := s.points
	inside := bools.take(g.w * g.h)
	defer bools.give(inside)
	mark := func(outline [][2]float64) {
		for i, q := range outline {
			outline[i] = g.from(q)
		}
		runs(outline, g.w, g.h, func(y, from, to int) {
			for i := y*g.w + from; i < y*g.w+to; i++ {
				inside[i] = true
			}
		})
	}
	mark(p.hull())
	ears, t := distance(p[Jaw1], p[Jaw1+Right]), p.length()
	mark(Box{p[Chin][0] - 0.5*ears, p[Chin][1] + 0.5*t, p[Chin][0] + 0.5*ears, p[Chin][1] + 4*t}.corners())
	person, lost := 0, 0
	box := Box{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for i, name := range names {
		switch {
		case name == 0:
			person++
		case !open[name] && inside[i]:
			lost++
			x, y := float64(i%g.w), float64(i/g.w)
			box = Box{min(box.X0, x), min(box.Y0, y), max(box.X1, x+1), max(box.Y1, y+1)}
		}
	}
	if person == 0 {
		return unknown("there is nobody in the matte")
	}
	if lost == 0 {
		return number(0)
	}
	return number(float64(lost)/float64(person), g.at(box.corners())...)
}
