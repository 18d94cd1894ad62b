package measure_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/edge/portrait/measure"
)

// enlarged repeats every pixel k times each way.
func (c *canvas) enlarged(k int) *canvas {
	d := &canvas{w: k * c.w, h: k * c.h, eye: float64(k) * c.eye, at: [2]float64{float64(k) * c.at[0], float64(k) * c.at[1]}}
	d.pix, d.alpha = make([]byte, 3*d.w*d.h), make([]byte, d.w*d.h)
	for y := range d.h {
		for x := range d.w {
			i, j := y/k*c.w+x/k, y*d.w+x
			copy(d.pix[3*j:3*j+3], c.pix[3*i:])
			d.alpha[j] = c.alpha[i]
		}
	}
	for i, p := range c.points {
		d.points[i] = [2]float64{float64(k) * p[0], float64(k) * p[1]}
	}
	return d
}

// spent is the processor's time of this process: on a busy machine the clock on the wall tells nothing.
func spent() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Each group on a capture of 12 megapixels, made ready and overwritten again, and all of them together. A group that is first
// to need the view of the face or the frame's cells pays for it: that is "face" and "frame".
func BenchmarkMeasure(b *testing.B) {
	capture := newPerson().draw().enlarged(5) // 3000 × 3750
	small := newPerson().draw().enlarged(1)
	matte := small.matte() // at a fifth of the capture's scale, as a net gives it
	look := func(b *testing.B) *measure.Scene {
		s, err := measure.Look(capture.picture(), &capture.points, matte, measure.Box{})
		if err != nil {
			b.Fatal(err)
		}
		return s
	}
	groups := []struct {
		name    string
		prepare func(*measure.Scene)
		f       func(*measure.Scene)
	}{
		{"face", func(*measure.Scene) {}, func(s *measure.Scene) { s.Ready(true, false) }},
		{"frame", func(*measure.Scene) {}, func(s *measure.Scene) { s.Ready(false, true) }},
		{"features", nil, func(*measure.Scene) { capture.points.Measure(1) }},
		{"light", nil, func(s *measure.Scene) { s.Light() }},
		{"tone", nil, func(s *measure.Scene) { s.Tone() }},
		{"detail", nil, func(s *measure.Scene) { s.Detail() }},
		{"eyes", nil, func(s *measure.Scene) { s.Eyes() }},
		{"hair", nil, func(s *measure.Scene) { s.Hair() }},
		{"ground", nil, func(s *measure.Scene) { s.Ground([3]uint8{217, 217, 217}, [3]uint8{255, 255, 255}) }},
		{"figure", nil, func(s *measure.Scene) { s.Figure() }},
		{"grain", nil, func(s *measure.Scene) { s.Grain() }},
		{"all", func(*measure.Scene) {}, func(s *measure.Scene) {
			capture.points.Measure(1)
			s.Light()
			s.Tone()
			s.Detail()
			s.Eyes()
			s.Hair()
			s.Ground([3]uint8{217, 217, 217}, [3]uint8{255, 255, 255})
			s.Figure()
			s.Grain()
		}},
	}
	for _, g := range groups {
		b.Run(g.name, func(b *testing.B) {
			b.ReportAllocs()
			start := spent()
			if g.prepare == nil {
				s := look(b)
				s.Ready(true, true)
				for b.Loop() {
					g.f(s)
				}
				s.Wipe()
			} else {
				for b.Loop() {
					s := look(b)
					g.f(s)
					s.Wipe()
				}
			}
			b.ReportMetric(float64((spent()-start).Microseconds())/1000/float64(b.N), "cpu-ms/op")
		})
	}
}
