package compliance

import (
	"fmt"
	"math"

	"github.com/professionalaistudio/studio/edge/portrait/document"
)

// mouthClosed judges the gap between the lips: OFIQ MouthClosed, whose own score is lax (a gap of .2 still has 50). Where the
// net sees an open mouth that the outlines do not, it warns.
func mouthClosed(f *Finding, m Measurements, _ document.Spec) {
	f.Source = ofiq
	v := 100 * m.Features.MouthOpen.Value
	score, _ := OFIQ("MouthClosed", m.Features.MouthOpen.Value)
	f.most(v, 6, 12, "% of the way from eyes to chin")
	net := ""
	if m.Traits != nil && m.Traits.MouthOpen != nil && m.Traits.MouthOpen.yes() {
		net = fmt.Sprintf(" (the net says %.0f of 100)", 100*m.Traits.MouthOpen.Value)
		if f.Verdict == Pass {
			f.Verdict = Warn
		}
	}
	f.tell(fmt.Sprintf("The mouth is closed (OFIQ scores it %d of 100).", score),
		fmt.Sprintf("The mouth is open by %.0f %% of the way from eyes to chin%s: close it, to at most 6 %%.", v, net))
}

// mouthSmile judges how far the corners of the mouth are lifted, and what the net says of it. Some faces are built so: a smile
// with closed lips never fails, teeth have a rule of their own. A neutral mouth's corners are some 1.5 % up (median of people
// asked to look neutral, ours), 95 % of them below 7.
func mouthSmile(f *Finding, m Measurements, s document.Spec) {
	v := 100 * m.Features.Smile.Value
	f.most(v, 7, never, "% of the way from eyes to chin")
	if m.Traits != nil && m.Traits.Smile != nil {
		switch {
		case m.Traits.Smile.yes():
			f.Verdict = Warn
		case !m.Traits.Smile.perhaps():
			f.Verdict = Pass
		}
	}
	switch {
	case f.Verdict == Pass:
		f.Advice = fmt.Sprintf("The mouth is relaxed: its corners are up by %.0f %% of the way from eyes to chin.", v)
	case wants(s, aboutSmile) != silent:
		byRow(f, s)
		f.Verdict, f.Advice = Pass, fmt.Sprintf("A smile, its corners up by %.0f %% of the way from eyes to chin; this document takes a natural one.", v)
	default:
		f.Advice = fmt.Sprintf("This looks like a smile: the corners of the mouth are up by %.0f %% of the way from eyes to chin; relax it, to at most 7 %%.", v)
	}
}

// mouthTeeth judges what shines between the lips.
func mouthTeeth(f *Finding, m Measurements, _ document.Spec) {
	v := 100 * m.Eyes.Teeth.Value
	f.most(v, 1, 5, "% of the mouth")
	f.tell(fmt.Sprintf("No teeth show: %.0f %% of the mouth is as bright.", v),
		fmt.Sprintf("Teeth show over %.0f %% of the mouth: close the lips.", v))
}

// The brows of people who look neutral are .335 of the eye distance above the eyes, give or take .04 (ours: 540 official and
// laboratory portraits). A person's own neutral brow is not known, so what is far from everybody's warns and never fails.
const browsAt, browsSpread, browsPass = 0.335, 0.04, 2.5

// expression judges how far the brows are raised or lowered. It needs a level head: nodding moves the brows too.
func expression(f *Finding, m Measurements, _ document.Spec) {
	if m.Pose != nil && math.Abs(m.Pose.Pitch) > browsTurn {
		f.unjudged(fmt.Sprintf("the head is tilted forward or back by %.0f degrees, which moves the brows", math.Abs(m.Pose.Pitch)))
		return
	}
	v := m.Features.BrowRaise.Value
	off := (v - browsAt) / browsSpread
	f.within(off, browsPass, never, "standard deviations")
	f.Value, f.Unit = new(100*v), "% of the eye distance"
	f.Min, f.Max = new(100*(browsAt-browsPass*browsSpread)), new(100*(browsAt+browsPass*browsSpread))
	switch {
	case f.Verdict == Pass:
		f.Advice = fmt.Sprintf("The brows are relaxed, %.0f %% of the eye distance above the eyes.", 100*v)
	case off > 0:
		f.Advice = fmt.Sprintf("The brows are raised, to %.0f %% of the eye distance above the eyes: let them down, to at most %.0f %%.", 100*v, *f.Max)
	default:
		f.Advice = fmt.Sprintf("The brows are drawn down, to %.0f %% of the eye distance above the eyes: relax the forehead, to at least %.0f %%.", 100*v, *f.Min)
	}
}
