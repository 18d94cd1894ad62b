package transform

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/professionalaistudio/studio/edge/vips"
)

// photo is a JPEG like a camera's, made from a small portrait of nobody: enlarged, and with the noise of a sensor, since
// it is noise that fills a photo's bytes and a decoder's time. The same size makes the same bytes.
func photo(tb testing.TB, width, height int) []byte {
	tb.Helper()
	key := [2]int{width, height}
	photos.Lock()
	defer photos.Unlock()
	if data, ok := photos.made[key]; ok {
		return data
	}
	small, err := os.ReadFile(filepath.Join("..", "testdata", "portrait-1.jpg"))
	if err != nil {
		tb.Fatal(err)
	}
	img, err := vips.Load(small, vips.LoadConfig{})
	if err != nil {
		tb.Fatal(err)
	}
	defer img.Close()
	check := func(err error) {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
	}
	check(img.ToSRGB())
	cut := min(img.Height(), img.Width()*height/width)
	check(img.Crop(0, (img.Height()-cut)/2, img.Width(), cut))
	check(img.ResizeTo(width, height))
	pix, _, _, err := img.Pixels()
	check(err)
	random := rand.New(rand.NewPCG(1, 2))
	for i := 0; i < len(pix); i += 3 {
		// Luma noise that is alike in all colours, and a little of each colour's own.
		luma := random.NormFloat64() * 3
		for c := range 3 {
			pix[i+c] = uint8(max(0, min(255, float64(pix[i+c])+luma+random.NormFloat64()+0.5)))
		}
	}
	noisy, err := vips.FromPixels(pix, width, height, 3)
	check(err)
	defer noisy.Close()
	buf, err := noisy.Encode(vips.EncodeConfig{Format: vips.JPEG, Quality: 90, DPI: 72, StripMetadata: true})
	check(err)
	defer buf.Close()
	data := append([]byte(nil), buf.Bytes()...)
	if photos.made == nil {
		photos.made = map[[2]int][]byte{}
	}
	photos.made[key] = data
	return data
}

var photos struct {
	sync.Mutex
	made map[[2]int][]byte
}
