package measure

import (
	"errors"
	"fmt"
)

// ErrPicture is a picture whose bytes are not those of its size, or one too small to say anything of.
var ErrPicture = errors.New("no picture to measure")

// A Picture is 8-bit sRGB, rows from the top, three bytes a pixel: [Height][Width][3]. It belongs to the caller, and nothing
// here keeps or changes it.
type Picture struct {
	Pix           []byte
	Width, Height int
	Scale         float64 // capture pixels per pixel of this one, when it was decoded at a fraction; 0 means 1. What Number.At says is in capture pixels.
}

// An Alpha is the matte of a picture: [Height][Width], 255 the person and 0 the background. It may be finer or coarser than
// the picture; it covers Field, the whole picture when that is empty. What lies outside is not known to be anything.
type Alpha struct {
	Pix           []byte
	Width, Height int
	Field         Box
}

// A Box is a part of a picture, in its pixels from its top left corner. The zero Box is all of it.
type Box struct{ X0, Y0, X1, Y1 float64 }

func (b Box) empty() bool { return b.X1 <= b.X0 || b.Y1 <= b.Y0 }

// corners of a box, as an outline.
func (b Box) corners() [][2]float64 {
	return [][2]float64{{b.X0, b.Y0}, {b.X1, b.Y0}, {b.X1, b.Y1}, {b.X0, b.Y1}}
}

// A Scene is a picture of a person with what the nets found in it. It holds reduced copies of the picture, made when first
// asked for, until Wipe. One goroutine at a time.
type Scene struct {
	picture Picture
	points  *Points
	alpha   *Alpha
	frame   Box
	face    *view
	ground  *small
	apart   *Number // islands, which two groups have
}

// Look prepares a picture for measuring. points may be nil when no face was found, alpha when there is no matte. frame is
// the part that becomes the photo: the background beyond it is nobody's concern. Nothing is copied yet.
func Look(p Picture, points *Points, alpha *Alpha, frame Box) (*Scene, error) {
	if p.Width < 16 || p.Height < 16 || len(p.Pix) != 3*p.Width*p.Height {
		return nil, fmt.Errorf("%w: %d × %d of %d bytes", ErrPicture, p.Width, p.Height, len(p.Pix))
	}
	if alpha != nil && (alpha.Width < 1 || alpha.Height < 1 || len(alpha.Pix) != alpha.Width*alpha.Height) {
		return nil, fmt.Errorf("%w: a matte of %d × %d of %d bytes", ErrPicture, alpha.Width, alpha.Height, len(alpha.Pix))
	}
	if points != nil && !points.finite() {
		points = nil
	}
	if p.Scale == 0 {
		p.Scale = 1
	}
	whole := Box{0, 0, float64(p.Width), float64(p.Height)}
	if frame.empty() {
		frame = whole
	}
	frame = Box{max(frame.X0, 0), max(frame.Y0, 0), min(frame.X1, whole.X1), min(frame.Y1, whole.Y1)}
	if frame.empty() {
		return nil, fmt.Errorf("%w: the frame lies outside", ErrPicture)
	}
	return &Scene{picture: p, points: points, alpha: alpha, frame: frame}, nil
}

// Wipe overwrites what the scene has copied of the picture.
func (s *Scene) Wipe() {
	if s.face != nil {
		s.face.wipe()
	}
	if s.ground != nil {
		s.ground.wipe()
	}
	s.face, s.ground, s.apart = nil, nil, nil
}

// at puts an outline of the picture into capture pixels.
func (s *Scene) at(outline [][2]float64) [][2]float64 {
	out := make([][2]float64, len(outline))
	for i, p := range outline {
		out[i] = [2]float64{p[0] * s.picture.Scale, p[1] * s.picture.Scale}
	}
	return out
}

// leastEye is how many pixels the picture must have from eye to eye before anything about the face's surface is measured.
const leastEye = 24.0

// view is the face upright, or the reason why there is none.
func (s *Scene) view() (*view, string) {
	if s.points == nil {
		return nil, noFace
	}
	if s.face == nil {
		if s.points.eyeDistance() < leastEye {
			return nil, fewEyes
		}
		s.face = newView(s.picture, s.points)
	}
	return s.face, ""
}

// small is the frame with its matte, or the reason why there is none.
func (s *Scene) small() (*small, string) {
	if s.alpha == nil {
		return nil, noMatte
	}
	if s.ground == nil {
		s.ground = newSmall(s.picture, s.alpha, s.frame)
	}
	return s.ground, ""
}
