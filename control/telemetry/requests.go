package telemetry

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

var (
	requests = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "control_http_requests_total", Help: "Requests answered, by route and status.",
	}, []string{"route", "status"})
	seconds = promauto.NewHistogramVec(prometheus.HistogramOpts{
		Name: "control_http_request_seconds", Help: "Time to answer a request, by route; a long poll waits on purpose.",
		Buckets: []float64{.001, .005, .025, .1, .5, 2.5, 10, 30},
	}, []string{"route"})
	panics = promauto.NewCounter(prometheus.CounterOpts{
		Name: "control_http_panics_total", Help: "Requests that ended in a panic and were answered with 500.",
	})
)

// Requests gives every answer of next an X-Request-Id and a Server-Timing, counts it, logs it as one line without
// address or query, and turns a panic into a 500.
func Requests(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := &answer{ResponseWriter: w, begun: time.Now()}
		id := rand.Text()[:16]
		w.Header().Set("X-Request-Id", id)
		defer func() {
			failure := recover()
			if failure != nil && failure != http.ErrAbortHandler {
				panics.Inc()
				// The panic's value may quote what a stranger sent, so its type and place are told and it is not.
				log.Error("a request panicked", "request", id, "reason", fmt.Sprintf("%T", failure), "stack", string(debug.Stack()))
				if a.status == 0 {
					http.Error(a, "Something went wrong on our side; the request id helps us find it.", http.StatusInternalServerError)
				}
			}
			route := r.Pattern // the mux has set it; a list of ours, so labels stay few
			if route == "" {
				route = "none"
			}
			if a.status == 0 {
				a.status = http.StatusOK
			}
			took := time.Since(a.begun)
			requests.WithLabelValues(route, strconv.Itoa(a.status)).Inc()
			seconds.WithLabelValues(route).Observe(took.Seconds())
			level := slog.LevelInfo
			if strings.Contains(route, " /internal/") && a.status < 400 {
				level = slog.LevelDebug // every edge calls every two seconds
			}
			log.Log(r.Context(), level, "request", "request", id, "route", route, "status", a.status, "duration_ms", took.Milliseconds())
			if failure == http.ErrAbortHandler {
				panic(failure)
			}
		}()
		next.ServeHTTP(a, r)
	})
}

// answer notes the status and writes Server-Timing at the last moment at which a header can be written.
type answer struct {
	http.ResponseWriter
	begun  time.Time
	status int
}

func (a *answer) WriteHeader(status int) {
	if a.status == 0 && status >= 200 {
		a.status = status
		a.Header().Set("Server-Timing", fmt.Sprintf("app;dur=%.1f", float64(time.Since(a.begun).Microseconds())/1000))
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.WriteHeader(http.StatusOK)
	}
	return a.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach deadlines and flushing.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
