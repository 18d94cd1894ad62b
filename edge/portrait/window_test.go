package portrait

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/professionalaistudio/studio/edge/portrait/document"
	"github.com/professionalaistudio/studio/edge/portrait/measure"
	"github.com/professionalaistudio/studio/edge/vips"
)

// Every row that limits bytes, on the picture that needs fewest, one that needs most, and a face: the window is hit, or it is
// said that it cannot be.
func TestWindows(t *testing.T) {
	noise := rand.New(rand.NewPCG(1, 2))
	for _, s := range document.All() {
		if s.FileSizeKB == nil && s.MaxCompression() == 0 {
			continue
		}
		width, height := s.FilePixels()
		flat := bytes.Repeat([]byte{250, 250, 250}, width*height)
		loud := make([]byte, 3*width*height)
		for i := range loud {
			loud[i] = byte(noise.UintN(256))
		}
		face := draw(width, height, float64(width)/2, 0.7*float64(height), 0.6*float64(height), 0).pix
		for name, pix := range map[string][]byte{"flat": flat, "noise": loud, "face": face} {
			img, err := vips.FromPixels(pix, width, height, 3)
			if err != nil {
				t.Fatal(err)
			}
			w := windowOf(s, width, height)
			file, err := encode(t.Context(), img, vips.JPEG, float64(s.DPI), w)
			img.Close()
			var tooFew *errBytes
			switch {
			case errors.As(err, &tooFew):
				if name != "noise" || tooFew.need <= w.most {
					t.Errorf("%s, %s: %v", s.ID, name, err)
				}
				continue
			case err != nil:
				t.Fatal(err)
			}
			if len(file) < w.least || len(file) > w.most {
				t.Errorf("%s, %s: %d bytes, want %d to %d", s.ID, name, len(file), w.least, w.most)
			}
			facts, err := measure.Read(file)
			if err != nil || facts.Width != width || facts.Height != height || facts.Trailing(file) != 0 || facts.DPI() != float64(s.DPI) {
				t.Errorf("%s, %s: %+v, %v", s.ID, name, facts, err)
			}
		}
	}
}

// The American visa: 600 × 600 pixels may not be compressed more than 20 times.
func TestCompressionRule(t *testing.T) {
	if got, want := windowOf(spec(t, "us-visa"), 600, 600), (window{54_000, 240_000}); got != want {
		t.Errorf("%v, want %v", got, want)
	}
}

// Padding reaches the size, never passes it by more than a comment's head, and changes no pixel.
func TestPad(t *testing.T) {
	d := draw(64, 80, 32, 60, 40, 0)
	file := d.encode(t, vips.JPEG)
	want, _, _ := unpacked(t, file)
	for _, more := range []int{-5, 0, 1, 3, 4, 5, 100, 65532, 65533, 65534, 65536, 65537, 65538, 65539, 65541, 65545, 131074, 131075, 131080, 500_000} {
		got := pad(file, len(file)+more)
		if over := len(got) - (len(file) + max(more, 0)); over < 0 || over > 3 || over > 0 && more >= 4 {
			t.Errorf("%d more make %d", more, len(got)-len(file))
		}
		facts, err := measure.Read(got)
		if err != nil || facts.Trailing(got) != 0 || facts.Width != 64 {
			t.Errorf("%d more: %+v, %v", more, facts, err)
		}
		if pix, _, _ := unpacked(t, got); !slices.Equal(pix, want) {
			t.Errorf("%d more change the picture", more)
		}
	}
}

// FuzzPad: whatever the bytes, padding only adds, and what was there stays in order.
func FuzzPad(f *testing.F) {
	f.Add([]byte{0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xd9}, 100)
	f.Add([]byte{0xff, 0xd8}, 70_000)
	f.Fuzz(func(t *testing.T, jpeg []byte, least int) {
		if len(jpeg) < 2 || least > 300_000 {
			return
		}
		got := pad(jpeg, least)
		if len(got) < least || len(got) < len(jpeg) || !bytes.HasPrefix(got, jpeg[:2]) {
			t.Errorf("%d bytes of %d, %d asked", len(got), len(jpeg), least)
		}
	})
}
