package face

import (
	"math"
	"testing"
)

// Whatever a detector says of a picture of whatever size, and whatever points are looked at: places are numbers, scores are scores, no
// face is found twice, the largest is the first.
func FuzzFace(f *testing.F) {
	f.Add(1, 1, 0.0, 0.0, 1.0, 1.0, []byte{255, 0, 0, 10, 10})
	f.Add(1, 700, 0.0, 100.0, 1.0, 300.0, []byte{200, 1, 2, 3, 4, 90, 5})
	f.Add(900, 2, -1e6, 1.0, 1e6, 1.0, []byte{128})
	f.Add(40, 30, 5.0, 5.0, 5.0, 5.0, []byte{255, 3, 3, 200, 200, 255, 4, 4, 190, 180})
	f.Fuzz(func(t *testing.T, width, height int, x0, y0, x1, y1 float64, said []byte) {
		if width < 1 || height < 1 || width > 1000 || height > 1000 || width*height > 100_000 || len(said) == 0 {
			return
		}
		rows := make([][detection]float32, 1+len(said)%7)
		for i := range rows {
			for k := range rows[i] {
				rows[i][k] = float32(said[(i*detection+k)%len(said)])*1.5 - 20
			}
			rows[i][0] = float32(said[i%len(said)]) / 255
		}
		finder, err := New(cells(rows...), seen(nil, [3]float32{}, [properties]float32{}))
		if err != nil {
			t.Fatal(err)
		}
		r := ramp(width, height)
		faces, err := finder.Find(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		for i, a := range faces {
			if a.Score < 0.4-1e-6 || a.Score > 1 || !(a.Box.area() > 0) || math.IsInf(a.Box.area(), 0) {
				t.Fatalf("a face is %+v", a)
			}
			for _, b := range faces[:i] {
				if a.Box.same(b.Box) || a.Box.area() > b.Box.area() {
					t.Fatalf("%+v comes after %+v", a, b)
				}
			}
		}
		face := Face{Points: [5]Point{{x0, y0}, {x1, y0}, {(x0 + x1) / 2, (y0 + y1) / 2}, {x0, y1}, {x1, y1}}}
		l, err := finder.Look(t.Context(), r, face)
		if err != nil {
			return
		}
		for _, p := range l.Points {
			if !(math.Abs(p.X) < math.MaxFloat64 && math.Abs(p.Y) < math.MaxFloat64) {
				t.Fatalf("a point is %v", p)
			}
		}
	})
}
