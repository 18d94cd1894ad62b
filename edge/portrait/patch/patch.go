// Package patch tells which cells of a grid hang together.
package patch

import "bytes"

// run is a piece of a row: cells from to to-1, and the run that stands for its patch.
type run struct{ from, to, of int32 }

// Label names the patches of a grid of that width, rows one after the other: the sets of cells that are in and hang together by their sides. A
// cell is in where it is 1. names, as many and all 0, become 1, 2, … there, in the order in which patches begin. sizes are how many cells each
// has: that of patch n is sizes[n-1].
//
// Rows are taken run by run, and runs that touch are joined (Rosenfeld and Pfaltz, Sequential operations in digital picture processing, 1966).
func Label(in []uint8, names []int32, width int) (sizes []int) {
	if width < 1 {
		return nil
	}
	names = names[:len(in)]
	runs := make([]run, 0, len(in)/width*4)
	defer func() { clear(runs[:cap(runs)]) }()
	find := func(i int32) int32 {
		for runs[i].of != i {
			runs[i].of = runs[runs[i].of].of
			i = runs[i].of
		}
		return i
	}
	above, end := 0, 0 // the runs of the row before
	for y := 0; y < len(in); y += width {
		row := in[y:min(y+width, len(in))]
		first := len(runs)
		for x := 0; x < len(row); {
			next := bytes.IndexByte(row[x:], 1)
			if next < 0 {
				break
			}
			from := x + next
			for x = from + 1; x < len(row) && row[x] == 1; {
				x++
			}
			i := int32(len(runs))
			if len(runs) == cap(runs) { // what append leaves behind nobody overwrites
				more := make([]run, len(runs), 2*cap(runs)+16)
				copy(more, runs)
				clear(runs)
				runs = more
			}
			runs = append(runs, run{int32(y + from), int32(y + x), i})
			for above < end && int(runs[above].to)-y+width <= from {
				above++
			}
			for k := above; k < end && int(runs[k].from)-y+width < x; k++ {
				// The earlier of two stands for both, so that names go by where a patch begins.
				a, b := find(int32(k)), find(i)
				runs[max(a, b)].of = min(a, b)
			}
		}
		above, end = first, len(runs)
	}
	for i := range runs {
		r := &runs[i]
		if r.of == int32(i) {
			sizes = append(sizes, 0)
			r.of = -int32(len(sizes)) // from here on, the name
		} else if r.of = runs[r.of].of; r.of >= 0 {
			panic("patch: a run joins one that comes later")
		}
		sizes[-r.of-1] += int(r.to - r.from)
		for k := r.from; k < r.to; k++ {
			names[k] = -r.of
		}
	}
	return sizes
}
