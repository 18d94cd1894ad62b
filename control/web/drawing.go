package web

// A drawing is the photo to scale, 100 units high, measured from the top left: a head by the middle of the rules, and
// the bands in which its crown and its eyes must lie.
type drawing struct {
	Width, Middle          float64
	Crown, Chin            float64
	CrownHigh, CrownBand   float64
	HasEyes                bool
	EyeHigh, EyeBand       float64
	HeadMiddle             float64
	HeadRX, HeadRY         float64
	ShoulderTop            float64
	Shoulder, ShoulderHigh float64
	Neck, NeckX            float64
	Outer                  float64 // width with the margin
}

// Drawing places the head. Nil if the row does not say how large it must be.
func (r row) Drawing() *drawing {
	e := r.Effective
	if e.Width <= 0 || e.Height <= 0 || e.Head.Min == nil || e.Head.Max == nil {
		return nil
	}
	scale := 100 / e.Height
	low, high := *e.Head.Min*scale, *e.Head.Max*scale
	head := (low + high) / 2
	chin := 50 + 0.53*head // where nothing is said, a little below the middle
	if e.Eye.closed() {
		chin = 100 - e.Eye.middle()*scale + 0.48*head // eyes lie at about half of the head
	}
	if e.Top.closed() {
		chin = e.Top.middle()*scale + head
	}
	if e.Chin.closed() {
		chin = 100 - e.Chin.middle()*scale
	}
	chin = min(max(chin, high+1), 97)
	d := &drawing{Width: e.Width * scale, Middle: e.Width * scale / 2, Crown: chin - head, Chin: chin,
		CrownHigh: chin - high, CrownBand: max(high-low, 0.8), HeadMiddle: chin - head/2, HeadRX: 0.37 * head, HeadRY: head / 2,
		ShoulderTop: min(chin+0.1*head, 99), Shoulder: 0.95 * head, ShoulderHigh: 0.6 * head}
	d.Neck, d.Outer = 0.36*head, d.Width+6
	d.NeckX = d.Middle - d.Neck/2
	if e.Eye.closed() {
		d.HasEyes, d.EyeHigh, d.EyeBand = true, 100-*e.Eye.Max*scale, max((*e.Eye.Max-*e.Eye.Min)*scale, 0.8)
	}
	return d
}

// closed says whether a rule has both ends.
func (r *rule) closed() bool { return r != nil && r.Min != nil && r.Max != nil }

func (r *rule) middle() float64 { return (*r.Min + *r.Max) / 2 }
