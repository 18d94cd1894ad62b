package matte

import (
	"bytes"
	"image"
	"math"
	"slices"

	"github.com/professionalaistudio/studio/edge/portrait/patch"
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
	pix           []uint8         // the same, 0 to 255
	guide         []uint8         // red, green, blue of each cell: what the net saw
	state         []uint8         // person, background or band
	fill          []float32       // of cells at the band: F, B (three each) and a₀; see fill.go

	ready  bool    // state and fill are made
	levels []level // of the pyramid that fill is made by
	says   []uint8 // for tidy, then for classify
	across []uint8
	label  []int32 // for tidy
	queue  []int32 // likewise, and zero in between
	near   []bool  // a row, for push
}

func newView(width, height int) *view {
	n := width * height
	v := &view{width: width, height: height, alpha: make([]float32, n), pix: make([]uint8, n), guide: make([]uint8, 3*n), state: make([]uint8, n),
		fill: make([]float32, known*n), says: make([]uint8, n), across: make([]uint8, n), label: make([]int32, n),
		queue: make([]int32, 0, n), near: make([]bool, width)}
	for l := half(width, height); ; l = half(l.width, l.height) {
		if v.levels = append(v.levels, l); l.width == 1 && l.height == 1 {
			return v
		}
	}
}

// take keeps what the net says.
func (v *view) take(out []float32) {
	alpha, pix := v.alpha, v.pix[:len(v.alpha)]
	for i, a := range out[:len(alpha)] {
		a = (a - stretch) / (1 - 2*stretch)
		switch {
		case a >= 1:
			alpha[i], pix[i] = 1, 255
		case a > 0: // which is false for NaN
			alpha[i], pix[i] = a, uint8(a*255+0.5)
		default:
			alpha[i], pix[i] = 0, 0
		}
	}
}

// prepare does what can be done at the scale of the net before the matte is refined: who only asks what the net says does without.
func (v *view) prepare() {
	if v == nil || v.ready {
		return
	}
	v.ready = true
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
	label, queue, says := v.label, v.queue[:0], v.says[:len(v.alpha)]
	defer func() { clear(queue) }()
	clear(label)
	const held, loose = 1, 2
	faint := 0
	for i, a := range v.alpha {
		switch {
		case a > firm:
			says[i] = held
		case a > 0:
			says[i] = loose
			faint++
		default:
			says[i] = 0
		}
	}
	sizes := patch.Label(says, label, v.width)
	if faint > 0 {
		// What is faint goes to the nearest patch: first what lies beside one, then what lies beside that.
		beside := func(i int, f func(j int) bool) {
			x := i % v.width
			_ = x > 0 && f(i-1) || x < v.width-1 && f(i+1) || i >= v.width && f(i-v.width) || i < len(label)-v.width && f(i+v.width)
		}
		for i := 0; ; i++ {
			next := bytes.IndexByte(says[i:], loose)
			if next < 0 {
				break
			}
			i += next
			beside(i, func(j int) bool {
				if says[j] != held {
					return false
				}
				label[i], queue = label[j], append(queue, int32(i))
				return true
			})
		}
		for from := 0; from < len(queue); from++ {
			beside(int(queue[from]), func(j int) bool {
				if says[j] == loose && label[j] == 0 {
					label[j], queue = label[queue[from]], append(queue, int32(j))
				}
				return false
			})
		}
	}
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
	drops := make([]bool, len(sizes)+1)
	drops[0] = len(queue) < faint // hangs on nothing at all
	for i, n := range sizes {
		drops[i+1] = !headed[i] && float64(n) < least*float64(largest)
	}
	if !slices.Contains(drops, true) {
		return
	}
	for i, id := range label {
		if drops[id] {
			v.alpha[i], v.pix[i] = 0, 0
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
	clear(v.pix)
	clear(v.label)
	clear(v.says)
	clear(v.guide)
	if !v.ready {
		return
	}
	v.ready = false
	clear(v.state)
	clear(v.fill)
	for _, l := range v.levels {
		clear(l.cell)
	}
	clear(v.across)
	clear(v.near)
}
