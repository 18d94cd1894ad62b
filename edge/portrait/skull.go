package portrait

import (
	"math"

	"github.com/professionalaistudio/studio/edge/portrait/document"
	"github.com/professionalaistudio/studio/edge/portrait/face"
	"github.com/professionalaistudio/studio/edge/portrait/measure"
)

// What is known of heads (geometry §2). T is from the middle between the eyes to the chin.
const (
	crownOverChin = 2.00 // T from the chin to the crown of an adult's skull: eyes at half of the head
	hairDepth     = 0.30 // T: the most that hair rises above the crown
	chinOverEyes  = 1.81 // T / eye distance of 21 conformance portraits, ± .08
	chinLeast     = 1.55 // beyond these two the chin is a beard, a scarf or an open mouth, and the usual one is taken
	chinMost      = 2.05
	crownUnsure   = 0.03 // of the head's height: one sigma of a crown under hair (geometry §2.4)
	bothAxes      = 4.0  // degrees that the eyes and the nose may differ by before both are asked
)

// A skull is the head as the nets found it, in capture pixels along the axes of the face.
type skull struct {
	right, down [2]float64 // unit vectors: across the face and along it
	middle      float64    // along right
	eye, chin   float64    // along down
	crown, hair float64
	ears        float64 // between their roots
	hairKnown   bool    // the matte says where it ends
	hairCut     bool    // at the edge of the capture
	chinGuessed bool
}

// A cover tells how much of a place of the capture is the person, 0 to 1.
type cover func(x, y float64) float64

// skullOf measures a head. person may be nil: then hair is where it usually is. step is what person can tell apart, in pixels. A face that
// is not to be set upright is measured from row to row. Covered says that a hat or a scarf hides where the hair ends.
func skullOf(p *measure.Points, yaw float64, straighten bool, person cover, step float64, covered bool) skull {
	eyes, chin := middleOf(p[measure.EyeOuter], p[measure.EyeInner], p[measure.EyeOuter+1], p[measure.EyeInner+1]), p[measure.Chin]
	var s skull
	roll := 0.0
	if straighten {
		roll = rollOf(p)
	}
	s.right = [2]float64{math.Cos(roll), math.Sin(roll)}
	s.down = [2]float64{-s.right[1], s.right[0]}
	across := func(at [2]float64) float64 { return at[0]*s.right[0] + at[1]*s.right[1] }
	along := func(at [2]float64) float64 { return at[0]*s.down[0] + at[1]*s.down[1] }

	s.eye, s.chin = along(eyes), along(chin)
	left, right := middleOf(p[measure.EyeOuter], p[measure.EyeInner]), middleOf(p[measure.EyeOuter+1], p[measure.EyeInner+1])
	apart := math.Hypot(left[0]-right[0], left[1]-right[1]) / math.Max(math.Cos(yaw*math.Pi/180), 0.7)
	if t := (s.chin - s.eye) / apart; t < chinLeast || t > chinMost {
		s.chin, s.chinGuessed = s.eye+chinOverEyes*apart, true
	}
	nose := middleOf(p[measure.NoseBridge], p[measure.NoseTip])
	s.middle = 0.5*across(eyes) + 0.3*across(nose) + 0.2*across(chin) // geometry §2.5
	s.ears = math.Abs(across(p[measure.Jaw1+1]) - across(p[measure.Jaw1]))

	t := s.chin - s.eye
	s.crown = s.chin - crownOverChin*t
	s.hair = s.chin - (1+hairUp)*crownOverChin*t
	if person == nil {
		return s
	}
	top, cut, ok := s.topOf(person, math.Min(along(p[measure.Forehead]), s.eye-0.3*t), t, step)
	if !ok {
		return s
	}
	s.hair, s.hairKnown, s.hairCut = top, true, cut
	switch {
	case cut:
	case s.hair > s.crown: // bald, or a flat head
		s.crown = s.hair
	case !covered:
		s.crown = math.Min(s.crown, s.hair+hairDepth*t)
	}
	return s
}

// topOf goes up from the forehead for as long as the person is there: what hangs in the air above is a lamp. A row counts where the person is
// at least 2 % of the head's width in one piece, which leaves out single hairs; only columns within three quarters of that width of the
// middle are looked at, which leaves out raised hands. It ends where alpha falls to a half.
func (s skull) topOf(person cover, from, t, step float64) (top float64, cut, ok bool) {
	width := math.Max(s.ears, 1.2*t)
	reach, fine := 0.75*width, math.Max(step, 0.5)
	least := int(math.Ceil(0.02*width/fine)) + 1 // samples that lie so far apart
	n := int(2*reach/fine) + 1
	at := func(i int, v float64) (x, y float64) {
		u := s.middle - reach + float64(i)*fine
		return u*s.right[0] + v*s.down[0], u*s.right[1] + v*s.down[1]
	}
	strand := make([]float64, 0, least)
	whole := 0 // where a row began to be all person: the next is likely to be so there too
	// thickest is the largest alpha that so many neighbours in the row have.
	thickest := func(v float64) (most float64, inside bool) {
		_, left := at(0, v)
		_, right := at(n-1, v)
		inside = left >= 0 || right >= 0
		sure := whole+least <= n
		for i := whole; sure && i < whole+least; i++ {
			sure = person(at(i, v)) == 1
		}
		if sure {
			return 1, inside
		}
		strand = strand[:0]
		for i := range n {
			if strand = append(strand, person(at(i, v))); len(strand) > least {
				strand = append(strand[:0], strand[1:]...)
			}
			if len(strand) == least {
				low := strand[0]
				for _, a := range strand[1:] {
					low = math.Min(low, a)
				}
				if most = math.Max(most, low); most == 1 {
					whole = i + 1 - least
					return 1, inside
				}
			}
		}
		return most, inside
	}
	before := 0.0
	if before, _ = thickest(from); before <= 0.5 {
		return 0, false, false // no head here
	}
	for v := from - fine; ; v -= fine {
		now, inside := thickest(v)
		switch {
		case !inside:
			return v + fine, true, true // the picture ends and the head does not
		case now <= 0.5:
			return v + fine*(0.5-now)/math.Max(before-now, 1e-6), false, true
		}
		before = now
	}
}

// rollOf is the angle of the face in radians, clockwise as one looks at the picture: that of the eyes, or where the nose disagrees, of both.
func rollOf(p *measure.Points) float64 {
	left, right := middleOf(p[measure.EyeOuter], p[measure.EyeInner]), middleOf(p[measure.EyeOuter+1], p[measure.EyeInner+1])
	eyes := math.Atan2(right[1]-left[1], right[0]-left[0])
	bridge, chin := p[measure.NoseBridge], p[measure.Chin]
	axis := math.Atan2(bridge[0]-chin[0], chin[1]-bridge[1])
	if math.Abs(eyes-axis) > bothAxes*math.Pi/180 {
		return 0.7*eyes + 0.3*axis
	}
	return eyes
}

func middleOf(points ...[2]float64) (m [2]float64) {
	for _, p := range points {
		m[0], m[1] = m[0]+p[0]/float64(len(points)), m[1]+p[1]/float64(len(points))
	}
	return m
}

// figure is the head as a row counts it.
func (s skull) figure(top document.HeadTop) figure {
	counted := s.crown
	if top == document.HairTop {
		counted = s.hair
	}
	at := func(v float64) (x, y float64) {
		return s.middle*s.right[0] + v*s.down[0], s.middle*s.right[1] + v*s.down[1]
	}
	var f figure
	f.CrownX, f.CrownY = at(counted)
	f.ChinX, f.ChinY = at(s.chin)
	length := s.chin - counted
	f.model = model{
		skull: (s.chin - s.crown) / length, hair: (s.chin - s.hair) / length, eyes: (s.chin - s.eye) / length,
		hairMeasured: s.hairKnown, eyesMeasured: true, ears: s.ears / length, hairCut: s.hairCut,
	}
	if counted != s.hair || !s.hairKnown {
		f.unsure = crownUnsure
	}
	return f
}

// pointsOf are the points of a face in capture pixels; scale is capture pixels per pixel of the picture that was looked at.
func pointsOf(l *face.Look, scale float64) *measure.Points {
	var p measure.Points
	for i, at := range l.Points {
		p[i] = [2]float64{at.X * scale, at.Y * scale}
	}
	return &p
}
