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

// A view is what the net saw of a part of the picture, in cells of some pixels each.
type view struct {
	part          image.Rectangle // pixels of the picture
	width, height int             // cells
	alpha         []float32       // 0 to 1, a cell
	guide         []float32       // red, green, blue of each cell, 0 to 255
	state         []uint8         // person, background or band
	fill          []float32       // of cells at the band: F, B (three each) and a₀; see fill.go
}

func newView(part image.Rectangle, width, height int) *view {
	n := width * height
	return &view{part: part, width: width, height: height,
		alpha: make([]float32, n), guide: make([]float32, 3*n), state: make([]uint8, n)}
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

// settle does what can be done at the scale of the net.
func (v *view) settle() {
	v.tidy()
	v.classify()
	v.spread()
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
	says := make([]uint8, len(v.state))
	across := make([]uint8, len(v.state))
	defer func() { clear(says); clear(across) }()
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

// speck is the part of the largest patch below which another patch is none of a person.
const speck = 0.02

// tidy drops small patches that hang on nothing: lamps, patterns, what a net sees in a scene.
func (v *view) tidy() {
	label := make([]int32, len(v.alpha))
	var sizes []int
	var stack []int32
	defer func() { clear(label); clear(stack[:cap(stack)]) }()
	for start := range v.alpha {
		if v.alpha[start] == 0 || label[start] != 0 {
			continue
		}
		sizes = append(sizes, 0)
		id := int32(len(sizes))
		label[start] = id
		for stack = append(stack[:0], int32(start)); len(stack) > 0; {
			i := int(stack[len(stack)-1])
			stack = stack[:len(stack)-1]
			if v.alpha[i] > 0.5 {
				sizes[id-1]++
			}
			visit := func(j int) {
				if v.alpha[j] > 0 && label[j] == 0 {
					label[j] = id
					stack = append(stack, int32(j))
				}
			}
			if x := i % v.width; x > 0 {
				visit(i - 1)
			}
			if x := i % v.width; x < v.width-1 {
				visit(i + 1)
			}
			if i >= v.width {
				visit(i - v.width)
			}
			if i < len(v.alpha)-v.width {
				visit(i + v.width)
			}
		}
	}
	largest := 0
	for _, n := range sizes {
		largest = max(largest, n)
	}
	least := int(math.Ceil(speck * float64(largest)))
	for i, id := range label {
		if id != 0 && (sizes[id-1] < least || sizes[id-1] == 0) {
			v.alpha[i] = 0
		}
	}
}

func (v *view) wipe() {
	if v == nil {
		return
	}
	clear(v.alpha)
	clear(v.guide)
	clear(v.state)
	clear(v.fill)
}
