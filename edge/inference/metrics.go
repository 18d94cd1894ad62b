package inference

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

var (
	took = promauto.NewHistogramVec(prometheus.HistogramOpts{
		Name: "edge_inference_seconds", Help: "How long a run of a net took, without the wait for a CPU.",
		Buckets: []float64{.0005, .001, .002, .004, .008, .016, .032, .064, .128, .256, .512},
	}, []string{"model"})
	failed = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "edge_inference_errors_total", Help: "Runs of a net that ended in an error other than a deadline.",
	}, []string{"model"})
	threads = promauto.NewGaugeVec(prometheus.GaugeOpts{
		Name: "edge_inference_threads", Help: "How many threads a run of a net has that is alone.",
	}, []string{"model"})
	widened = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "edge_inference_wide_total", Help: "Runs of a net that had several threads, since nothing else was being done.",
	}, []string{"model"})
)
