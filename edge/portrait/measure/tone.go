package measure

import "math"

// Tone is the colour of the light on a face.
type Tone struct {
	WhiteA  Number // CIELAB a of the whites of the eyes, at a lightness of 76: green below 0, magenta above
	WhiteB  Number // CIELAB b: blue below 0, yellow above
	Natural Number // how far the cheeks' colour is from that of skin, in CIELAB a and b (OFIQ NaturalColour)
	Chroma  Number // mean CIELAB chroma of the face, taken at a lightness of 50 where it is darker
}

// Tone measures the colour of the light on the face.
func (s *Scene) Tone() Tone {
	v, why := s.view()
	if v == nil {
		none := unknown(why)
		return Tone{none, none, none, none}
	}
	var t Tone
	t.WhiteA, t.WhiteB = v.whites()
	t.Natural = v.natural()
	t.Chroma = v.chroma()
	return t
}

// whites is the colour of the whites of the eyes, brought to half of white so that exposure does not change it.
func (v *view) whites() (a, b Number) {
	rgb, ok := v.white()
	_, y, _ := toXYZ(rgb[0], rgb[1], rgb[2])
	if !ok || y == 0 {
		return unknown(noWhites), unknown(noWhites)
	}
	c := linearLab(rgb[0]/y/2, rgb[1]/y/2, rgb[2]/y/2)
	at := v.at(append(v.points.lids(Left), v.points.lids(Right)...))
	return number(c.A, at...), number(c.B, at...)
}

// natural is OFIQ's NaturalColour: the mean colour of the two cheek squares in CIELAB (D50), and how far its a and b are
// outside 5 to 25 and 5 to 35; 100 when one of them is negative.
func (v *view) natural() Number {
	var sum [3]float64
	n := 0.0
	for side := range 2 {
		v.each(v.cheek(side), markCheekL<<side, func(i int) {
			for c := range sum {
				sum[c] += float64(v.pix[3*i+c])
			}
			n++
		})
	}
	if n < 32 {
		return unknown(noSkin)
	}
	c := labD50(decoded(sum[0]/n), decoded(sum[1]/n), decoded(sum[2]/n))
	at := v.at(append(v.cheek(Left).corners(), v.cheek(Right).corners()...))
	if c.A < 0 || c.B < 0 {
		return number(100, at...)
	}
	return number(math.Hypot(max(5-c.A, c.A-25, 0), max(5-c.B, c.B-35, 0)), at...)
}

// decoded is a coded value between 0 and 255 in linear light.
func decoded(v float64) float64 {
	if v /= 255; v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

// labD50 is linear sRGB in CIELAB under D50, by Bradford's adaptation.
func labD50(r, g, b float64) Lab {
	x := cube((0.4360747*r + 0.3850649*g + 0.1430804*b) / 0.96422)
	y := cube(0.2225045*r + 0.7168786*g + 0.0606169*b)
	z := cube((0.0139322*r + 0.0971045*g + 0.7141733*b) / 0.82521)
	return Lab{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

// chroma is the mean over every third pixel of the face each way. The same skin has less chroma in CIELAB the darker it is,
// so dark colours are taken as if they were at a lightness of 50: without that a black face would pass for a grey photo.
func (v *view) chroma() Number {
	sum, n := 0.0, 0.0
	for y := 0; y < v.h; y += 3 {
		for x := 0; x < v.w; x += 3 {
			i := y*v.w + x
			if v.marks[i]&markFace == 0 {
				continue
			}
			c := quickLab(v.pix[3*i], v.pix[3*i+1], v.pix[3*i+2])
			sum += math.Sqrt(float64(c[1]*c[1]+c[2]*c[2])) * max(1, 50/max(float64(c[0]), 5))
			n++
		}
	}
	if n < 100 {
		return unknown(fewEyes)
	}
	return number(sum/n, v.at(v.face)...)
}
