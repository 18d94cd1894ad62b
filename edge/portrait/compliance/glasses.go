package compliance

import (
	"fmt"
	"strings"

	"github.com/professionalaistudio/studio/edge/portrait/document"
)

const bareEyes = "No glasses are worn (the net says %.0f of 100)."

// glassesPresent judges whether glasses may be worn.
func glassesPresent(f *Finding, m Measurements, s document.Spec) {
	g := *m.Traits.Glasses
	f.Value, f.Max, f.Unit = new(100*g.Value), new(100*g.Threshold), "% sure"
	f.faced(m)
	if s.Glasses != "not_found" {
		byRow(f, s, "glasses")
	}
	barred := s.Glasses == "not_allowed"
	switch {
	case !g.perhaps():
		f.Verdict, f.Advice = Pass, fmt.Sprintf(bareEyes, 100*g.Value)
	case barred && g.yes():
		f.Verdict, f.Advice = Fail, fmt.Sprintf("Glasses are worn (the net says %.0f of 100) and this document does not allow them: take them off.", 100*g.Value)
	case barred:
		f.Verdict, f.Advice = Warn, fmt.Sprintf("These may be glasses (the net says %.0f of 100), which this document does not allow.", 100*g.Value)
	case s.Glasses == "remove_recommended" && g.yes():
		f.Verdict, f.Advice = Warn, fmt.Sprintf("Glasses are worn (the net says %.0f of 100) and this document would rather see none: take them off.", 100*g.Value)
	case s.Glasses == "not_found":
		f.Verdict, f.Advice = Pass, fmt.Sprintf("Glasses are worn (the net says %.0f of 100); this document says nothing of them.", 100*g.Value)
	default:
		f.Verdict, f.Advice = Pass, fmt.Sprintf("Glasses are worn (the net says %.0f of 100); this document says of them: %s.", 100*g.Value, strings.ReplaceAll(s.Glasses, "_", " "))
	}
}

// glassesTint judges how dark lenses are, by the skin seen through them and by the net. The skin below an eye may lie in shade,
// so it alone fails nobody.
func glassesTint(f *Finding, m Measurements, _ document.Spec) {
	g := *m.Traits.Glasses
	if !g.perhaps() {
		f.Verdict, f.Advice = Pass, fmt.Sprintf(bareEyes, 100*g.Value)
		return
	}
	dark := m.Traits.Dark
	tint := m.eyes().Tint
	if dark == nil && !tint.Known {
		f.unjudged("neither the lenses nor the net say how dark they are")
		return
	}
	f.faced(m)
	f.Verdict = Pass
	if tint.Known {
		f.least(100*tint.Value, 75, 50, "% of the light")
		f.Place = placed(Capture, tint.At)
		if dark != nil && !dark.perhaps() {
			f.soften()
		}
	} else {
		f.Value, f.Max, f.Unit = new(100*dark.Value), new(100*dark.Threshold), "% sure"
	}
	if dark != nil && dark.yes() {
		f.Verdict = Fail
	}
	switch {
	case f.Verdict == Pass && tint.Known:
		f.Advice = fmt.Sprintf("The lenses are clear: below the eyes there is %.0f %% of the light of the cheeks.", 100*tint.Value)
	case f.Verdict == Pass:
		f.Advice = fmt.Sprintf("The lenses are clear (the net says %.0f of 100 that they are dark).", 100*dark.Value)
	case tint.Known:
		f.Advice = fmt.Sprintf("The lenses look dark: below the eyes there is %.0f %% of the light of the cheeks, and 75 is wanted; take the glasses off.", 100*tint.Value)
	default:
		f.Advice = fmt.Sprintf("The lenses look dark (the net says %.0f of 100): take the glasses off.", 100*dark.Value)
	}
}

// glassesGlare judges white spots before the eyes. An eye mirrors a lamp itself, in a spot of about a hundredth of the eye's
// zone, so that much passes; the facts ask for none.
func glassesGlare(f *Finding, m Measurements, _ document.Spec) {
	g := *m.Traits.Glasses
	if !g.perhaps() {
		f.Verdict, f.Advice = Pass, fmt.Sprintf(bareEyes, 100*g.Value)
		return
	}
	glare := m.eyes().Glare
	if !glare.Known {
		f.unjudged(glare.Why)
		return
	}
	f.Place = placed(Capture, glare.At)
	v := 100 * glare.Value
	f.most(v, 1.5, 5, "% of an eye's zone")
	f.tell(fmt.Sprintf("No light is mirrored before the eyes: %.1f %% of an eye's zone is white.", v),
		fmt.Sprintf("A light is mirrored in the glasses, over %.0f %% of an eye's zone: lower the chin by 5 degrees, move the lamp, or take them off.", v))
}
