package compliance

import (
	"fmt"
	"math"
	"strings"

	"github.com/professionalaistudio/studio/edge/portrait/document"
)

// Ours, where no authority says anything.
const (
	HairRoom = 1.0 // mm that hair stays away from the top edge
	NeckRoom = 2.0 // mm of neck below the chin
)

// Limits of the tilt, in degrees.
const (
	rollMade     = 2.0  // left over after straightening
	rollTaken    = 8.0  // what straightening repairs without a trace
	rollRepaired = 15.0 // what it repairs at all
)

// notes are what must stand beside every verdict on the head: that a limit is a default, and that a row contradicts itself.
func notes(r document.Rule, s document.Spec) string {
	text := ""
	if r.Default {
		text = "; no height is published for this document, so this is a default: " + r.Why
	}
	if c := s.Contradiction(); c != "" {
		text += "; " + c
	} else {
		text += "."
	}
	return text
}

var topName = map[document.HeadTop]string{
	document.HairTop: "top of the hair", document.SkullCrown: "crown, hair not counted", document.Unspecified: "crown",
}

func headSize(f *Finding, m Measurements, s document.Spec) {
	r := s.Head()
	f.said(r)
	f.Unit, f.Value, f.Place = "mm", new(m.Head.Head), m.Head.OutputPlace
	f.Verdict = inside(m.Head.Head, r.Band)
	f.Advice = amiss("From chin to "+topName[s.HeadTop]+" the head is", m.Head.Head, r.Band, "mm") + interval(m.Head) + notes(r, s)
}

// interval says how sure a crown is that nobody can see.
func interval(h *Head) string {
	if h.Unsure == 0 {
		return ""
	}
	return fmt.Sprintf("; the crown lies under the hair and is estimated, so the head is %.1f to %.1f mm in two cases of three", h.Head-h.Unsure, h.Head+h.Unsure)
}

func headCentre(f *Finding, m Measurements, s document.Spec) {
	r := s.Centre(m.Head.Width)
	if r.Default {
		f.Source, f.Date = r.Why, oursDate
	} else {
		f.quotes(r.Said)
	}
	f.limits(r.Band)
	off := m.Head.Axis
	f.Unit, f.Value, f.Place = "mm", new(off), m.Head.OutputPlace
	side := "right"
	if off < 0 {
		side = "left"
	}
	switch {
	case r.Has(off):
		f.Verdict, f.Advice = Pass, fmt.Sprintf("The face is %.1f mm from the middle; up to %.1f mm is fine.", math.Abs(off), r.Max)
	case r.Default && math.Abs(off) <= 2*r.Max:
		f.Verdict, f.Advice = Warn, fmt.Sprintf("The face is %.1f mm too far %s of the middle: leave more room beside it.", math.Abs(off)-r.Max, side)
	default:
		f.Verdict, f.Advice = Fail, fmt.Sprintf("The face is %.1f mm too far %s of the middle: take the photo again with room on both sides.", math.Abs(off)-r.Max, side)
	}
}

// eyeLine judges the eyes where they were found. Where the head model has put them it only says what the model expects. A row
// without a line of its own takes ICAO's band of .50 to .70 from the bottom, which nobody is failed by.
func eyeLine(f *Finding, m Measurements, s document.Spec) {
	r, ok := s.Eye()
	if !ok {
		r.Band = document.Band{Min: 0.5 * m.Head.Height, Max: 0.7 * m.Head.Height}
	}
	if !m.Head.EyeMeasured {
		if ok {
			f.said(r)
			f.Unit = "mm"
			f.Advice = fmt.Sprintf("the eyes were not found; if they lie at half of the head they are %.1f mm above the bottom edge, allowed are %s", m.Head.Eye, span(r.Band)) + sentence(s)
			return
		}
		f.Advice = "the eyes were not found, and this document publishes no line for them"
		return
	}
	f.Unit, f.Value, f.Place = "mm", new(m.Head.Eye), m.Head.EyePlace
	if ok {
		f.said(r)
	} else {
		f.Source = icao
		f.limits(r.Band)
	}
	f.Verdict = inside(m.Head.Eye, r.Band)
	if !ok {
		f.soften()
	}
	f.Advice = amiss("From the eyes to the bottom edge there are", m.Head.Eye, r.Band, "mm") + end(s)
}

func sentence(s document.Spec) string {
	if c := s.Contradiction(); c != "" {
		return "; " + strings.TrimSuffix(c, ".")
	}
	return ""
}

func end(s document.Spec) string {
	if c := s.Contradiction(); c != "" {
		return "; " + c
	}
	return "."
}

func span(b document.Band) string {
	low, high := b.Ends()
	switch {
	case low == nil && high == nil:
		return "all"
	case high == nil:
		return fmt.Sprintf("at least %.1f mm", b.Min)
	case low == nil:
		return fmt.Sprintf("at most %.1f mm", b.Max)
	}
	return fmt.Sprintf("%.1f to %.1f mm", b.Min, b.Max)
}

// headWidth is from ear root to ear root, where the row publishes a width. ICAO's .50 to .75 of the photo is for its own
// frame: an American square can never meet it.
func headWidth(f *Finding, m Measurements, s document.Spec) {
	r, ok := s.HeadWidth()
	if !ok {
		f.Advice = "this document publishes no width for the head"
		return
	}
	f.said(r)
	f.Unit = "mm"
	if m.Head.EarToEar == 0 {
		f.Advice = "the ears were not found; from ear to ear the head must be " + span(r.Band) + " wide"
		return
	}
	f.Value, f.Place = new(m.Head.EarToEar), m.Head.OutputPlace
	f.Verdict = inside(m.Head.EarToEar, r.Band)
	f.Advice = amiss("From ear to ear the head is", m.Head.EarToEar, r.Band, "mm") + end(s)
}

// headMargin is the tightest of what there is to say about the room above the head and below the chin.
func headMargin(f *Finding, m Measurements, s document.Spec) {
	f.Unit = "mm"
	if m.Head == nil {
		f.Verdict, f.Value, f.Min, f.Place, f.Advice = Fail, new(-m.Lacking.MM), new(0.0), m.Lacking.Place, m.Lacking.Advice
		return
	}
	h := m.Head
	f.Place = h.OutputPlace
	defer func() {
		if h.Extended > 0 && !m.Replaced && f.Verdict != Fail {
			f.Verdict = Warn
			f.Advice = fmt.Sprintf("The capture ends too near the head, so %.1f mm of even background were carried on beyond it: leave more space.", h.Extended)
		}
	}()
	tightest := math.Inf(1)
	worse := func(v Verdict, value float64, b document.Band, r *document.Rule, advice string) {
		rank := map[Verdict]float64{Fail: -1e6, Warn: -1e3, Pass: 0}[v] + b.Slack(value)
		if rank >= tightest {
			return
		}
		tightest = rank
		f.Verdict, f.Value, f.Advice = v, new(value), advice+end(s)
		if r != nil {
			f.said(*r)
		} else {
			f.Source, f.Date, f.Trust = ours, oursDate, ""
			f.limits(b)
		}
	}
	if r, ok := s.Top(); ok {
		worse(inside(h.Top, r.Band), h.Top, r.Band, &r, amiss("From the "+topName[s.HeadTop]+" to the top edge there are", h.Top, r.Band, "mm"))
	}
	if r, ok := s.Chin(); ok {
		worse(inside(h.Chin, r.Band), h.Chin, r.Band, &r, amiss("From the chin to the bottom edge there are", h.Chin, r.Band, "mm"))
	} else {
		b := document.Band{Min: NeckRoom, Max: math.Inf(1)}
		v := Pass
		switch {
		case h.Chin < 0:
			v = Fail
		case h.Chin < NeckRoom-1e-3:
			v = Warn
		}
		worse(v, h.Chin, b, nil, amiss("From the chin to the bottom edge there are", h.Chin, b, "mm"))
	}
	b := document.Band{Min: HairRoom, Max: math.Inf(1)}
	v, how := Pass, "From the hair to the top edge there are"
	if !h.HairMeasured {
		how = "From the hair, taken to rise 6 % above the crown, to the top edge there are"
	}
	switch {
	case h.Hair < 0 && h.HairMeasured:
		v = Fail
	case h.Hair < HairRoom-1e-3:
		v = Warn
	}
	worse(v, h.Hair, b, nil, amiss(how, h.Hair, b, "mm"))
	if h.SideMeasured {
		b, v := document.Band{Min: HairRoom, Max: math.Inf(1)}, Pass
		if s.SideToEarMinMM > 0 {
			b.Min = s.SideToEarMinMM
		}
		switch {
		case h.Side < b.Min-1e-3 && s.SideToEarMinMM > 0, h.Side <= 0.1:
			v = Fail
		case h.Side < b.Min-1e-3:
			v = Warn
		}
		worse(v, h.Side, b, nil, amiss("From the side of the head to the nearer edge there are", h.Side, b, "mm"))
		if f.Value != nil && *f.Value == h.Side && s.SideToEarMinMM > 0 {
			byRow(f, s, "side_to_ear_min_mm")
		}
	}
}

// poseRoll judges the tilt as taken, which straightening repairs up to a point, and what is left of it in the photo where
// the authority does not let anything be straightened.
func poseRoll(f *Finding, m Measurements, s document.Spec) {
	taken, made := m.Head.RollCapture, m.Head.RollOutput
	f.Source, f.Date, f.Unit, f.Place = iso, oursDate, "deg", m.Head.CapturePlace
	f.Value = new(taken)
	f.limits(document.Band{Min: -rollTaken, Max: rollTaken})
	switch a := math.Abs(taken); {
	case math.Abs(made) > rollMade:
		f.Verdict = Warn
		if math.Abs(made) > rollTaken {
			f.Verdict = Fail
		}
		f.Value = new(made)
		f.limits(document.Band{Min: -rollMade, Max: rollMade})
		f.Advice = fmt.Sprintf("The head is tilted by %.1f degrees in the photo: hold it upright, within %g.", math.Abs(made), rollMade)
	case a <= rollTaken:
		f.Verdict, f.Advice = Pass, fmt.Sprintf("The head was tilted by %.1f degrees and has been set upright.", a)
	case a <= rollRepaired:
		f.Verdict, f.Advice = Warn, fmt.Sprintf("The head was tilted by %.1f degrees and has been set upright, which slants the shoulders: hold it within %g.", a, rollTaken)
	default:
		f.Verdict, f.Advice = Fail, fmt.Sprintf("The head was tilted by %.1f degrees: take the photo again with the head upright, within %g.", a, rollTaken)
	}
}
