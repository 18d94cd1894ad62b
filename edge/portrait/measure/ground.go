package measure

import (
	"math"
	"slices"
)

// Ground is the background: what the matte surely has behind the person, inside the frame.
type Ground struct {
	L, A, B   Number // its median colour in CIELAB
	Rough     Number // standard deviation of its lightness about an even slope, without the outermost 2.5 σ
	RoughTone Number // the same of a and b, the larger
	Gradient  Number // what the even slope makes from its lightest to its darkest end, in L
	Shadow    Number // how much darker than the rest it is beside the head, in L
	Edges     Number // share of it that lies on an edge
	Islands   Number // what the matte has apart from the person / person
	Contrast  Number // CIEDE2000 between head and background along the outline; a quarter of the outline has less
	Clothes   Number // the same for what is worn, the weaker shoulder
	Off       Number // CIEDE2000 from its median colour to the nearest of the colours that are asked for
	Nearest   Number // L of that colour
}

const leastWall = 0.01 // of the frame

// Ground measures the background, and compares its colour with those given. It needs the matte, and for Shadow, Contrast and
// Clothes the points.
func (s *Scene) Ground(colours ...[3]uint8) Ground {
	g, why := s.small()
	if g == nil {
		none := unknown(why)
		return Ground{none, none, none, none, none, none, none, none, none, none, none, none, none}
	}
	out := Ground{Islands: s.islands(g)}
	out.Contrast, out.Clothes = s.contrast(g)
	if float64(cells(g.wall)) < leastWall*float64(g.w*g.h) {
		none := unknown(noWall)
		out.L, out.A, out.B, out.Rough, out.RoughTone, out.Gradient, out.Shadow, out.Edges = none, none, none, none, none, none, none, none
		out.Off, out.Nearest = none, none
		return out
	}
	all := s.at(s.frame.corners())
	if g.soft == nil {
		g.soften()
	}
	c, _ := g.colour()
	out.L, out.A, out.B = number(float64(c[0]), all...), number(float64(c[1]), all...), number(float64(c[2]), all...)
	fit := g.fit()
	out.Rough, out.RoughTone, out.Gradient = number(fit.l, all...), number(fit.tone, all...), number(fit.range_, all...)
	out.Edges = g.edges()
	out.Shadow = s.shadow(g, fit)
	out.Off, out.Nearest = unknown("no colour is asked for"), unknown("no colour is asked for")
	for _, want := range colours {
		like := ToLab(want[0], want[1], want[2])
		if d := Difference(c.wide(), like); !out.Off.Known || d < out.Off.Value {
			out.Off, out.Nearest = number(d, all...), number(like.L, all...)
		}
	}
	return out
}

// colour is the median of the wall, or false when there is hardly any.
func (g *small) colour() (lab, bool) {
	if g.mean != nil {
		return *g.mean, true
	}
	step := max(cells(g.wall)/4000, 1)
	wall := make([]lab, 0, cells(g.wall)/step+1)
	n := 0
	for i, yes := range g.wall {
		if !yes {
			continue
		}
		if n%step == 0 {
			wall = append(wall, g.lab[i])
		}
		n++
	}
	defer clear(wall)
	if len(wall) < 20 {
		return lab{}, false
	}
	g.mean = new(medianLab(wall))
	return *g.mean, true
}

// An evenness is a plane through the lightness of the wall, and what is left of the wall about it. x and y run from −.5 to .5
// over the frame.
type evenness struct {
	l0, lx, ly float64
	l, tone    float64 // standard deviations
	range_     float64 // of the plane over the wall
}

func (f evenness) at(x, y float64) float64 { return f.l0 + f.lx*x + f.ly*y }

// fit lays planes through L, a and b by least squares, then again without what lies 2.5 σ off: an object is not a slope, and
// has a measure of its own.
func (g *small) fit() evenness {
	var planes [3][3]float64 // of L, a, b
	var sigma [3]float64
	for round := range 3 {
		var n, sx, sy, sxx, sxy, syy float64
		var rhs [3][3]float64
		var sum2 [3]float64
		for row := range g.h {
			y := (float64(row)+0.5)/float64(g.h) - 0.5
		cells:
			for i := row*g.w + row*g.w&1; i < (row+1)*g.w; i += 2 { // every second cell tells as much
				if !g.wall[i] {
					continue
				}
				x := (float64(i-row*g.w)+0.5)/float64(g.w) - 0.5
				c := &g.soft[i]
				if round > 0 {
					for k := range 3 {
						if off := float64(c[k]) - planes[k][0] - planes[k][1]*x - planes[k][2]*y; math.Abs(off) > 2.5*sigma[k]+0.5 {
							continue cells
						}
					}
				}
				n, sx, sy, sxx, sxy, syy = n+1, sx+x, sy+y, sxx+x*x, sxy+x*y, syy+y*y
				for k := range 3 {
					v := float64(c[k])
					rhs[k][0], rhs[k][1], rhs[k][2] = rhs[k][0]+v, rhs[k][1]+x*v, rhs[k][2]+y*v
					sum2[k] += v * v
				}
			}
		}
		m := [3][3]float64{{n, sx, sy}, {sx, sxx, sxy}, {sy, sxy, syy}}
		if n < 10 {
			break
		}
		for k := range 3 {
			p, ok := solve(m, rhs[k])
			if !ok { // all in one row or column: level
				p = [3]float64{rhs[k][0] / n, 0, 0}
			}
			planes[k] = p
			// Σ(c−p·u)² = Σc² − p·Σcu, for the p of least squares.
			sigma[k] = math.Sqrt(max(sum2[k]-p[0]*rhs[k][0]-p[1]*rhs[k][1]-p[2]*rhs[k][2], 0) / n)
		}
	}
	f := evenness{l0: planes[0][0], lx: planes[0][1], ly: planes[0][2], l: sigma[0], tone: max(sigma[1], sigma[2])}
	low, high := math.Inf(1), math.Inf(-1)
	g.walls(func(_ int, x, y float64) {
		v := f.at(x, y)
		low, high = min(low, v), max(high, v)
	})
	f.range_ = high - low
	return f
}

// walls calls f for every cell of the wall, with its place from −.5 to .5.
func (g *small) walls(f func(i int, x, y float64)) {
	for y := range g.h {
		for x := range g.w {
			if i := y*g.w + x; g.wall[i] {
				f(i, (float64(x)+0.5)/float64(g.w)-0.5, (float64(y)+0.5)/float64(g.h)-0.5)
			}
		}
	}
}

// solve m·p = r by Cramer's rule.
func solve(m [3][3]float64, r [3]float64) (p [3]float64, ok bool) {
	det := func(m [3][3]float64) float64 {
		return m[0][0]*(m[1][1]*m[2][2]-m[1][2]*m[2][1]) - m[0][1]*(m[1][0]*m[2][2]-m[1][2]*m[2][0]) + m[0][2]*(m[1][0]*m[2][1]-m[1][1]*m[2][0])
	}
	d := det(m)
	if math.Abs(d) < 1e-9*m[0][0]*m[0][0]*m[0][0] {
		return p, false
	}
	for k := range 3 {
		n := m
		for row := range 3 {
			n[row][k] = r[row]
		}
		p[k] = det(n) / d
	}
	return p, true
}

// steepEdge is how fast colour must change across the wall to be an edge: units of CIELAB per cell, after a mean of 3 × 3. A
// shadow with a soft rim changes by less than one, a frame on the wall by five and more.
const steepEdge = 3.0

func (g *small) edges() Number {
	w := g.w
	n := 0
	steps, where := wides.take(len(g.wall))[:0], ints.take(len(g.wall))[:0]
	defer func() { wides.give(steps); ints.give(where) }()
	for y := 1; y < g.h-1; y++ {
		for x := 1; x < w-1; x++ {
			i := y*w + x
			if !g.wall[i] || !g.wall[i-1] || !g.wall[i+1] || !g.wall[i-w] || !g.wall[i+w] {
				continue
			}
			n++
			across, down := g.soft[i+1].apart(g.soft[i-1])/2, g.soft[i+w].apart(g.soft[i-w])/2
			steps, where = append(steps, max(across, down)), append(where, i)
		}
	}
	if n < 50 {
		return unknown(noWall)
	}
	// Where most of the wall changes as fast, that is its grain or its pattern, and no thing before it.
	steep := max(steepEdge, 4*middle(slices.Clone(steps)))
	edges := 0
	box := Box{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for k, step := range steps {
		if step > steep {
			edges++
			x, y := float64(where[k]%w), float64(where[k]/w)
			box = Box{min(box.X0, x), min(box.Y0, y), max(box.X1, x+1), max(box.Y1, y+1)}
		}
	}
	if edges == 0 {
		return number(0)
	}
	return number(float64(edges)/float64(n), g.at(box.corners())...)
}

// soften takes the mean of each cell of the wall and those of its eight neighbours that are wall too: the grain of the pixels
// goes, what is on the wall stays.
func (g *small) soften() {
	g.soft = labs.take(len(g.lab))
	// The sums of a cell and of those beside it, for three rows; the fourth number is how many they are of.
	var rows [3][][4]float32
	for i := range rows {
		rows[i] = make([][4]float32, g.w+1)
		defer clear(rows[i])
	}
	sum := func(y int) {
		to := rows[y%3][:g.w]
		var before, here [4]float32
		for x := range g.w + 1 {
			var next [4]float32
			if x < g.w && g.wall[y*g.w+x] {
				c := &g.lab[y*g.w+x]
				next = [4]float32{c[0], c[1], c[2], 1}
			}
			if x > 0 {
				to[x-1] = [4]float32{before[0] + here[0] + next[0], before[1] + here[1] + next[1], before[2] + here[2] + next[2], before[3] + here[3] + next[3]}
			}
			before, here = here, next
		}
	}
	sum(0)
	for y := range g.h {
		above, row, below := rows[(y+2)%3], rows[y%3], rows[(y+1)%3]
		if y+1 < g.h {
			sum(y + 1)
		} else {
			clear(below)
		}
		if y == 0 {
			clear(above)
		}
		for x, yes := range g.wall[y*g.w:][:g.w] {
			if yes {
				a, r, b := &above[x], &row[x], &below[x]
				n := a[3] + r[3] + b[3]
				g.soft[y*g.w+x] = lab{(a[0] + r[0] + b[0]) / n, (a[1] + r[1] + b[1]) / n, (a[2] + r[2] + b[2]) / n}
			}
		}
	}
}

// sameTone is how far a wall in shadow may be from the same wall lit, in CIELAB a and b.
const sameTone = 6.0

// shadow compares the wall beside the head with the rest of it. Both are taken about the even slope of the whole. What is
// beside the head is averaged over a tenth of the head's width, and its darkest fiftieth counts. What has another colour than
// the wall is no shadow but a thing, and left out.
func (s *Scene) shadow(g *small, fit evenness) Number {
	if s.points == nil {
		return unknown(noFace)
	}
	head := s.points.eyeDistance() * 2.3 / g.cell // about the width of a head, in cells
	chin := g.from(s.points[Chin])[1]
	off := wides.take(len(g.lab))
	wall, _ := g.colour()
	grey := slices.Clone(g.wall) // of the wall, what has its colour
	rest, near := wides.take(len(g.lab))[:0], ints.take(len(g.lab))[:0]
	var soft []float64
	defer func() {
		wides.give(off, rest[:len(g.lab)], soft)
		ints.give(near)
	}()
	g.walls(func(i int, x, y float64) {
		if a, b := g.soft[i][1]-wall[1], g.soft[i][2]-wall[2]; a*a+b*b > sameTone*sameTone {
			grey[i] = false
			return
		}
		off[i] = float64(g.lab[i][0]) - fit.at(x, y)
		switch d := float64(g.out[i]) / oneCell; {
		case d > 0.6*head:
			rest = append(rest, off[i])
		case float64(i/g.w) < chin:
			near = append(near, i)
		}
	})
	if len(near) < 40 {
		return unknown("hardly any background can be seen beside the head")
	}
	if len(rest) < 100 { // a tight crop: the whole wall is what it is compared with
		rest = rest[:0]
		g.walls(func(i int, _, _ float64) {
			if grey[i] {
				rest = append(rest, off[i])
			}
		})
	}
	level := middle(rest)
	r := max(int(0.05*head), 1)
	sums, counts := integral(off, grey, g.w, g.h)
	soft = wides.take(len(near))[:0]
	darkest, where := math.Inf(1), 0
	for _, i := range near {
		x, y := i%g.w, i/g.w
		x0, y0, x1, y1 := max(x-r, 0), max(y-r, 0), min(x+r+1, g.w), min(y+r+1, g.h)
		at := func(t []float64) float64 {
			w := g.w + 1
			return t[y1*w+x1] - t[y0*w+x1] - t[y1*w+x0] + t[y0*w+x0]
		}
		v := at(sums) / max(at(counts), 1)
		soft = append(soft, v)
		if v < darkest {
			darkest, where = v, i
		}
	}
	wides.give(sums, counts)
	x, y := float64(where%g.w), float64(where/g.w)
	k := 0.15 * head
	return number(max(level-ranked(soft, 0.02), 0), g.at(Box{x - k, y - k, x + k, y + k}.corners())...)
}

// integral is the running sum of v where it is there, and of their number: (w+1) × (h+1). Who asked for them gives them back.
func integral(v []float64, there []bool, w, h int) (sums, counts []float64) {
	sums, counts = wides.take((w+1)*(h+1)), wides.take((w+1)*(h+1))
	for y := range h {
		sum, n := 0.0, 0.0
		for x := range w {
			if there[y*w+x] {
				sum, n = sum+v[y*w+x], n+1
			}
			sums[(y+1)*(w+1)+x+1] = sums[y*(w+1)+x+1] + sum
			counts[(y+1)*(w+1)+x+1] = counts[y*(w+1)+x+1] + n
		}
	}
	return sums, counts
}
