package measure

import "math"

// small is the frame of a scene at no more than smallSide pixels, which is enough for walls and outlines: a wall's shade, its
// shadow and what stands before it are all larger. Each cell is the mean of up to 3 × 3 of the pixels it covers.
type small struct {
	w, h   int
	cell   float64 // picture pixels per cell
	x0, y0 float64 // of the frame in the picture
	scale  float64 // capture pixels per picture pixel
	lab    []lab
	soft   []lab   // of the wall, without its grain: see soften
	alpha  []uint8 // of the person, mean of a cell; cells beyond the matte's field are neither person nor wall
	mean   *lab    // of the wall: its median colour, once it was asked for
	known  []bool  // inside the matte's field
	wall   []bool  // surely background: alpha below .02 here and in the cells around
	out    []int32 // distance to the person in fifths of a cell; 0 inside
	in     []int32 // distance to what is not the person; 0 outside
}

const (
	smallSide = 256
	sureWall  = 5 // of 255: alpha < .02
	half      = 128
)

func newSmall(p Picture, a *Alpha, frame Box) *small {
	long := max(frame.X1-frame.X0, frame.Y1-frame.Y0)
	s := &small{cell: max(long/smallSide, 1), x0: frame.X0, y0: frame.Y0, scale: p.Scale}
	s.w, s.h = max(int((frame.X1-frame.X0)/s.cell), 1), max(int((frame.Y1-frame.Y0)/s.cell), 1)
	n := min(max(int(math.Round(s.cell)), 1), 3)
	cols, rows := s.taps(s.w, n, s.x0, p.Width), s.taps(s.h, n, s.y0, p.Height)
	s.lab = make([]lab, s.w*s.h)
	var r, g, b int
	for y := range s.h {
		for x := range s.w {
			r, g, b = 0, 0, 0
			for _, py := range rows[y*n : y*n+n] {
				line := p.Pix[3*py*p.Width : 3*(py+1)*p.Width]
				for _, px := range cols[x*n : x*n+n] {
					at := line[3*px:]
					_ = at[2]
					r, g, b = r+int(at[0]), g+int(at[1]), b+int(at[2])
				}
			}
			k := n * n
			s.lab[y*s.w+x] = quickLab(uint8((r+k/2)/k), uint8((g+k/2)/k), uint8((b+k/2)/k))
		}
	}
	s.matte(p, a)
	return s
}

// taps are the pixels of a side that its cells are the mean of, n to each.
func (s *small) taps(cells, n int, from float64, side int) []int {
	at := make([]int, 0, cells*n)
	for c := range cells {
		for i := range n {
			at = append(at, min(int(from+(float64(c)+(float64(i)+0.5)/float64(n))*s.cell), side-1))
		}
	}
	return at
}

// matte reduces the alpha, and says of every cell what it is and how far it is from the outline.
func (s *small) matte(p Picture, a *Alpha) {
	n := s.w * s.h
	s.alpha, s.known, s.wall = make([]uint8, n), make([]bool, n), make([]bool, n)
	field := a.Field
	if field.empty() {
		field = Box{0, 0, float64(p.Width), float64(p.Height)}
	}
	kx, ky := float64(a.Width)/(field.X1-field.X0), float64(a.Height)/(field.Y1-field.Y0)
	const taps = 2
	// at says which column or row of the matte lies under a tap, -1 outside its field.
	at := func(c, i int, from, lower, k float64, side int) int {
		v := (from + (float64(c)+(float64(i)+0.5)/taps)*s.cell - lower) * k
		if v < 0 || v >= float64(side) {
			return -1
		}
		return int(v)
	}
	cols := make([]int, s.w*taps)
	for i := range cols {
		cols[i] = at(i/taps, i%taps, s.x0, field.X0, kx, a.Width)
	}
	person, other := make([]bool, n), make([]bool, n)
	for y := range s.h {
		rows := [taps]int{at(y, 0, s.y0, field.Y0, ky, a.Height), at(y, 1, s.y0, field.Y0, ky, a.Height)}
		for x := range s.w {
			sum, inside := 0, true
			for _, row := range rows {
				for _, col := range cols[x*taps : x*taps+taps] {
					if row < 0 || col < 0 {
						inside = false
						continue
					}
					sum += int(a.Pix[row*a.Width+col])
				}
			}
			i := y*s.w + x
			s.known[i] = inside
			if inside {
				s.alpha[i] = uint8(sum / (taps * taps))
			}
			person[i] = inside && s.alpha[i] >= half
			other[i] = !person[i]
			s.wall[i] = inside && s.alpha[i] <= sureWall
		}
	}
	s.out, s.in = s.distances(person), s.distances(other)
	// The wall next to anything that is not surely wall may be mixed with it.
	unsure := make([]bool, n)
	for i := range unsure {
		unsure[i] = !s.wall[i] && s.known[i]
	}
	for i, d := range s.distances(unsure) {
		s.wall[i] = s.wall[i] && d > 2*oneCell
	}
}

// Distances are in fifths of a cell, by a chamfer of 5 to the sides and 7 to the corners: right within 4 %.
const (
	oneCell = 5
	corner  = 7
	distant = 1 << 28
)

// distances from every cell to the nearest that is there, in two passes over the cells and a rim of nothing around them.
func (s *small) distances(there []bool) []int32 {
	w := s.w + 2
	d := make([]int32, w*(s.h+2))
	for i := range d {
		d[i] = distant
	}
	for y := range s.h {
		row := d[(y+1)*w+1:][:s.w]
		for x, yes := range there[y*s.w : (y+1)*s.w] {
			if yes {
				row[x] = 0
			}
		}
	}
	for y := 1; y <= s.h; y++ {
		above, row := d[(y-1)*w:][:w], d[y*w:][:w]
		left := int32(distant)
		for x := 1; x < w-1; x++ {
			left = min(row[x], left+oneCell, above[x]+oneCell, above[x-1]+corner, above[x+1]+corner)
			row[x] = left
		}
	}
	for y := s.h; y >= 1; y-- {
		below, row := d[(y+1)*w:][:w], d[y*w:][:w]
		right := int32(distant)
		for x := w - 2; x >= 1; x-- {
			right = min(row[x], right+oneCell, below[x]+oneCell, below[x-1]+corner, below[x+1]+corner)
			row[x] = right
		}
	}
	for y := range s.h { // without the rim
		copy(d[y*s.w:(y+1)*s.w], d[(y+1)*w+1:])
	}
	return d[:s.w*s.h]
}

func (s *small) wipe() {
	clear(s.lab)
	clear(s.soft)
	clear(s.alpha)
	s.mean = nil
}

// from puts a point of the picture into cells.
func (s *small) from(p [2]float64) [2]float64 {
	return [2]float64{(p[0] - s.x0) / s.cell, (p[1] - s.y0) / s.cell}
}

// at puts an outline in cells into capture pixels.
func (s *small) at(outline [][2]float64) [][2]float64 {
	out := make([][2]float64, len(outline))
	for i, p := range outline {
		out[i] = [2]float64{(s.x0 + p[0]*s.cell) * s.scale, (s.y0 + p[1]*s.cell) * s.scale}
	}
	return out
}

// cells is how many are there.
func cells(there []bool) (n int) {
	for _, yes := range there {
		if yes {
			n++
		}
	}
	return n
}
