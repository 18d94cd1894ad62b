package measure

import (
	"encoding/binary"
	"math"
	"slices"
)

// The view is the face upright at one scale, as OFIQ aligns it: 113 pixels from eye to eye. Blur, grain and shadows mean the
// same in it whatever the camera. A smaller face is left as it is, for what enlarging makes up is not measured.
const (
	viewEye   = 113.0 // pixels between the eyes (compliance facts A1)
	viewMouth = 130.0 // from the eyes to the mouth there; the larger of the two scales counts, so that a turned face is not blown up
	viewSide  = 1.45  // eye distances from the middle of the eyes to either side: ears and all
	viewAbove = 1.15  // above: the forehead
	viewBelow = 1.95  // below: the chin is at 1.81
)

// Marks of a view's pixels: which part of the face they belong to.
type mark uint16

const (
	markFace    mark = 1 << iota // inside the hull of the points
	markSkin                     // of it, what is neither eye, brow, mouth nor nostril
	markEyeL                     // the box of an eye, grown by a twentieth of the eye distance: OFIQ's eye zone
	markEyeR                     //
	markOpen                     // between the lids
	markWhite                    // of it, outside the iris
	markIris                     // of it, inside
	markBrow                     //
	markMouth                    // inside the outer lips, grown
	markGap                      // between the lips
	markCheekL                   // OFIQ's squares
	markCheekR                   //
	markInner                    // well inside the hull, above the mouth: where a shadow is not the turning of the head
	markLensL                    // below an eye, where a lens would be
	markLensR                    //
	markOutside                  // beyond the edge of the picture
)

type view struct {
	w, h   int
	pix    []byte   // RGB
	lum    []uint16 // linear luminance, 65535 is white
	marks  []mark
	eye    float64      // pixels between the eyes, at most viewEye
	step   float64      // picture pixels per pixel of the view
	origin [2]float64   // of the view in the picture
	right  [2]float64   // one pixel to the right, in the picture
	points Points       // in the view
	face   [][2]float64 // their hull
	scale  float64      // of the picture
	inside bool         // all of it lies in the picture, as it nearly always does
}

// newView cuts the face out of a picture: each pixel is the mean of up to 3 × 3 of those it covers.
func newView(p Picture, points *Points) *view {
	eyes := points.eyes()
	across := points.eyeDistance()
	span := points.span()
	v := &view{scale: p.Scale, step: max(span/viewEye, 1)}
	v.eye = span / v.step
	v.w, v.h = int(2*viewSide*v.eye), int((viewAbove+viewBelow)*v.eye)
	l, r := points.eye(Left), points.eye(Right)
	v.right = [2]float64{(r[0] - l[0]) / across * v.step, (r[1] - l[1]) / across * v.step}
	v.origin = eyes
	v.origin = v.toPicture([2]float64{-viewSide * v.eye, -viewAbove * v.eye})
	for i := range points {
		v.points[i] = v.fromPicture(points[i])
	}
	v.face = v.points.hull()
	v.sample(p)
	v.lum = uint16s.take(v.w * v.h)
	for i := range v.lum {
		v.lum[i] = luminance(v.pix[3*i], v.pix[3*i+1], v.pix[3*i+2])
	}
	v.mark()
	return v
}

func (v *view) wipe() {
	uint8s.give(v.pix)
	uint16s.give(v.lum)
	marks.give(v.marks)
	*v = view{}
}

func (v *view) toPicture(p [2]float64) [2]float64 {
	return [2]float64{v.origin[0] + p[0]*v.right[0] - p[1]*v.right[1], v.origin[1] + p[0]*v.right[1] + p[1]*v.right[0]}
}

func (v *view) fromPicture(p [2]float64) [2]float64 {
	dx, dy, k := p[0]-v.origin[0], p[1]-v.origin[1], v.step*v.step
	return [2]float64{(dx*v.right[0] + dy*v.right[1]) / k, (dy*v.right[0] - dx*v.right[1]) / k}
}

// at puts an outline of the view into capture pixels.
func (v *view) at(outline [][2]float64) [][2]float64 {
	out := make([][2]float64, len(outline))
	for i, p := range outline {
		q := v.toPicture(p)
		out[i] = [2]float64{q[0] * v.scale, q[1] * v.scale}
	}
	return out
}

// sample fills the pixels. Places are in 1/65536 of a picture pixel; taps that fall outside are those at the edge.
func (v *view) sample(p Picture) {
	v.pix, v.marks = uint8s.take(3*v.w*v.h), marks.take(v.w*v.h)
	const one = 1 << 16
	n := min(max(int(math.Round(v.step)), 1), 3)
	fixed := func(f float64) int { return int(math.Round(f * one)) }
	// The n × n taps of a pixel, in whole pixels of the picture from the one under its top left corner, and where its middle is.
	middle := [2]int{fixed((v.right[0] - v.right[1]) / 2), fixed((v.right[1] + v.right[0]) / 2)}
	taps, offsets := make([][2]int, 0, n*n), make([]int, 0, n*n)
	for i := range n {
		for j := range n {
			at := [2]float64{(float64(j) + 0.5) / float64(n), (float64(i) + 0.5) / float64(n)}
			tap := [2]int{int(math.Floor(at[0]*v.right[0] - at[1]*v.right[1])), int(math.Floor(at[0]*v.right[1] + at[1]*v.right[0]))}
			taps, offsets = append(taps, tap), append(offsets, 3*(tap[1]*p.Width+tap[0]))
		}
	}
	inside := true
	for _, corner := range v.all().corners() {
		at := v.toPicture(corner)
		rim := v.step + 2
		inside = inside && at[0] >= rim && at[1] >= rim && at[0] < float64(p.Width)-rim && at[1] < float64(p.Height)-rim
	}
	v.inside = inside
	dx, dy := fixed(v.right[0]), fixed(v.right[1])
	for y := range v.h {
		start := v.toPicture([2]float64{0, float64(y)})
		x0, y0 := fixed(start[0]), fixed(start[1])
		row := v.pix[3*y*v.w:][:3*v.w]
		if n == 1 && inside {
			p.line(row, x0+middle[0]-one/2, y0+middle[1]-one/2, dx, dy)
			continue
		}
		for x := range v.w {
			bx, by := x0+x*dx, y0+x*dy
			if !inside {
				if px, py := bx>>16, by>>16; uint(px) >= uint(p.Width) || uint(py) >= uint(p.Height) {
					v.marks[y*v.w+x] = markOutside
					continue
				}
			}
			if n == 1 {
				between(row[3*x:3*x+3], p, bx+middle[0]-one/2, by+middle[1]-one/2)
				continue
			}
			var r, g, b int
			px, py := bx>>16, by>>16
			start := 3 * (py*p.Width + px)
			for i, offset := range offsets {
				at := start + offset
				if !inside {
					at = 3 * (min(max(py+taps[i][1], 0), p.Height-1)*p.Width + min(max(px+taps[i][0], 0), p.Width-1))
				}
				from := p.Pix[at : at+3 : at+3]
				r, g, b = r+int(from[0]), g+int(from[1]), b+int(from[2])
			}
			row[3*x], row[3*x+1], row[3*x+2] = mean(r, n), mean(g, n), mean(b, n)
		}
	}
}

// line fills a row from places that lie dx and dy apart, all of them well inside the picture: what between does, without looking at edges.
func (p Picture) line(row []byte, x, y, dx, dy int) {
	// The first pixel of eight bytes, red and blue as the halves of a number, and the second.
	first := func(a uint64) uint64 { return a&255 | a<<16&(255<<32) }
	second := func(a uint64) uint64 { return a>>24&255 | a>>8&(255<<32) }
	for ; len(row) >= 3; row, x, y = row[3:], x+dx, y+dy {
		fx, fy := uint64(x>>8&255), uint64(y>>8&255)
		start := 3 * (y>>16*p.Width + x>>16)
		at, under := binary.LittleEndian.Uint64(p.Pix[start:]), binary.LittleEndian.Uint64(p.Pix[start+3*p.Width:])
		top := first(at)*(256-fx) + second(at)*fx
		low := first(under)*(256-fx) + second(under)*fx
		both := top*(256-fy) + low*fy + (1<<15 | 1<<47)
		green := (at>>8&255*(256-fx)+at>>32&255*fx)*(256-fy) + (under>>8&255*(256-fx)+under>>32&255*fx)*fy + 1<<15
		row[0], row[1], row[2] = byte(both>>16), byte(green>>16), byte(both>>48)
	}
}

// between mixes the four pixels around a place. Red and blue are mixed at once, in the halves of a number.
func between(out []byte, p Picture, x, y int) {
	x, y = min(max(x, 0), (p.Width-1)<<16-1), min(max(y, 0), (p.Height-1)<<16-1)
	fx, fy := uint64(x>>8&255), uint64(y>>8&255)
	start := 3 * (y>>16*p.Width + x>>16)
	at, under := (*[6]byte)(p.Pix[start:]), (*[6]byte)(p.Pix[start+3*p.Width:])
	top := (uint64(at[0])|uint64(at[2])<<32)*(256-fx) + (uint64(at[3])|uint64(at[5])<<32)*fx
	low := (uint64(under[0])|uint64(under[2])<<32)*(256-fx) + (uint64(under[3])|uint64(under[5])<<32)*fx
	both := top*(256-fy) + low*fy + (1<<15 | 1<<47)
	green := (uint64(at[1])*(256-fx)+uint64(at[4])*fx)*(256-fy) + (uint64(under[1])*(256-fx)+uint64(under[4])*fx)*fy + 1<<15
	to := (*[3]byte)(out)
	to[0], to[1], to[2] = byte(both>>16), byte(green>>16), byte(both>>48)
}

// mark says of every pixel what it belongs to.
func (v *view) mark() {
	p, e := &v.points, v.eye
	v.fill(v.face, markFace)
	middle := mid(p.eyes(), mid(p[MouthCorner], p[MouthCorner+Right]))
	v.fill(about(v.face, middle, 0.85), markInner)
	v.fill(about(p.lips(), mid(p[MouthCorner], p[MouthCorner+Right]), 1.25), markMouth)
	v.fill(p.gap(), markGap)
	for side := range 2 {
		lids := p.lids(side)
		v.fill(v.eyeZone(side).corners(), markEyeL<<side)
		v.fill(lids, markOpen)
		v.disc(p[Iris+side], 1.15*p.irisRadius(side), markIris)
		v.fill(v.brow(side), markBrow)
		v.fill(v.cheek(side).corners(), markCheekL<<side)
		v.fill(v.lens(side).corners(), markLensL<<side)
	}
	nose := p[NoseBase]
	v.fill(Box{p[NoseWing][0], nose[1] - 0.16*e, p[NoseWing+Right][0], nose[1] + 0.08*e}.corners(), markMouth)
	low := (nose[1] + mid(p[MouthCorner], p[MouthCorner+Right])[1]) / 2
	// All of these marks lie within the face or around its eyes.
	here := around(slices.Concat(v.face, v.eyeZone(Left).corners(), v.eyeZone(Right).corners(), v.disk(Left, 1.3).corners(), v.disk(Right, 1.3).corners()))
	if !v.inside {
		here = v.all()
	}
	for y := max(int(here.Y0), 0); y < min(int(here.Y1)+1, v.h); y++ {
		for x := max(int(here.X0), 0); x < min(int(here.X1)+1, v.w); x++ {
			m := &v.marks[y*v.w+x]
			if *m&markOpen != 0 && *m&markIris == 0 {
				*m |= markWhite
			}
			if *m&markOpen == 0 {
				*m &^= markIris
			}
			if *m&markOutside != 0 {
				*m = markOutside
			}
			if *m&markFace != 0 && *m&(markEyeL|markEyeR|markBrow|markMouth) == 0 {
				*m |= markSkin
			}
			if *m&markSkin == 0 || float64(y) > low {
				*m &^= markInner
			}
		}
	}
}

// eyeZone is OFIQ's: the box of an eye, grown by a twentieth of the eye distance.
func (v *view) eyeZone(side int) Box {
	zone := around(v.points.lids(side))
	grow := math.Floor(v.eye / 20)
	return Box{zone.X0 - grow, zone.Y0 - grow, zone.X1 + grow, zone.Y1 + grow}
}

// brow is the strip of a brow, whose upper edge is what the points give.
func (v *view) brow(side int) [][2]float64 {
	var upper, lower [][2]float64
	for at := Brow1; at <= Brow5; at += 2 {
		p := v.points[at+side]
		upper = append(upper, [2]float64{p[0], p[1] - 0.06*v.eye})
		lower = append(lower, [2]float64{p[0], p[1] + 0.17*v.eye})
	}
	slices.Reverse(lower)
	return append(upper, lower...)
}

// cheek is OFIQ's square for the evenness of light and the colour of skin: its side .3 of the eye distance, its top halfway
// from the eyes to the mouth, the left one left of its eye and the right one right of it.
func (v *view) cheek(side int) Box {
	eye := v.points.eye(side)
	mouth := mid(v.points[MouthCorner], v.points[MouthCorner+Right])
	a := 0.3 * v.eye
	top := (v.points.eyes()[1] + mouth[1]) / 2
	left := eye[0]
	if side == Left {
		left -= a
	}
	return Box{left, top, left + a, top + a}
}

// lens is what a lens would cover below an eye: from the lower lid a fifth of the eye distance down.
func (v *view) lens(side int) Box {
	eye := v.points.eye(side)
	low := v.points[LidLower4+side][1]
	return Box{eye[0] - 0.2*v.eye, low + 0.08*v.eye, eye[0] + 0.2*v.eye, low + 0.2*v.eye}
}
