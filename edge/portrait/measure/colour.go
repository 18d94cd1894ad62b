package measure

import "math"

// A Lab is a colour in CIELAB (D65): lightness 0 to 100, and two axes of chroma.
type Lab struct{ L, A, B float64 }

var linear = func() (t [256]float64) {
	for i := range t {
		if v := float64(i) / 255; v <= 0.04045 {
			t[i] = v / 12.92
		} else {
			t[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return t
}()

// cubes is the curve of CIELAB over 0 to 1, finely enough that no lightness is off by more than a tenth.
var cubes = func() (t [1<<13 + 1]float32) {
	for i := range t {
		t[i] = float32(cube(float64(i) / (1 << 13)))
	}
	return t
}()

func cube(t float64) float64 {
	if t > 216.0/24389 {
		return math.Cbrt(t)
	}
	return (24389.0/27*t + 16) / 116
}

// toXYZ is linear sRGB in CIE XYZ, each in shares of white (D65).
func toXYZ(r, g, b float64) (x, y, z float64) {
	return (0.4124564*r + 0.3575761*g + 0.1804375*b) / 0.95047, 0.2126729*r + 0.7151522*g + 0.0721750*b,
		(0.0193339*r + 0.1191920*g + 0.9503041*b) / 1.08883
}

// ToLab of an sRGB colour.
func ToLab(r, g, b uint8) Lab { return linearLab(linear[r], linear[g], linear[b]) }

// linearLab is a linear sRGB colour in CIELAB.
func linearLab(r, g, b float64) Lab {
	x, y, z := toXYZ(r, g, b)
	x, y, z = cube(x), cube(y), cube(z)
	return Lab{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

// The same by tables, for whole pictures: each channel's part of X, Y and Z in steps of the curve.
var parts = func() (t [3][256][3]float32) {
	for v := range 256 {
		const n = 1 << 13
		for c := range 3 {
			var rgb [3]float64
			rgb[c] = linear[v]
			x, y, z := toXYZ(rgb[0], rgb[1], rgb[2])
			t[c][v] = [3]float32{float32(x * n), float32(y * n), float32(z * n)}
		}
	}
	return t
}()

// lab is a colour as whole pictures are kept: single precision.
type lab [3]float32

func quickLab(r, g, b uint8) lab {
	pr, pg, pb := &parts[0][r], &parts[1][g], &parts[2][b]
	const top = 1 << 13
	x := cubes[min(uint32(pr[0]+pg[0]+pb[0]+0.5), top)]
	y := cubes[min(uint32(pr[1]+pg[1]+pb[1]+0.5), top)]
	z := cubes[min(uint32(pr[2]+pg[2]+pb[2]+0.5), top)]
	return lab{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

func (c lab) wide() Lab { return Lab{float64(c[0]), float64(c[1]), float64(c[2])} }

// apart is the plain distance of two colours (CIE 1976).
func (c lab) apart(d lab) float64 {
	l, a, b := float64(c[0]-d[0]), float64(c[1]-d[1]), float64(c[2]-d[2])
	return math.Sqrt(l*l + a*a + b*b)
}

// apart2 is the square of that.
func (c lab) apart2(d lab) float32 {
	l, a, b := c[0]-d[0], c[1]-d[1], c[2]-d[2]
	return l*l + a*a + b*b
}

// The luminance of OFIQ (compliance facts A1): sRGB decoded to linear light, .2126 R + .7152 G + .0722 B; 65535 is white.
var luminances = func() (t [3][256]uint32) {
	for v := range 256 {
		for c, k := range []float64{0.2126, 0.7152, 0.0722} {
			t[c][v] = uint32(math.Round(k * linear[v] * 65535 * 256))
		}
	}
	return t
}()

func luminance(r, g, b uint8) uint16 {
	return uint16(min((luminances[0][r]+luminances[1][g]+luminances[2][b]+128)>>8, 65535))
}

// Difference is how far two colours are apart to the eye: CIEDE2000 (Sharma, Wu and Dalal, 2005), 1 being just visible.
func Difference(p, q Lab) float64 {
	const deg = math.Pi / 180
	c1, c2 := math.Hypot(p.A, p.B), math.Hypot(q.A, q.B)
	m7 := math.Pow((c1+c2)/2, 7)
	g := 0.5 * (1 - math.Sqrt(m7/(m7+6103515625))) // 25^7
	a1, a2 := p.A*(1+g), q.A*(1+g)
	c1, c2 = math.Hypot(a1, p.B), math.Hypot(a2, q.B)
	hue := func(a, b float64) float64 {
		if a == 0 && b == 0 {
			return 0
		}
		h := math.Atan2(b, a) / deg
		if h < 0 {
			h += 360
		}
		return h
	}
	h1, h2 := hue(a1, p.B), hue(a2, q.B)
	dh, h := 0.0, h1+h2
	if c1*c2 != 0 {
		switch dh = h2 - h1; {
		case dh > 180:
			dh -= 360
		case dh < -180:
			dh += 360
		}
		switch {
		case math.Abs(h1-h2) <= 180:
			h /= 2
		case h < 360:
			h = (h + 360) / 2
		default:
			h = (h - 360) / 2
		}
	}
	dl, dc := q.L-p.L, c2-c1
	dH := 2 * math.Sqrt(c1*c2) * math.Sin(dh/2*deg)
	l, c := (p.L+q.L)/2, (c1+c2)/2
	t := 1 - 0.17*math.Cos((h-30)*deg) + 0.24*math.Cos(2*h*deg) + 0.32*math.Cos((3*h+6)*deg) - 0.20*math.Cos((4*h-63)*deg)
	turn := 30 * math.Exp(-math.Pow((h-275)/25, 2))
	c7 := math.Pow(c, 7)
	rc := 2 * math.Sqrt(c7/(c7+6103515625))
	sl := 1 + 0.015*(l-50)*(l-50)/math.Sqrt(20+(l-50)*(l-50))
	sc, sh := 1+0.045*c, 1+0.015*c*t
	rt := -math.Sin(2*turn*deg) * rc
	return math.Sqrt(dl/sl*dl/sl + dc/sc*dc/sc + dH/sh*dH/sh + rt*dc/sc*dH/sh)
}

// A Spread gathers colours and tells how far they scatter.
type Spread struct {
	n         float64
	sum, sum2 Lab
}

// Add a pixel.
func (s *Spread) Add(r, g, b uint8) { s.add(ToLab(r, g, b)) }

func (s *Spread) add(c Lab) {
	s.n++
	s.sum = Lab{s.sum.L + c.L, s.sum.A + c.A, s.sum.B + c.B}
	s.sum2 = Lab{s.sum2.L + c.L*c.L, s.sum2.A + c.A*c.A, s.sum2.B + c.B*c.B}
}

// Count of pixels added.
func (s *Spread) Count() int { return int(s.n) }

// Deviation is the standard deviation of lightness and of the two axes of chroma; 0 of nothing.
func (s *Spread) Deviation() Lab {
	if s.n == 0 {
		return Lab{}
	}
	d := func(sum, sum2 float64) float64 { return math.Sqrt(max(sum2/s.n-sum*sum/s.n/s.n, 0)) }
	return Lab{d(s.sum.L, s.sum2.L), d(s.sum.A, s.sum2.A), d(s.sum.B, s.sum2.B)}
}
