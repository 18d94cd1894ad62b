package matte

import (
	"context"
	"image"
	"testing"

	"github.com/professionalaistudio/studio/edge/vips"
	"github.com/professionalaistudio/studio/models"
)

// given is a net that answers what it was given, whatever it sees.
type given struct {
	side   int
	answer []byte
}

func (g given) Model() models.Model {
	return models.Model{Input: models.Input{Width: g.side, Height: g.side, Scale: 1, Std: [3]float64{1, 1, 1}}, Outputs: []models.Output{{Shape: []int{g.side, g.side}}}}
}

func (g given) Run(_ context.Context, fill func([]byte), read func([][]float32) error) error {
	n := g.side * g.side
	fill(make([]byte, 3*n))
	out := make([]float32, n)
	for i := range out {
		if len(g.answer) > 0 {
			out[i] = float32(g.answer[i%len(g.answer)])/200 - .1 // beyond both ends too
		}
	}
	return read([][]float32{out})
}

// Whatever the net says, of a picture of whatever size: alpha 255 leaves a pixel as it is, what is dropped is dropped, and alpha does
// not hang on whether colours are asked for.
func FuzzRefine(f *testing.F) {
	f.Add(1, 1, 8, []byte{255}, []byte{10, 20, 30}, 0, 0, 1, 1)
	f.Add(1, 40, 5, []byte{0, 255, 120}, []byte{200, 0, 0, 0, 200, 0}, 0, 3, 1, 6)
	f.Add(40, 1, 16, []byte{120}, []byte{1}, 10, 0, 14, 1)
	f.Add(31, 17, 4, []byte{255, 255, 0, 0}, []byte{0, 90, 200, 255}, 4, 4, 9, 8)
	f.Add(3, 2, 33, []byte{255, 0}, []byte{255}, -5, -5, 50, 50)
	f.Fuzz(func(t *testing.T, width, height, side int, answer, pixels []byte, x0, y0, x1, y1 int) {
		if width < 1 || height < 1 || width > 200 || height > 200 || side < 1 || side > 40 || len(pixels) == 0 {
			return
		}
		r := vips.Raster{Pix: make([]byte, 3*width*height), Width: width, Height: height, Bands: 3}
		for i := range r.Pix {
			r.Pix[i] = pixels[i%len(pixels)]
		}
		c, err := New(given{side, answer})
		if err != nil {
			t.Fatal(err)
		}
		s, err := c.Look(t.Context(), r, []image.Rectangle{image.Rect(x0, y0, x1, y1)})
		if err != nil {
			t.Fatal(err)
		}
		alone, both := make([]byte, width*height), make([]byte, width*height)
		cut := clone(r)
		if err := s.Refine(t.Context(), r, alone, false); err != nil {
			t.Fatal(err)
		}
		if err := s.Refine(t.Context(), cut, both, true); err != nil {
			t.Fatal(err)
		}
		if string(alone) != string(both) {
			t.Fatal("alpha hangs on whether colours are asked for")
		}
		for i, a := range both {
			if a == 255 && [3]byte(cut.Pix[3*i:]) != [3]byte(r.Pix[3*i:]) {
				t.Fatalf("pixel %d of the person was %v and is %v", i, r.Pix[3*i:3*i+3], cut.Pix[3*i:3*i+3])
			}
		}
		if share := s.Share(); share < 0 || share > 1 {
			t.Fatalf("people take %g of the picture", share)
		}
		s.Wipe()
	})
}
