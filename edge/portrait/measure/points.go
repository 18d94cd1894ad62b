package measure

import "math"

// Points are the places of a face that the face net gives, in its order (models/training/points.py): x and y in pixels from
// the top left corner of the picture, so that the centre of its first pixel is (.5, .5). They may lie outside the picture.
type Points [105][2]float64

// The sides, of the picture and not of the person: added to a place that there is twice.
const (
	Left  = 0
	Right = 1
)

// Places that there are twice: the left one, which the right one follows.
const (
	Iris             = 0 // the middle of the pupil
	IrisOuter        = 2
	IrisTop          = 4
	IrisInner        = 6
	IrisBottom       = 8
	EyeOuter         = 10 // corner towards the temple
	LidUpper1        = 12 // from the outer corner …
	LidUpper2        = 14
	LidUpper3        = 16
	LidUpper4        = 18
	LidUpper5        = 20
	LidUpper6        = 22
	LidUpper7        = 24 // … to the inner one
	EyeInner         = 26
	LidLower1        = 28 // each under the upper of its number
	LidLower2        = 30
	LidLower3        = 32
	LidLower4        = 34
	LidLower5        = 36
	LidLower6        = 38
	LidLower7        = 40
	Brow1            = 42 // upper edge, from the temple …
	Brow2            = 44
	Brow3            = 46
	Brow4            = 48
	Brow5            = 50 // … to the nose
	NoseWing         = 55
	MouthCorner      = 57
	LipOuterUpper1   = 59
	LipOuterUpper2   = 61
	LipOuterLower1   = 64
	LipOuterLower2   = 66
	MouthInnerCorner = 69 // inner lips: where they part
	LipInnerUpper1   = 71
	LipInnerLower1   = 74
	Jaw1             = 77 // root of the ear
	Jaw2             = 79
	Jaw3             = 81
	Jaw4             = 83
	Jaw5             = 85
	Jaw6             = 87
	Jaw7             = 89
	Jaw8             = 91
	Jaw9             = 93
	Jaw10            = 95 // beside the chin
	Temple           = 98
	Forehead1        = 100
	Forehead2        = 102
)

// Places on the middle line.
const (
	NoseBridge    = 52 // between the eyes
	NoseTip       = 53
	NoseBase      = 54 // where the nose meets the lip
	LipOuterUpper = 63
	LipOuterLower = 68
	LipInnerUpper = 73
	LipInnerLower = 76
	Chin          = 97
	Forehead      = 104 // top of the forehead: below the hairline, not the crown
)

func mid(a, b [2]float64) [2]float64 { return [2]float64{(a[0] + b[0]) / 2, (a[1] + b[1]) / 2} }

func distance(a, b [2]float64) float64 { return math.Hypot(a[0]-b[0], a[1]-b[1]) }

// eye is the middle of an eye: of its two corners, as OFIQ has it.
func (p *Points) eye(side int) [2]float64 { return mid(p[EyeOuter+side], p[EyeInner+side]) }

// eyes is the middle between the two.
func (p *Points) eyes() [2]float64 { return mid(p.eye(Left), p.eye(Right)) }

// eyeDistance is between the middles of the eyes.
func (p *Points) eyeDistance() float64 { return distance(p.eye(Left), p.eye(Right)) }

// Fineness is how many pixels of the picture there are for one of the view that the face is measured in: below 1 a finer picture of it
// would tell more.
func (p *Points) Fineness() float64 { return p.span() / viewEye }

// span is the distance of the eyes, or what the way to the mouth says it would be were the face not turned.
func (p *Points) span() float64 {
	return max(p.eyeDistance(), distance(p.eyes(), mid(p[MouthCorner], p[MouthCorner+Right]))*viewEye/viewMouth)
}

// length is OFIQ's T: from the middle between the eyes to the chin.
func (p *Points) length() float64 { return distance(p.eyes(), p[Chin]) }

// irisRadius is the mean of the four points around an iris.
func (p *Points) irisRadius(side int) float64 {
	sum := 0.0
	for _, at := range []int{IrisOuter, IrisTop, IrisInner, IrisBottom} {
		sum += distance(p[Iris+side], p[at+side])
	}
	return sum / 4
}

// lids is the opening of an eye: corner, upper lid, corner, and back along the lower lid.
func (p *Points) lids(side int) [][2]float64 {
	outline := [][2]float64{p[EyeOuter+side]}
	for at := LidUpper1; at <= LidUpper7; at += 2 {
		outline = append(outline, p[at+side])
	}
	outline = append(outline, p[EyeInner+side])
	for at := LidLower7; at >= LidLower1; at -= 2 {
		outline = append(outline, p[at+side])
	}
	return outline
}

// lips is the outer outline of the mouth.
func (p *Points) lips() [][2]float64 {
	return [][2]float64{
		p[MouthCorner], p[LipOuterUpper1], p[LipOuterUpper2], p[LipOuterUpper], p[LipOuterUpper2+Right], p[LipOuterUpper1+Right],
		p[MouthCorner+Right], p[LipOuterLower1+Right], p[LipOuterLower2+Right], p[LipOuterLower], p[LipOuterLower2], p[LipOuterLower1],
	}
}

// gap is the outline of what lies between the lips.
func (p *Points) gap() [][2]float64 {
	return [][2]float64{
		p[MouthInnerCorner], p[LipInnerUpper1], p[LipInnerUpper], p[LipInnerUpper1+Right],
		p[MouthInnerCorner+Right], p[LipInnerLower1+Right], p[LipInnerLower], p[LipInnerLower1],
	}
}

// finite says whether every point is a number, and the eyes, the mouth and the chin make a face.
func (p *Points) finite() bool {
	for _, at := range p {
		for _, v := range at {
			if math.IsNaN(v) || math.Abs(v) > 1e6 {
				return false
			}
		}
	}
	return p.eyeDistance() > 1 && p.length() > 1
}

// hull is the convex outline of all points: OFIQ's landmarked region F, ears left out.
func (p *Points) hull() [][2]float64 { return hull(p[:]) }

// Inside is the hull drawn in: what is surely face and nothing else.
func (p *Points) Inside() [][2]float64 {
	outline := p.hull()
	return about(outline, mid(p.eyes(), p[Chin]), Inner)
}

// Runs calls f with every run of pixels whose centres lie inside an outline in a picture of that size: row y, columns from up to but not
// including to.
func Runs(outline [][2]float64, width, height int, f func(y, from, to int)) {
	runs(outline, width, height, f)
}
