package fetch

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

var (
	sources = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "edge_fetch_sources_total", Help: "Sources asked for, by how it ended.",
	}, []string{"result"})
	fetched = promauto.NewCounter(prometheus.CounterOpts{
		Name: "edge_fetch_bytes_total", Help: "Bytes of pictures fetched, unpacked.",
	})
	took = promauto.NewHistogram(prometheus.HistogramOpts{
		Name: "edge_fetch_seconds", Help: "Time to fetch a source, failures included.",
		Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
	})
	connections = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "edge_fetch_connections_total", Help: "Connections used, new or reused.",
	}, []string{"kind"})
)

// results are the values of the label; the first match wins.
var results = []struct {
	err  error
	name string
}{
	{ErrRefused, "refused"},
	{ErrPrivate, "private"},
	{ErrTimeout, "timeout"},
	{ErrTooLarge, "too_large"},
	{ErrIncomplete, "incomplete"},
	{ErrRedirects, "redirects"},
	{ErrUnreachable, "unreachable"},
	{context.Canceled, "cancelled"},
	{context.DeadlineExceeded, "cancelled"},
}

func count(s *Source, err error, d time.Duration) {
	took.Observe(d.Seconds())
	sources.WithLabelValues(result(s, err)).Inc()
	if err == nil {
		fetched.Add(float64(len(s.Body)))
	}
}

func result(s *Source, err error) string {
	var status *StatusError
	switch {
	case err == nil && s.NotModified:
		return "not_modified"
	case err == nil:
		return "ok"
	case errors.As(err, &status):
		return "status"
	}
	for _, r := range results {
		if errors.Is(err, r.err) {
			return r.name
		}
	}
	return "cancelled" // a cause of the caller's own
}
