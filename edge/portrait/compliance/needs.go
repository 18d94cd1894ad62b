package compliance

import "cmp"

// What the judges cannot do without, as a Number that is known or says why not. A group that was not measured has numbers
// that are not known, and the reason of the whole.

func there(yes bool, why string) Number { return Number{Known: yes, Why: why} }

func theFile(m Measurements) Number { return there(m.File != nil, m.WhyFile) }
func theHead(m Measurements) Number { return there(m.Head != nil, m.WhyHead) }

// theRoom is known without a head when there was too little of it to make the photo.
func theRoom(m Measurements) Number { return there(m.Head != nil || m.Lacking != nil, m.WhyHead) }

func thePose(m Measurements) Number  { return there(m.Pose != nil, m.WhyFace) }
func theFaces(m Measurements) Number { return there(m.Faces != nil, m.WhyFace) }

func theScore(m Measurements, of func(*Traits) *Score) Number {
	return there(m.Traits != nil && of(m.Traits) != nil, m.WhyFace)
}

func theGlasses(m Measurements) Number {
	return theScore(m, func(t *Traits) *Score { return t.Glasses })
}

func theHat(m Measurements) Number { return theScore(m, func(t *Traits) *Score { return t.Headwear }) }

func theCover(m Measurements) Number {
	return theScore(m, func(t *Traits) *Score { return t.Occluded })
}

func theHistory(m Measurements) Number { return there(m.History != nil, "") }
func theDay(m Measurements) Number {
	return there(m.History != nil && !m.History.Taken.IsZero() && !m.History.Today.IsZero(), "")
}

func theCamera(m Measurements) Number {
	if m.History == nil {
		return Number{}
	}
	return m.History.Camera
}

// theExposure takes the whites of the eyes, or where they cannot be seen the wall.
func theExposure(m Measurements) Number {
	if white := m.light().White; white.Known || !m.light().Over.Known || !m.ground().L.Known {
		return white
	}
	return m.ground().L
}

// theWhites takes the whites of the eyes, or where they cannot be seen the wall.
func theWhites(m Measurements) Number {
	if white := m.tone().WhiteA; white.Known || !m.ground().A.Known {
		return white
	}
	return m.ground().A
}

// What is judged of the matte is a new background's; one that was kept has no rim of ours.
func theHoles(m Measurements) Number {
	if !m.Replaced {
		return Number{}
	}
	return m.made().Holes
}

func theFringe(m Measurements) Number {
	if !m.Replaced {
		return Number{}
	}
	return m.Fringe
}

func theEars(m Measurements) Number {
	if !m.Replaced {
		return Number{}
	}
	return m.hair().Clipped
}

// clearHair is a number about hair, unless hair cannot be told from other dark things here.
func (m Measurements) clearHair(n Number) Number {
	if why := m.hairUnclear(); n.Known && why != "" {
		return Number{Why: why}
	}
	return n
}

func (m Measurements) features() Features {
	if m.Features != nil {
		return *m.Features
	}
	none := Number{Why: m.WhyFace}
	return Features{none, none, none, none, none, none, none, none, none, none, none}
}

func (m Measurements) light() Light {
	if m.Light != nil {
		return *m.Light
	}
	none := Number{Why: m.WhyFace}
	return Light{none, none, none, none, none, none, none, none, none, none}
}

func (m Measurements) tone() Tone {
	if m.Tone != nil {
		return *m.Tone
	}
	none := Number{Why: m.WhyFace}
	return Tone{none, none, none, none}
}

func (m Measurements) detail() Detail {
	if m.Detail != nil {
		return *m.Detail
	}
	none := Number{Why: m.WhyFace}
	return Detail{none, none, none, none, none}
}

func (m Measurements) eyes() Eyes {
	if m.Eyes != nil {
		return *m.Eyes
	}
	none := Number{Why: m.WhyFace}
	return Eyes{none, none, none, none}
}

func (m Measurements) hair() Hair {
	if m.Hair != nil {
		return *m.Hair
	}
	none := Number{Why: cmp.Or(m.WhyFace, m.WhyMatte)}
	return Hair{none, none, none, none, none, none}
}

func (m Measurements) ground() Ground {
	if m.Ground != nil {
		return *m.Ground
	}
	none := Number{Why: m.WhyMatte}
	return Ground{none, none, none, none, none, none, none, none, none, none, none, none, none}
}

// wall is which picture the background was measured on.
func (m Measurements) wall() string { return cmp.Or(m.GroundOn, Capture) }

func (m Measurements) figure() Figure {
	if m.Figure != nil {
		return *m.Figure
	}
	none := Number{Why: m.WhyMatte}
	return Figure{none, none, none, none, none, none, none, none}
}

// made is the figure in the finished photo, or in the capture where none was made.
func (m Measurements) made() Figure {
	if m.Made != nil {
		return *m.Made
	}
	return m.figure()
}

// madeGrain is the grain of the finished photo, or of the capture where none was made.
func (m Measurements) madeGrain() Grain {
	switch {
	case m.MadeGrain != nil:
		return *m.MadeGrain
	case m.Grain != nil:
		return *m.Grain
	}
	none := Number{Why: m.WhyFace}
	return Grain{none, none, none, none, none}
}

// glasses says whether the net sees glasses, perhaps at least.
func (m Measurements) glasses() bool {
	return m.Traits != nil && m.Traits.Glasses != nil && m.Traits.Glasses.perhaps()
}

// hat says whether the net sees a head covering, perhaps at least.
func (m Measurements) hat() bool {
	return m.Traits != nil && m.Traits.Headwear != nil && m.Traits.Headwear.perhaps()
}
