package measure

import (
	"math/rand/v2"
	"testing"
)

// A line is what between makes of each of its places.
func TestALineIsMadeOfWhatLiesBetween(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	p := Picture{Pix: make([]byte, 3*90*80), Width: 90, Height: 80}
	for i := range p.Pix {
		p.Pix[i] = byte(random.IntN(256))
	}
	for range 200 {
		const n = 40
		x, y := 20<<16+random.IntN(1<<16), 40<<16+random.IntN(1<<16)
		dx, dy := random.IntN(1<<16), random.IntN(1<<16)-1<<15
		got, want := make([]byte, 3*n), make([]byte, 3*n)
		p.line(got, x, y, dx, dy)
		for i := range n {
			between(want[3*i:][:3], p, x+i*dx, y+i*dy)
		}
		if string(got) != string(want) {
			t.Fatalf("from %d,%d by %d,%d: %v, want %v", x, y, dx, dy, got, want)
		}
	}
}
