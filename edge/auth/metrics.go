package auth

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

var (
	refused = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "edge_auth_refused_total", Help: "Tokens and secrets that were not accepted: token, revoked, stale or region.",
	}, []string{"reason"})
	bundleNumber = promauto.NewGauge(prometheus.GaugeOpts{
		Name: "edge_auth_bundle_number", Help: "Number of the bundle in use.",
	})
	bundleHeard = promauto.NewGauge(prometheus.GaugeOpts{
		Name: "edge_auth_control_heard_timestamp_seconds", Help: "When the control plane was last known to be there.",
	})
	polls = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "edge_auth_polls_total", Help: "Requests for a newer bundle: new, nothing, kept (not newer than ours) or failed.",
	}, []string{"result"})
)

func reason(err error) string {
	switch {
	case errors.Is(err, ErrRegion):
		return "region"
	case errors.Is(err, ErrRevoked):
		return "revoked"
	case errors.Is(err, ErrStale):
		return "stale"
	}
	return "token"
}
