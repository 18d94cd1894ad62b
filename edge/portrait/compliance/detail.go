package compliance

import (
	"fmt"
	"math"

	"github.com/professionalaistudio/studio/edge/portrait/document"
)

// eyesApart is how far the eyes of an adult are apart, in millimetres: the mean of grown people, give or take 4.
const eyesApart = 63.0

const blurPass, blurFail = 2.8, 4.2 // % of the eye distance, from 10 to 90 % of an edge

// faceBlur judges the width of the sharpest edges of eyes and brows. The facts leave the limits to be tuned; these are ours, by
// official portraits (95 % below 2.2) and the same blurred.
func faceBlur(f *Finding, m Measurements, _ document.Spec) {
	v := m.Detail.Edge.Value
	mm := v / 100 * eyesApart
	f.most(v, blurPass, blurFail, "% of the eye distance")
	f.tell(fmt.Sprintf("The face is sharp: its edges are %.1f mm wide.", mm),
		fmt.Sprintf("The face is blurred: its sharpest edges are %.1f mm wide and should be %.1f at most; clean the lens, hold the camera still, and let it focus on the eyes.", mm, blurPass/100*eyesApart))
}

// motionPass is % of the detail across: one portrait in two hundred that nobody moved in has less.
const motionPass = 48

// faceMotion compares how much detail is left along each direction. It warns and never fails: motion was tried for OFIQ and
// given up for want of accuracy.
func faceMotion(f *Finding, m Measurements, _ document.Spec) {
	if noise := m.Detail.Noise; noise.Known && noise.Value > 4 {
		f.unjudged(fmt.Sprintf("the grain of the picture, %.0f of 255, hides it", noise.Value))
		return
	}
	v := m.Detail.Motion.Value
	if f.least(100*v, motionPass, -1, "% of the detail across"); f.Verdict == Pass {
		f.Advice = fmt.Sprintf("Nothing is smeared: along its weakest direction the face keeps %.0f %% of the detail.", 100*v)
		return
	}
	how := "sideways"
	if a := m.Detail.Along.Value; a > 45 && a < 135 {
		how = "up and down"
	}
	f.Advice = fmt.Sprintf("The face is smeared %s, with %.0f %% of the detail left that way: rest the phone on something, have more light, and hold still for 2 seconds.", how, 100*v)
}

// faceNoise judges the grain of the cheeks.
func faceNoise(f *Finding, m Measurements, _ document.Spec) {
	v := m.Detail.Noise.Value
	f.most(v, 6, 12, "of 255")
	f.tell(fmt.Sprintf("The skin is free of grain: it scatters by %.1f of 255.", v),
		fmt.Sprintf("The skin is grainy: it scatters by %.0f of 255, and 6 is the most; have more light, so that the camera need not amplify.", v))
}

const texturePass = 0.45 // % of the cheek's brightness

// faceSmooth looks for skin without texture beside sharp lashes. It warns and never fails.
func faceSmooth(f *Finding, m Measurements, _ document.Spec) {
	edge := m.Detail.Edge
	if !edge.Known || edge.Value > blurPass {
		f.unjudged("the face is not sharp enough to miss the texture of its skin")
		return
	}
	if motion, noise := m.Detail.Motion, m.Detail.Noise; motion.Known && 100*motion.Value < motionPass && noise.Known && noise.Value <= 4 {
		f.unjudged("the face is smeared, and with it the texture of its skin")
		return
	}
	if black := m.light().Black; black.Known && 100*black.Value > contrastPass {
		f.unjudged("the photo is washed out, and with it the texture of the skin")
		return
	}
	if m.Features != nil && m.Features.EyeDistance.Known && m.Features.EyeDistance.Value < 80 {
		f.unjudged(fmt.Sprintf("with %.0f pixels from eye to eye the texture of skin cannot be seen", m.Features.EyeDistance.Value))
		return
	}
	v := m.Detail.Texture.Value
	f.least(v, texturePass, -1, "% of the cheek's brightness")
	f.tell(fmt.Sprintf("The skin has its texture, of %.1f %% of its brightness.", v),
		fmt.Sprintf("The skin is as smooth as after a filter: its texture is %.1f %% of its brightness, and %.1f the least; switch portrait mode and beauty filters off.", v, texturePass))
}

// pixelation judges how far the capture had to be magnified, and squares in it: seams of JPEG blocks, or pixels that were
// repeated to make a small picture large.
func pixelation(f *Finding, m Measurements, _ document.Spec) {
	up, repeated, blocks := 0.0, Number{}, Number{}
	if m.Head != nil {
		up = m.Head.Upscale
	}
	if m.Grain != nil {
		repeated, blocks = m.Grain.Repeated, m.Grain.Blocks
	}
	switch {
	case repeated.Known && repeated.Value > 0.3:
		f.most(100*repeated.Value, 30, 90, "% of the face's pixels")
		f.Place = placed(Capture, repeated.At)
		f.Advice = fmt.Sprintf("Some %.0f %% of the face's pixels repeat their neighbour: this is a small picture made large, so send the camera's own file.", 100*repeated.Value)
		return
	case blocks.Known && blocks.Value > 0.6:
		f.most(100*blocks.Value, 60, 200, "% more at the seams")
		f.Advice = fmt.Sprintf("The picture is compressed so far that squares show: steps are %.0f %% larger at their seams, and 60 is the most; send the camera's own file.", 100*blocks.Value)
		return
	case up == 0 && m.Head == nil:
		f.Advice = m.WhyHead
		if f.Advice == "" {
			f.Advice = string(needsHead)
		}
		return
	case up == 0:
		f.Advice = "the capture that this photo was made from is not known"
		return
	}
	f.Value, f.Max, f.Unit, f.Place = new(up), new(1.2), "times", m.Head.OutputPlace
	switch {
	case up <= 1.2:
		f.Verdict, f.Advice = Pass, fmt.Sprintf("The capture has %.1f pixels for each pixel of the photo.", 1/up)
	case up <= 2:
		f.Verdict, f.Advice = Warn, fmt.Sprintf("The capture is magnified %.1f times, so the face is softer than it should be: come closer, to %.0f %% of the distance.", up, 100/up)
	default:
		f.Verdict, f.Advice = Fail, fmt.Sprintf("The capture is magnified %.1f times and the face is blurred: come closer, or use a camera with %.1f times the pixels each way.", up, up)
	}
}

// facePosterised judges how many shades the face has: 90 and more, or nearly all there are between its darkest and brightest.
func facePosterised(f *Finding, m Measurements, _ document.Spec) {
	g := m.madeGrain()
	if m.MadeGrain == nil && f.Place != nil {
		f.Place.On = Capture
	}
	v := g.Levels.Value
	if f.least(v, 90, 50, "levels"); g.Span.Known && v > 0.9*g.Span.Value {
		f.Verdict = Pass // a flat light has few shades, and no steps
	}
	f.tell(fmt.Sprintf("Shades run smoothly: the face has %.0f levels of brightness.", v),
		fmt.Sprintf("The face has only %.0f levels of brightness where %.0f would fit, so shades show as steps: send the camera's own file, without effects.", v, math.Max(g.Span.Value, 90)))
}

// faceDistortion judges how far the camera was, as its own notes and the size of the face say: near, a nose grows and ears
// shrink. From the face alone it cannot be told fairly: noses differ more than distances make them.
func faceDistortion(f *Finding, m Measurements, _ document.Spec) {
	v := m.History.Camera.Value
	switch f.least(v, 0.7, 0.4, "m"); {
	case f.Verdict == Pass:
		f.Advice = fmt.Sprintf("The camera was about %.1f m away.", v)
	case v < 0.7:
		f.Advice = fmt.Sprintf("The camera was only about %.0f cm away, which widens the nose and hides the ears: hold the phone %.0f cm further away, or let somebody else hold it.", 100*v, math.Ceil((0.7-v)*20)*5)
	}
}
