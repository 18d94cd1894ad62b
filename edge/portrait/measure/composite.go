package measure

import "math"

// Fringe is how far the rim of a person who was put on a new colour is from what it should be: the pure colour just inside
// mixed with the new one, by the matte. CIEDE2000, the mean over the rim. A wall that shines through hair makes it large.
//
// picture is the finished one and alpha the matte it was made with, of the same size; behind is the new colour. The mixing
// may have been done in linear light or in coded values: the nearer of the two is taken.
func Fringe(p Picture, alpha *Alpha, behind [3]uint8) Number {
	if alpha == nil || alpha.Width != p.Width || alpha.Height != p.Height || len(alpha.Pix) != p.Width*p.Height || len(p.Pix) != 3*p.Width*p.Height {
		return unknown(noMatte)
	}
	const reach = 8 // pixels to look for the pure colour
	w, h := p.Width, p.Height
	scale := p.Scale
	if scale == 0 {
		scale = 1
	}
	sum, n, worst := 0.0, 0.0, 0.0
	var where [2]float64
	for y := 1; y < h-1; y += 2 {
		for x := 1 + y/2%2; x < w-1; x += 2 {
			a := int(alpha.Pix[y*w+x])
			if a < 26 || a > 229 { // .1 to .9
				continue
			}
			// Inward is where alpha grows.
			dx := float64(alpha.Pix[y*w+x+1]) - float64(alpha.Pix[y*w+x-1])
			dy := float64(alpha.Pix[(y+1)*w+x]) - float64(alpha.Pix[(y-1)*w+x])
			k := math.Hypot(dx, dy)
			if k == 0 {
				continue
			}
			pure := -1
			for d := 1; d <= reach; d++ {
				px, py := x+int(math.Round(float64(d)*dx/k)), y+int(math.Round(float64(d)*dy/k))
				if px < 0 || py < 0 || px >= w || py >= h {
					break
				}
				if alpha.Pix[py*w+px] >= 250 {
					pure = 3 * (py*w + px)
					break
				}
			}
			if pure < 0 {
				continue
			}
			here := p.Pix[3*(y*w+x):]
			share := float64(a) / 255
			var coded, light [3]float64
			for c := range 3 {
				f, b := p.Pix[pure+c], behind[c]
				coded[c] = decoded(share*float64(f) + (1-share)*float64(b))
				light[c] = share*linear[f] + (1-share)*linear[b]
			}
			is := ToLab(here[0], here[1], here[2])
			off := min(Difference(is, linearLab(coded[0], coded[1], coded[2])), Difference(is, linearLab(light[0], light[1], light[2])))
			sum, n = sum+off, n+1
			if off > worst {
				worst, where = off, [2]float64{float64(x), float64(y)}
			}
		}
	}
	if n < 20 {
		return unknown("the outline of the person is sharp everywhere")
	}
	const around = 12
	b := Box{(where[0] - around) * scale, (where[1] - around) * scale, (where[0] + around) * scale, (where[1] + around) * scale}
	return number(sum/n, b.corners()...)
}

// Inner is how far the hull of a face is drawn in to be surely face. At its edge lie pixels that the wall shines into, which a new
// background must change, and landmarks may be off by a few per cent: drawn in by a fifth it holds eyes, nose, mouth and cheeks.
const Inner = 0.8

// Changed is the largest difference of any channel between two pictures of one size inside the hull of the face, drawn in (Inner): the
// finished photo, and the capture resampled as it was for it, with nothing else done to it. 0 to 255.
func Changed(photo, resampled Picture, points *Points) Number {
	switch {
	case points == nil || !points.finite():
		return unknown(noFace)
	case photo.Width != resampled.Width || photo.Height != resampled.Height || len(photo.Pix) != len(resampled.Pix) ||
		len(photo.Pix) != 3*photo.Width*photo.Height:
		return unknown("the capture was not resampled to compare with")
	}
	most, seen := 0, false
	where := [2]float64{}
	outline := points.Inside()
	runs(outline, photo.Width, photo.Height, func(y, from, to int) {
		seen = true
		at := 3 * y * photo.Width
		a, b := photo.Pix[at+3*from:at+3*to], resampled.Pix[at+3*from:at+3*to]
		for i, v := range a {
			if d := absolute(int(v) - int(b[i])); d > most {
				most, where = d, [2]float64{float64(from + i/3), float64(y)}
			}
		}
	})
	if !seen {
		return unknown(noFace)
	}
	scale := photo.Scale
	if scale == 0 {
		scale = 1
	}
	if most == 0 {
		for i, p := range outline {
			outline[i] = [2]float64{p[0] * scale, p[1] * scale}
		}
		return number(0, outline...)
	}
	const around = 12
	b := Box{(where[0] - around) * scale, (where[1] - around) * scale, (where[0] + around) * scale, (where[1] + around) * scale}
	return number(float64(most), b.corners()...)
}
