package face

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"

	"github.com/professionalaistudio/studio/edge/vips"
	"github.com/professionalaistudio/studio/models"
)

var (
	// ErrNoNet says that this Finder has no net for what was asked.
	ErrNoNet = errors.New("no net for faces")
	// ErrNet says that a net does not answer what a detector or a face net answers.
	ErrNet = errors.New("not a net of faces")
)

// A Net is what runs one net; *inference.Net is one.
type Net interface {
	Run(ctx context.Context, fill func(in []byte), read func(out [][]float32) error) error
	Model() models.Model
}

// A Point is a place in the picture, in pixels from its top left corner.
type Point struct{ X, Y float64 }

// A Box is a part of the picture, in pixels from its top left corner. It may reach beyond the picture.
type Box struct{ X0, Y0, X1, Y1 float64 }

// Width of the box in pixels.
func (b Box) Width() float64 { return b.X1 - b.X0 }

// Height of the box in pixels.
func (b Box) Height() float64 { return b.Y1 - b.Y0 }

// Rectangle is the box in whole pixels, none of it cut off.
func (b Box) Rectangle() image.Rectangle {
	return image.Rect(int(math.Floor(b.X0)), int(math.Floor(b.Y0)), int(math.Ceil(b.X1)), int(math.Ceil(b.Y1)))
}

// The five points of a face.
const (
	LeftEye = iota // on the left of the picture
	RightEye
	NoseTip
	LeftMouth // its corner
	RightMouth
)

// A Face is where the detector sees one.
type Face struct {
	Box    Box     // from the forehead to the chin, without hair and ears
	Score  float64 // 0 to 1, at least the detector's threshold
	Points [5]Point
}

// A Finder finds faces and looks at them. Any number of goroutines may use it; it holds nothing of a picture.
type Finder struct {
	detector, look *net
	threshold      float64             // of the detector
	limits         [properties]float64 // of the face net
}

// Where a score becomes a yes if a manifest does not say.
const usualThreshold = 0.5

// New makes a Finder of a detector and a face net; either may be nil, and what it is for is then ErrNoNet. The error wraps ErrNet.
func New(detector, look Net) (*Finder, error) {
	f := &Finder{threshold: usualThreshold}
	if detector != nil {
		m := detector.Model()
		if len(m.Outputs) != 1 || count(m.Outputs[0])%detection != 0 || count(m.Outputs[0]) == 0 {
			return nil, fmt.Errorf("%s: %w: a detector has one output, %d numbers for each cell", m.Name, ErrNet, detection)
		}
		f.detector = newNet(detector)
		if t, ok := m.Thresholds["score"]; ok {
			f.threshold = t
		}
	}
	if look != nil {
		m := look.Model()
		if len(m.Outputs) != 3 || count(m.Outputs[0]) != 2*len(Names) || count(m.Outputs[1]) != 3 || count(m.Outputs[2]) != properties {
			return nil, fmt.Errorf("%s: %w: a face net has %d points, 3 angles and %d properties", m.Name, ErrNet, len(Names), properties)
		}
		f.look = newNet(look)
		for i, name := range propertyNames {
			f.limits[i] = usualThreshold
			if t, ok := m.Thresholds[name]; ok {
				f.limits[i] = t
			}
		}
	}
	return f, nil
}

func count(o models.Output) int {
	n := 1
	for _, d := range o.Shape {
		n *= d
	}
	return n
}

// Models are the nets in use, for the receipt.
func (f *Finder) Models() (all []models.Model) {
	for _, n := range []*net{f.detector, f.look} {
		if n != nil {
			all = append(all, n.Model())
		}
	}
	return all
}

// net is a Net with the size of its input.
type net struct {
	Net
	width, height int
}

func newNet(n Net) *net {
	in := n.Model().Input
	return &net{Net: n, width: in.Width, height: in.Height}
}

// shows is the input of the net as a picture.
func (n *net) shows(in []byte) vips.Raster {
	return vips.Raster{Pix: in, Width: n.width, Height: n.height, Bands: 3}
}

// CanFind tells whether there is a detector.
func (f *Finder) CanFind() bool { return f != nil && f.detector != nil }

// CanLook tells whether there is a face net.
func (f *Finder) CanLook() bool { return f != nil && f.look != nil }

// Find finds the faces of an upright picture, the largest first. None is no error.
func (f *Finder) Find(ctx context.Context, r vips.Raster) ([]Face, error) {
	if !f.CanFind() {
		return nil, ErrNoNet
	}
	if err := r.Check(); err != nil {
		return nil, err
	}
	box := fit(r.Width, r.Height, f.detector.width, f.detector.height)
	var faces []Face
	var bad error
	err := f.detector.Run(ctx, func(in []byte) { bad = box.fill(r, f.detector.shows(in)) }, func(out [][]float32) error {
		if bad == nil {
			faces = box.faces(out[0], f.threshold)
		}
		return bad
	})
	return faces, err
}
