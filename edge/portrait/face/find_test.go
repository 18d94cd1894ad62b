package face

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/professionalaistudio/studio/models"
)

// The whole picture is shown, in the middle of grey, and places come back to where they were.
func TestThePictureIsLetterboxed(t *testing.T) {
	for name, size := range map[string][2]int{"wide": {1280, 720}, "high": {300, 1200}, "small": {90, 60}, "square": {640, 640}, "a line": {900, 1}} {
		t.Run(name, func(t *testing.T) {
			w, h := size[0], size[1]
			r, net := ramp(w, h), cells()
			f, err := New(cells(row(.9, 0, 0, 1, 1)), nil)
			if err != nil {
				t.Fatal(err)
			}
			f.detector.Net = net
			if _, err := f.Find(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			box := fit(w, h, 320, 320)
			if max(box.width, box.height) != 320 || box.left != (320-box.width)/2 || box.top != (320-box.height)/2 {
				t.Errorf("the picture lies at %+v", box)
			}
			for y := 0; y < 320; y += 3 {
				for x := 0; x < 320; x += 3 {
					got := [3]byte(net.shown[3*(y*320+x):])
					if x < box.left || x >= box.left+box.width || y < box.top || y >= box.top+box.height {
						if got != [3]byte{grey, grey, grey} {
							t.Fatalf("outside at %d,%d is %v, want grey", x, y, got)
						}
						continue
					}
					want := on(r, box.back(float32(x), float32(y)))
					for c := range 3 {
						if math.Abs(float64(got[c])-want[c]) > 1.05 {
							t.Fatalf("at %d,%d is %v, want %v", x, y, got, want)
						}
					}
				}
			}
		})
	}
}

func TestPlacesComeBackToThePicture(t *testing.T) {
	// 1280 x 720 is shown as 320 x 180, 70 from the top: a quarter.
	f, err := New(cells(row(.8, 99.5, 109.5, 139.5, 169.5)), nil)
	if err != nil {
		t.Fatal(err)
	}
	faces, err := f.Find(t.Context(), ramp(1280, 720))
	if err != nil || len(faces) != 1 {
		t.Fatalf("%v, %v", faces, err)
	}
	if want := (Box{400, 160, 560, 400}); faces[0].Box != want {
		t.Errorf("the box is %v, want %v", faces[0].Box, want)
	}
	if want := (Point{480, 280}); faces[0].Points[NoseTip] != want {
		t.Errorf("the nose is at %v, want %v", faces[0].Points[NoseTip], want)
	}
	if got, want := faces[0].Box.Rectangle().String(), "(400,160)-(560,400)"; got != want {
		t.Errorf("in whole pixels that is %v, want %v", got, want)
	}
}

func TestEachFaceIsFoundOnce(t *testing.T) {
	nan := float32(math.NaN())
	broken := row(.95, 10, 10, 30, 40)
	broken[8] = nan
	for name, test := range map[string]struct {
		rows []([detection]float32)
		want []float64 // scores, in the order they come
	}{
		"none":                          {[][detection]float32{row(.39, 10, 10, 20, 20)}, nil},
		"at the threshold":              {[][detection]float32{row(.4, 10, 10, 20, 20)}, []float64{.4}},
		"two boxes of one face":         {[][detection]float32{row(.7, 10, 10, 50, 60), row(.9, 12, 11, 52, 60)}, []float64{.9}},
		"two faces, the larger first":   {[][detection]float32{row(.9, 10, 10, 30, 40), row(.5, 100, 100, 180, 200)}, []float64{.5, .9}},
		"boxes that overlap by a third": {[][detection]float32{row(.9, 0, 0, 40, 40), row(.8, 20, 0, 60, 40)}, []float64{.9, .8}},
		"an eye of the first":           {[][detection]float32{row(.9, 0, 0, 100, 100), row(.8, 40, 40, 60, 60)}, []float64{.9}},
		"half behind the first":         {[][detection]float32{row(.9, 0, 0, 100, 100), row(.8, 90, 40, 110, 60)}, []float64{.9, .8}},
		"no numbers":                    {[][detection]float32{row(nan, 0, 0, 40, 40), row(.9, nan, 0, 40, 40), broken, row(.9, float32(math.Inf(-1)), 0, 40, 40)}, nil},
		"turned inside out":             {[][detection]float32{row(.9, 40, 40, 10, 10)}, nil},
		"more than certain":             {[][detection]float32{row(1.5, 10, 10, 40, 40)}, []float64{1}},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := New(cells(test.rows...), nil)
			if err != nil {
				t.Fatal(err)
			}
			faces, err := f.Find(t.Context(), ramp(320, 320))
			if err != nil {
				t.Fatal(err)
			}
			if len(faces) != len(test.want) {
				t.Fatalf("%d faces, want %d", len(faces), len(test.want))
			}
			for i, want := range test.want {
				if math.Abs(faces[i].Score-want) > 1e-6 {
					t.Errorf("face %d has the score %g, want %g", i, faces[i].Score, want)
				}
			}
		})
	}
}

func TestWhatCannotBeDoneIsSaid(t *testing.T) {
	none, err := New(nil, nil)
	if err != nil || none.CanFind() || none.CanLook() || len(none.Models()) != 0 {
		t.Errorf("without nets: %v, %+v", err, none)
	}
	if _, err := none.Find(t.Context(), ramp(8, 8)); !errors.Is(err, ErrNoNet) {
		t.Errorf("Find says %v", err)
	}
	if _, err := none.Look(t.Context(), ramp(8, 8), Face{}); !errors.Is(err, ErrNoNet) {
		t.Errorf("Look says %v", err)
	}
	var nobody *Finder
	if nobody.CanFind() || nobody.CanLook() {
		t.Error("no Finder can find")
	}
	matte := &said{model: models.Model{Input: input(8), Outputs: []models.Output{{Shape: []int{1, 1, 8, 8}}}}}
	if _, err := New(matte, nil); !errors.Is(err, ErrNet) {
		t.Errorf("a net of mattes is taken for a detector: %v", err)
	}
	if _, err := New(nil, matte); !errors.Is(err, ErrNet) {
		t.Errorf("a net of mattes is taken for a face net: %v", err)
	}
	broken := errors.New("the net broke")
	net := cells(row(.9, 0, 0, 9, 9))
	net.err = broken
	f, err := New(net, seen(nil, [3]float32{}, [properties]float32{}))
	if err != nil || len(f.Models()) != 2 {
		t.Fatal(err, f.Models())
	}
	if _, err := f.Find(t.Context(), ramp(8, 8)); !errors.Is(err, broken) {
		t.Errorf("Find says %v", err)
	}
	r := ramp(8, 8)
	r.Pix = r.Pix[:9]
	if _, err := f.Find(t.Context(), r); err == nil {
		t.Error("Find takes a picture without pixels")
	}
	if _, err := f.Look(t.Context(), r, Face{}); err == nil {
		t.Error("Look takes a picture without pixels")
	}
	if _, err := f.Look(t.Context(), ramp(8, 8), Face{Points: [5]Point{{math.NaN(), 0}}}); err == nil {
		t.Error("Look takes a point that is none")
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(broken)
	if _, err := f.Look(ctx, ramp(8, 8), Face{}); !errors.Is(err, broken) {
		t.Errorf("Look says %v", err)
	}
}
