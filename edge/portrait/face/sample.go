package face

import (
	"image"
	"math"

	"github.com/professionalaistudio/studio/edge/vips"
)

// A piece is a part of a picture, perhaps made smaller.
type piece struct {
	small vips.Raster
	part  image.Rectangle // of the picture
}

// cut makes what a crop needs of the picture, smaller by factor, about. back is the map from the crop, of width x height, to the picture.
func cut(r vips.Raster, back affine, width, height int, factor float64) (piece, error) {
	low, high := Point{math.Inf(1), math.Inf(1)}, Point{math.Inf(-1), math.Inf(-1)}
	for _, corner := range []Point{{0, 0}, {float64(width), 0}, {0, float64(height)}, {float64(width), float64(height)}} {
		p := back.at(corner)
		low, high = Point{min(low.X, p.X), min(low.Y, p.Y)}, Point{max(high.X, p.X), max(high.Y, p.Y)}
	}
	margin := 2 / factor
	p := piece{part: image.Rectangle{
		Min: image.Pt(inside(low.X-margin, r.Width), inside(low.Y-margin, r.Height)),
		Max: image.Pt(inside(high.X+margin, r.Width)+1, inside(high.Y+margin, r.Height)+1),
	}}
	p.small = vips.Raster{Bands: 3, Width: max(1, int(math.Round(float64(p.part.Dx())*factor))), Height: max(1, int(math.Round(float64(p.part.Dy())*factor)))}
	p.small.Pix = make([]byte, 3*p.small.Width*p.small.Height)
	return p, r.Average(p.part, p.small)
}

// warp writes the input of a net that sees the piece through back.
func (p piece) warp(back affine, to vips.Raster) error {
	across, down := float64(p.small.Width)/float64(p.part.Dx()), float64(p.small.Height)/float64(p.part.Dy())
	m := [6]float64{
		back.a * across, -back.b * across, (back.c - float64(p.part.Min.X)) * across,
		back.b * down, back.a * down, (back.d - float64(p.part.Min.Y)) * down,
	}
	return p.small.Warp(m, to)
}

// inside is the pixel of n that a place lies in, or the one nearest to it.
func inside(v float64, n int) int { return int(math.Floor(min(max(v, 0), float64(n-1)))) }
