package compliance

import (
	"fmt"
	"math"

	"github.com/professionalaistudio/studio/edge/portrait/document"
)

// Limits of turning and nodding, in degrees: ISO's to pass, twice as much and less to fail. OFIQ's scores of the same are flat
// (20 degrees still score 88), so they are told and not used.
const (
	posePass  = 5.0
	yawFail   = 8.0
	pitchFail = 15.0 // the facts say 10; see posePitch
	browsTurn = 10.0 // from here on the brows have moved with the head
)

func side(positive bool) string {
	if positive {
		return "right"
	}
	return "left"
}

func (f *Finding) faced(m Measurements) {
	if at := m.features().Face.At; f.Place == nil {
		f.Place = placed(Capture, at)
	}
}

// poseYaw judges how far the face is turned: ISO/IEC 19794-5 7.2.2.
func poseYaw(f *Finding, m Measurements, _ document.Spec) {
	f.Source = iso
	f.faced(m)
	score, _ := OFIQ("HeadPoseYaw", m.Pose.Yaw)
	yaw := math.Abs(m.Pose.Yaw)
	f.within(m.Pose.Yaw, posePass, yawFail, "deg")
	f.tell(fmt.Sprintf("The face looks straight ahead, %.0f degrees off (OFIQ scores it %d of 100).", yaw, score),
		fmt.Sprintf("The face is turned by %.0f degrees to the %s of the picture: turn it back until the nose points into the camera, within %g.",
			yaw, side(m.Pose.Yaw > 0), posePass))
}

// posePitch judges how far the chin is raised or lowered: ISO/IEC 19794-5 7.2.2. On 78 neutral studio portraits, whose heads are level, the
// net's pitch has a median of 1.3 degrees and scatters by 4.2: so what is 10 off by the net may be 5 off, and only from 15 on it is
// called a failure.
func posePitch(f *Finding, m Measurements, _ document.Spec) {
	f.Source = iso
	f.faced(m)
	score, _ := OFIQ("HeadPosePitch", m.Pose.Pitch)
	pitch := math.Abs(m.Pose.Pitch)
	verdict := f.within(m.Pose.Pitch, posePass, pitchFail, "deg")
	switch {
	case verdict == Pass:
		f.Advice = fmt.Sprintf("The head is level, %.0f degrees off (OFIQ scores it %d of 100).", pitch, score)
	case m.Pose.Pitch > 0:
		f.Advice = fmt.Sprintf("The head is lowered by %.0f degrees: raise the chin, or bring the camera down to the height of the eyes, within %g.", pitch, posePass)
	default:
		f.Advice = fmt.Sprintf("The head is raised by %.0f degrees: lower the chin, or bring the camera up to the height of the eyes, within %g.", pitch, posePass)
	}
}

// shouldersLevel judges the line through the shoulders.
func shouldersLevel(f *Finding, m Measurements, _ document.Spec) {
	slope := m.Figure.Slope.Value
	f.within(slope, 4, 8, "deg")
	f.tell(fmt.Sprintf("The shoulders are level, %.0f degrees off.", math.Abs(slope)),
		fmt.Sprintf("The shoulder on the %s of the picture is %.0f degrees lower: sit straight and let both arms hang, within 4.", side(slope > 0), math.Abs(slope)))
}

// shouldersVisible judges how much of the shoulders the photo shows: one and a half times the head, or all of its width.
func shouldersVisible(f *Finding, m Measurements, _ document.Spec) {
	figure := m.made()
	verdict := f.least(figure.Width.Value, 1.5, 1.2, "head widths")
	if m.Made == nil && f.Place != nil {
		f.Place.On = Capture
	}
	switch {
	case verdict == Pass:
		f.Advice = fmt.Sprintf("The shoulders show, %.1f times as wide as the head.", figure.Width.Value)
	case figure.Sides.Known && figure.Sides.Value == 2:
		f.Verdict = Pass
		f.Advice = fmt.Sprintf("The shoulders fill the photo from side to side, at %.1f times the width of the head.", figure.Width.Value)
	default:
		f.Advice = fmt.Sprintf("Below the chin only %.1f times the width of the head shows, and 1.5 are wanted: step back and let both shoulders into the picture.", figure.Width.Value)
	}
}
