package measure

import (
	"math"
	"slices"
)

// Detail is how much of the face the picture still shows.
type Detail struct {
	Edge    Number // width of the sharpest edges of eyes and brows, 10 to 90 %, in % of the eye distance
	Motion  Number // detail left across the direction that has most of it / in that direction, 0 to 1; 1 is the same in all
	Along   Number // degrees of the direction with least detail, along which things are smeared; 0 is level, 90 upright
	Noise   Number // standard deviation of the cheeks about their 3 × 3 median, of 255
	Texture Number // standard deviation of the cheeks about their 7 × 7 mean / mean, in %
}

// leastDetail is how many pixels from eye to eye blur and grain need to be told from too few pixels.
const leastDetail = 45.0

// Detail measures sharpness and grain at the scale of the view: what a smaller picture hides anyway is no fault.
func (s *Scene) Detail() Detail {
	v, why := s.view()
	if v != nil && v.eye < leastDetail {
		v, why = nil, fewEyes
	}
	if v == nil {
		none := unknown(why)
		return Detail{none, none, none, none, none}
	}
	var d Detail
	d.Edge = v.edge()
	d.Motion, d.Along = v.motion()
	d.Noise, d.Texture = v.grain()
	return d
}

// A plane is a part of the view in grey, coded as the picture is.
type plane struct {
	w, h int
	v    []float32
}

// grey is the luma of a box of the view, without what lies beyond it. Who asked for it gives its numbers back.
func (v *view) grey(b Box) plane {
	x0, y0 := min(max(int(b.X0), 0), v.w), min(max(int(b.Y0), 0), v.h)
	x1, y1 := min(max(int(b.X1), x0), v.w), min(max(int(b.Y1), y0), v.h)
	p := plane{x1 - x0, y1 - y0, floats.take((x1 - x0) * (y1 - y0))}
	for y := range p.h {
		for x := range p.w {
			at := v.pix[3*((y0+y)*v.w+x0+x):]
			p.v[y*p.w+x] = 0.299*float32(at[0]) + 0.587*float32(at[1]) + 0.114*float32(at[2])
		}
	}
	return p
}

// blurred by a Gaussian of the given sigma. Who asked for it gives its numbers back.
func (p plane) blurred(sigma float64) plane {
	r := int(math.Ceil(3 * sigma))
	kernel := make([]float32, 2*r+1)
	sum := 0.0
	for i := range kernel {
		k := math.Exp(-float64((i-r)*(i-r)) / (2 * sigma * sigma))
		kernel[i], sum = float32(k), sum+k
	}
	for i := range kernel {
		kernel[i] /= float32(sum)
	}
	across, out := plane{p.w, p.h, floats.take(len(p.v))}, plane{p.w, p.h, floats.take(len(p.v))}
	defer floats.give(across.v)
	line := make([]float32, p.w+2*r)
	defer clear(line)
	for y := range p.h {
		row := p.v[y*p.w : (y+1)*p.w]
		copy(line[r:], row)
		for i := range r {
			line[i], line[r+p.w+i] = row[0], row[p.w-1]
		}
		to := across.v[y*p.w : (y+1)*p.w]
		for i, k := range kernel { // one after the other, so that no sum waits for its own last step
			for x, v := range line[i:][:len(to)] {
				to[x] += k * v
			}
		}
	}
	for y := range p.h {
		to := out.v[y*p.w : (y+1)*p.w]
		for i, k := range kernel {
			at := min(max(y+i-r, 0), p.h-1)
			for x, v := range across.v[at*p.w : (at+1)*p.w] {
				to[x] += k * v
			}
		}
	}
	return out
}

// slope is the central difference at a pixel that is not at the edge.
func (p plane) slope(i int) (x, y float32) {
	return (p.v[i+1] - p.v[i-1]) / 2, (p.v[i+p.w] - p.v[i-p.w]) / 2
}

// ownWidth is the variance that the pixels and the central difference add to an edge of their own, in pixels².
const ownWidth = 0.42

// edge is how wide the edges of eyes and brows are. An edge of width σ that is blurred by a known σ₀ loses slope by
// R = √(1 + σ₀²/σ²), whatever its contrast, so σ = σ₀/√(R²−1) (Zhuo and Sim, Defocus map estimation from a single image,
// Pattern Recognition 44, 2011). Contrast drops out, and the colour of skin with it; the variance of the Laplacian, which the
// compliance facts name first, does not have that. Taken on the crests of slope among the steepest quarter, of which the
// sharper third counts: a soft shadow is no blur, but where nothing is sharp everything is soft.
func (v *view) edge() Number {
	box := around(slices.Concat(v.brow(Left), v.brow(Right), v.points.lids(Left), v.points.lids(Right)))
	box = Box{box.X0 - 0.1*v.eye, box.Y0 - 0.05*v.eye, box.X1 + 0.1*v.eye, box.Y1 + 0.1*v.eye}
	p := v.grey(box)
	defer floats.give(p.v)
	if p.w < 16 || p.h < 8 {
		return unknown(fewEyes)
	}
	soft, steep := p.blurred(1), floats.take(len(p.v))
	defer floats.give(soft.v, steep)
	for y := 1; y < p.h-1; y++ {
		for x := 1; x < p.w-1; x++ {
			gx, gy := p.slope(y*p.w + x)
			steep[y*p.w+x] = gx*gx + gy*gy
		}
	}
	type crest struct{ slope, sigma float64 }
	var crests []crest
	for y := 2; y < p.h-2; y++ {
		for x := 2; x < p.w-2; x++ {
			i := y*p.w + x
			if steep[i] < 9 {
				continue
			}
			gx, gy := p.slope(i)
			step := p.w // of the four directions, the nearest to the slope
			switch ax, ay := max(gx, -gx), max(gy, -gy); {
			case ax > 2.4142*ay:
				step = 1
			case ay > 2.4142*ax:
			case (gx > 0) == (gy > 0):
				step = p.w + 1
			default:
				step = p.w - 1
			}
			if steep[i] < steep[i-step] || steep[i] <= steep[i+step] {
				continue
			}
			sx, sy := soft.slope(i)
			r := float64(steep[i]) / max(float64(sx*sx+sy*sy), 1e-6) // R²
			if r <= 1.001 {
				continue
			}
			crests = append(crests, crest{float64(steep[i]), math.Sqrt(max(1/(r-1)-ownWidth, 0.05))})
		}
	}
	if len(crests) < 20 {
		return unknown("no edge of the eyes or the brows can be seen")
	}
	slopes, widths := wides.take(len(crests)), wides.take(len(crests))[:0]
	defer func() { wides.give(slopes, widths) }()
	for i, c := range crests {
		slopes[i] = c.slope
	}
	most := max(len(crests)/4, 10)
	steepest := ranked(slopes, 1-float64(most)/float64(len(slopes)))
	for _, c := range crests {
		if c.slope > steepest {
			widths = append(widths, c.sigma)
		}
	}
	for _, c := range crests {
		if c.slope == steepest && len(widths) < most {
			widths = append(widths, c.sigma)
		}
	}
	const rise = 2.563 // of a Gaussian edge from 10 to 90 %, in σ
	return number(100*rise*ranked(widths, 1.0/3)/v.eye, v.at(box.corners())...)
}

// motion compares, for 16 directions, how much of the slopes that are seen after a blur of 2 pixels are seen without it: a
// movement takes the fine ones along its way. Dividing by the coarse ones takes out that eyes, brows and mouth are level.
func (v *view) motion() (ratio, along Number) {
	mouth := mid(v.points[MouthCorner], v.points[MouthCorner+Right])
	box := Box{v.points[Brow1][0], v.points[Brow3][1] - 0.1*v.eye, v.points[Brow1+Right][0], mouth[1] + 0.2*v.eye}
	p := v.grey(box)
	defer floats.give(p.v)
	if p.w < 16 || p.h < 16 {
		return unknown(fewEyes), unknown(fewEyes)
	}
	soft := p.blurred(2)
	defer floats.give(soft.v)
	tensor := func(p plane) (xx, xy, yy float64) {
		for y := 2; y < p.h-2; y++ {
			for x := 2; x < p.w-2; x++ {
				gx, gy := p.slope(y*p.w + x)
				xx, xy, yy = xx+float64(gx*gx), xy+float64(gx*gy), yy+float64(gy*gy)
			}
		}
		return xx, xy, yy
	}
	fxx, fxy, fyy := tensor(p)
	cxx, cxy, cyy := tensor(soft)
	least, most, angle := math.Inf(1), 0.0, 0.0
	for k := range 16 {
		sin, cos := math.Sincos(float64(k) * math.Pi / 16)
		fine := fxx*cos*cos + 2*fxy*sin*cos + fyy*sin*sin
		coarse := cxx*cos*cos + 2*cxy*sin*cos + cyy*sin*sin
		kept := fine/max(coarse, 1e-6) - 1 // what is seen after the blur is seen before it
		if kept < least {
			least, angle = kept, float64(k)*180/16
		}
		most = max(most, kept)
	}
	if most <= 0 {
		return unknown("no detail is left in any direction"), unknown("no detail is left in any direction")
	}
	at := v.at(box.corners())
	return number(max(least, 0)/most, at...), number(angle)
}

// grain looks at the skin of OFIQ's cheek squares.
func (v *view) grain() (noise, texture Number) {
	var rough, fine, n, mean float64
	for side := range 2 {
		b := v.cheek(side)
		x0, y0 := int(b.X0), int(b.Y0)
		p := v.grey(b)
		if p.w < 9 || p.h < 9 {
			floats.give(p.v)
			continue
		}
		var nine [9]float32
		for y := 3; y < p.h-3; y++ {
			for x := 3; x < p.w-3; x++ {
				if v.marks[(y0+y)*v.w+x0+x]&markSkin == 0 {
					continue
				}
				sum, k := float32(0), 0
				for dy := -3; dy <= 3; dy++ {
					for dx := -3; dx <= 3; dx++ {
						at := p.v[(y+dy)*p.w+x+dx]
						sum += at
						if dy >= -1 && dy <= 1 && dx >= -1 && dx <= 1 {
							nine[k] = at
							k++
						}
					}
				}
				here := float64(p.v[y*p.w+x])
				slices.Sort(nine[:])
				off, dip := here-float64(nine[4]), here-float64(sum)/49
				rough, fine = rough+off*off, fine+dip*dip
				mean += here
				n++
			}
		}
		floats.give(p.v)
		clear(nine[:])
	}
	if n < 100 {
		return unknown(noSkin), unknown(noSkin)
	}
	at := v.at(append(v.cheek(Left).corners(), v.cheek(Right).corners()...))
	return number(math.Sqrt(rough/n), at...), number(100*math.Sqrt(fine/n)/max(mean/n, 1), at...)
}
