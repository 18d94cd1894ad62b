package portrait

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/professionalaistudio/studio/edge/portrait/compliance"
)

// Which rules fail, and no number of them: by it an operator sees that a new pack or a new net judges otherwise than the last. Frames of a
// live picture are not counted: the same fault would count a hundred times.
var found = promauto.NewCounterVec(prometheus.CounterOpts{
	Name: "edge_portrait_findings_total", Help: "Findings that fail or warn, by rule, of photos made and captures checked.",
}, []string{"rule", "verdict"})

func count(findings []compliance.Finding) {
	for _, f := range findings {
		if f.Verdict == compliance.Fail || f.Verdict == compliance.Warn {
			found.WithLabelValues(f.Rule, string(f.Verdict)).Inc()
		}
	}
}
