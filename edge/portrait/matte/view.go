package matte

import (
	"image"
	"math"
)

// stretch is how far from 0 and 1 what the net says is taken for 0 and 1.
const stretch = 0.03

// What a cell of a view is taken for, as bits: a neighbourhood that has both is of the band.
const (
	person     = 1
	background = 2
	band       = person | background
)

// reach is how far beyond what the sketch leaves open the band goes, in cells: the net's edges are off by one or two.
const reach = 2

// A view is what the net saw of a part of the picture, in cells of some pixels each. It is some 20 MB for 512 x 512 cells, so a Cutter
// uses them again; in between they are zero.
type view struct {
	part          image.Rectangle // pixels of the picture
	width, height int             // cells
	alpha         []float32       // 0 to 1, a cell
	guide         []float32       // red, green, blue of each cell, 0 to 255
	state         []uint8         // person, background or band
	fill          []float32       // of cells at the band: F, B (three each) and a₀; see fill.go

	ready  bool    // state and fill are made
	levels []level // of the pyramid that fill is made by
	says   []uint8 // for classify
	across []uint8
	label  []int32 // for tidy
	queue  []int32
	near   []bool // a row, for push
}

func newView(width, height int) *view {
	n := width * height
	v := &view{width: width, height: height, alpha: make([]float32, n), guide: make([]float32, 3*n), state: make([]uint8, n),
		fill: make([]float32, known*n), says: make([]uint8, n), across: make([]uint8, n), label: make([]int32, n),
		queue: make([]int32, 0, n), near: make([]bool, width)}
	for l := half(width, height); ; l = half(l.width, l.height) {
		if v.levels = append(v.levels, l); l.width == 1 && l.height == 1 {
			return v
		}
	}
}

// see keeps the picture as the net gets it.
func (v *view) see(in []float32, scale, offset [3]float32) {
	n := v.width * v.height
	for c := range 3 {
		back := 1 / scale[c]
		for i, x := range in[c*n : (c+1)*n] {
			v.guide[3*i+c] = (x - offset[c]) * back
		}
	}
}

// take keeps what the net says.
func (v *view) take(out []float32) {
	for i := range v.alpha {
		a := (out[i] - stretch) / (1 - 2*stretch)
		v.alpha[i] = min(max(a, 0), 1)
		if a != a {
			v.alpha[i] = 0
		}
	}
}

// prepare does what can be done at the scale of the net before the matte is refined: who only asks what the net says does without.
func (v *view) prepare() {
	if v == nil || v.ready {
		return
	}
	v.classify()
	v.spread()
	v.ready = true
}

func (v *view) share() float64 {
	if v == nil {
		return 0
	}
	n := 0
	for _, a := range v.alpha {
		if a > 0.5 {
			n++
		}
	}
	return float64(n) / float64(len(v.alpha))
}

// classify tells what is sure from what is not. A cell is sure where all within reach say the same.
func (v *view) classify() {
	says, across := v.says, v.across
	for i, a := range v.alpha {
		switch a {
		case 1:
			says[i] = person
		case 0:
			says[i] = background
		default:
			says[i] = band
		}
	}
	w := v.width
	for y := range v.height {
		from, to := says[y*w:][:w], across[y*w:][:w]
		for x := range to {
			var bits uint8
			for _, b := range from[max(x-reach, 0):min(x+reach+1, w)] {
				bits |= b
			}
			to[x] = bits
		}
	}
	for y := range v.height {
		to := v.state[y*w:][:w]
		clear(to)
		for k := max(y-reach, 0); k <= min(y+reach, v.height-1); k++ {
			for x, b := range across[k*w:][:w] {
				to[x] |= b
			}
		}
	}
}

// Patches that hang on nothing are lamps, patterns, what a net sees in a scene. One is dropped if it is smaller than this part of the
// largest: a speck where nobody knows where the heads are, more where they are known and it has none.
const (
	speck    = 0.02
	headless = 0.5
)

// firm is the alpha of what holds a patch together; what is fainter belongs to the nearest one.
const firm = 0.3

// tidy drops them.
func (v *view) tidy(heads []image.Rectangle) {
	label, queue := v.label, v.queue[:0]
	clear(label)
	var sizes []int
	// spread gives its label to the neighbours of what is in the queue from a place on, and to theirs, where alpha is more than least.
	spread := func(from int, least float32) {
		for ; from < len(queue); from++ {
			i := int(queue[from])
			x := i % v.width
			for _, j := range [...]int{i - 1, i + 1, i - v.width, i + v.width} {
				if j < 0 || j >= len(label) || label[j] != 0 || v.alpha[j] <= least || j == i-1 && x == 0 || j == i+1 && x == v.width-1 {
					continue
				}
				label[j] = label[i]
				queue = append(queue, int32(j))
			}
		}
	}
	for start, a := range v.alpha {
		if a <= firm || label[start] != 0 {
			continue
		}
		from := len(queue)
		label[start] = int32(len(sizes) + 1)
		queue = append(queue, int32(start))
		spread(from, firm)
		sizes = append(sizes, len(queue)-from)
	}
	spread(0, 0)
	largest := 0
	for _, n := range sizes {
		largest = max(largest, n)
	}
	least, headed := speck, make([]bool, len(sizes))
	for _, h := range heads {
		cells := v.cells(h)
		for y := cells.Min.Y; y < cells.Max.Y; y++ {
			for _, id := range label[y*v.width+cells.Min.X : y*v.width+cells.Max.X] {
				if id != 0 {
					headed[id-1], least = true, headless
				}
			}
		}
	}
	for i, id := range label {
		if id == 0 || !headed[id-1] && float64(sizes[id-1]) < least*float64(largest) {
			v.alpha[i] = 0
		}
	}
}

// cells are those under a part of the picture.
func (v *view) cells(part image.Rectangle) image.Rectangle {
	part = part.Intersect(v.part).Sub(v.part.Min)
	if part.Empty() {
		return image.Rectangle{}
	}
	across, down := float64(v.width)/float64(v.part.Dx()), float64(v.height)/float64(v.part.Dy())
	return image.Rect(int(float64(part.Min.X)*across), int(float64(part.Min.Y)*down),
		int(math.Ceil(float64(part.Max.X)*across)), int(math.Ceil(float64(part.Max.Y)*down))).Intersect(image.Rect(0, 0, v.width, v.height))
}

func (v *view) wipe() {
	clear(v.alpha)
	clear(v.guide)
	clear(v.label)
	clear(v.queue[:cap(v.queue)])
	if !v.ready {
		return
	}
	v.ready = false
	clear(v.state)
	clear(v.fill)
	for _, l := range v.levels {
		clear(l.cell)
	}
	clear(v.says)
	clear(v.across)
	clear(v.near)
}
