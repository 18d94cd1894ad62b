package portrait

import (
	"math"

	"github.com/professionalaistudio/studio/edge/portrait/compliance"
	"github.com/professionalaistudio/studio/edge/portrait/measure"
	"github.com/professionalaistudio/studio/edge/vips"
)

// A piece is the part of a photo that the face lies in, made of the capture before anything was done to it.
type piece struct {
	of     frame // the photo's
	x, y   int   // of its corner in the photo
	raster vips.Raster
}

func (p *piece) wipe() {
	if p != nil {
		clear(p.raster.Pix)
	}
}

// taken makes the face of a photo from the capture as it was taken, to be compared with what becomes of it; nil where there is none.
func (j job) taken(seen *capture, made crop) (*piece, error) {
	if seen.look == nil {
		return nil, nil
	}
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, at := range seen.points().Inside() {
		x, y := made.at(at[0]*seen.scale, at[1]*seen.scale)
		x0, y0, x1, y1 = min(x0, x), min(y0, y), max(x1, x), max(y1, y)
	}
	if j.backdrop == nil {
		// Nothing is done to this photo: a band across eyes and nose is enough to see that nothing was.
		y0, y1 = y0+0.3*(y1-y0), y0+0.55*(y1-y0)
	}
	left, top := int(max(x0, 0)), int(max(y0, 0))
	part := made
	part.width, part.height = int(min(x1+1, float64(made.width)))-left, int(min(y1+1, float64(made.height)))-top
	if part.width < 1 || part.height < 1 {
		return nil, nil
	}
	part.affine[2] -= float64(left)
	part.affine[5] -= float64(top)
	part.beyond = [4]float64{}
	plain := j
	plain.backdrop = nil
	pix, err := plain.render(part)
	if err != nil {
		return nil, err
	}
	return &piece{made.frame, left, top, vips.Raster{Pix: pix, Width: part.width, Height: part.height, Bands: 3}}, nil
}

// unchanged compares the face of a photo with what it was.
func (p *piece) unchanged(photo sight, made crop) compliance.Number {
	points := photo.points()
	switch {
	case points == nil:
		return compliance.Number{Why: photo.whyFace}
	case p == nil || p.of != made.frame:
		return compliance.Number{Why: "the photo had to be made smaller than the one that was compared"}
	}
	same := vips.Raster{Pix: make([]byte, len(p.raster.Pix)), Width: p.raster.Width, Height: p.raster.Height, Bands: 3}
	defer clear(same.Pix)
	for y := range p.raster.Height {
		copy(same.Pix[3*y*same.Width:][:3*same.Width], photo.picture.Pix[3*((p.y+y)*photo.picture.Width+p.x):])
	}
	for i := range points {
		points[i][0] -= float64(p.x)
		points[i][1] -= float64(p.y)
	}
	n := measure.Changed(sight{picture: same, scale: 1}.pixels(), sight{picture: p.raster, scale: 1}.pixels(), points)
	for i := range n.At {
		n.At[i][0] += float64(p.x)
		n.At[i][1] += float64(p.y)
	}
	return n
}
