package face

import (
	"context"

	"github.com/professionalaistudio/studio/edge/vips"
	"github.com/professionalaistudio/studio/models"
)

// A said is a net that answers what a test gives it, and keeps what it was shown first and last.
type said struct {
	model models.Model
	out   [][]float32
	first []byte
	shown []byte
	runs  int
	err   error
}

func (s *said) Model() models.Model { return s.model }

func (s *said) Run(ctx context.Context, fill func([]byte), read func([][]float32) error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	in := make([]byte, 3*s.model.Input.Width*s.model.Input.Height)
	fill(in)
	s.shown = in
	s.runs++
	if s.first == nil {
		s.first = in
	}
	if s.err != nil {
		return s.err
	}
	return read(s.out)
}

func input(side int) models.Input {
	return models.Input{Width: side, Height: side, Scale: 1, Std: [3]float64{1, 1, 1}}
}

// cells is a detector that saw these rows.
func cells(rows ...[detection]float32) *said {
	s := &said{model: models.Model{Name: "cells", Input: input(320), Thresholds: map[string]float64{"score": 0.4}}}
	var out []float32
	for _, row := range rows {
		out = append(out, row[:]...)
	}
	s.out = [][]float32{out}
	s.model.Outputs = []models.Output{{Shape: []int{1, max(len(rows), 1), detection}}}
	return s
}

// row is a face of the detector's: its five points lie in the middle of the box.
func row(score, x0, y0, x1, y1 float32) (r [detection]float32) {
	r = [detection]float32{score, x0, y0, x1, y1}
	for i := range 5 {
		r[5+2*i], r[6+2*i] = (x0+x1)/2, (y0+y1)/2
	}
	return r
}

// seen is a face net that saw this.
func seen(points [][2]float32, pose [3]float32, properties [properties]float32) *said {
	flat := make([]float32, 2*len(Names))
	for i, p := range points {
		flat[2*i], flat[2*i+1] = p[0], p[1]
	}
	return &said{
		model: models.Model{Name: "seen", Input: input(128), Outputs: []models.Output{{Shape: []int{1, len(Names), 2}}, {Shape: []int{1, 3}}, {Shape: []int{1, 8}}},
			Thresholds: map[string]float64{"eye_open": 0.3, "glasses": 0.7}},
		out: [][]float32{flat, pose[:], properties[:]},
	}
}

// ramp is a picture whose red is x, green y, and blue their sum, rounded: what is made of it is known everywhere.
func ramp(width, height int) vips.Raster {
	r := vips.Raster{Pix: make([]byte, 3*width*height), Width: width, Height: height, Bands: 3}
	for y := range height {
		for x := range width {
			at := r.Pix[3*(y*width+x):]
			for c, v := range on(r, Point{float64(x) + 0.5, float64(y) + 0.5}) {
				at[c] = byte(v + 0.5)
			}
		}
	}
	return r
}

// on is the value of ramp at a place, before rounding.
func on(r vips.Raster, p Point) [3]float64 {
	u := min(max(p.X-0.5, 0), float64(r.Width-1)) / float64(r.Width)
	v := min(max(p.Y-0.5, 0), float64(r.Height-1)) / float64(r.Height)
	return [3]float64{200 * u, 200 * v, 100*u + 100*v}
}
