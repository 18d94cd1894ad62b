package compliance

import (
	"fmt"
	"math"

	"github.com/professionalaistudio/studio/edge/portrait/document"
)

// eyesOpen judges the opening of the less open eye: OFIQ EyesOpen. The net, which knows closed eyes better than their outlines,
// may say worse; against a wide opening it warns and does not fail.
func eyesOpen(f *Finding, m Measurements, _ document.Spec) {
	f.Source = ofiq
	v := 100 * m.Features.EyesOpen.Value
	score, _ := OFIQ("EyesOpen", m.Features.EyesOpen.Value)
	f.least(v, 3, 2, "% of the way from eyes to chin")
	net := ""
	if m.Traits != nil && m.Traits.EyesOpen != nil && !m.Traits.EyesOpen.yes() {
		says := m.Traits.EyesOpen
		net = fmt.Sprintf(" (the net says %.0f of 100 that it is open)", 100*says.Value)
		switch {
		case !says.perhaps() && v < 5:
			f.Verdict = Fail
		case f.Verdict == Pass:
			f.Verdict = Warn
		}
	}
	switch f.Verdict {
	case Pass:
		f.Advice = fmt.Sprintf("Both eyes are open (OFIQ scores it %d of 100).", score)
	case Warn:
		f.Advice = fmt.Sprintf("An eye is half closed, open by %.1f %% of the way from eyes to chin%s: open both wide, to at least 3 %%.", v, net)
	default:
		f.Advice = fmt.Sprintf("An eye is closed, open by %.1f %% of the way from eyes to chin%s: take the photo again with both open, to at least 3 %%.", v, net)
	}
}

// eyesDistance judges how many pixels there are from eye to eye, along the face: OFIQ InterEyeDistance; ICAO's 90, half of it
// being no portrait.
func eyesDistance(f *Finding, m Measurements, _ document.Spec) {
	f.Source = "ICAO's 90 pixels, by OFIQ 1.0.3 InterEyeDistance; the rest ours"
	v := m.Features.EyeDistance.Value
	if m.Pose != nil {
		v /= max(math.Cos(m.Pose.Yaw*math.Pi/180), 0.5)
	}
	score, _ := OFIQ("InterEyeDistance", v)
	f.least(v, 90, 45, "px")
	f.tell(fmt.Sprintf("There are %.0f pixels from eye to eye (OFIQ scores it %d of 100).", v, score),
		fmt.Sprintf("There are only %.0f pixels from eye to eye and 90 are needed: come closer, to %.0f %% of the distance, or use a camera with more pixels.", v, 100*v/90))
}

// eyesGaze judges how far the irises are beside the middle of their eyes. Both are taken together: the points of each lie some
// .05 nearer the nose or the temple, and that cancels out. Where the two disagree by more than that an eye squints, or an iris
// was not found.
func eyesGaze(f *Finding, m Measurements, _ document.Spec) {
	v := m.Features.Gaze.Value
	if m.Features.GazeApart.Value > 0.3 {
		f.unjudged(fmt.Sprintf("the two eyes look apart, by %.0f %% of their width", 100*m.Features.GazeApart.Value))
		return
	}
	// An eye is some 30 mm wide and turns on a radius of 12.
	angle := math.Asin(min(math.Abs(v)*30/12, 1)) * 180 / math.Pi
	f.within(100*v, 12, 20, "% of an eye's width")
	f.tell(fmt.Sprintf("The eyes look into the camera, about %.0f degrees off.", angle),
		fmt.Sprintf("The eyes look about %.0f degrees to the %s of the picture: look straight into the lens, within 17.", angle, side(v > 0)))
}

// eyesRed judges what a flash makes of the pupils.
func eyesRed(f *Finding, m Measurements, _ document.Spec) {
	v := 100 * m.Eyes.Red.Value
	f.most(v, 2, 8, "% of an iris")
	f.tell(fmt.Sprintf("No red eyes: %.0f %% of an iris is red.", v),
		fmt.Sprintf("%.0f %% of an iris is red from a flash: take the photo again without one, and with more light in the room.", v))
}

// eyesHair judges hair around the eyes. The facts give 2 and 5 % for a parsing of the face; hair is told by colour here, which
// takes the shade of deep-set eyes for hair now and then (95 % of faces with free eyes are below 17), so the limits are wider
// and nothing is said where shadows or glasses lie on the face.
func eyesHair(f *Finding, m Measurements, _ document.Spec) {
	v := 100 * m.Hair.Eyes.Value
	f.most(v, 20, 40, "% around an eye")
	f.tell(fmt.Sprintf("The eyes are free of hair, but for at most %.0f %% around them.", v),
		fmt.Sprintf("Hair covers some %.0f %% around an eye: comb or pin it back.", v))
}

// browsVisible judges the strip above the brows, for brows themselves are hair. A document that says nothing of brows warns.
func browsVisible(f *Finding, m Measurements, s document.Spec) {
	v := 100 * m.Hair.Brows.Value
	verdict := f.most(v, 30, 60, "% above a brow")
	if wants(s, aboutBrows) != silent {
		byRow(f, s)
	} else {
		f.soften()
	}
	switch verdict {
	case Pass:
		f.Advice = fmt.Sprintf("The brows are free: hair covers %.0f %% of what is above them.", v)
	default:
		f.Advice = fmt.Sprintf("Hair covers some %.0f %% of what is above a brow: comb it away from the brows.", v)
	}
}

// hairUnclear says why hair cannot be told from other dark things here.
func (m Measurements) hairUnclear() string {
	switch shade := m.light().Shadow; {
	case m.hat():
		return "a head covering hides the hair that it would be told by"
	case m.glasses():
		return "the frame of glasses cannot be told from hair"
	case shade.Known && shade.Value > shadePass:
		return fmt.Sprintf("shadows on %.0f %% of the face cannot be told from hair", 100*shade.Value)
	}
	return ""
}
