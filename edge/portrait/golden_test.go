package portrait

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/professionalaistudio/studio/edge/portrait/measure"
)

var update = flag.Bool("update", false, "write the golden photo anew; look at it before committing")

// golden is the decoded pixels of a photo and of the one of this name in testdata, which is written anew first if that is asked for.
func golden(t *testing.T, name string, photo []byte) (got, want []byte, width, height int) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, photo, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got, width, height = unpacked(t, photo)
	want, w, h := unpacked(t, file)
	if width != w || height != h {
		t.Fatalf("%d × %d, want %d × %d", width, height, w, h)
	}
	return got, want, width, height
}

// A generated portrait (edge/testdata/README.md says whose) and the Japanese passport photo of it, which a person has
// looked at. Decoded pixels may differ by what another libvips or libjpeg rounds differently, and no more.
func TestGolden(t *testing.T) {
	const name = "jp-passport.jpg"
	capture, err := os.ReadFile("../testdata/portrait-1.jpg")
	if err != nil {
		t.Fatal(err)
	}
	r, err := New(Config{}, nil).Photo(t.Context(), capture, Request{Document: "jp-passport", Head: &Head{175, 28, 175.7, 233}})
	if err != nil {
		t.Fatal(err)
	}
	got, want, _, _ := golden(t, name, r.Photo.Data)
	sum, worst := 0, 0
	for i := range got {
		d := abs(int(got[i]) - int(want[i]))
		sum, worst = sum+d, max(worst, d)
	}
	if mean := float64(sum) / float64(len(got)); mean > 1 || worst > 24 {
		ours := filepath.Join(t.ArtifactDir(), name)
		os.WriteFile(ours, r.Photo.Data, 0o644)
		t.Errorf("a mean difference of %.2f and at worst %d; ours is in %s", mean, worst, ours)
	}
}

// The same with nobody's help, nets and all, and a new background where the row lets one be. What may differ is judged as an eye does: by
// CIEDE2000 over blocks of 4 × 4 pixels, of which 1 is just visible. ONNX Runtime adds up in another order on another processor.
func TestGoldenWithNets(t *testing.T) {
	p := thinking(t)
	for name, test := range map[string]struct{ portrait, document string }{
		"jp-passport-found.jpg": {"1", "jp-passport"}, // white instead of a wall
		"cv-square-found.jpg":   {"2", "generic-cv-square"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := p.Photo(t.Context(), portraitFile(t, test.portrait), Request{Document: test.document})
			if err != nil {
				t.Fatal(err)
			}
			got, want, w, h := golden(t, name, r.Photo.Data)
			var all []float64
			sum := 0.0
			for y := 0; y+4 <= h; y += 4 {
				for x := 0; x+4 <= w; x += 4 {
					d := measure.Difference(blockOf(got, w, x, y), blockOf(want, w, x, y))
					all, sum = append(all, d), sum+d
				}
			}
			slices.Sort(all)
			if mean, high := sum/float64(len(all)), all[len(all)*995/1000]; mean > 0.5 || high > 5 {
				ours := filepath.Join(t.ArtifactDir(), name)
				os.WriteFile(ours, r.Photo.Data, 0o644)
				t.Errorf("in the mean it is off by %.2f, and by %.1f in one block of 200; ours is in %s", mean, high, ours)
			}
		})
	}
}

// blockOf is the mean colour of 4 × 4 pixels.
func blockOf(pix []byte, width, x0, y0 int) measure.Lab {
	var sum [3]int
	for y := y0; y < y0+4; y++ {
		for x := x0; x < x0+4; x++ {
			for c := range 3 {
				sum[c] += int(pix[3*(y*width+x)+c])
			}
		}
	}
	return measure.ToLab(uint8((sum[0]+8)/16), uint8((sum[1]+8)/16), uint8((sum[2]+8)/16))
}
