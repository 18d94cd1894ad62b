package face

import (
	"image"
	"math"

	"github.com/professionalaistudio/studio/edge/vips"
)

// A sampler is a picture, or a part of one made smaller, that is read between its pixels. Beyond its edge the edge goes on.
type sampler struct {
	r             vips.Raster     // where planes is nil
	planes        []float32       // red, green, blue
	part          image.Rectangle // of the picture
	width, height int             // of planes
	across, down  float64         // of its pixels for one of the picture
}

func whole(r vips.Raster) sampler {
	return sampler{r: r, part: image.Rect(0, 0, r.Width, r.Height), width: r.Width, height: r.Height, across: 1, down: 1}
}

// reduce makes what a crop needs of the picture smaller by factor, about. back is the map from the crop, of width x height, to the picture.
func reduce(r vips.Raster, back affine, width, height int, factor float64) (sampler, error) {
	low, high := Point{math.Inf(1), math.Inf(1)}, Point{math.Inf(-1), math.Inf(-1)}
	for _, corner := range []Point{{0, 0}, {float64(width), 0}, {0, float64(height)}, {float64(width), float64(height)}} {
		p := back.at(corner)
		low, high = Point{min(low.X, p.X), min(low.Y, p.Y)}, Point{max(high.X, p.X), max(high.Y, p.Y)}
	}
	margin := 2 / factor
	s := sampler{r: r, part: image.Rectangle{
		Min: image.Pt(inside(low.X-margin, r.Width), inside(low.Y-margin, r.Height)),
		Max: image.Pt(inside(high.X+margin, r.Width)+1, inside(high.Y+margin, r.Height)+1),
	}}
	s.width = max(1, int(math.Round(float64(s.part.Dx())*factor)))
	s.height = max(1, int(math.Round(float64(s.part.Dy())*factor)))
	s.across, s.down = float64(s.width)/float64(s.part.Dx()), float64(s.height)/float64(s.part.Dy())
	s.planes = make([]float32, 3*s.width*s.height)
	return s, r.Average(s.part, s.planes, s.width, s.height, [3]float32{1, 1, 1}, [3]float32{})
}

// inside is the pixel of n that a place lies in, or the one nearest to it.
func inside(v float64, n int) int { return int(math.Floor(min(max(v, 0), float64(n-1)))) }

// at is the colour at a place in the picture, 0 to 255.
func (s *sampler) at(p Point) (colour [3]float32) {
	x0, x1, fx := beside((p.X-float64(s.part.Min.X))*s.across, s.width)
	y0, y1, fy := beside((p.Y-float64(s.part.Min.Y))*s.down, s.height)
	upper, lower := y0*s.width, y1*s.width
	if s.planes == nil {
		a, b := s.r.Pix[3*(upper+x0):][:3], s.r.Pix[3*(upper+x1):][:3]
		c, d := s.r.Pix[3*(lower+x0):][:3], s.r.Pix[3*(lower+x1):][:3]
		for k := range colour {
			colour[k] = blend(float32(a[k]), float32(b[k]), float32(c[k]), float32(d[k]), fx, fy)
		}
		return colour
	}
	n := s.width * s.height
	for k := range colour {
		plane := s.planes[k*n:][:n]
		colour[k] = blend(plane[upper+x0], plane[upper+x1], plane[lower+x0], plane[lower+x1], fx, fy)
	}
	return colour
}

// blend is between four values, a and b above c and d.
func blend(a, b, c, d, fx, fy float32) float32 {
	up, down := a+fx*(b-a), c+fx*(d-c)
	return up + fy*(down-up)
}

// beside is between which two of n pixels a place lies, by their centres.
func beside(v float64, n int) (low, high int, part float32) {
	v = min(max(v-0.5, 0), float64(n-1))
	low = int(v)
	return low, min(low+1, n-1), float32(v - float64(low))
}
