package compliance

import (
	"fmt"

	"github.com/professionalaistudio/studio/edge/portrait/document"
)

// matteHoles judges holes in face and chest, and scraps beside the person, in a photo whose background was replaced.
func matteHoles(f *Finding, m Measurements, _ document.Spec) {
	figure := m.made()
	v := 100 * figure.Holes.Value
	if figure.Islands.Known {
		v += 100 * figure.Islands.Value
	}
	if f.Place == nil {
		f.Place = placed(Output, figure.Islands.At)
	}
	f.most(v, 0.05, 0.2, "% of the person")
	f.tell(fmt.Sprintf("The person was cut out whole: %.2f %% is missing or left over.", v),
		fmt.Sprintf("%.1f %% of the person is missing or left over from the old background: take the photo before a plainer wall.", v))
}

// matteFringe judges the rim of a person before a new background.
func matteFringe(f *Finding, m Measurements, _ document.Spec) {
	v := m.Fringe.Value
	f.most(v, 8, 16, "CIEDE2000")
	f.tell(fmt.Sprintf("No rim of the old background is left: the outline is within %.0f of its colour.", v),
		fmt.Sprintf("A rim of the old background is left: the outline is %.0f off its colour, and 8 is the most; take the photo before a plain wall of about the new colour.", v))
}

// matteCutHair judges whether the head reaches the edges of the capture: what was cut there no crop brings back.
func matteCutHair(f *Finding, m Measurements, _ document.Spec) {
	top, sides := 100*m.Figure.CutTop.Value, 100*m.Figure.CutSides.Value
	f.most(top, 0, 0, "% of the head's width")
	switch {
	case f.Verdict != Pass:
		f.Advice = fmt.Sprintf("The hair is cut off at the top edge, over %.0f %% of the head's width: take the photo again with more room above.", top)
	case m.Figure.CutSides.Known && sides > 0:
		f.most(sides, 0, never, "% of the head's width")
		f.Advice = fmt.Sprintf("The hair reaches the side edge, over %.0f %% of the head's width: take the photo again with more room beside it.", sides)
	default:
		f.Advice = "The hair is whole: 0 % of it touches an edge."
	}
}

// matteEarsClipped judges whether a new background has taken an ear for wall. Which pixels are an ear is told by the colour of
// skin beside its root.
func matteEarsClipped(f *Finding, m Measurements, _ document.Spec) {
	v := 100 * m.Hair.Clipped.Value
	f.most(v, 1, 5, "% of an ear")
	f.tell(fmt.Sprintf("The ears are whole: %.0f %% was cut away.", v),
		fmt.Sprintf("%.0f %% of an ear was cut away with the background: take the photo before a plainer wall, or keep the background.", v))
}

// identityUnchanged judges the largest difference of any channel inside the face between the photo and the capture resampled.
func identityUnchanged(f *Finding, m Measurements, _ document.Spec) {
	v := m.Unchanged.Value
	f.most(v, 2, 2, "of 255")
	f.tell(fmt.Sprintf("The face is as it was taken: moved and scaled, and no value changed by more than %.0f of 255.", v),
		fmt.Sprintf("The face is not as it was taken: a value changed by %.0f of 255, and 2 is the most; do not file this photo.", v))
}
