package measure

import (
	"cmp"
	"math"
	"slices"
)

// hull is the convex outline of points (Andrew's monotone chain).
func hull(points [][2]float64) [][2]float64 {
	sorted := slices.Clone(points)
	slices.SortFunc(sorted, func(a, b [2]float64) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	turn := func(o, a, b [2]float64) float64 { return (a[0]-o[0])*(b[1]-o[1]) - (a[1]-o[1])*(b[0]-o[0]) }
	var out [][2]float64
	for range 2 {
		start := len(out)
		for _, p := range sorted {
			for len(out) >= start+2 && turn(out[len(out)-2], out[len(out)-1], p) <= 0 {
				out = out[:len(out)-1]
			}
			out = append(out, p)
		}
		out = out[:len(out)-1] // the last begins the other half
		slices.Reverse(sorted)
	}
	return out
}

// around is the box of an outline.
func around(outline [][2]float64) Box {
	b := Box{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for _, p := range outline {
		b = Box{min(b.X0, p[0]), min(b.Y0, p[1]), max(b.X1, p[0]), max(b.Y1, p[1])}
	}
	return b
}

// about scales an outline about a point.
func about(outline [][2]float64, at [2]float64, k float64) [][2]float64 {
	out := make([][2]float64, len(outline))
	for i, p := range outline {
		out[i] = [2]float64{at[0] + k*(p[0]-at[0]), at[1] + k*(p[1]-at[1])}
	}
	return out
}

// fill marks the pixels of an outline.
func (v *view) fill(outline [][2]float64, m mark) { v.scan(outline, func(i int) { v.marks[i] |= m }) }

// scan calls f with the index of every pixel whose centre lies inside an outline, by the even-odd rule.
func (v *view) scan(outline [][2]float64, f func(i int)) {
	runs(outline, v.w, v.h, func(y, from, to int) {
		for i := y*v.w + from; i < y*v.w+to; i++ {
			f(i)
		}
	})
}

// runs calls f with every run of pixels whose centres lie inside an outline: row y, columns from up to but not including to.
func runs(outline [][2]float64, w, h int, f func(y, from, to int)) {
	b := around(outline)
	var cuts []float64
	for y := max(int(b.Y0), 0); y < min(int(b.Y1)+1, h); y++ {
		cuts = cuts[:0]
		at := float64(y) + 0.5
		for i, p := range outline {
			q := outline[(i+1)%len(outline)]
			if (p[1] <= at) != (q[1] <= at) {
				cuts = append(cuts, p[0]+(at-p[1])/(q[1]-p[1])*(q[0]-p[0]))
			}
		}
		slices.Sort(cuts)
		for i := 0; i+1 < len(cuts); i += 2 {
			from, to := max(int(math.Ceil(cuts[i]-0.5)), 0), min(int(math.Ceil(cuts[i+1]-0.5)), w)
			if from < to {
				f(y, from, to)
			}
		}
	}
}

// disc marks the pixels within a radius.
func (v *view) disc(at [2]float64, r float64, m mark) {
	for y := max(int(at[1]-r), 0); y < min(int(at[1]+r)+2, v.h); y++ {
		for x := max(int(at[0]-r), 0); x < min(int(at[0]+r)+2, v.w); x++ {
			if distance([2]float64{float64(x) + 0.5, float64(y) + 0.5}, at) <= r {
				v.marks[y*v.w+x] |= m
			}
		}
	}
}

// each calls f with the index of every pixel of the box that has one of the marks.
func (v *view) each(b Box, m mark, f func(i int)) {
	for y := max(int(b.Y0), 0); y < min(int(b.Y1)+1, v.h); y++ {
		for x := max(int(b.X0), 0); x < min(int(b.X1)+1, v.w); x++ {
			if v.marks[y*v.w+x]&m != 0 {
				f(y*v.w + x)
			}
		}
	}
}

// all is the whole view.
func (v *view) all() Box { return Box{0, 0, float64(v.w - 1), float64(v.h - 1)} }

// area inside an outline.
func area(outline [][2]float64) float64 {
	sum := 0.0
	for i, p := range outline {
		q := outline[(i+1)%len(outline)]
		sum += p[0]*q[1] - p[1]*q[0]
	}
	return math.Abs(sum) / 2
}
