package console

import (
	"cmp"
	"slices"
	"time"

	"github.com/professionalaistudio/studio/control/usage"
	"github.com/professionalaistudio/studio/edge/wire"
)

// days is how far back the console looks, today included.
const days = 30

func firstDay(now time.Time) time.Time {
	return now.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1-days)
}

// A report is an organisation's usage of the last thirty days.
type report struct {
	Lines []line
	Days  []bar
	Sum   line
	Most  int64 // requests of the busiest day
}

// A line is one operation.
type line struct {
	Name                         string
	Requests, OK, Refused, Fault int64
	Units                        int64
}

// A bar is one day, drawn in a box 100 units high.
type bar struct {
	Day      time.Time
	Requests int64
	X, Y, H  float64
}

func newReport(totals []usage.Total, from time.Time) report {
	r := report{Days: make([]bar, days), Sum: line{Name: "All"}}
	lines := map[wire.Op]*line{}
	for i := range r.Days {
		r.Days[i].Day = from.AddDate(0, 0, i)
	}
	for _, t := range totals {
		l := lines[t.Op]
		if l == nil {
			l = &line{Name: name(t.Op)}
			lines[t.Op] = l
		}
		for _, sum := range []*line{l, &r.Sum} {
			sum.Requests += t.Requests
			switch t.Outcome {
			case wire.OutcomeOK:
				sum.OK += t.Requests
				sum.Units += t.Units
			case wire.OutcomeRefused:
				sum.Refused += t.Requests
			default:
				sum.Fault += t.Requests
			}
		}
		if day := int(t.Hour.Sub(from) / (24 * time.Hour)); day >= 0 && day < days {
			r.Days[day].Requests += t.Requests
			r.Most = max(r.Most, r.Days[day].Requests)
		}
	}
	for _, l := range lines {
		r.Lines = append(r.Lines, *l)
	}
	slices.SortFunc(r.Lines, func(a, b line) int { return cmp.Or(cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.Name, b.Name)) })
	for i := range r.Days {
		b := &r.Days[i]
		b.X = float64(i) * 10
		if b.Requests > 0 {
			b.H = max(2, 96*float64(b.Requests)/float64(r.Most))
		}
		b.Y = 100 - b.H
	}
	return r
}

// name is an operation as a customer knows it.
func name(op wire.Op) string {
	switch op {
	case wire.OpImage:
		return "Images"
	case wire.OpPhoto:
		return "Document photos"
	case wire.OpCheck:
		return "Checks"
	case wire.OpMatte:
		return "Mattes"
	case wire.OpSheet:
		return "Photos with a sheet"
	}
	return "Other"
}
