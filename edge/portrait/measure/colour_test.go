package measure

import (
	"math"
	"math/rand/v2"
	"slices"
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

// Pairs of Sharma, Wu and Dalal's test data for CIEDE2000, those that catch the usual mistakes among them.
func TestDifference(t *testing.T) {
	for _, test := range []struct {
		p, q Lab
		want float64
	}{
		{Lab{50, 2.6772, -79.7751}, Lab{50, 0, -82.7485}, 2.0425}, {Lab{50, 0, 0}, Lab{50, -1, 2}, 2.3669},
		{Lab{50, 2.49, -0.001}, Lab{50, -2.49, 0.0009}, 7.1792}, {Lab{50, 2.49, -0.001}, Lab{50, -2.49, 0.0011}, 7.2195},
		{Lab{50, 2.5, 0}, Lab{73, 25, -18}, 27.1492}, {Lab{60.2574, -34.0099, 36.2677}, Lab{60.4626, -34.1751, 39.4387}, 1.2644},
		{Lab{2.0776, 0.0795, -1.1350}, Lab{0.9033, -0.0636, -0.5514}, 0.9082}, {Lab{90.9257, -0.5406, -0.9208}, Lab{88.6381, -0.8985, -0.7239}, 1.5381},
	} {
		if got, back := Difference(test.p, test.q), Difference(test.q, test.p); math.Abs(got-test.want) > 1e-4 || math.Abs(got-back) > 1e-9 {
			t.Errorf("%v and %v are %.4f apart and %.4f back, want %.4f", test.p, test.q, got, back, test.want)
		}
	}
}

// The tables for whole pictures are right within what nobody sees.
func TestQuickLab(t *testing.T) {
	for r := 0; r < 256; r += 15 {
		for g := 0; g < 256; g += 17 {
			for b := 0; b < 256; b += 51 {
				quick, exact := quickLab(uint8(r), uint8(g), uint8(b)).wide(), ToLab(uint8(r), uint8(g), uint8(b))
				if d := math.Hypot(math.Hypot(quick.L-exact.L, quick.A-exact.A), quick.B-exact.B); d > 0.6 {
					t.Fatalf("%d %d %d is %v by tables and %v, %.2f apart", r, g, b, quick, exact, d)
				}
				want := (0.2126*linear[r] + 0.7152*linear[g] + 0.0722*linear[b]) * 65535
				if got := float64(luminance(uint8(r), uint8(g), uint8(b))); math.Abs(got-want) > 1.5 {
					t.Fatalf("%d %d %d has a luminance of %g, want %g", r, g, b, got, want)
				}
			}
		}
	}
}

// ranked is what sorting gives.
func TestRanked(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for range 300 {
		v := make([]float64, 1+rng.IntN(40))
		for i := range v {
			v[i] = float64(rng.IntN(12))
		}
		q := rng.Float64()
		sorted := slices.Sorted(slices.Values(v))
		want := sorted[min(int(q*float64(len(v))), len(v)-1)]
		if got := ranked(slices.Clone(v), q); got != want {
			t.Fatalf("%.3f of %v is %g, want %g", q, v, got, want)
		}
	}
	if ranked(nil, 0.5) != 0 {
		t.Error("the middle of nothing")
	}
}
