package portrait

import (
	"syscall"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/edge/inference/inferencetest"
	"github.com/professionalaistudio/studio/edge/portrait/face"
	"github.com/professionalaistudio/studio/edge/portrait/matte"
	"github.com/professionalaistudio/studio/edge/vips"
	"github.com/professionalaistudio/studio/edge/wire"
	"github.com/professionalaistudio/studio/models"
)

// thinking is a pipeline with the nets of this build.
func thinking(t testing.TB) *Pipeline {
	t.Helper()
	faces, err := face.New(inferencetest.Net(t, models.Detector), inferencetest.Net(t, models.Face))
	if err != nil {
		t.Fatal(err)
	}
	mattes, err := matte.New(inferencetest.Net(t, models.Matte))
	if err != nil {
		t.Fatal(err)
	}
	return New(Config{MaxPixels: 50_000_000, Faces: faces, Mattes: mattes}, nil)
}

// spent is the CPU that this process has used, of all its threads: what a busy machine leaves as it is.
func spent(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// report prints what each stage took in the last round, and the CPU of a round in the mean.
func report(b *testing.B, spans []Span, before time.Duration) {
	b.ReportMetric(float64((spent(b)-before).Microseconds())/1000/float64(b.N), "cpu-ms")
	sum := map[string]float64{}
	for _, s := range spans {
		sum[s.Name] += float64(s.Took.Microseconds()) / 1000
	}
	for name, ms := range sum {
		b.ReportMetric(ms, name+"-ms")
	}
}

// A 12-megapixel selfie to a finished photo, nets and all, by stages: on one core with -cpu 1.
func BenchmarkSelfie(b *testing.B) {
	p, capture := thinking(b), somebody(b, 3000, 4000)
	for _, ask := range []struct {
		name string
		Request
	}{
		{"35x45 mm 600 dpi", Request{Document: "gb-passport-print"}},
		{"35x45 mm 600 dpi, new background", Request{Document: "gb-passport-print", Background: &wire.RGB{R: 217, G: 217, B: 217}}},
		{"35x45 mm 600 dpi and 10x15", Request{Document: "gb-passport-print", Sheet: "10x15"}},
		{"35x45 mm 600 dpi, preview", Request{Document: "gb-passport-print", Mark: true}},
	} {
		b.Run(ask.name, func(b *testing.B) {
			var spans []Span
			before := spent(b)
			for b.Loop() {
				r, err := p.Photo(b.Context(), capture, ask.Request)
				if err != nil {
					b.Fatal(err)
				}
				spans = r.Timings
				r.Wipe()
			}
			report(b, spans, before)
		})
	}
}

// The same selfie judged only, and frames of a live picture.
func BenchmarkCheck(b *testing.B) {
	p := thinking(b)
	for _, ask := range []struct {
		name    string
		capture []byte
		mode    Mode
	}{
		{"12 MP", somebody(b, 3000, 4000), ModeAsAllowed}, {"live frame of 320 px", somebody(b, 240, 320), ModeLive}, {"live frame of 640 px", somebody(b, 480, 640), ModeLive},
	} {
		b.Run(ask.name, func(b *testing.B) {
			var spans []Span
			before := spent(b)
			for b.Loop() {
				r, err := p.Check(b.Context(), ask.capture, Request{Document: "gb-passport-print", Mode: ask.mode})
				if err != nil {
					b.Fatal(err)
				}
				spans = r.Timings
			}
			report(b, spans, before)
		})
	}
}

// What a photo costs without nets, where the head is given.
func BenchmarkGivenHead(b *testing.B) {
	d := draw(3000, 4000, 1500, 2500, 1500, 2)
	capture := d.encode(b, vips.JPEG)
	p := New(Config{}, nil)
	for b.Loop() {
		r, err := p.Photo(b.Context(), capture, Request{Document: "gb-passport-print", Head: &d.head})
		if err != nil {
			b.Fatal(err)
		}
		r.Wipe()
	}
}
