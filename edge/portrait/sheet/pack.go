package sheet

import "slices"

// How photos are packed. A sheet is cut with a guillotine or with long cuts of scissors, so every layout is one that such
// cuts take apart: a block of equal photos goes into the corner of a blank rectangle, and what is left of it is cut into
// two rectangles, beside the block and beyond it, that are packed in the same way.
//
// Which block, how wide, and which cut first is searched, deterministically, within a bound. The first that is tried puts
// the largest photos into full rows, one kind after the other, so nothing comes out worse than rows of one kind do.

// A node is a blank rectangle and what was put into it.
type node struct {
	kind          int // -1: nothing
	columns, rows int // of the block
	across        bool
	side, rest    int // the rectangles left: beside the block, and beyond the cut; across, side is to its right and rest below
}

// A packing is a tree of nodes, from the root at 0.
type packing struct {
	nodes  []node
	counts []int   // by kind
	each   int     // copies that each item got that fills, of several
	filled float64 // mm² of the photos that fill
	blocks int
	blank  float64 // mm² of the largest rectangle left
}

// over says which of two packings of one paper is kept: most photos, then fewest cuts, then the largest piece left.
func (p packing) over(q packing) bool {
	const same = 1e-6
	switch {
	case p.filled > q.filled+same, p.filled < q.filled-same:
		return p.filled > q.filled
	case p.blocks != q.blocks:
		return p.blocks < q.blocks
	}
	return p.blank > q.blank+same
}

// betterThan says which way a paper is turned: as it is, unless it holds more the other way.
func (p packing) betterThan(q packing) bool {
	return p.each > q.each || p.each == q.each && p.filled > q.filled*(1+1e-9)
}

// searchSteps bounds the search for mixed sheets: a few milliseconds.
const searchSteps = 2000

// pack packs kinds into width × height, gaps included in both.
func pack(width, height float64, kinds []kind) (packing, error) {
	try := func(each int) (packing, bool) {
		s := search{width: width, height: height, kinds: kinds}
		for _, k := range kinds {
			s.left = append(s.left, k.count+each*k.fillers)
		}
		return s.run()
	}
	fillers := 0
	for _, k := range kinds {
		fillers += k.fillers
	}
	best, ok := try(0)
	if ok && (len(kinds) == 1 || fillers < 2) {
		return best, nil
	}
	// Several that fill get as many each: the largest number that goes, then what still fits.
	if best, ok = try(1); !ok || fillers == 0 {
		return packing{}, ErrDoesNotFit
	}
	best.each = 1
	for low, high := 1, mostCopies; fillers > 1 && low < high; {
		mid := min((low+high+1)/2, 2*low)
		if p, ok := try(mid); ok {
			low, best = mid, p
			best.each = mid
		} else {
			high = mid - 1
		}
	}
	return best, nil
}

// A blank is a rectangle that nothing lies in yet.
type blank struct {
	node   int
	w, h   float64
	closed bool // left to those that fill
}

// A search looks for the best packing of the photos that must be placed, and fills its blanks.
type search struct {
	width, height float64
	kinds         []kind
	left          []int // still to be placed, by kind
	nodes         []node
	blanks        []blank
	best          packing
	found         bool
}

func (s *search) run() (packing, bool) {
	s.nodes = []node{{kind: -1}}
	s.blanks = []blank{{0, s.width, s.height, false}}
	steps := searchSteps
	if len(s.kinds) == 1 { // full rows it is
		steps = 1
	}
	s.step(steps)
	return s.best, s.found
}

// A move puts a block into a blank.
type move struct {
	kind, columns, rows int
	across              bool
}

// step tries every move at one blank, each with its share of the steps, and returns how many were taken.
func (s *search) step(steps int) int {
	if s.placed() {
		s.finish()
		return 1
	}
	at := s.tightest()
	if at < 0 {
		return 1
	}
	moves := s.moves(s.blanks[at])
	taken := 1
	for i, m := range moves {
		share := (steps - taken) / (len(moves) + 1 - i)
		if share < 1 && i > 0 {
			return taken
		}
		undo := s.put(at, m)
		taken += s.step(share)
		undo()
	}
	if share := steps - taken; share > 0 {
		s.blanks[at].closed = true
		taken += s.step(share)
		s.blanks[at].closed = false
	}
	return taken
}

func (s *search) placed() bool {
	for _, n := range s.left {
		if n > 0 {
			return false
		}
	}
	return true
}

// tightest is the smallest blank that some photo fits into, or -1 where none is, or where the rest cannot be placed.
func (s *search) tightest() int {
	best, room, need := -1, 0.0, 0.0
	for i, b := range s.blanks {
		if b.closed {
			continue
		}
		room += b.w * b.h
		fits := false
		for k, n := range s.left {
			fits = fits || n > 0 && along(b.w, s.kinds[k].w) > 0 && along(b.h, s.kinds[k].h) > 0
		}
		if fits && (best < 0 || b.w*b.h < s.blanks[best].w*s.blanks[best].h) {
			best = i
		}
	}
	for k, n := range s.left {
		need += float64(n) * s.kinds[k].w * s.kinds[k].h
	}
	if need > room*(1+1e-9) {
		return -1
	}
	return best
}

// moves are all blocks for a blank: the largest photos first, full rows before full columns before anything narrower.
func (s *search) moves(b blank) []move {
	var moves []move
	for k, n := range s.left {
		columns, rows := min(along(b.w, s.kinds[k].w), n), min(along(b.h, s.kinds[k].h), n)
		if columns == 0 || rows == 0 {
			continue
		}
		add := func(c, r int) {
			for _, across := range []bool{true, false} {
				if m := (move{k, c, r, across}); !slices.Contains(moves, m) {
					moves = append(moves, m)
				}
			}
		}
		add(columns, min(rows, n/columns))
		add(min(columns, n/rows), rows)
		for c := columns - 1; c > 0; c-- {
			add(c, min(rows, n/c))
		}
	}
	return moves
}

// put makes a move, and returns what takes it back.
func (s *search) put(at int, m move) (undo func()) {
	b, k := s.blanks[at], s.kinds[m.kind]
	side, rest := len(s.nodes), len(s.nodes)+1
	w, h := float64(m.columns)*k.w, float64(m.rows)*k.h
	s.nodes[b.node] = node{m.kind, m.columns, m.rows, m.across, side, rest}
	s.nodes = append(s.nodes, node{kind: -1}, node{kind: -1})
	if m.across {
		s.blanks[at] = blank{side, b.w - w, h, false}
		s.blanks = append(s.blanks, blank{rest, b.w, b.h - h, false})
	} else {
		s.blanks[at] = blank{side, w, b.h - h, false}
		s.blanks = append(s.blanks, blank{rest, b.w - w, b.h, false})
	}
	s.left[m.kind] -= m.columns * m.rows
	return func() {
		s.left[m.kind] += m.columns * m.rows
		s.blanks = s.blanks[:len(s.blanks)-1]
		s.blanks[at] = b
		s.nodes = s.nodes[:side]
		s.nodes[b.node] = node{kind: -1}
	}
}

// finish fills the blanks of a packing that holds all that must be, and keeps it if it is the best so far.
func (s *search) finish() {
	var undone []func()
	for {
		at, most, covers := -1, move{}, 0.0
		for i, b := range s.blanks {
			for k, kind := range s.kinds {
				c, r := along(b.w, kind.w), along(b.h, kind.h)
				if area := float64(c*r) * kind.w * kind.h; kind.fillers > 0 && area > covers {
					at, most, covers = i, move{k, c, r, true}, area
				}
			}
		}
		if at < 0 {
			break
		}
		undone = append(undone, s.put(at, most))
	}
	p := packing{counts: make([]int, len(s.kinds))}
	for _, n := range s.nodes {
		if n.kind >= 0 {
			p.blocks++
			p.counts[n.kind] += n.columns * n.rows
		}
	}
	whole := true // whether each that fills has a copy at least
	for i, k := range s.kinds {
		p.filled += float64(p.counts[i]-k.count) * k.w * k.h
		whole = whole && p.counts[i] >= k.count+k.fillers
	}
	for _, b := range s.blanks {
		p.blank = max(p.blank, b.w*b.h)
	}
	if whole && (!s.found || p.over(s.best)) {
		p.nodes = slices.Clone(s.nodes)
		s.best, s.found = p, true
	}
	for _, undo := range slices.Backward(undone) {
		undo()
	}
}
