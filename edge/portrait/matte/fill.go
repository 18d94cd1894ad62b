package matte

// A level of the pyramid has eight numbers a cell: the mean colour of the people with its weight, then that of the background. The
// weight is the part of the cell that is surely that.
type level struct {
	width, height int
	cell          []float32
}

const (
	wide  = 8 // numbers of a cell of a level
	known = 7 // numbers of a cell of view.fill
)

// From here on a cell's colour counts as that of people, or up to there as that of the background.
const (
	surePerson     = 0.9
	sureBackground = 0.1
)

// spread carries the colours of people and background from where they are sure into the band: F and B of every cell in it and
// beside it. Where one of the two is nowhere in the view they are alike, and the sketch stays as it is.
func (v *view) spread() {
	levels := v.levels
	v.pull(levels[0])
	for i := 1; i < len(levels); i++ {
		levels[i-1].pull(levels[i])
	}
	levels[len(levels)-1].top()
	for i := len(levels) - 2; i >= 0; i-- {
		levels[i].push(levels[i+1])
	}
	v.push(levels[0])
}

func half(width, height int) level {
	l := level{width: (width + 1) / 2, height: (height + 1) / 2}
	l.cell = make([]float32, wide*l.width*l.height)
	return l
}

// pull makes the first level of the guide.
func (v *view) pull(l level) {
	clear(l.cell)
	for y := range v.height {
		for x := range v.width {
			i := y*v.width + x
			at := l.cell[wide*(y/2*l.width+x/2):][:wide]
			switch a := v.alpha[i]; {
			case a > surePerson:
				at = at[:4]
			case a < sureBackground:
				at = at[4:]
			default:
				continue
			}
			own := v.guide[3*i:][:3]
			at[0] += float32(own[0]) / 4
			at[1] += float32(own[1]) / 4
			at[2] += float32(own[2]) / 4
			at[3] += 1.0 / 4
		}
	}
}

// pull makes the level of half the size. Colours are still times their weight.
func (l level) pull(up level) {
	clear(up.cell)
	for y := range l.height {
		for x := range l.width {
			from := l.cell[wide*(y*l.width+x):][:wide]
			to := up.cell[wide*(y/2*up.width+x/2):][:wide]
			for k, c := range from {
				to[k] += c / 4
			}
		}
	}
}

// top divides the one cell of the last level by its weights.
func (l level) top() {
	c := l.cell
	for k := 0; k < wide; k += 4 {
		if c[k+3] > 0 {
			c[k], c[k+1], c[k+2] = c[k]/c[k+3], c[k+1]/c[k+3], c[k+2]/c[k+3]
		}
	}
	if c[3] == 0 {
		copy(c[:3], c[4:7])
	}
	if c[7] == 0 {
		copy(c[4:7], c[:3])
	}
}

// push replaces what a level has, colours times weight, by colours: its own as far as they have weight, else those above it.
func (l level) push(above level) {
	var from [wide]float32
	for y := range l.height {
		for x := range l.width {
			above.at(x, y, &from)
			at := l.cell[wide*(y*l.width+x):][:wide]
			for k := 0; k < wide; k += 4 {
				w := at[k+3]
				if w == 0 {
					copy(at[k:k+3], from[k:k+3])
					continue
				}
				own, unit := min(16*w, 1), 1/w
				for c := k; c < k+3; c++ {
					at[c] = from[c] + own*(at[c]*unit-from[c])
				}
			}
		}
	}
}

// push is the last step: the cells of the band and those beside it.
func (v *view) push(above level) {
	near := v.near
	var from [wide]float32
	for y := range v.height {
		v.beside(y, near)
		for x, wanted := range near {
			if !wanted {
				continue
			}
			i := y*v.width + x
			above.at(x, y, &from)
			to, own := v.fill[known*i:][:known], [3]float32{float32(v.guide[3*i]), float32(v.guide[3*i+1]), float32(v.guide[3*i+2])}
			copy(to, from[:3])
			copy(to[3:], from[4:7])
			to[6] = v.alpha[i]
			switch a := v.alpha[i]; {
			case a > surePerson:
				copy(to[:3], own[:])
			case a < sureBackground:
				copy(to[3:6], own[:])
			}
		}
	}
}

// beside tells of each cell of a row whether it or one around it is of the band.
func (v *view) beside(y int, near []bool) {
	clear(near)
	for j := max(y-1, 0); j <= min(y+1, v.height-1); j++ {
		for x, state := range v.state[j*v.width:][:v.width] {
			if state != band {
				continue
			}
			near[x] = true
			if x > 0 {
				near[x-1] = true
			}
			if x+1 < len(near) {
				near[x+1] = true
			}
		}
	}
}

// at is the colour that a level has at cell (x, y) of the one below it, between the four nearest of its own.
func (l level) at(x, y int, to *[wide]float32) {
	x0, x1, fx := between(x, l.width)
	y0, y1, fy := between(y, l.height)
	a, b := l.cell[wide*(y0*l.width+x0):][:wide], l.cell[wide*(y0*l.width+x1):][:wide]
	c, d := l.cell[wide*(y1*l.width+x0):][:wide], l.cell[wide*(y1*l.width+x1):][:wide]
	for k := range to {
		up, down := a[k]+fx*(b[k]-a[k]), c[k]+fx*(d[k]-c[k])
		to[k] = up + fy*(down-up)
	}
}

// between is where cell x of a level lies in the one above it, which has n: a quarter from the nearer centre.
func between(x, n int) (low, high int, part float32) {
	low = x / 2
	if x%2 == 0 {
		low, part = low-1, 0.75
	} else {
		part = 0.25
	}
	return max(low, 0), min(low+1, n-1), part
}
