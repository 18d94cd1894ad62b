package measure

import "math"

// Grain is what the pixels themselves tell of where they come from. Nothing is reduced for it.
type Grain struct {
	Blocks   Number // how much larger steps are across the seams of an 8 × 8 grid than elsewhere: 1 is twice as large
	Shifted  Number // 1 when that grid does not begin in the corner: the picture was cut after it was compressed
	Levels   Number // how many of its 256 levels that channel of the face uses that uses most
	Span     Number // from the darkest to the brightest of them, a thousandth left out at each end
	Repeated Number // how much oftener neighbours in the face are equal inside a grid of 2 to 8 pixels than across its lines, 0 to 1
}

// Grain measures the picture as it stands. Levels, Span and Repeated need the points.
func (s *Scene) Grain() Grain {
	var g Grain
	g.Blocks, g.Shifted = s.picture.blocks()
	g.Levels, g.Span = s.levels()
	g.Repeated = s.repeated()
	return g
}

// Shades is the part of Grain that is of the face: Levels and Span. why is the reason for which nobody asks for the rest, as where a capture was decoded
// at a fraction of its size and whatever grid there was is gone.
func (s *Scene) Shades(why string) Grain {
	g := Grain{Blocks: unknown(why), Shifted: unknown(why), Repeated: unknown(why)}
	g.Levels, g.Span = s.levels()
	return g
}

func luma(at []byte) int { return (77*int(at[0]) + 150*int(at[1]) + 29*int(at[2])) >> 8 }

// blocks looks for the seams that JPEG leaves between blocks of 8 × 8. Along rows and columns the step between two pixels,
// less the mean of the steps before and behind, is summed by its place modulo 8; natural detail has no favourite place. Of
// the picture 24 rows and 24 columns are read.
func (p Picture) blocks() (strength, shifted Number) {
	if p.Width < 128 || p.Height < 128 {
		return unknown("the picture is too small"), unknown("the picture is too small")
	}
	const lines = 24
	var excess, count, plain [2][8]float64
	buf := make([]int, max(p.Width, p.Height))
	defer clear(buf)
	for way := range 2 {
		long, across, step := p.Width, p.Height, 3
		if way == 1 {
			long, across, step = p.Height, p.Width, 3*p.Width
		}
		for k := range lines {
			line := (2*(k/6)+1)*across/(lines/3) + k%6 // in four groups of six side by side: columns share cache lines
			at := 3 * line * p.Width
			if way == 1 {
				at = 3 * line
			}
			for i := range long {
				buf[i] = luma(p.Pix[at+i*step:])
			}
			for i := 2; i < long-1; i++ {
				here, before, behind := absolute(buf[i]-buf[i-1]), absolute(buf[i-1]-buf[i-2]), absolute(buf[i+1]-buf[i])
				if here > 24 || before > 24 || behind > 24 {
					continue // an edge of the scene
				}
				excess[way][i%8] += float64(here) - float64(before+behind)/2
				plain[way][i%8] += float64(here)
				count[way][i%8]++
			}
		}
	}
	least, moved := math.Inf(1), 0.0
	for way := range 2 {
		best, next, at, mean, n := math.Inf(-1), math.Inf(-1), 0, 0.0, 0.0
		for k := range 8 {
			switch e := excess[way][k] / max(count[way][k], 1); {
			case e > best:
				best, next, at = e, best, k
			case e > next:
				next = e
			}
		}
		for k := range 8 {
			if k != at {
				mean, n = mean+plain[way][k], n+count[way][k]
			}
		}
		// What has a shorter period than 8 stands out in several places, and is something else.
		least = min(least, max(best-max(next, 0), 0)/max(mean/max(n, 1), 0.25))
		if at != 0 {
			moved = 1
		}
	}
	return number(least), number(moved)
}

func absolute(v int) int { return max(v, -v) }

// lines is the outline of the face, and which of its lines are looked at: each, or of a large one that many pixels' worth of them.
func (p *Points) lines(pixels float64) (outline [][2]float64, every int) {
	outline = p.hull()
	box := around(outline)
	return outline, max(int((box.X1-box.X0)*(box.Y1-box.Y0)/pixels), 1)
}

// levels counts the levels of each channel in the face.
func (s *Scene) levels() (levels, span Number) {
	if s.points == nil {
		return unknown(noFace), unknown(noFace)
	}
	p := s.picture
	outline, every := s.points.lines(100_000)
	var counts [3][256]int
	n := 0
	runs(outline, p.Width-1, p.Height-1, func(y, from, to int) {
		if y%every != 0 {
			return
		}
		row := p.Pix[3*(y*p.Width+from) : 3*(y*p.Width+to)]
		n += to - from
		for ; len(row) >= 3; row = row[3:] {
			counts[0][row[0]]++
			counts[1][row[1]]++
			counts[2][row[2]]++
		}
	})
	if n < 400 {
		return unknown(fewEyes), unknown(fewEyes)
	}
	most, of := 0, 0
	for _, channel := range counts {
		used, low, high, sum := 0, 256, 0, 0
		for level, c := range channel {
			if c > 0 {
				used++
			}
			if sum += c; low == 256 && float64(sum) > 0.001*float64(n) {
				low = level
			}
			if float64(sum) <= 0.999*float64(n) {
				high = level + 1
			}
		}
		if used > most {
			most, of = used, max(high-low+1, 1)
		}
	}
	at := s.at(outline)
	return number(float64(most), at...), number(float64(of), at...)
}

// repeated looks in the face for pixels that were repeated.
func (s *Scene) repeated() Number {
	if s.points == nil {
		return unknown(noFace)
	}
	p := s.picture
	outline, every := s.points.lines(100_000)
	n := 0
	across, down := newRepeats(p.Width), newRepeats(p.Height)
	runs(outline, p.Width-1, p.Height-1, func(y, from, to int) {
		if y%every != 0 {
			return
		}
		row := p.Pix[3*y*p.Width:]
		next := p.Pix[3*(y+1)*p.Width:]
		n += to - from
		down.count[y] += to - from
		for x := from; x < to; x++ {
			a := [3]byte(row[3*x:])
			across.count[x]++
			if a == [3]byte(row[3*x+3:]) {
				across.equal[x]++
			}
			if a == [3]byte(next[3*x:]) {
				down.equal[y]++
			}
		}
	})
	if n < 400 {
		return unknown(fewEyes)
	}
	// Lines that were passed over tell nothing of rows.
	both := across.strength()
	if every == 1 {
		both = min(both, down.strength())
	}
	return number(both, s.at(outline)...)
}

// repeats counts how many pixels of each column, or row, equal the next.
type repeats struct{ count, equal []int }

func newRepeats(n int) repeats { return repeats{make([]int, n), make([]int, n)} }

// strength is how much oftener neighbours are equal inside the cells of a grid of 2 to 8 pixels than across its lines: 1 when
// each pixel was repeated, about 0 on smooth skin, where neighbours are equal everywhere.
func (r repeats) strength() float64 {
	best := 0.0
	for f := 2; f <= 8; f++ {
		for line := range f {
			var n, equal [2]float64 // across a line, inside a cell
			for i, c := range r.count {
				inside := 1
				if i%f == line {
					inside = 0
				}
				n[inside] += float64(c)
				equal[inside] += float64(r.equal[i])
			}
			best = max(best, equal[1]/max(n[1], 1)-equal[0]/max(n[0], 1))
		}
	}
	return best
}

// Flat is the share of the pixels inside the hull of the face that are exactly like their neighbour on the right, 0 to 1. A sensor's grain
// leaves few of them, and even a portrait that was compressed hard has seams; in a drawing nearly all are.
func Flat(p Picture, points *Points) Number {
	if points == nil || !points.finite() {
		return unknown(noFace)
	}
	n, same := 0, 0
	outline, every := points.lines(30_000)
	runs(outline, p.Width-1, p.Height, func(y, from, to int) {
		if y%every != 0 {
			return
		}
		n += to - from
		for row := p.Pix[3*(y*p.Width+from) : 3*(y*p.Width+to+1)]; len(row) >= 6; row = row[3:] {
			if [3]byte(row) == [3]byte(row[3:]) {
				same++
			}
		}
	})
	if n < 400 {
		return unknown(fewEyes)
	}
	return number(float64(same) / float64(n))
}
