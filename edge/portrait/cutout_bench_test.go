package portrait

import (
	"testing"

	"github.com/professionalaistudio/studio/edge/wire"
)

// A 12-megapixel portrait on one core, by stages: from file to file, the whole picture's size.
func BenchmarkCutout(b *testing.B) {
	c, photo := cutter(b), somebody(b, 3000, 4000)
	for name, ask := range map[string]CutoutRequest{
		"png":          {},
		"webp":         {Format: wire.WebP},
		"matte alone":  {Alpha: true},
		"jpeg on grey": {Background: &wire.RGB{R: 220, G: 220, B: 220}, Format: wire.JPEG},
	} {
		b.Run(name, func(b *testing.B) {
			var spans []Span
			size := 0
			for b.Loop() {
				made, err := c.Cutout(b.Context(), photo, ask)
				if err != nil {
					b.Fatal(err)
				}
				spans, size = made.Timings, made.Buf.Len()
				made.Buf.Close()
			}
			for _, s := range spans {
				b.ReportMetric(float64(s.Took.Microseconds())/1000, s.Name+"-ms")
			}
			b.ReportMetric(float64(size)/1e6, "MB")
		})
	}
}

// BenchmarkRemoval is as remove.bg is asked: a preview of a picture of 12 MP, and all of it as colours and alpha.
func BenchmarkRemoval(b *testing.B) {
	c, photo := cutter(b), somebody(b, 3000, 4000)
	for name, ask := range map[string]Removal{
		"preview": {MaxPixels: 250_000},
		"scaled":  {MaxPixels: 250_000, Scale: 0.8, Anchor: &Anchor{0.5, 0.5}},
		"full":    {MaxPixels: 25_000_000, Zip: true},
	} {
		b.Run(name, func(b *testing.B) {
			var spans []Span
			for b.Loop() {
				made, err := c.Remove(b.Context(), photo, ask)
				if err != nil {
					b.Fatal(err)
				}
				spans = made.Timings
				made.Wipe()
			}
			took := map[string]float64{} // who is enlarged is cut out twice
			for _, s := range spans {
				took[s.Name] += float64(s.Took.Microseconds()) / 1000
			}
			for stage, ms := range took {
				b.ReportMetric(ms, stage+"-ms")
			}
		})
	}
}
