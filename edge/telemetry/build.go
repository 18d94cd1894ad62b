package telemetry

import (
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

var build = promauto.NewGaugeVec(prometheus.GaugeOpts{
	Name: "edge_build_info", Help: "Always 1; the labels say what runs.",
}, []string{"version", "go", "libvips"})

// Announce puts the build on the metrics page.
func Announce(version, libvips string) {
	build.WithLabelValues(version, runtime.Version(), libvips).Set(1)
}
