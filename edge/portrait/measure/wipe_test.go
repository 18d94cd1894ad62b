package measure

import "testing"

// Nothing of the picture is left in what a scene has copied of it.
func TestWipe(t *testing.T) {
	const side = 300
	pix := make([]byte, 3*side*side)
	for i := range pix {
		pix[i] = byte(i%7 + 100)
	}
	alpha := make([]byte, side*side)
	for i := range alpha {
		if y := i / side; y > 60 && i%side > 60 && i%side < 240 {
			alpha[i] = 255
		}
	}
	var points Points
	for i := range points { // a face of sorts
		points[i] = [2]float64{100 + float64(i%10)*10, 100 + float64(i/10)*10}
	}
	points[EyeOuter], points[EyeInner], points[EyeInner+Right], points[EyeOuter+Right] = [2]float64{110, 140}, [2]float64{130, 140}, [2]float64{170, 140}, [2]float64{190, 140}
	points[MouthCorner], points[MouthCorner+Right], points[Chin] = [2]float64{130, 200}, [2]float64{170, 200}, [2]float64{150, 235}
	s, err := Look(Picture{Pix: pix, Width: side, Height: side}, &points, &Alpha{Pix: alpha, Width: side, Height: side}, Box{})
	if err != nil {
		t.Fatal(err)
	}
	s.Light()
	s.Ground()
	v, g := s.face, s.ground
	if v == nil || g == nil || g.soft == nil {
		t.Fatal("nothing was copied")
	}
	face, lum, labs, soft, covered := v.pix, v.lum, g.lab, g.soft, g.alpha
	out, in := g.out, g.in
	s.Wipe()
	for _, b := range face {
		if b != 0 {
			t.Fatal("the face is left")
		}
	}
	for _, l := range lum {
		if l != 0 {
			t.Fatal("the light of the face is left")
		}
	}
	for i := range labs {
		if labs[i] != (lab{}) || soft[i] != (lab{}) || covered[i] != 0 || out[i] != 0 || in[i] != 0 {
			t.Fatal("the frame is left")
		}
	}
	if s.face != nil || s.ground != nil {
		t.Error("the scene still has its copies")
	}
	s.Wipe() // harmless twice
}

// What is taken is zero, whoever had it before, and what is given back is wiped at once.
func TestShelf(t *testing.T) {
	var s shelf[int32]
	for round := range 100 {
		for _, n := range []int{0, 1, 2, 3, 64, 65, 1000} {
			v := s.take(n)
			if len(v) != n {
				t.Fatalf("%d taken, want %d", len(v), n)
			}
			for i := range v[:cap(v)] {
				if v[:cap(v)][i] != 0 {
					t.Fatalf("round %d: %d of %d is %d", round, i, n, v[:cap(v)][i])
				}
			}
			for i := range v {
				v[i] = int32(i + 1)
			}
			s.give(v)
			for i := range v {
				if v[i] != 0 {
					t.Fatalf("%d is left", i)
				}
			}
		}
	}
}
