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
	s.lab = labs.take(s.w * s.h)
	for i := range cols {
		cols[i] *= 3 // bytes
	}
	var lines [3][]byte
	for y := range s.h {
		for i, py := range rows[y*n : y*n+n] {
			lines[i] = p.Pix[3*py*p.Width : 3*(py+1)*p.Width]
		}
		to := s.lab[y*s.w:][:s.w]
		if n == 3 { // as it is where the picture is large: what follows in a fifth less time
			for x := range to {
				at := cols[3*x:][:3]
				r, g, b := 0, 0, 0
				for _, line := range &lines {
					i, j, k := line[at[0]:][:3], line[at[1]:][:3], line[at[2]:][:3]
					r, g, b = r+int(i[0])+int(j[0])+int(k[0]), g+int(i[1])+int(j[1])+int(k[1]), b+int(i[2])+int(j[2])+int(k[2])
				}
				to[x] = quickLab(mean(r, 3), mean(g, 3), mean(b, 3))
			}
			continue
		}
		for x := range to {
			r, g, b := 0, 0, 0
			for _, line := range lines[:n] {
				for _, px := range cols[x*n : x*n+n] {
					at := line[px:][:3]
					r, g, b = r+int(at[0]), g+int(at[1]), b+int(at[2])
				}
			}
			to[x] = quickLab(mean(r, n), mean(g, n), mean(b, n))
		}
	}
	s.matte(p, a)
	return s
}

// mean of n × n samples, n being 1 to 3, from their sum.
func mean(sum, n int) uint8 {
	switch n {
	case 1:
		return uint8(sum)
	case 2:
		return uint8((sum + 2) / 4)
	}
	return uint8((sum + 4) / 9)
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
	s.alpha, s.known, s.wall = uint8s.take(n), bools.take(n), bools.take(n)
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
	person, unsure := bools.take(n), uint8s.take(n)
	for y := range s.h {
		rows := [taps]int{at(y, 0, s.y0, field.Y0, ky, a.Height), at(y, 1, s.y0, field.Y0, ky, a.Height)}
		known := rows[0] >= 0 && rows[1] >= 0
		upper, lower := a.Pix[max(rows[0], 0)*a.Width:][:a.Width], a.Pix[max(rows[1], 0)*a.Width:][:a.Width]
		for x := range s.w {
			i := y*s.w + x
			l, r := cols[2*x], cols[2*x+1]
			if !known || l < 0 || r < 0 {
				continue
			}
			v := uint8((int(upper[l]) + int(upper[r]) + int(lower[l]) + int(lower[r])) / (taps * taps))
			s.known[i], s.alpha[i], person[i] = true, v, v >= half
			if v <= sureWall {
				s.wall[i] = true
			} else {
				unsure[i] = 1
			}
		}
	}
	s.out, s.in = s.distances(person)
	// The wall next to anything that is not surely wall may be mixed with it: two cells to the sides, one to the corners.
	once := s.grown(unsure)
	twice := s.grown(once)
	for i, near := range twice {
		s.wall[i] = s.wall[i] && near == 0
	}
	bools.give(person)
	uint8s.give(unsure, once, twice)
}

// grown has what is there and the four neighbours of it.
func (s *small) grown(there []uint8) []uint8 {
	out := uint8s.take(len(there))
	none := make([]uint8, s.w)
	for y := range s.h {
		above, below := none, none
		if y > 0 {
			above = there[(y-1)*s.w:][:s.w]
		}
		if y < s.h-1 {
			below = there[(y+1)*s.w:][:s.w]
		}
		row, to := there[y*s.w:][:s.w], out[y*s.w:][:s.w]
		left := uint8(0)
		for x, here := range row {
			right := uint8(0)
			if x+1 < len(row) {
				right = row[x+1]
			}
			to[x] = left | here | right | above[x] | below[x]
			left = here
		}
	}
	return out
}

// Distances are in fifths of a cell, by a chamfer of 5 to the sides and 7 to the corners: right within 4 %.
const (
	oneCell = 5
	corner  = 7
	distant = 1 << 28
)

// distances from every cell to the nearest that is there, and to the nearest that is not, in two passes over the cells and a rim of nothing
// around them.
func (s *small) distances(there []bool) (to, from []int32) {
	w := s.w + 2
	to, from = int32s.take(w*(s.h+2)), int32s.take(w*(s.h+2))
	for i := range to {
		to[i], from[i] = distant, distant
	}
	for y := range s.h {
		t, f := to[(y+1)*w+1:][:s.w], from[(y+1)*w+1:][:s.w]
		for x, yes := range there[y*s.w : (y+1)*s.w] {
			if yes {
				t[x] = 0
			} else {
				f[x] = 0
			}
		}
	}
	// Both at once: each waits for its own last result, and not for the other's.
	for y := 1; y <= s.h; y++ {
		ta, t := to[(y-1)*w:][:w], to[y*w:][:w]
		fa, f := from[(y-1)*w:][:w], from[y*w:][:w]
		tl, fl := int32(distant), int32(distant)
		for x := 1; x < w-1; x++ {
			tl = min(tl+oneCell, min(t[x], ta[x]+oneCell, min(ta[x-1], ta[x+1])+corner))
			fl = min(fl+oneCell, min(f[x], fa[x]+oneCell, min(fa[x-1], fa[x+1])+corner))
			t[x], f[x] = tl, fl
		}
	}
	for y := s.h; y >= 1; y-- {
		tb, t := to[(y+1)*w:][:w], to[y*w:][:w]
		fb, f := from[(y+1)*w:][:w], from[y*w:][:w]
		tr, fr := int32(distant), int32(distant)
		for x := w - 2; x >= 1; x-- {
			tr = min(tr+oneCell, min(t[x], tb[x]+oneCell, min(tb[x-1], tb[x+1])+corner))
			fr = min(fr+oneCell, min(f[x], fb[x]+oneCell, min(fb[x-1], fb[x+1])+corner))
			t[x], f[x] = tr, fr
		}
	}
	for _, d := range [][]int32{to, from} { // without the rim
		for y := range s.h {
			copy(d[y*s.w:(y+1)*s.w], d[(y+1)*w+1:])
		}
	}
	return to[:s.w*s.h], from[:s.w*s.h]
}

func (s *small) wipe() {
	labs.give(s.lab, s.soft)
	uint8s.give(s.alpha)
	bools.give(s.known, s.wall)
	for _, d := range [][]int32{s.out, s.in} { // of which the rim was cut off
		int32s.give(d[:(s.w+2)*(s.h+2)])
	}
	*s = small{}
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
