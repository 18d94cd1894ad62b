package inference

import dto "github.com/prometheus/client_model/go"

// For the tests, which stand outside because inferencetest imports this package.
var (
	Match    = match
	Place    = place
	Poolable = poolable
)

// Threads is how many a run of n has that is alone.
func Threads(n *Net) int { return n.threads() }

// WideRuns is how many runs of n had several threads.
func WideRuns(n *Net) int {
	var m dto.Metric
	if err := widened.WithLabelValues(n.model.Name).Write(&m); err != nil {
		panic(err)
	}
	return int(m.GetCounter().GetValue())
}
