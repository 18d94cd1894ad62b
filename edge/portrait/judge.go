package portrait

import (
	"context"
	"encoding/hex"
	"errors"
	"math"
	"strings"
	"time"

	"github.com/professionalaistudio/studio/edge/portrait/compliance"
	"github.com/professionalaistudio/studio/edge/portrait/document"
	"github.com/professionalaistudio/studio/edge/portrait/face"
	"github.com/professionalaistudio/studio/edge/portrait/measure"
	"github.com/professionalaistudio/studio/edge/vips"
)

func fileOf(f measure.Facts) *compliance.File {
	return &compliance.File{
		Format: f.Format, Width: f.Width, Height: f.Height, Bytes: f.Bytes, Bits: f.Bits, Samples: f.Samples,
		Progressive: f.Progressive, Profile: f.Profile, DPI: f.DPI(), Private: f.Private(),
	}
}

// headOf measures the head in a crop, in millimetres: where the map has really put it.
func headOf(c crop, h figure, on string) *compliance.Head {
	crownX, crownY := c.at(h.CrownX, h.CrownY)
	chinX, chinY := c.at(h.ChinX, h.ChinY)
	width, height := c.mm()
	// A head that stays tilted is measured as a clerk measures it: upright, from row to row.
	head := (chinY - crownY) / c.scale
	chin := chinY / c.scale
	m := &compliance.Head{
		On: on, Width: width, Height: height, Head: head, Unsure: h.unsure * head,
		Top: crownY / c.scale, Chin: height - chin, Hair: chin - h.hair*head, HairMeasured: h.hairMeasured,
		Eye: height - chin + h.eyes*head, EyeMeasured: h.eyesMeasured, EarToEar: h.ears * head, Axis: (crownX+chinX)/2/c.scale - width/2,
		RollCapture: h.tilt(), RollOutput: tiltMade(c, h.Head), Upscale: c.upscale(), Extended: c.beyond[0] + c.beyond[1] + c.beyond[2],
		CapturePlace: line(compliance.Capture, h.CrownX, h.CrownY, h.ChinX, h.ChinY),
	}
	ex, ey := h.ChinX+h.eyes*(h.CrownX-h.ChinX), h.ChinY+h.eyes*(h.CrownY-h.ChinY)
	dx, dy := h.ears/2*(h.ChinY-h.CrownY), -h.ears/2*(h.ChinX-h.CrownX)
	eyes := [4]float64{ex - dx, ey - dy, ex + dx, ey + dy}
	m.OutputPlace = m.CapturePlace
	if on == compliance.Output {
		m.OutputPlace = line(on, crownX, crownY, chinX, chinY)
		eyes[0], eyes[1] = c.at(eyes[0], eyes[1])
		eyes[2], eyes[3] = c.at(eyes[2], eyes[3])
	}
	if h.eyesMeasured {
		m.EyePlace = line(on, eyes[0], eyes[1], eyes[2], eyes[3])
	}
	return m
}

func line(on string, x0, y0, x1, y1 float64) *compliance.Place {
	round := func(v float64) float64 { return math.Round(v*100) / 100 }
	return &compliance.Place{On: on, Points: [][2]float64{{round(x0), round(y0)}, {round(x1), round(y1)}}}
}

// A sight is what was found in one picture: the capture, or the finished photo.
type sight struct {
	picture  vips.Raster    // upright, opaque sRGB
	scale    float64        // capture pixels per pixel of it, when it was decoded at a fraction; 1 for a finished photo
	faces    []face.Face    // by size, the largest first
	look     *face.Look     // at the largest; nil when there is none
	alpha    *measure.Alpha // of the person; nil when nobody asked
	frame    measure.Box    // what becomes the photo; zero for all of it
	whyFace  string         // why there is no look: one clause
	whyMatte string         // why there is no alpha
}

func (s sight) points() *measure.Points {
	if s.look == nil {
		return nil
	}
	var p measure.Points
	for i, at := range s.look.Points {
		p[i] = [2]float64{at.X, at.Y}
	}
	return &p
}

func (s sight) pixels() measure.Picture {
	return measure.Picture{Pix: s.picture.Pix, Width: s.picture.Width, Height: s.picture.Height, Scale: s.scale}
}

// joinCapture measures a capture and puts all of it into m. Each group of numbers is the same struct in measure and in
// compliance, so what is added to one and not to the other does not build.
func joinCapture(m *compliance.Measurements, s sight, spec document.Spec) error {
	points := s.points()
	scene, err := measure.Look(s.pixels(), points, s.alpha, s.frame)
	if err != nil {
		return err
	}
	defer scene.Wipe()
	m.WhyFace, m.WhyMatte = s.whyFace, s.whyMatte
	if len(s.faces) > 0 {
		m.Faces = &compliance.Faces{}
	}
	if len(s.faces) > 1 {
		one, two := s.faces[0].Box, s.faces[1].Box
		m.Faces.Second = two.Width() * two.Height() / max(one.Width()*one.Height(), 1)
		for _, at := range [][2]float64{{two.X0, two.Y0}, {two.X1, two.Y0}, {two.X1, two.Y1}, {two.X0, two.Y1}} {
			m.Faces.At = append(m.Faces.At, [2]float64{at[0] * s.scale, at[1] * s.scale})
		}
	}
	if l := s.look; l != nil {
		m.Pose = &compliance.Pose{Yaw: l.Yaw, Pitch: l.Pitch}
		eye := l.LeftEyeOpen
		if l.RightEyeOpen.Score < eye.Score {
			eye = l.RightEyeOpen
		}
		score := func(p face.Property) *compliance.Score {
			return &compliance.Score{Value: p.Score, Threshold: p.Threshold}
		}
		m.Traits = &compliance.Traits{
			Glasses: score(l.Glasses), Dark: score(l.DarkGlasses), Headwear: score(l.Headwear), Occluded: score(l.Occluded), Smile: score(l.Smile),
			EyesOpen: score(eye), MouthOpen: score(l.MouthOpen),
		}
	}
	if points != nil {
		m.Features = new(compliance.Features(points.Measure(s.scale)))
		m.Light, m.Tone = new(compliance.Light(scene.Light())), new(compliance.Tone(scene.Tone()))
		m.Detail, m.Eyes = new(compliance.Detail(scene.Detail())), new(compliance.Eyes(scene.Eyes()))
	}
	if s.alpha != nil {
		m.Hair, m.Figure = new(compliance.Hair(scene.Hair())), new(compliance.Figure(scene.Figure()))
		m.Ground, m.GroundOn = new(compliance.Ground(scene.Ground(colours(spec)...))), compliance.Capture
	}
	if s.scale == 1 {
		m.Grain = new(compliance.Grain(scene.Grain()))
	} else {
		m.Grain = new(compliance.Grain(scene.Shades("the capture was decoded at a fraction of its size")))
	}
	return nil
}

// joinPhoto measures a finished photo, whose points and alpha are those of the capture put through the map. backdrop is the
// colour that was put behind the person, nil where the background was kept.
func joinPhoto(m *compliance.Measurements, s sight, spec document.Spec, backdrop *vips.RGB) error {
	scene, err := measure.Look(s.pixels(), s.points(), s.alpha, measure.Box{})
	if err != nil {
		return err
	}
	defer scene.Wipe()
	if s.alpha != nil {
		m.Made = new(compliance.Figure(scene.Figure()))
		m.Ground, m.GroundOn = new(compliance.Ground(scene.Ground(colours(spec)...))), compliance.Output
	}
	m.MadeGrain = new(compliance.Grain(scene.Shades("a photo that was just made has none")))
	if backdrop != nil {
		m.Replaced, m.Fringe = true, measure.Fringe(s.pixels(), s.alpha, [3]uint8{backdrop.R, backdrop.G, backdrop.B})
	}
	return nil
}

// joinKept is joinPhoto of a photo that is the capture put through the map and nothing else: wall and figure are those that were measured in
// its part of the capture, and only where they are drawn is another matter. scale is capture pixels per pixel of what was measured.
func joinKept(m *compliance.Measurements, s sight, made crop, scale float64) error {
	scene, err := measure.Look(s.pixels(), s.points(), nil, measure.Box{})
	if err != nil {
		return err
	}
	defer scene.Wipe()
	m.MadeGrain = new(compliance.Grain(scene.Shades("a photo that was just made has none")))
	moved := func(numbers ...*compliance.Number) {
		for _, n := range numbers {
			at := make([][2]float64, len(n.At))
			for i, p := range n.At {
				at[i][0], at[i][1] = made.at(p[0], p[1])
			}
			n.At = at
		}
	}
	if m.Figure != nil {
		f := *m.Figure
		moved(&f.Slope, &f.Width, &f.Sides, &f.CutTop, &f.CutSides, &f.Room, &f.Holes, &f.Islands)
		f.Room.Value *= scale * made.upscale()
		m.Made = &f
	}
	if m.Ground != nil {
		g := *m.Ground
		moved(&g.L, &g.A, &g.B, &g.Rough, &g.RoughTone, &g.Gradient, &g.Shadow, &g.Edges, &g.Islands, &g.Contrast, &g.Clothes, &g.Off, &g.Nearest)
		m.Ground, m.GroundOn = &g, compliance.Output
	}
	return nil
}

// judgeMade measures a finished photo.
func (p *Pipeline) judgeMade(m *compliance.Measurements, seen *capture, lain *person, j job, made crop, file, pix []byte, taken *piece) error {
	m.Head = headOf(made, j.fig, compliance.Output)
	if facts, err := measure.Read(file); err != nil {
		m.WhyFile = "the file's own structure could not be read"
	} else {
		m.File = fileOf(facts)
	}
	photo := sight{picture: vips.Raster{Pix: pix, Width: made.width, Height: made.height, Bands: 3}, scale: 1, whyFace: seen.whyFace, whyMatte: seen.whyMatte}
	if seen.look != nil {
		look := *seen.look
		for i, at := range look.Points {
			look.Points[i].X, look.Points[i].Y = made.at(at.X*seen.scale, at.Y*seen.scale)
		}
		photo.look = &look
		defer func() { look = face.Look{} }()
	}
	if j.backdrop == nil && !made.padded() {
		if err := joinKept(m, photo, made, seen.scale); err != nil {
			return err
		}
	} else {
		fraction := 4 // enough to see where walls and shoulders are
		if lain != nil {
			fraction = 1
		}
		if photo.alpha = seen.alphaOf(made, lain, fraction); photo.alpha != nil {
			defer clear(photo.alpha.Pix)
		}
		if err := joinPhoto(m, photo, j.spec, j.backdrop); err != nil {
			return err
		}
	}
	m.Unchanged = taken.unchanged(photo, made)
	if f := m.Made; f != nil && f.Room.Known {
		m.Head.Side, m.Head.SideMeasured = f.Room.Value/made.scale, true
	}
	return nil
}

// colours that the background may have.
func colours(s document.Spec) [][3]uint8 {
	var all [][3]uint8
	for _, c := range s.Background {
		if v, err := hex.DecodeString(strings.TrimPrefix(c.Hex, "#")); err == nil && len(v) == 3 {
			all = append(all, [3]uint8(v))
		}
	}
	return all
}

// historyOf is what a capture's own notes say.
func historyOf(f measure.Facts, today time.Time, m compliance.Measurements) *compliance.History {
	eyes := 0.0
	if m.Features != nil {
		eyes = m.Features.EyeDistance.Value
	}
	return &compliance.History{
		Taken: f.Taken, Today: today, Software: f.Software, Edited: f.EditorNotes, Camera: measure.CameraDistance(f.Focal35, f.Width, f.Height, eyes),
	}
}

// Check judges a picture and makes nothing. One that already has the document's shape is judged as a finished photo: its
// file, and the head in it as it stands. Any other is a capture: the crop that Photo would make is solved, and judged.
// Where there is no net to find it the head may be missing; what needs it is then not assessed.
func (p *Pipeline) Check(ctx context.Context, data []byte, r Request) (*Result, error) {
	c := clock{last: time.Now()}
	s, err := p.row(r)
	if err != nil {
		return nil, err
	}
	info, err := p.probe(data)
	if err != nil {
		return nil, err
	}
	width, height := info.Upright()
	if r.Head != nil {
		if err := r.Head.check(width, height); err != nil {
			return nil, err
		}
	}
	facts, err := measure.Read(data)
	finished := err == nil && info.Orientation == 1 && hasShape(s, facts)
	c.end("probe")
	size := eighthsToSee(info, s, fileFrame(s), true)
	if finished {
		size = 8
	}
	source, err := open(ctx, data, info, size)
	if err != nil {
		return nil, ended(ctx, err)
	}
	defer func() { source.Close() }()
	c.end("decode")
	seen, err := p.see(ctx, source, r.Head, r.Mode == ModeLive, &c)
	if err != nil {
		return nil, ended(ctx, err)
	}
	defer seen.Wipe()
	if seen.look != nil {
		if fine := eighthsToJudge(info, size, seen.points().Fineness()); fine > size { // the head is smaller than thought
			again, err := source.finer(ctx, data, info, fine, seen)
			if err != nil {
				return nil, ended(ctx, err)
			}
			source = again
			c.end("decode")
		}
	}

	m := compliance.Measurements{WhyFile: "no file was made of this capture yet"}
	if finished {
		m.File = fileOf(facts)
	}
	fig, err := seen.figure(s, r.Head)
	switch {
	case errors.Is(err, ErrNoHead): // nothing here finds one
	case err != nil:
		return nil, err
	case finished:
		_, mm := s.FileSize()
		asIs := crop{frame: frame{width, height, float64(height) / mm}, affine: [6]float64{1, 0, 0, 0, 1, 0}}
		m.Head = headOf(asIs, fig, compliance.Output)
		m.Head.Upscale = 0 // where it came from is not known
	default:
		if err := p.wouldBe(&m, s, r, seen, fig); err != nil {
			return nil, err
		}
	}
	c.end("solve")
	if err := joinCapture(&m, seen.sight, s); err != nil {
		return nil, err
	}
	m.History = historyOf(facts, p.today(), m)
	if m.Head != nil && finished && m.Figure != nil && m.Figure.Room.Known {
		m.Head.Side, m.Head.SideMeasured = m.Figure.Room.Value*seen.scale*float64(m.Head.Height)/float64(height), true
	}
	c.end("measure")
	result := &Result{Document: s.ID, Pack: p.pack.Name(), Findings: compliance.Check(m, s)}
	c.end("judge")
	if r.Drawing != "" {
		findings := result.Findings
		if finished {
			findings = here(findings, compliance.Capture)
		}
		if result.Drawing, err = p.draw(r.Drawing, compliance.Capture, seen.picture, seen.scale, findings, s, nil); err != nil {
			return nil, err
		}
		c.end("draw")
	}
	result.Timings = c.spans
	if r.Mode != ModeLive {
		count(result.Findings)
	}
	return result, nil
}

// wouldBe is the head in the photo that would be made of a capture, or what keeps one from being made.
func (p *Pipeline) wouldBe(m *compliance.Measurements, s document.Spec, r Request, seen *capture, fig figure) error {
	beyond := about(s)
	if seen.sketch != nil && p.replaces(s, r) {
		beyond = seen.free(s, fig)
	}
	made, err := find(s, fileFrame(s), fig, seen.width, seen.height, beyond)
	var short *ErrCannotFit
	switch {
	case errors.As(err, &short):
		m.WhyHead = "the photo cannot be cut from this capture"
		m.Lacking = &compliance.Lacking{MM: short.MM, Advice: short.Advice, Place: line(compliance.Capture, fig.CrownX, fig.CrownY, fig.ChinX, fig.ChinY)}
	case err != nil:
		return err
	default:
		m.Head = headOf(made, fig, compliance.Capture)
		seen.sight.frame = seen.frame(made)
	}
	return nil
}

// hasShape says whether a file has a size that the row's file or print has, at the row's density or at its own.
func hasShape(s document.Spec, f measure.Facts) bool {
	if s.CheckPixels(f.Width, f.Height) == nil {
		return true
	}
	for _, dpi := range []float64{float64(s.DPI), f.DPI()} {
		if w, h := s.PrintPixels(dpi); dpi >= 150 && w == f.Width && h == f.Height {
			return true
		}
	}
	return false
}
