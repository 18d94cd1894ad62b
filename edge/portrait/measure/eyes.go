package measure

import "math"

// Eyes are what is seen in and before the eyes, and between the lips. Shares are of the worse of the two.
type Eyes struct {
	Red   Number // share of an iris that is red
	Glare Number // largest white spot within 1.5 radii of an iris / eye zone
	Tint  Number // luminance below an eye, where a lens would be / of the cheek under it; the darker side
	Teeth Number // share of the mouth that is as bright as teeth, between the lips
}

// Eyes measures the eyes. Glare and Tint mean something where glasses are worn, and only there.
func (s *Scene) Eyes() Eyes {
	v, why := s.view()
	if v == nil {
		none := unknown(why)
		return Eyes{none, none, none, none}
	}
	return Eyes{Red: v.red(), Glare: v.glare(), Tint: v.tint(), Teeth: v.teeth()}
}

// red counts R > 80 and R > 1.5 times G and B, as the compliance facts have it, and besides G < 1.35 B: without that a brown
// iris is a red one. A pupil that mirrors a flash has hardly more green than blue, brown has half as much again. The light's
// own colour is divided out by the whites of the eyes, and each pixel is the mean of those around it, so that neither a red lamp nor grain
// makes red eyes. In linear light 1.5 is 2.4, and 1.35 is 1.9.
func (v *view) red() Number {
	light, ok := v.white()
	if !ok || min(light[0], light[1], light[2]) <= 0 {
		light = [3]float64{1, 1, 1}
	}
	near := 1
	if v.eye > 80 {
		near = 2
	}
	worst, known := 0.0, false
	var where [][2]float64
	for side := range 2 {
		r := v.points.irisRadius(side)
		n, reds := 0.0, 0.0
		v.each(v.disk(side, 1), markIris, func(i int) {
			n++
			mean := v.mean(i, near)
			if mean[0] < linear[80] {
				return
			}
			for c := range mean {
				mean[c] /= light[c]
			}
			if mean[0] > 2.4*max(mean[1], mean[2]) && mean[1] < 1.9*mean[2] {
				reds++
			}
		})
		if n < 0.35*math.Pi*r*r || n < 12 {
			continue // mostly behind the lids
		}
		if known = true; reds/n >= worst {
			worst, where = reds/n, v.disk(side, 1).corners()
		}
	}
	if !known {
		return unknown("the irises cannot be seen")
	}
	return number(worst, v.at(where)...)
}

// mean is the linear colour of a pixel and of those up to r away each way.
func (v *view) mean(i, r int) (rgb [3]float64) {
	x, y, n := i%v.w, i/v.w, 0.0
	for yy := max(y-r, 0); yy <= min(y+r, v.h-1); yy++ {
		for xx := max(x-r, 0); xx <= min(x+r, v.w-1); xx++ {
			at := v.pix[3*(yy*v.w+xx):]
			for c := range rgb {
				rgb[c] += linear[at[c]]
			}
			n++
		}
	}
	for c := range rgb {
		rgb[c] /= n
	}
	return rgb
}

// disk is the box around k radii of an iris.
func (v *view) disk(side int, k float64) Box {
	c, r := v.points[Iris+side], k*v.points.irisRadius(side)
	return Box{c[0] - r, c[1] - r, c[0] + r, c[1] + r}
}

// glare looks for white within 1.5 radii of an iris, whether on the eye or before it.
func (v *view) glare() Number {
	white := luminance(250, 250, 250)
	worst := -1.0
	var where Box
	for side := range 2 {
		c, r := v.points[Iris+side], 1.5*v.points.irisRadius(side)
		zone := 0
		v.each(v.eyeZone(side), markEyeL<<side, func(int) { zone++ })
		if zone < 30 {
			continue
		}
		size, box := v.blob(v.disk(side, 1.5), func(i int) bool {
			at := [2]float64{float64(i%v.w) + 0.5, float64(i/v.w) + 0.5}
			return v.lum[i] >= white && distance(at, c) <= r
		})
		if size == 0 {
			box = v.disk(side, 1.5)
		}
		if share := float64(size) / float64(zone); share > worst {
			worst, where = share, box
		}
	}
	if worst < 0 {
		return unknown(fewEyes)
	}
	return number(worst, v.at(where.corners())...)
}

// tint compares the skin just below each eye with the cheek under it: a lens covers the one and not the other.
func (v *view) tint() Number {
	least := math.Inf(1)
	var where Box
	for side := range 2 {
		mean := func(b Box, m mark) (sum, n float64) {
			v.each(b, m, func(i int) { sum, n = sum+float64(v.lum[i]), n+1 })
			return sum, n
		}
		lens, n := mean(v.lens(side), markLensL<<side)
		cheek, m := mean(v.cheek(side), markCheekL<<side)
		if n < 30 || m < 30 || cheek == 0 {
			continue
		}
		if ratio := lens / n / (cheek / m); ratio < least {
			least, where = ratio, v.lens(side)
		}
	}
	if math.IsInf(least, 1) {
		return unknown(noSkin)
	}
	return number(least, v.at(where.corners())...)
}

// teeth counts, between the lips, what is at least half as bright as the whites of the eyes and hardly coloured. The share is
// of the whole mouth: between closed lips there is nothing to take a share of.
func (v *view) teeth() Number {
	white := v.whiteness()
	if !white.Known {
		return white
	}
	least := uint16(min(0.5*white.Value, 1) * 65535)
	lips := v.points.lips()
	box := around(lips)
	n, bright := 0.0, 0.0
	v.each(box, markMouth, func(i int) {
		n++
		if v.marks[i]&markGap == 0 || v.lum[i] < least {
			return
		}
		r, g, b := int(v.pix[3*i]), int(v.pix[3*i+1]), int(v.pix[3*i+2])
		if high, low := max(r, g, b), min(r, g, b); 100*(high-low) <= 30*high {
			bright++
		}
	})
	if n < 50 {
		return unknown("the mouth has too few pixels")
	}
	return number(bright/n, v.at(lips)...)
}
