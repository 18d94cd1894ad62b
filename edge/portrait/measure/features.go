package measure

import "math"

// Features are what the places of a face's points tell. Lengths are in pixels of the picture; shares are of OFIQ's T, the way
// from the middle between the eyes to the chin, or of the distance between the eyes.
type Features struct {
	EyeDistance Number // px between the middles of the eyes (OFIQ InterEyeDistance, before the division by cos yaw)
	EyesOpen    Number // opening of the less open eye / T (OFIQ EyesOpen)
	MouthOpen   Number // gap between the lips / T (OFIQ MouthClosed)
	Gaze        Number // how far the irises are right of the middle of their eyes / width of an eye: −.5 to .5
	GazeApart   Number // difference of the two: more than the gaze itself in a squint or where an iris was not found
	Smile       Number // how far the corners of the mouth are above its middle / T
	BrowRaise   Number // brows above the eyes / eye distance
	BrowGap     Number // between the inner ends of the brows / eye distance
	Chin        Number // T / eye distance: 1.81 ± .08 on a face seen from the front (geometry facts, 2.2)
	EarToEar    Number // px between the roots of the ears
	Face        Number // px² inside the outline of all points, which is its At
}

// Measure takes the features of a face. Places to draw are in capture pixels: scale is capture pixels per pixel of the points.
func (p *Points) Measure(scale float64) Features {
	if p == nil || !p.finite() {
		none := unknown(noFace)
		return Features{none, none, none, none, none, none, none, none, none, none, none}
	}
	at := func(places ...[2]float64) [][2]float64 {
		for i, q := range places {
			places[i] = [2]float64{q[0] * scale, q[1] * scale}
		}
		return places
	}
	e, t := p.eyeDistance(), p.length()
	l, r := p.eye(Left), p.eye(Right)
	ux, uy := (r[0]-l[0])/e, (r[1]-l[1])/e // along the eyes, to the right
	// along and below measure from one point to another in the face's own directions.
	along := func(a, b [2]float64) float64 { return (b[0]-a[0])*ux + (b[1]-a[1])*uy }
	below := func(a, b [2]float64) float64 { return (b[1]-a[1])*ux - (b[0]-a[0])*uy }
	eyes := at(p[EyeOuter], p[EyeInner], p[EyeInner+Right], p[EyeOuter+Right])

	var f Features
	f.EyeDistance = number(e, at(l, r)...)
	open := math.Inf(1)
	for side := range 2 {
		widest := 0.0
		for i := LidUpper2; i <= LidUpper6; i += 2 {
			widest = max(widest, distance(p[i+side], p[i+side+LidLower1-LidUpper1]))
		}
		open = min(open, widest)
	}
	f.EyesOpen = number(open/t, eyes...)
	gap := 0.0
	for _, pair := range [][2]int{{LipInnerUpper, LipInnerLower}, {LipInnerUpper1, LipInnerLower1}, {LipInnerUpper1 + Right, LipInnerLower1 + Right}} {
		gap = max(gap, distance(p[pair[0]], p[pair[1]]))
	}
	mouth := at(p.lips()...)
	f.MouthOpen = number(gap/t, mouth...)
	if open/t < 0.015 {
		f.Gaze, f.GazeApart = unknown("the eyes are closed"), unknown("the eyes are closed")
	} else {
		var off [2]float64
		for side := range 2 {
			off[side] = along(p.eye(side), p[Iris+side]) / max(distance(p[EyeOuter+side], p[EyeInner+side]), 1)
		}
		f.Gaze = number((off[0]+off[1])/2, at(p[Iris], p[Iris+Right])...)
		f.GazeApart = number(math.Abs(off[0] - off[1]))
	}
	corners := mid(p[MouthCorner], p[MouthCorner+Right])
	f.Smile = number(below(corners, mid(p[LipOuterUpper], p[LipOuterLower]))/t, mouth...)
	raise := 0.0
	for i := Brow1; i <= Brow5; i += 2 {
		raise += below(p[i], p.eyes()) + below(p[i+Right], p.eyes())
	}
	f.BrowRaise = number(raise/10/e, at(p[Brow1], p[Brow3], p[Brow5], p[Brow5+Right], p[Brow3+Right], p[Brow1+Right])...)
	f.BrowGap = number(along(p[Brow5], p[Brow5+Right])/e, at(p[Brow5], p[Brow5+Right])...)
	f.Chin = number(t/e, at(p.eyes(), p[Chin])...)
	f.EarToEar = number(distance(p[Jaw1], p[Jaw1+Right]), at(p[Jaw1], p[Jaw1+Right])...)
	f.Face = number(area(p.hull()), at(p.hull()...)...)
	return f
}
