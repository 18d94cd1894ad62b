package portrait

import (
	"testing"

	"github.com/professionalaistudio/studio/edge/vips"
)

// A 12-megapixel selfie to 35 × 45 mm at 600 dpi: the whole of Photo, with a context that nobody cancels.
func BenchmarkSelfie(b *testing.B) {
	d := draw(3000, 4000, 1500, 2500, 1500, 2)
	capture := d.encode(b, vips.JPEG)
	p := New(Config{}, nil)
	for name, ask := range map[string]Request{
		"photo":             {Document: "gb-passport-print"},
		"photo and 10x15":   {Document: "gb-passport-print", Sheet: "10x15"},
		"preview":           {Document: "gb-passport-print", Mark: true},
		"american, 300 dpi": {Document: "us-visa"},
	} {
		ask.Head = &d.head
		b.Run(name, func(b *testing.B) {
			var spans []Span
			for b.Loop() {
				r, err := p.Photo(b.Context(), capture, ask)
				if err != nil {
					b.Fatal(err)
				}
				spans = r.Timings
			}
			for _, s := range spans {
				b.ReportMetric(float64(s.Took.Microseconds())/1000, s.Name+"-ms")
			}
		})
	}
}
