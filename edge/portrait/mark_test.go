package portrait

import (
	"bytes"
	"testing"
)

// No part of a preview is free of the mark: not a sixth of its width, anywhere.
func TestNoCropIsFree(t *testing.T) {
	for _, size := range [][2]int{{600, 600}, {413, 531}, {1200, 1600}, {200, 200}} {
		w, h := size[0], size[1]
		pix := bytes.Repeat([]byte{120, 130, 140}, w*h)
		if err := mark(pix, w, h); err != nil {
			t.Fatal(err)
		}
		side := min(w, h) / 3
		for y := 0; y+side <= h; y += side / 4 {
			for x := 0; x+side <= w; x += side / 4 {
				changed := 0
				for dy := range side {
					for dx := range side {
						if pix[3*((y+dy)*w+x+dx)] != 120 {
							changed++
						}
					}
				}
				if share := float64(changed) / float64(side*side); share < 0.05 {
					t.Fatalf("%d × %d: at %d,%d a square of %d is marked to %.1f %%", w, h, x, y, side, share*100)
				}
			}
		}
	}
}

// What lies under the letters is gone: two pictures that differ only finer than a block are the same there.
func TestMarkCannotBeSubtracted(t *testing.T) {
	const w, h = 300, 300
	flat := bytes.Repeat([]byte{100, 100, 100}, w*h)
	fine := bytes.Clone(flat)
	for y := range h {
		for x := range w {
			v := byte(60)
			if (x+y)%2 == 0 {
				v = 140
			}
			copy(fine[3*(y*w+x):][:3], []byte{v, v, v})
		}
	}
	before := bytes.Clone(fine)
	for _, pix := range [][]byte{flat, fine} {
		if err := mark(pix, w, h); err != nil {
			t.Fatal(err)
		}
	}
	under, differ := 0, 0
	for i := range flat {
		if flat[i] > 150 { // well inside a letter
			under++
			if abs(int(flat[i])-int(fine[i])) > 6 && abs(int(before[i])-100) == 40 {
				differ++
			}
		}
	}
	if under < 3000 || differ > under/50 {
		t.Errorf("%d of %d samples under the letters still tell the pictures apart", differ, under)
	}
}

func TestMarkIsTheSameTwice(t *testing.T) {
	a, b := bytes.Repeat([]byte{90, 30, 200}, 400*500), bytes.Repeat([]byte{90, 30, 200}, 400*500)
	if mark(a, 400, 500) != nil || mark(b, 400, 500) != nil || !bytes.Equal(a, b) {
		t.Error("two marks differ")
	}
}
