package matte

import (
	"context"
	"image"
	"math"
	"math/rand/v2"

	"github.com/professionalaistudio/studio/edge/vips"
	"github.com/professionalaistudio/studio/models"
)

// A scene is a drawn person, whose alpha and colours are known, before a wall: a head with hair that ends in strands, a hole between
// hair and neck, shoulders in cloth with stripes.
type scene struct {
	picture, person, wall vips.Raster
	alpha                 []float64
	head                  image.Rectangle
	hole                  image.Point
}

// draw makes a scene of width x height; size is the height of the head in pixels, and (cx, cy) its middle.
func draw(width, height int, cx, cy, size float64, wall func(x, y int) [3]float64) scene {
	random := rand.New(rand.NewPCG(7, uint64(width)))
	raster := func() vips.Raster {
		return vips.Raster{Pix: make([]byte, 3*width*height), Width: width, Height: height, Bands: 3}
	}
	s := scene{picture: raster(), person: raster(), wall: raster(), alpha: make([]float64, width*height)}
	s.head = image.Rect(int(cx-size*.38), int(cy-size*.5), int(cx+size*.38), int(cy+size*.5))
	hx, hy := cx+size*.36, cy+size*.42 // the hole, under the hair beside the neck
	s.hole = image.Pt(int(hx), int(hy))
	step := func(d float64) float64 { return min(max(d/3+.5, 0), 1) } // d: pixels inside; a lens is not sharper
	ellipse := func(x, y, cx, cy, rx, ry float64) float64 {
		u, v := (x-cx)/rx, (y-cy)/ry
		return (1 - math.Hypot(u, v)) * min(rx, ry)
	}
	for y := range height {
		for x := range width {
			px, py := float64(x)+.5, float64(y)+.5
			face := step(ellipse(px, py, cx, cy, size*.33, size*.44))
			angle := math.Atan2(py-cy, px-cx)
			strand := math.Max(0, math.Sin(angle*90)) * size * .03 * math.Max(0, math.Sin(angle*7+1)) // some that stand out
			hair := step(ellipse(px, py, cx, cy+size*.02, size*.52, size*.64) + strand)
			if py > cy+size*.6 {
				hair = 0
			}
			body := step(ellipse(px, py, cx, cy+size*1.6, size*1.05, size*.95))
			neck := step(math.Min(size*.2-math.Abs(px-cx), size-math.Abs(py-cy-size*.5)))
			hole := step(ellipse(px, py, hx, hy, size*.09, size*.12))
			colour := [3]float64{70, 45, 30} // hair
			colour = add(colour, 6*math.Sin(angle*140))
			if body > 0 {
				colour = [3]float64{200, 205, 215}
				if int(px/size*7)%2 == 0 {
					colour = [3]float64{60, 80, 150}
				}
			}
			if neck > .5 && body < .5 || face > .5 {
				colour = add([3]float64{205, 160, 130}, 20*math.Sin(px/size*5))
			}
			a := max(face, neck, body, hair*(1-hole))
			i := y*width + x
			s.alpha[i] = a
			behind, luma := wall(x, y), random.NormFloat64()*2
			for c := range 3 {
				b := behind[c]
				s.person.Pix[3*i+c] = clip(colour[c])
				s.wall.Pix[3*i+c] = clip(b)
				s.picture.Pix[3*i+c] = clip(a*colour[c] + (1-a)*b + luma)
			}
		}
	}
	return s
}

func add(c [3]float64, v float64) [3]float64 { return [3]float64{c[0] + v, c[1] + v, c[2] + v} }

func clip(v float64) byte { return byte(min(max(v, 0), 255) + .5) }

func plain(c ...float64) func(int, int) [3]float64 {
	return func(int, int) [3]float64 { return [3]float64(c) }
}

// bricks is a wall with a pattern.
func bricks(x, y int) [3]float64 {
	row := y / 24
	if y%24 < 3 || (x+row%2*30)%60 < 3 {
		return [3]float64{190, 180, 170}
	}
	return [3]float64{150, 60, 50 + float64(row%3)*10}
}

// oracle is a net that knows the scene: it answers the true alpha of what it is shown, blurred as a net's is.
type oracle struct {
	scene
	side   int
	parts  []image.Rectangle // that it will be shown, in turn
	shown  int
	before func() // called as a run begins; may be nil
}

func (s scene) cutter(side int, heads []image.Rectangle) (*Cutter, *oracle) {
	o := &oracle{scene: s, side: side}
	bounds := image.Rect(0, 0, s.picture.Width, s.picture.Height)
	o.parts = []image.Rectangle{Part(bounds, heads), bounds}
	c, err := New(o)
	if err != nil {
		panic(err)
	}
	return c, o
}

func (o *oracle) Model() models.Model {
	return models.Model{Name: "oracle", Input: models.Input{Width: o.side, Height: o.side, Scale: 1.0 / 255, Mean: [3]float64{.5, .4, .3}, Std: [3]float64{.2, .3, .4}},
		Outputs: []models.Output{{Shape: []int{1, 1, o.side, o.side}}}}
}

func (o *oracle) Run(ctx context.Context, fill func([]byte), read func([][]float32) error) error {
	if o.before != nil {
		o.before()
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	n := o.side * o.side
	fill(make([]byte, 3*n))
	part := o.parts[o.shown%len(o.parts)]
	o.shown++
	as := vips.Raster{Pix: make([]byte, 3*len(o.alpha)), Width: o.picture.Width, Height: o.picture.Height, Bands: 3}
	for i, a := range o.alpha {
		as.Pix[3*i] = byte(a*255 + .5)
	}
	small := vips.Raster{Pix: make([]byte, 3*n), Width: o.side, Height: o.side, Bands: 3}
	if err := as.Average(part, small); err != nil {
		return err
	}
	soft := make([]float32, n)
	for y := range o.side {
		for x := range o.side {
			var sum, weight float32
			for v := max(y-1, 0); v <= min(y+1, o.side-1); v++ {
				for u := max(x-1, 0); u <= min(x+1, o.side-1); u++ {
					sum += float32(small.Pix[3*(v*o.side+u)]) / 255
					weight++
				}
			}
			soft[y*o.side+x] = sum / weight
		}
	}
	return read([][]float32{soft})
}

func clone(r vips.Raster) vips.Raster {
	r.Pix = append([]byte(nil), r.Pix...)
	return r
}
