package measure

import (
	"cmp"
	"math"
	"slices"
)

// Light is how a face is lit. Luminance is linear, 0 to 1, as OFIQ's is.
type Light struct {
	White       Number // luminance of the whites of the eyes: the same on every skin, so exposure is judged by it
	Black       Number // luminance of the darkest hundredth of the face (pupils, lashes, nostrils) / White
	Over        Number // share of the face at 247 to 255 of 255 in linear light (OFIQ OverExposurePrevention)
	Under       Number // share of the face at 0 to 25 (OFIQ UnderExposurePrevention): high on dark skin, so never judged alone
	Range       Number // entropy of the face's luminance, bits (OFIQ DynamicRange): lower on dark skin, so never judged alone
	Evenness    Number // intersection of the histograms of the cheeks, 0 to 1 (OFIQ IlluminationUniformity)
	Sides       Number // luminance of the left half of the face / the right half's
	Shadow      Number // share of the upper face below half the luminance of the cheeks, seen coarsely
	Hotspot     Number // largest spot of skin at 250 and over of 255 (sRGB) / face
	EyeDistance Number // px between the eyes where all this was measured, at most 113
}

// Light measures how the face is lit.
func (s *Scene) Light() Light {
	v, why := s.view()
	if v == nil {
		none := unknown(why)
		return Light{none, none, none, none, none, none, none, none, none, none}
	}
	face := v.at(v.face)
	var counts [256]int // of the face, by luminance
	var fine [1 << 12]int
	n := 0
	v.each(around(v.face), markFace, func(i int) {
		counts[v.lum[i]>>8]++
		fine[v.lum[i]>>4]++
		n++
	})
	if n < 400 {
		none := unknown(fewEyes)
		return Light{none, none, none, none, none, none, none, none, none, none}
	}
	l := Light{White: v.whiteness(), EyeDistance: number(v.eye)}
	over, under, entropy := 0, 0, 0.0
	for y, c := range counts {
		if y >= 247 {
			over += c
		}
		if y <= 25 {
			under += c
		}
		if c > 0 {
			p := float64(c) / float64(n)
			entropy -= p * math.Log2(p)
		}
	}
	l.Over, l.Under = number(float64(over)/float64(n), face...), number(float64(under)/float64(n), face...)
	l.Range = number(entropy, face...)
	if l.White.Known {
		l.Black = number(quantile(fine[:], n, 0.01)/max(l.White.Value, 1e-3), face...)
	} else {
		l.Black = unknown(l.White.Why)
	}
	l.Evenness = v.evenness()
	l.Sides, l.Shadow = v.shadows()
	l.Hotspot = v.hotspot(n)
	return l
}

// quantile of linear luminances counted in equal steps from 0 to 1.
func quantile(counts []int, n int, q float64) float64 {
	sum := 0
	for i, c := range counts {
		if sum += c; float64(sum) > q*float64(n) {
			return (float64(i) + 0.5) / float64(len(counts))
		}
	}
	return 1
}

const leastWhites = 16 // pixels

// white is the mean linear colour of the whites of the eyes, where they can be told. Between the lids there are also lashes
// (dark), glints (bright) and the rims of the lids (as red as skin is). So of what lies between the median and nineteen
// twentieths in luminance, that half counts which has more blue for its red: whatever the light's colour, it multiplies that
// ratio everywhere alike and does not change the order.
func (v *view) white() (mean [3]float64, ok bool) {
	type one struct {
		cold float64 // blue / red
		rgb  [3]float64
	}
	var fine [1 << 12]int
	n := 0
	for side := range 2 {
		v.each(around(v.points.lids(side)), markWhite, func(i int) { fine[v.lum[i]>>4]++; n++ })
	}
	if n < leastWhites {
		return mean, false
	}
	low, high := quantile(fine[:], n, 0.5), quantile(fine[:], n, 0.95)
	found := make([]one, 0, n)
	for side := range 2 {
		v.each(around(v.points.lids(side)), markWhite, func(i int) {
			if l := float64(v.lum[i]) / 65535; l >= low && l <= high+1e-3 {
				rgb := [3]float64{linear[v.pix[3*i]], linear[v.pix[3*i+1]], linear[v.pix[3*i+2]]}
				found = append(found, one{(rgb[2] + 1e-4) / (rgb[0] + 1e-4), rgb})
			}
		})
	}
	defer clear(found)
	slices.SortFunc(found, func(p, q one) int { return cmp.Compare(q.cold, p.cold) })
	half := found[:(len(found)+1)/2]
	for _, w := range half {
		for c := range mean {
			mean[c] += w.rgb[c] / float64(len(half))
		}
	}
	return mean, len(half) > 0
}

// whiteness is the luminance of the whites of the eyes.
func (v *view) whiteness() Number {
	rgb, ok := v.white()
	if !ok {
		return unknown(noWhites)
	}
	_, y, _ := toXYZ(rgb[0], rgb[1], rgb[2])
	return number(y, v.at(append(v.points.lids(Left), v.points.lids(Right)...))...)
}

func (v *view) evenness() Number {
	var counts [2][256]float64
	var n [2]float64
	for side := range 2 {
		v.each(v.cheek(side), markCheekL<<side, func(i int) {
			counts[side][v.lum[i]>>8]++
			n[side]++
		})
	}
	if n[0] < 16 || n[1] < 16 {
		return unknown(noSkin)
	}
	both := 0.0
	for y := range 256 {
		both += min(counts[0][y]/n[0], counts[1][y]/n[1])
	}
	return number(both, v.at(append(v.cheek(Left).corners(), v.cheek(Right).corners()...))...)
}

// shadows looks at the skin above the mouth in blocks of about a thirtieth of the eye distance, each the mean of the three by
// three around it: what is left is light, not pores or lashes. The halves are divided by the line from the bridge of the nose
// to the chin, and compared by their medians.
func (v *view) shadows() (sides, share Number) {
	block := max(int(v.eye/28), 1)
	w, h := v.w/block, v.h/block
	mean := make([]float64, w*h)
	weight := make([]float64, w*h)
	for y := range h * block {
		for x := range w * block {
			if i := y*v.w + x; v.marks[i]&markInner != 0 {
				k := y/block*w + x/block
				mean[k] += float64(v.lum[i])
				weight[k]++
			}
		}
	}
	top, chin := v.points[NoseBridge], v.points[Chin]
	soft, left, right, cheeks := make([]float64, 0, w*h), make([]float64, 0, w*h), make([]float64, 0, w*h), make([]float64, 0, w*h)
	defer func() {
		for _, list := range [][]float64{mean, soft, left, right, cheeks} {
			clear(list)
		}
	}()
	for y := range h {
		for x := range w {
			if weight[y*w+x] < float64(block*block)/2 {
				continue
			}
			sum, n := 0.0, 0.0
			for yy := max(y-1, 0); yy <= min(y+1, h-1); yy++ {
				for xx := max(x-1, 0); xx <= min(x+1, w-1); xx++ {
					sum, n = sum+mean[yy*w+xx], n+weight[yy*w+xx]
				}
			}
			light := sum / n / 65535
			soft = append(soft, light)
			px, py := (float64(x)+0.5)*float64(block), (float64(y)+0.5)*float64(block)
			if axis := top[0] + (py-top[1])*(chin[0]-top[0])/max(chin[1]-top[1], 1); px < axis {
				left = append(left, light)
			} else {
				right = append(right, light)
			}
			if i := min(int(py), v.h-1)*v.w + min(int(px), v.w-1); v.marks[i]&(markCheekL|markCheekR) != 0 {
				cheeks = append(cheeks, light)
			}
		}
	}
	if len(left) < 8 || len(right) < 8 || len(cheeks) < 4 {
		return unknown(noSkin), unknown(noSkin)
	}
	face := v.at(v.face)
	// A shadow over one cheek does not make the other one bright: the brighter half of the cheeks is what the light should be.
	lit, dark := middle(upper(cheeks)), 0
	for _, l := range soft {
		if l < lit/2 {
			dark++
		}
	}
	return number(middle(left)/max(middle(right), 1e-4), face...), number(float64(dark)/float64(len(soft)), face...)
}

// hotspot is the largest spot of skin that is white, by its share of the face's n pixels.
func (v *view) hotspot(n int) Number {
	white := luminance(250, 250, 250)
	size, box := v.blob(around(v.face), func(i int) bool { return v.marks[i]&markSkin != 0 && v.lum[i] >= white })
	if size == 0 {
		return number(0, v.at(v.face)...)
	}
	return number(float64(size)/float64(n), v.at(box.corners())...)
}

// blob finds the largest connected set of pixels (of four neighbours) that is in.
func (v *view) blob(b Box, in func(i int) bool) (size int, where Box) {
	seen := bools.take(v.w * v.h)
	defer bools.give(seen)
	var stack []int
	for y := max(int(b.Y0), 0); y < min(int(b.Y1)+1, v.h); y++ {
		for x := max(int(b.X0), 0); x < min(int(b.X1)+1, v.w); x++ {
			if i := y*v.w + x; seen[i] || !in(i) {
				continue
			}
			stack = append(stack[:0], y*v.w+x)
			seen[y*v.w+x] = true
			n, x0, y0, x1, y1 := 0, x, y, x, y
			for len(stack) > 0 {
				i := stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				n++
				px, py := i%v.w, i/v.w
				x0, y0, x1, y1 = min(x0, px), min(y0, py), max(x1, px), max(y1, py)
				for _, d := range [4][2]int{{-1, 0}, {1, 0}, {0, -1}, {0, 1}} {
					qx, qy := px+d[0], py+d[1]
					if qx < 0 || qy < 0 || qx >= v.w || qy >= v.h {
						continue
					}
					if j := qy*v.w + qx; !seen[j] && in(j) {
						seen[j] = true
						stack = append(stack, j)
					}
				}
			}
			if n > size {
				size, where = n, Box{float64(x0), float64(y0), float64(x1 + 1), float64(y1 + 1)}
			}
		}
	}
	return size, where
}
