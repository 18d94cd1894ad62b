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

// measureOf measures a finished photo: the file by its own bytes, the head by where the map has really put it.
func measureOf(file []byte, c crop, s document.Spec, h Head) compliance.Measurements {
	m := compliance.Measurements{Head: headOf(c, s, h, compliance.Output)}
	if facts, err := measure.Read(file); err != nil {
		m.WhyFile = "the file's own structure could not be read"
	} else {
		m.File = fileOf(facts)
	}
	return m
}

func fileOf(f measure.Facts) *compliance.File {
	return &compliance.File{
		Format: f.Format, Width: f.Width, Height: f.Height, Bytes: f.Bytes, Bits: f.Bits, Samples: f.Samples,
		Progressive: f.Progressive, Profile: f.Profile, DPI: f.DPI(), Private: f.Private(),
	}
}

// headOf measures the head in a crop, in millimetres.
func headOf(c crop, s document.Spec, h Head, on string) *compliance.Head {
	model := modelOf(s.HeadTop)
	crownX, crownY := c.at(h.CrownX, h.CrownY)
	chinX, chinY := c.at(h.ChinX, h.ChinY)
	width, height := c.mm()
	// A head that stays tilted is measured as a clerk measures it: upright, from row to row.
	head := (chinY - crownY) / c.scale
	chin := chinY / c.scale
	m := &compliance.Head{
		On: on, Width: width, Height: height, Head: head,
		Top: crownY / c.scale, Chin: height - chin, Hair: chin - model.hair*head, HairMeasured: model.hairMeasured,
		Eye: height - chin + model.eyes*head, Axis: (crownX+chinX)/2/c.scale - width/2,
		RollCapture: h.tilt(), RollOutput: tiltMade(c, h), Upscale: c.upscale(), Extended: c.beyond[0] + c.beyond[1] + c.beyond[2],
		CapturePlace: line(compliance.Capture, h.CrownX, h.CrownY, h.ChinX, h.ChinY),
	}
	if on == compliance.Output {
		m.OutputPlace = line(on, crownX, crownY, chinX, chinY)
	} else {
		m.OutputPlace = m.CapturePlace
	}
	return m
}

func line(on string, x0, y0, x1, y1 float64) *compliance.Place {
	round := func(v float64) float64 { return math.Round(v*100) / 100 }
	return &compliance.Place{On: on, Points: [][2]float64{{round(x0), round(y0)}, {round(x1), round(y1)}}}
}

// A sight is what was found in one picture: the capture, or the finished photo.
type sight struct {
	picture  vips.Raster // upright, opaque sRGB
	scale    float64     // capture pixels per pixel of it, when it was decoded at a fraction; 1 for a finished photo
	faces    []face.Face // by size, the largest first
	look     *face.Look  // at the largest; nil when there is none
	alpha    []byte      // of the people, of the picture's size; nil when nobody asked
	frame    measure.Box // what becomes the photo; zero for all of it
	whyFace  string      // why there is no look: one clause
	whyMatte string      // why there is no alpha
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

func (s sight) matte() *measure.Alpha {
	if s.alpha == nil {
		return nil
	}
	return &measure.Alpha{Pix: s.alpha, Width: s.picture.Width, Height: s.picture.Height}
}

// joinCapture measures a capture and puts all of it into m. Each group of numbers is the same struct in measure and in
// compliance, so what is added to one and not to the other does not build.
func joinCapture(m *compliance.Measurements, s sight, spec document.Spec) error {
	points := s.points()
	scene, err := measure.Look(s.pixels(), points, s.matte(), s.frame)
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
	m.Grain = new(compliance.Grain(scene.Grain()))
	return nil
}

// joinPhoto measures a finished photo, whose points and alpha are those of the capture put through the map. backdrop is the
// colour that was put behind the person, nil where the background was kept. resampled is the capture put through the map with
// nothing else done to it; without pixels when nobody kept it.
func joinPhoto(m *compliance.Measurements, s sight, spec document.Spec, backdrop *vips.RGB, resampled vips.Raster) error {
	points := s.points()
	scene, err := measure.Look(s.pixels(), points, s.matte(), measure.Box{})
	if err != nil {
		return err
	}
	defer scene.Wipe()
	if s.alpha != nil {
		m.Made = new(compliance.Figure(scene.Figure()))
		m.Ground, m.GroundOn = new(compliance.Ground(scene.Ground(colours(spec)...))), compliance.Output
	}
	m.MadeGrain = new(compliance.Grain(scene.Grain()))
	if backdrop != nil {
		m.Replaced, m.Fringe = true, measure.Fringe(s.pixels(), s.matte(), [3]uint8{backdrop.R, backdrop.G, backdrop.B})
	}
	if resampled.Pix != nil {
		m.Unchanged = measure.Changed(s.pixels(), sight{picture: resampled, scale: 1}.pixels(), points)
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

// historyOf is what a capture's own notes say. eyes is pixels of the capture from eye to eye along the face, 0 when it was not
// found.
func historyOf(f measure.Facts, today time.Time, eyes float64) *compliance.History {
	return &compliance.History{
		Taken: f.Taken, Today: today, Software: f.Software, Edited: f.EditorNotes, Camera: measure.CameraDistance(f.Focal35, f.Width, f.Height, eyes),
	}
}

// Check judges a picture and makes nothing. One that already has the document's shape is judged as a finished photo: its
// file, and the head in it as it stands. Any other is a capture: the crop that Photo would make is solved, and judged.
// The head may be missing; what needs it is then not assessed.
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
	c.end("probe")
	if err := decodes(ctx, data, info); err != nil {
		return nil, ended(ctx, err)
	}
	c.end("decode")

	m := compliance.Measurements{WhyFile: "no file was made of this capture yet"}
	facts, err := measure.Read(data)
	if finished := err == nil && info.Orientation == 1 && hasShape(s, facts); finished {
		m.File = fileOf(facts)
		if r.Head != nil {
			_, mm := s.FileSize()
			asIs := crop{frame: frame{width, height, float64(height) / mm}, affine: [6]float64{1, 0, 0, 0, 1, 0}}
			m.Head = headOf(asIs, s, *r.Head, compliance.Output)
			m.Head.Upscale = 0 // where it came from is not known
		}
	} else if r.Head != nil {
		made, err := find(s, fileFrame(s), *r.Head, width, height, s.MayExtend())
		var short *ErrCannotFit
		switch {
		case errors.As(err, &short):
			m.WhyHead = "the photo cannot be cut from this capture"
			m.Lacking = &compliance.Lacking{MM: short.MM, Advice: short.Advice, Place: line(compliance.Capture, r.Head.CrownX, r.Head.CrownY, r.Head.ChinX, r.Head.ChinY)}
		case err != nil:
			return nil, err
		default:
			m.Head = headOf(made, s, *r.Head, compliance.Capture)
		}
	}
	c.end("solve")
	result := &Result{Document: s.ID, Pack: p.pack.Name(), Findings: compliance.Check(m, s)}
	c.end("judge")
	result.Timings = c.spans
	return result, nil
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

// decodes goes through all of a picture and keeps nothing of it: what is broken further down is not judged.
func decodes(ctx context.Context, data []byte, info vips.Info) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	shrink := 1
	if info.Format == vips.JPEG {
		shrink = 8
	}
	img, err := vips.LoadProbed(data, info, vips.LoadConfig{Shrink: shrink})
	if err != nil {
		return pictureError(err)
	}
	defer img.Close()
	defer context.AfterFunc(ctx, img.Interrupter())()
	if err := img.ResizeTo(max(img.Width()/16, 1), max(img.Height()/16, 1)); err != nil {
		return pictureError(err)
	}
	pix, _, _, err := img.Pixels()
	clear(pix)
	if err != nil {
		return pictureError(err)
	}
	return nil
}
