package measure

import (
	"math"
	"testing"
)

func TestToLab(t *testing.T) {
	for _, test := range []struct {
		rgb  [3]uint8
		want Lab
	}{
		{[3]uint8{255, 255, 255}, Lab{100, 0, 0}}, {[3]uint8{0, 0, 0}, Lab{0, 0, 0}},
		{[3]uint8{255, 0, 0}, Lab{53.24, 80.09, 67.20}}, {[3]uint8{0, 0, 255}, Lab{32.30, 79.19, -107.86}}, {[3]uint8{119, 119, 119}, Lab{50.03, 0, 0}},
	} {
		got := ToLab(test.rgb[0], test.rgb[1], test.rgb[2])
		if math.Abs(got.L-test.want.L) > 0.05 || math.Abs(got.A-test.want.A) > 0.05 || math.Abs(got.B-test.want.B) > 0.05 {
			t.Errorf("%v is %+v, want %+v", test.rgb, got, test.want)
		}
	}
}

func TestSpread(t *testing.T) {
	var even, mixed Spread
	for range 100 {
		even.Add(200, 200, 200)
		mixed.Add(255, 255, 255)
		mixed.Add(0, 0, 0)
	}
	if d := even.Deviation(); d.L > 1e-5 {
		t.Errorf("one colour scatters by %+v", d)
	}
	if d := mixed.Deviation(); math.Abs(d.L-50) > 0.01 || mixed.Count() != 200 {
		t.Errorf("black and white scatter by %+v over %d, want 50 over 200", d, mixed.Count())
	}
	if d := new(Spread).Deviation(); d != (Lab{}) {
		t.Errorf("nothing scatters by %+v", d)
	}
}
