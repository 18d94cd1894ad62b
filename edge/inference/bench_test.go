package inference_test

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/edge/inference"
	"github.com/professionalaistudio/studio/edge/inference/inferencetest"
	"github.com/professionalaistudio/studio/edge/vips"
	"github.com/professionalaistudio/studio/models"
)

// BenchmarkNets runs each net of this build as the program does (freed memory is overwritten), on one thread and on all CPUs.
// Median and 95th percentile are what the figures of models/evaluation are compared with.
func BenchmarkNets(b *testing.B) {
	if err := vips.Start(vips.Config{}); err != nil {
		b.Fatal(err)
	}
	set, err := models.Open("")
	if err != nil {
		b.Fatal(err)
	}
	for _, wide := range slices.Compact([]int{1, runtime.GOMAXPROCS(0)}) {
		for _, m := range set.All() {
			b.Run(fmt.Sprintf("%s/threads=%d", m.Name, wide), func(b *testing.B) {
				r := inferencetest.Start(b, inference.Config{Wide: wide})
				_, data, _ := set.For(m.Task)
				n := load(b, r, m, data)
				var times []time.Duration
				for b.Loop() {
					start := time.Now()
					if err := n.Run(b.Context(), func(in []byte) { in[len(in)/2] = 1 }, func([][]float32) error { return nil }); err != nil {
						b.Fatal(err)
					}
					times = append(times, time.Since(start))
				}
				slices.Sort(times)
				at := func(share float64) float64 { return times[int(share*float64(len(times)-1))].Seconds() * 1e3 }
				b.ReportMetric(at(.5), "p50-ms")
				b.ReportMetric(at(.95), "p95-ms")
			})
		}
	}
}

// BenchmarkLoad is what a start pays for each net.
func BenchmarkLoad(b *testing.B) {
	r := inferencetest.Start(b, inference.Config{Wide: 1})
	set, err := models.Open("")
	if err != nil {
		b.Fatal(err)
	}
	for _, m := range set.All() {
		_, data, _ := set.For(m.Task)
		b.Run(m.Name, func(b *testing.B) {
			for b.Loop() {
				load(b, r, m, data).Close()
			}
		})
	}
}
