package admission

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

var (
	slots = promauto.NewGauge(prometheus.GaugeOpts{
		Name: "edge_admission_slots", Help: "Requests that may run at once.",
	})
	running = promauto.NewGauge(prometheus.GaugeOpts{
		Name: "edge_admission_running_requests", Help: "Requests that hold a slot.",
	})
	waiting = promauto.NewGauge(prometheus.GaugeOpts{
		Name: "edge_admission_waiting_requests", Help: "Requests that wait for a slot.",
	})
	refused = promauto.NewCounter(prometheus.CounterOpts{ // counts ErrBusy
		Name: "edge_admission_refused_total", Help: "Requests refused because the queue was full.",
	})
	expired = promauto.NewCounter(prometheus.CounterOpts{
		Name: "edge_admission_expired_total", Help: "Requests whose client left, or whose time ran out, before a slot was free.",
	})
	waited = promauto.NewHistogram(prometheus.HistogramOpts{
		Name: "edge_admission_wait_seconds", Help: "How long those who got a slot waited for it.",
		Buckets: []float64{0, .001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
	})
)
