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

// ToLab of an sRGB colour.
func ToLab(r, g, b uint8) Lab {
	lr, lg, lb := linear[r], linear[g], linear[b]
	f := func(t float64) float64 {
		if t > 216.0/24389 {
			return math.Cbrt(t)
		}
		return (24389.0/27*t + 16) / 116
	}
	x := f((0.4124564*lr + 0.3575761*lg + 0.1804375*lb) / 0.95047)
	y := f(0.2126729*lr + 0.7151522*lg + 0.0721750*lb)
	z := f((0.0193339*lr + 0.1191920*lg + 0.9503041*lb) / 1.08883)
	return Lab{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

// A Spread gathers colours and tells how far they scatter.
type Spread struct {
	n         float64
	sum, sum2 Lab
}

// Add a pixel.
func (s *Spread) Add(r, g, b uint8) {
	c := ToLab(r, g, b)
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
