package api

import (
	"strconv"
	"time"
)

// stages times a request as Server-Timing tells it to the client: what took how long, in the order it happened.
type stages struct {
	list []stage
	last time.Time
}

type stage struct {
	name string
	took time.Duration
}

func (s *stages) start(now time.Time) { s.last = now }

// end closes the stage that began when the one before it ended.
func (s *stages) end(name string) {
	now := time.Now()
	s.add(name, now.Sub(s.last))
	s.last = now
}

// skip forgets the time since the last stage: it is told by others.
func (s *stages) skip() { s.last = time.Now() }

// add appends a stage that somebody else timed, to an equal one before it if there is one.
func (s *stages) add(name string, took time.Duration) {
	stageSeconds.WithLabelValues(name).Observe(took.Seconds())
	for i := range s.list {
		if s.list[i].name == name {
			s.list[i].took += took
			return
		}
	}
	s.list = append(s.list, stage{name, took})
}

// header is the value of Server-Timing: milliseconds, as the standard has it.
func (s *stages) header(total time.Duration) []byte {
	b := make([]byte, 0, 24*(len(s.list)+1))
	for _, st := range s.list {
		b = append(b, st.name...)
		b = append(b, ";dur="...)
		b = strconv.AppendFloat(b, st.took.Seconds()*1e3, 'f', 3, 64)
		b = append(b, ", "...)
	}
	b = append(b, "total;dur="...)
	return strconv.AppendFloat(b, total.Seconds()*1e3, 'f', 3, 64)
}
