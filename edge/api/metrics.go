package api

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// The labels' values are ours: a route's template, a status, the word of a problem, the name of a stage.
var (
	requests = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "edge_api_requests_total", Help: "Requests answered, by route and status.",
	}, []string{"route", "status"})

	problems = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "edge_api_problems_total", Help: "Problems answered, by type.",
	}, []string{"type"})

	requestSeconds = promauto.NewHistogramVec(prometheus.HistogramOpts{
		Name: "edge_api_request_duration_seconds", Help: "From a request's header to its answer, by route.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
	}, []string{"route"})

	stageSeconds = promauto.NewHistogramVec(prometheus.HistogramOpts{
		Name: "edge_api_stage_duration_seconds", Help: "One stage of a request, by the name that Server-Timing gives it.",
		Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
	}, []string{"stage"})

	inFlight = promauto.NewGauge(prometheus.GaugeOpts{
		Name: "edge_api_requests_in_flight", Help: "Requests that have a header and no answer yet.",
	})

	bodyBytes = promauto.NewCounter(prometheus.CounterOpts{
		Name: "edge_api_body_bytes_total", Help: "Bytes of pictures and forms received.",
	})

	answerBytes = promauto.NewCounter(prometheus.CounterOpts{
		Name: "edge_api_answer_bytes_total", Help: "Bytes of pictures sent.",
	})
)
