package metering

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

var (
	counted = promauto.NewCounter(prometheus.CounterOpts{
		Name: "edge_metering_records_total", Help: "Usage records made durable.",
	})
	folded = promauto.NewCounter(prometheus.CounterOpts{
		Name: "edge_metering_folded_total", Help: "Usage records of which only totals are kept, because the spool was full or its disk failed.",
	})
	lost = promauto.NewCounter(prometheus.CounterOpts{
		Name: "edge_metering_lost_total", Help: "Usage records that cannot be shipped any more: unreadable, missing on both sides, or beyond what totals can hold.",
	})
	shipped = promauto.NewCounter(prometheus.CounterOpts{
		Name: "edge_metering_shipped_total", Help: "Usage records acknowledged by control.",
	})
	failures = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "edge_metering_failures_total", Help: "Writes to the spool and shipments to control that failed.",
	}, []string{"step"})
	degraded = promauto.NewGauge(prometheus.GaugeOpts{
		Name: "edge_metering_degraded", Help: "1 while usage is kept as totals only; 0 is well.",
	})
	spoolBytes = promauto.NewGauge(prometheus.GaugeOpts{
		Name: "edge_metering_spool_bytes", Help: "Bytes of usage records on disk.",
	})
	backlog = promauto.NewGauge(prometheus.GaugeOpts{
		Name: "edge_metering_backlog_records", Help: "Usage records not acknowledged by control.",
	})
	synced = promauto.NewHistogram(prometheus.HistogramOpts{
		Name: "edge_metering_sync_seconds", Help: "Time to write a group of records and make it durable.",
		Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .1, .5, 2},
	})
)
