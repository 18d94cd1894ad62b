package inference

import (
	"time"

	dto "github.com/prometheus/client_model/go"
)

// For the tests, which stand outside because inferencetest imports this package.
var (
	Match    = match
	Place    = place
	Poolable = poolable
)

// Threads is how many a run of n has that is alone.
func Threads(n *Net) int { return n.threads() }

// Pays judges a wide run, where one with one thread takes one, and tells whether the next may be wide now and after a pause.
func Pays(one, wide time.Duration) (now, later bool) {
	p := pays{one: one}
	p.took(wide)
	now = p.now()
	time.Sleep(pause)
	return now, p.now()
}

// WideRuns is how many runs of n had several threads.
func WideRuns(n *Net) int {
	var m dto.Metric
	if err := widened.WithLabelValues(n.model.Name).Write(&m); err != nil {
		panic(err)
	}
	return int(m.GetCounter().GetValue())
}
