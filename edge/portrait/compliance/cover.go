package compliance

import (
	"fmt"
	"strings"

	"github.com/professionalaistudio/studio/edge/portrait/document"
)

// headHat judges what the net says of a head covering, by what the document allows.
func headHat(f *Finding, m Measurements, s document.Spec) {
	hat := *m.Traits.Headwear
	f.Value, f.Max, f.Unit = new(100*hat.Value), new(100*hat.Threshold), "% sure"
	f.faced(m)
	if s.HeadCovering != "not_found" {
		byRow(f, s, "head_covering")
	}
	allowed := strings.ReplaceAll(s.HeadCovering, "_", " ")
	switch {
	case !hat.perhaps():
		f.Verdict, f.Advice = Pass, fmt.Sprintf("The head is bare (the net says %.0f of 100 that it is covered).", 100*hat.Value)
	case allowsHat(s):
		f.Verdict, f.Advice = Warn, fmt.Sprintf("The head seems covered (the net says %.0f of 100); this document allows it so: %s.", 100*hat.Value, allowed)
	case s.HeadCovering == "not_allowed" && hat.yes():
		f.Verdict, f.Advice = Fail, fmt.Sprintf("The head is covered (the net says %.0f of 100) and this document does not allow it: take it off.", 100*hat.Value)
	default:
		f.Verdict, f.Advice = Warn, fmt.Sprintf("The head seems covered (the net says %.0f of 100): take it off, unless it is worn for faith or health and the office agrees.", 100*hat.Value)
	}
}

// faceVeilMask judges what the net says of the face being covered: a mask, a veil, a hand.
func faceVeilMask(f *Finding, m Measurements, _ document.Spec) {
	cover := *m.Traits.Occluded
	f.Value, f.Max, f.Unit = new(100*cover.Value), new(100*cover.Threshold), "% sure"
	f.faced(m)
	switch {
	case cover.yes():
		f.Verdict, f.Advice = Fail, fmt.Sprintf("Something covers the face (the net says %.0f of 100): keep it free from the hairline to the chin.", 100*cover.Value)
	case cover.perhaps():
		f.Verdict, f.Advice = Warn, fmt.Sprintf("Something may cover the face (the net says %.0f of 100): keep it free from the hairline to the chin.", 100*cover.Value)
	default:
		f.Verdict, f.Advice = Pass, fmt.Sprintf("The face is free (the net says %.0f of 100 that something covers it).", 100*cover.Value)
	}
}

// faceSingle judges how large a second face is: OFIQ SingleFacePresent.
func faceSingle(f *Finding, m Measurements, _ document.Spec) {
	f.Source = ofiq
	v := m.Faces.Second
	f.Place = placed(Capture, m.Faces.At)
	score, _ := OFIQ("SingleFacePresent", v)
	f.most(100*v, 5, 25, "% of the face")
	f.tell(fmt.Sprintf("One face, and no other larger than 5 %% of it (OFIQ scores it %d of 100).", score),
		fmt.Sprintf("There is a second face of %.0f %% the size: have nobody else in the picture, nor a face on a wall or a shirt.", 100*v))
}

// faceHairOver judges hair between brows and nose. The facts give 3 and 10 % for a parsing of the face; told by colour, one in
// twenty free faces has about 6.
func faceHairOver(f *Finding, m Measurements, _ document.Spec) {
	v := 100 * m.Hair.Face.Value
	f.most(v, 10, 30, "% of the face above the nose")
	f.tell(fmt.Sprintf("The face is free of hair, but for at most %.0f %% above the nose.", v),
		fmt.Sprintf("Hair lies over some %.0f %% of the face above the nose: comb or pin it back.", v))
}

// earsVisible judges whether there is skin where the ears are. A document that does not ask for ears passes either way.
func earsVisible(f *Finding, m Measurements, s document.Spec) {
	if m.hat() {
		f.unjudged("a head covering hides the hair that skin would be told from")
		return
	}
	v := 100 * m.Hair.Ears.Value
	want := wants(s, aboutEars)
	verdict := f.least(v, 15, 4, "% skin")
	if want != silent {
		byRow(f, s)
	}
	switch {
	case verdict == Pass:
		f.Advice = fmt.Sprintf("Both ears show: %.0f %% skin where the hidden one would be.", v)
	case want == silent:
		f.Verdict, f.Advice = Pass, fmt.Sprintf("An ear is hidden, with %.0f %% skin where it should be; this document does not ask for ears.", v)
	default:
		if want == liked {
			f.soften()
		}
		f.Advice = fmt.Sprintf("An ear is hidden, with %.0f %% skin where it should be, and this document wants to see both: put the hair behind the ears.", v)
	}
}
