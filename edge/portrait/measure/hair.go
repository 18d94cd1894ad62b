package measure

import "math"

// Hair is what covers the face, told by colour: a pixel that is much nearer to the hair above the forehead than to the skin
// of the cheeks counts as hair. A shadow, a frame of glasses or a brow of the same colour would count too, so these say where
// to look and are no parsing of the face. Where hair and skin are alike nothing is said at all.
type Hair struct {
	Eyes     Number // share of the skin around the eyes, from the brows to a fifth of the eye distance below, that is hair
	Brows    Number // share of the strip above the brows that is hair; the brow that shows less
	Face     Number // share of the face between brows and nose that is hair
	Ears     Number // share of the place of an ear that is skin; the ear that shows less
	Clipped  Number // share of the skin there that the matte takes for background; the worse ear
	Contrast Number // distance of hair and skin in CIELAB
}

// hairs are the colours that hair and skin are told by.
type hairs struct {
	hair, skin lab
	why        string
}

// leastContrast is how far hair and skin must be apart: a shadow on skin is some 20 away from it.
const leastContrast = 22.0

// Hair measures what covers the face. It needs the matte, to find the hair.
func (s *Scene) Hair() Hair {
	v, why := s.view()
	var ground *small
	if v != nil {
		ground, why = s.small()
	}
	if v == nil || ground == nil {
		none := unknown(why)
		return Hair{none, none, none, none, none, none}
	}
	c := v.colours(ground)
	if c.why != "" {
		none := unknown(c.why)
		return Hair{Eyes: none, Brows: none, Face: none, Ears: none, Clipped: none, Contrast: none}
	}
	h := Hair{Contrast: number(c.hair.apart(c.skin))}
	if h.Contrast.Value < leastContrast {
		none := unknown(noHair)
		h.Eyes, h.Brows, h.Face, h.Ears, h.Clipped = none, none, none, none, none
		return h
	}
	h.Eyes, h.Brows, h.Face = v.hairOver(c)
	h.Ears, h.Clipped = s.ears(v, ground, c)
	return h
}

// colours takes the skin from the cheeks and the hair from what the matte has above the forehead.
func (v *view) colours(g *small) (c hairs) {
	// Their room is there from the start: what append leaves behind nobody overwrites.
	skin, hair := labs.take(v.w * v.h / 16)[:0], labs.take(g.w * g.h)[:0]
	for side := range 2 {
		v.each(v.cheek(side), markCheekL<<side, func(i int) {
			if i%2 == 0 && len(skin) < cap(skin) {
				skin = append(skin, quickLab(v.pix[3*i], v.pix[3*i+1], v.pix[3*i+2]))
			}
		})
	}
	defer func() { labs.give(skin, hair) }()
	if len(skin) < 32 {
		c.why = noSkin
		return c
	}
	top := v.points[Forehead][1] - 0.12*v.eye
	middle, half := v.points.eyes()[0], 0.45*distance(v.points[Jaw1], v.points[Jaw1+Right])
	for y := range g.h {
		for x := range g.w {
			i := y*g.w + x
			if g.alpha[i] < 250 || g.in[i] < 2*oneCell {
				continue
			}
			p := v.fromPicture([2]float64{g.x0 + (float64(x)+0.5)*g.cell, g.y0 + (float64(y)+0.5)*g.cell})
			if p[1] < top && math.Abs(p[0]-middle) < half {
				hair = append(hair, g.lab[i])
			}
		}
	}
	if len(hair) < 12 {
		c.why = "no hair is seen above the forehead"
		return c
	}
	if c.skin, c.hair = medianLab(skin), medianLab(hair); c.hair[0] > c.skin[0]-10 {
		c.why = "the hair is not darker than the skin, so a highlight would pass for hair"
	}
	return c
}

// like says whether a colour is that of the hair rather than that of the skin, by a factor of two.
func (c hairs) like(p lab) bool { return p.apart2(c.hair) < 0.25*p.apart2(c.skin) }

func (v *view) lab(i int) lab { return quickLab(v.pix[3*i], v.pix[3*i+1], v.pix[3*i+2]) }

// hairOver counts hair around the eyes, above the brows and on the face above the nose, where no beard grows.
func (v *view) hairOver(c hairs) (eyes, brows, face Number) {
	p, e := &v.points, v.eye
	n, hair := 0, 0
	count := func(i int) {
		if v.marks[i]&markOutside == 0 {
			if n++; c.like(v.lab(i)) {
				hair++
			}
		}
	}
	share := func() float64 { return float64(hair) / float64(max(n, 1)) }
	worst := func(a, b Number) Number {
		if !a.Known || b.Known && b.Value > a.Value {
			return b
		}
		return a
	}
	eyes, brows = unknown(noSkin), unknown(noSkin)
	for side := range 2 {
		low := p[LidLower4+side][1] + 0.2*e
		zone := Box{min(p[EyeOuter+side][0], p[EyeInner+side][0]), p[Brow3+side][1], max(p[EyeOuter+side][0], p[EyeInner+side][0]), low}
		n, hair = 0, 0
		if v.each(zone, markSkin, count); n > 40 {
			eyes = worst(eyes, number(share(), v.at(zone.corners())...))
		}
		var upper, lower [][2]float64
		for i := Brow1; i <= Brow5; i += 2 {
			upper = append([][2]float64{{p[i+side][0], p[i+side][1] - 0.22*e}}, upper...)
			lower = append(lower, [2]float64{p[i+side][0], p[i+side][1] - 0.09*e})
		}
		strip := append(lower, upper...)
		n, hair = 0, 0
		if v.scan(strip, count); n > 40 {
			brows = worst(brows, number(share(), v.at(strip)...))
		}
	}
	top, low := mid(p[Brow3], p[Brow3+Right])[1]+0.1*e, p[NoseBase][1]
	middle := mid(p[Jaw1], p[Jaw1+Right])[0]
	wide := 0.40 * distance(p[Jaw1], p[Jaw1+Right])
	zone := Box{middle - wide, top, middle + wide, low}
	face = unknown(noSkin)
	n, hair = 0, 0
	if v.each(zone, markSkin, count); n > 200 {
		face = number(share(), v.at(zone.corners())...)
	}
	return eyes, brows, face
}

// ears looks where an ear is: from its root outward by .22 of the eye distance, .3 above the root to .2 below.
func (s *Scene) ears(v *view, g *small, c hairs) (visible, clipped Number) {
	p, e := &v.points, v.eye
	wall, walls := g.colour()
	visible, clipped = unknown("the ears lie beyond the picture"), unknown("the ears are not seen")
	for side := range 2 {
		root := p[Jaw1+side]
		zone := Box{root[0] - 0.22*e, root[1] - 0.3*e, root[0] - 0.02*e, root[1] + 0.2*e}
		if side == Right {
			zone = Box{root[0] + 0.02*e, root[1] - 0.3*e, root[0] + 0.22*e, root[1] + 0.2*e}
		}
		n, skin, like, lost := 0.0, 0.0, 0.0, 0.0
		for y := max(int(zone.Y0), 0); y < min(int(zone.Y1)+1, v.h); y++ {
			for x := max(int(zone.X0), 0); x < min(int(zone.X1)+1, v.w); x++ {
				i := y*v.w + x
				if v.marks[i]&markOutside != 0 {
					continue
				}
				n++
				here := v.lab(i)
				alpha := s.matteAt(v.toPicture([2]float64{float64(x) + 0.5, float64(y) + 0.5}))
				near := here.apart(c.skin) < here.apart(c.hair)
				if alpha >= half && near {
					skin++
				}
				if near && here.apart(c.skin) < 14 && here.apart(wall) > here.apart(c.skin) {
					if like++; alpha < half/2 { // the rim of a right matte is mixed
						lost++
					}
				}
			}
		}
		if n < 60 {
			continue
		}
		if share := skin / n; !visible.Known || share < visible.Value {
			visible = number(share, v.at(zone.corners())...)
		}
		switch {
		case !walls:
			clipped = unknown(noWall)
		case wall.apart(c.skin) < leastContrast:
			clipped = unknown("the background has nearly the colour of skin")
		case like > 0.15*n:
			if share := lost / like; !clipped.Known || share > clipped.Value {
				clipped = number(share, v.at(zone.corners())...)
			}
		}
	}
	return visible, clipped
}

// matteAt is the alpha at a point of the picture, 0 beyond the matte.
func (s *Scene) matteAt(p [2]float64) uint8 {
	f := s.alpha.Field
	if f.empty() {
		f = Box{0, 0, float64(s.picture.Width), float64(s.picture.Height)}
	}
	x := (p[0] - f.X0) / (f.X1 - f.X0) * float64(s.alpha.Width)
	y := (p[1] - f.Y0) / (f.Y1 - f.Y0) * float64(s.alpha.Height)
	if x < 0 || y < 0 || x >= float64(s.alpha.Width) || y >= float64(s.alpha.Height) {
		return 0
	}
	return s.alpha.Pix[int(y)*s.alpha.Width+int(x)]
}
