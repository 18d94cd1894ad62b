package preview

import (
	"image"
	"testing"

	"github.com/professionalaistudio/studio/edge/portrait/compliance"
)

// A preview of a photo, of a picture for a screen, and of a capture of 12 megapixels.
func BenchmarkPreview(b *testing.B) {
	p, findings := sample(b)
	pix, _, err := p.pixels()
	if err != nil {
		b.Fatal(err)
	}
	for _, size := range []struct {
		name string
		side int
	}{{"531", 531}, {"1600", 1600}, {"12MP", 4000}} {
		w, h := fit(3, 4, size.side)
		img := image.NewRGBA(image.Rect(0, 0, w, h))
		scaled(img, img.Rect, pix, p.Width, p.Height)
		q := Picture{On: p.On, Width: w, Height: h, Scale: float64(p.Height) / float64(h), Pix: make([]byte, 0, 3*w*h)}
		for i := 0; i < len(img.Pix); i += 4 {
			q.Pix = append(q.Pix, img.Pix[i:i+3]...)
		}
		for _, kind := range []struct {
			name string
			f    func(Picture, []compliance.Finding, Options) ([]byte, error)
		}{{"SVG", SVG}, {"PNG", PNG}, {"JPEG", JPEG}} {
			b.Run(kind.name+"/"+size.name, func(b *testing.B) {
				b.ReportAllocs()
				n := 0
				for b.Loop() {
					data, err := kind.f(q, findings, Options{})
					if err != nil {
						b.Fatal(err)
					}
					n = len(data)
				}
				b.ReportMetric(float64(n)/1000, "KB")
			})
		}
	}
}
