package portrait

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the golden photo anew; look at it before committing")

// A generated portrait (edge/testdata/README.md says whose) and the Japanese passport photo of it, which a person has
// looked at. Decoded pixels may differ by what another libvips or libjpeg rounds differently, and no more.
func TestGolden(t *testing.T) {
	const golden = "testdata/jp-passport.jpg"
	capture, err := os.ReadFile("../testdata/portrait-1.jpg")
	if err != nil {
		t.Fatal(err)
	}
	r, err := New(Config{}, nil).Photo(t.Context(), capture, Request{Document: "jp-passport", Head: &Head{175, 28, 175.7, 233}})
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(golden, r.Photo.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	got, w, h := unpacked(t, r.Photo.Data)
	want, ww, wh := unpacked(t, file)
	if w != ww || h != wh {
		t.Fatalf("%d × %d, want %d × %d", w, h, ww, wh)
	}
	sum, worst := 0, 0
	for i := range got {
		d := abs(int(got[i]) - int(want[i]))
		sum, worst = sum+d, max(worst, d)
	}
	if mean := float64(sum) / float64(len(got)); mean > 1 || worst > 24 {
		ours := filepath.Join(t.ArtifactDir(), "jp-passport.jpg")
		os.WriteFile(ours, r.Photo.Data, 0o644)
		t.Errorf("a mean difference of %.2f and at worst %d; ours is in %s", mean, worst, ours)
	}
}
