package measure_test

import (
	"math"
	"math/rand/v2"

	"github.com/professionalaistudio/studio/edge/portrait/measure"
)

// A person is drawn: head, hair, shoulders and a wall, everything where its points say, so that a fault can be put in with
// nothing else changed. Lengths are eye distances, from the middle between the eyes; x to the right, y down.
type person struct {
	width, height int
	eye           float64    // pixels from eye to eye
	at            [2]float64 // the middle between the eyes
	skin          [3]float64 // coded, 0 to 255
	hair          [3]float64
	brows         [3]float64
	wall          [3]float64
	cloth         [3]float64

	open     float64 // opening of the left eye, in openings of a relaxed one
	gaze     float64 // of the irises, to the right
	raise    float64 // of the brows
	gap      float64 // between the lips
	lift     float64 // of the corners of the mouth
	shoulder float64 // degrees by which the right one is lower
	narrow   float64 // of the shoulders, 1 as they are
	longHair bool    // over the ears
	fringe   float64 // how far the hair comes down over the forehead
	strand   bool    // over the left eye
	lock     bool    // over the left cheek
	smooth   bool    // skin without pores
}

func newPerson() person {
	return person{
		width: 600, height: 750, eye: 112, at: [2]float64{300, 300},
		skin: [3]float64{206, 160, 136}, hair: [3]float64{52, 38, 30}, brows: [3]float64{52, 38, 30}, wall: [3]float64{217, 217, 217}, cloth: [3]float64{44, 58, 92},
		open: 1, narrow: 1,
	}
}

// scaled is the same person in a smaller picture.
func (p person) scaled(k float64) person {
	p.width, p.height = int(k*float64(p.width)), int(k*float64(p.height))
	p.eye, p.at = k*p.eye, [2]float64{k * p.at[0], k * p.at[1]}
	return p
}

// A canvas is a drawn person with what a net would say of it.
type canvas struct {
	pix    []byte
	alpha  []byte
	w, h   int
	points measure.Points
	eye    float64
	at     [2]float64
}

func (c *canvas) picture() measure.Picture {
	return measure.Picture{Pix: c.pix, Width: c.w, Height: c.h}
}

func (c *canvas) matte() *measure.Alpha {
	return &measure.Alpha{Pix: c.alpha, Width: c.w, Height: c.h}
}

// place is a point in pixels.
func (p person) place(x, y float64) [2]float64 {
	return [2]float64{p.at[0] + x*p.eye, p.at[1] + y*p.eye}
}

const (
	eyeHalf  = 0.235 // half of the width of an eye
	lidUpper = 0.080 // of a relaxed eye
	lidLower = 0.066
	irisR    = 0.093
	faceX    = 1.17 // the oval of the face
	faceY    = 1.47
	faceMid  = 0.35
)

// upper and lower lid at u of −1 to 1 along an eye.
func (p person) lids(side int, u float64) (upper, lower float64) {
	k := 1.0
	if side == 0 {
		k = p.open
	}
	arc := 1 - u*u
	return -lidUpper * k * arc, lidLower * arc * (0.3 + 0.7*k)
}

func (p person) brow(u float64) float64 { // upper edge at −1 (temple) to 1 (nose)
	return -0.315 - 0.05*(1-u*u) - p.raise
}

func (p person) mouth(u float64) (outerUpper, innerUpper, innerLower, outerLower float64) {
	arc := 1 - u*u
	mid := 1.15 - p.lift*u*u
	return mid - (0.09*arc + p.gap/2*arc), mid - p.gap/2*arc, mid + p.gap/2*arc, mid + 0.12*arc + p.gap/2*arc
}

const mouthHalf = 0.42

// points are what the face net would give.
func (p person) points() (q measure.Points) {
	for side := range 2 {
		sign := float64(2*side - 1)
		set := func(at int, x, y float64) { q[at+side] = p.place(sign*x, y) }
		set(measure.Iris, 0.5+sign*p.gaze, 0)
		set(measure.IrisOuter, 0.5+sign*p.gaze+irisR, 0)
		set(measure.IrisInner, 0.5+sign*p.gaze-irisR, 0)
		set(measure.IrisTop, 0.5+sign*p.gaze, -irisR)
		set(measure.IrisBottom, 0.5+sign*p.gaze, irisR)
		set(measure.EyeOuter, 0.5+eyeHalf, 0)
		set(measure.EyeInner, 0.5-eyeHalf, 0)
		for i := range 7 {
			u := 1 - float64(i+1)/4
			up, low := p.lids(side, u)
			set(measure.LidUpper1+2*i, 0.5+u*eyeHalf, up)
			set(measure.LidLower1+2*i, 0.5+u*eyeHalf, low)
		}
		for i := range 5 {
			u := -1 + float64(i)/2
			set(measure.Brow1+2*i, 0.52-0.3*u, p.brow(u))
		}
		set(measure.NoseWing, 0.29, 0.66)
		ou, _, _, ol := p.mouth(0.7)
		set(measure.LipOuterUpper1, 0.7*mouthHalf, ou)
		set(measure.LipOuterLower1, 0.7*mouthHalf, ol)
		_, iu, il, _ := p.mouth(0.4)
		set(measure.LipInnerUpper1, 0.4*mouthHalf, iu)
		set(measure.LipInnerLower1, 0.4*mouthHalf, il)
		ou, _, _, ol = p.mouth(0.35)
		set(measure.LipOuterUpper2, 0.35*mouthHalf, ou)
		set(measure.LipOuterLower2, 0.35*mouthHalf, ol)
		set(measure.MouthCorner, mouthHalf, 1.15-p.lift)
		set(measure.MouthInnerCorner, 0.9*mouthHalf, 1.15-0.81*p.lift)
		for i := range 10 {
			a := math.Pi/2*float64(i)/10 - 0.05
			set(measure.Jaw1+2*i, faceX*math.Cos(a), faceMid+faceY*math.Sin(a))
		}
		set(measure.Temple, faceX*math.Cos(0.55), faceMid-faceY*math.Sin(0.55))
		set(measure.Forehead1, faceX*math.Cos(0.95), faceMid-faceY*math.Sin(0.95))
		set(measure.Forehead2, faceX*math.Cos(1.2), faceMid-0.92*faceY*math.Sin(1.2))
	}
	q[measure.NoseBridge], q[measure.NoseTip], q[measure.NoseBase] = p.place(0, 0.02), p.place(0, 0.58), p.place(0, 0.78)
	ou, iu, il, ol := p.mouth(0)
	q[measure.LipOuterUpper], q[measure.LipInnerUpper], q[measure.LipInnerLower], q[measure.LipOuterLower] = p.place(0, ou), p.place(0, iu), p.place(0, il), p.place(0, ol)
	q[measure.Chin], q[measure.Forehead] = p.place(0, faceMid+faceY), p.place(0, faceMid-0.92*faceY)
	return q
}

// draw paints everything from the back to the front. Edges are one pixel wide.
func (p person) draw() *canvas {
	rng := rand.New(rand.NewPCG(1, 2))
	c := &canvas{w: p.width, h: p.height, points: p.points(), eye: p.eye, at: p.at}
	c.pix, c.alpha = make([]byte, 3*c.w*c.h), make([]byte, c.w*c.h)
	slope := math.Tan(p.shoulder * math.Pi / 180)
	for py := range c.h {
		for px := range c.w {
			x, y := (float64(px)+0.5-p.at[0])/p.eye, (float64(py)+0.5-p.at[1])/p.eye
			ax := math.Abs(x)
			// cover is how much of the pixel lies inside, from a distance to the outline in eye distances.
			cover := func(d float64) float64 { return min(max(0.5-d*p.eye, 0), 1) }
			oval := func(cx, cy, rx, ry float64) float64 {
				return (math.Hypot((x-cx)/rx, (y-cy)/ry) - 1) * min(rx, ry)
			}
			grain := rng.NormFloat64()
			col := [3]float64{p.wall[0] + 0.8*grain, p.wall[1] + 0.8*grain, p.wall[2] + 0.8*grain}
			person := 0.0
			lay := func(k float64, paint [3]float64, body bool) {
				if k <= 0 {
					return
				}
				for i := range col {
					col[i] += k * (paint[i] - col[i])
				}
				if body {
					person = max(person, k)
				}
			}
			shade := func(c [3]float64, k float64) [3]float64 { return [3]float64{c[0] * k, c[1] * k, c[2] * k} }
			// Light falls off towards the sides of the head a little, and skin has pores.
			pores := 0.012 * grain
			if p.smooth {
				pores = 0
			}
			skin := shade(p.skin, 1-0.10*x*x/1.4+pores)
			hair := shade(p.hair, 1+0.25*math.Sin(60*x+9*y)+0.05*grain)

			shoulders := 2.45 + 0.55*math.Pow(max(ax-0.6, 0), 1.5)/p.narrow + slope*x
			lay(cover(max(shoulders-y, ax-2.45*p.narrow)), shade(p.cloth, 1+0.05*math.Sin(90*x)*math.Sin(90*y)), true)
			lay(cover(max(ax-0.72, 1-y, y-2.72-0.2*(0.5-x*x))), shade(skin, 0.92), true)
			hairY := -0.35
			lay(cover(oval(0, hairY, 1.32, 1.55)), hair, true)
			lay(cover(oval(-1.25, 0.22, 0.17, 0.34)), shade(skin, 0.95), true)
			lay(cover(oval(1.25, 0.22, 0.17, 0.34)), shade(skin, 0.95), true)
			lay(cover(oval(0, faceMid, faceX, faceY)), skin, true)
			lay(cover(max(oval(0, hairY, 1.32, 1.55), y-(-0.98+p.fringe)-0.10*math.Sin(25*x)*0.3)), hair, true)
			if p.longHair {
				lay(cover(math.Max(math.Abs(ax-1.28)-0.24, math.Max(y-1.6, -0.5-y))), hair, true)
			}

			for side := range 2 {
				sign := float64(2*side - 1)
				u := sign*x - 0.5 // from the middle of the eye to the temple
				if b := (0.52 - sign*x) / 0.3; math.Abs(b) < 1 {
					top := p.brow(b)
					lay(cover(math.Max(top-y, y-top-0.10))*0.9, shade(p.brows, 1+0.3*math.Sin(120*x+60*y)), false)
				}
				if math.Abs(u) < eyeHalf {
					up, low := p.lids(side, u/eyeHalf)
					in := cover(math.Max(up-y, y-low))
					lay(in, [3]float64{196 + 2*grain, 184 + 2*grain, 176 + 2*grain}, false)
					d := math.Hypot(u-sign*p.gaze, y)
					lay(in*cover(d-irisR), shade([3]float64{88, 64, 48}, 1+0.25*math.Sin(14*math.Atan2(y, u))), false)
					lay(in*cover(d-0.037), [3]float64{12, 11, 11}, false)
					lay(in*cover(math.Hypot(u-sign*p.gaze+0.03, y+0.03)-0.014), [3]float64{250, 250, 250}, false)
					lay(cover(math.Abs(y-up)-0.016), shade(p.brows, 0.6), false) // lashes
				}
				lay(cover(oval(sign*0.14, 0.735, 0.055, 0.03))*0.8, shade(p.skin, 0.25), false)
			}
			if u := x / mouthHalf; math.Abs(u) < 1 {
				ou, iu, il, ol := p.mouth(u)
				lip := [3]float64{p.skin[0] * 0.82, p.skin[1] * 0.62, p.skin[2] * 0.68}
				lay(cover(math.Max(ou-y, y-ol)), lip, false)
				if p.gap > 0 {
					lay(cover(math.Max(iu-y, y-il)), [3]float64{40, 22, 22}, false)
				}
				lay(cover(math.Abs(y-(iu+il)/2)-0.012)*(0.75), shade(lip, 0.45), false)
			}
			if p.strand {
				lay(cover(math.Abs(x+0.5-0.12*y)-0.13)*cover(math.Max(y-0.3, -0.22-y)), hair, true)
			}
			if p.lock {
				lay(cover(math.Abs(x+0.87)-0.125)*cover(math.Max(y-0.78, -0.26-y)), hair, true)
			}
			i := py*c.w + px
			for k := range col {
				c.pix[3*i+k] = byte(math.Round(min(max(col[k], 0), 255)))
			}
			c.alpha[i] = byte(math.Round(255 * person))
		}
	}
	return c
}

// each changes every pixel; x and y are in eye distances from the middle between the eyes.
func (c *canvas) each(f func(x, y float64, alpha float64, rgb *[3]float64)) {
	for i := range c.alpha {
		x := (float64(i%c.w) + 0.5 - c.at[0]) / c.eye
		y := (float64(i/c.w) + 0.5 - c.at[1]) / c.eye
		rgb := [3]float64{float64(c.pix[3*i]), float64(c.pix[3*i+1]), float64(c.pix[3*i+2])}
		f(x, y, float64(c.alpha[i])/255, &rgb)
		for k := range rgb {
			c.pix[3*i+k] = byte(math.Round(min(max(rgb[k], 0), 255)))
		}
	}
}

// lit multiplies the light of every pixel.
func (c *canvas) lit(f func(x, y, alpha float64) [3]float64) {
	c.each(func(x, y, alpha float64, rgb *[3]float64) {
		k := f(x, y, alpha)
		for i := range rgb {
			rgb[i] = encode(decode(rgb[i]) * k[i])
		}
	})
}

func decode(v float64) float64 {
	if v /= 255; v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

func encode(l float64) float64 {
	if l = min(max(l, 0), 1); l <= 0.0031308 {
		return 255 * 12.92 * l
	}
	return 255 * (1.055*math.Pow(l, 1/2.4) - 0.055)
}

// blur by Gaussians along x and y, in pixels; 0 leaves that direction.
func (c *canvas) blur(sx, sy float64) {
	pass := func(sigma float64, n, m, along, across int) {
		r := int(math.Ceil(3 * sigma))
		if r == 0 {
			return
		}
		kernel, sum := make([]float64, 2*r+1), 0.0
		for i := range kernel {
			kernel[i] = math.Exp(-float64((i-r)*(i-r)) / (2 * sigma * sigma))
			sum += kernel[i]
		}
		line := make([]float64, n)
		for j := range m {
			for k := range 3 {
				for i := range n {
					line[i] = float64(c.pix[3*(i*along+j*across)+k])
				}
				for i := range n {
					v := 0.0
					for q, w := range kernel {
						v += w * line[min(max(i+q-r, 0), n-1)]
					}
					c.pix[3*(i*along+j*across)+k] = byte(math.Round(v / sum))
				}
			}
		}
	}
	pass(sx, c.w, c.h, 1, c.w)
	pass(sy, c.h, c.w, c.w, 1)
}
