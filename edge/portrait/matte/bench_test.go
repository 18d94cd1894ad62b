package matte

import (
	"image"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/professionalaistudio/studio/edge/vips"
)

// cpu is what the process has computed so far: what a benchmark costs on a machine that is busy with other things too.
func cpu(b *testing.B) time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// A portrait of 12 megapixels: what is done at the net's scale, then alpha, then the people's colours too.
func BenchmarkMatte(b *testing.B) {
	s := draw(3000, 4000, 1500, 1500, 1500, bricks)
	c, _ := s.cutter(512, nil)
	sketch, err := c.Look(b.Context(), s.picture, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("shrink", func(b *testing.B) {
		defer func(before time.Duration) { b.ReportMetric((cpu(b)-before).Seconds()*1e3/float64(b.N), "cpu-ms") }(cpu(b))
		small := vips.Raster{Pix: make([]byte, 3*512*512), Width: 512, Height: 512, Bands: 3}
		for b.Loop() {
			if err := s.picture.Average(image.Rect(0, 0, 3000, 4000), small); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("settle", func(b *testing.B) {
		defer func(before time.Duration) { b.ReportMetric((cpu(b)-before).Seconds()*1e3/float64(b.N), "cpu-ms") }(cpu(b))
		for b.Loop() {
			sketch.near.tidy(nil)
			sketch.near.ready = false
			sketch.near.prepare()
		}
	})
	alpha := make([]byte, len(s.alpha))
	b.Run("alpha", func(b *testing.B) {
		defer func(before time.Duration) { b.ReportMetric((cpu(b)-before).Seconds()*1e3/float64(b.N), "cpu-ms") }(cpu(b))
		for b.Loop() {
			if err := sketch.Refine(b.Context(), s.picture, alpha, false); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("alpha and colours", func(b *testing.B) {
		defer func(before time.Duration) { b.ReportMetric((cpu(b)-before).Seconds()*1e3/float64(b.N), "cpu-ms") }(cpu(b))
		for b.Loop() {
			if err := sketch.Refine(b.Context(), s.picture, alpha, true); err != nil {
				b.Fatal(err)
			}
		}
	})
}
