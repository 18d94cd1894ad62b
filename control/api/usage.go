package api

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/professionalaistudio/studio/control/usage"
)

// maxSpan bounds what one answer covers.
const maxSpan = 400 * 24 * time.Hour

type totalAnswer struct {
	Hour      time.Time `json:"hour"`
	Region    string    `json:"region"`
	Operation string    `json:"operation"`
	Outcome   string    `json:"outcome"`
	Requests  int64     `json:"requests"`
	Units     int64     `json:"units"`
}

// usage answers the totals of an organisation by the hour, as JSON or, if that is asked for, as CSV.
func (a *API) usage(w http.ResponseWriter, r *http.Request) {
	index, err := a.org(r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	from, to, err := span(r.FormValue("from"), r.FormValue("to"), a.cfg.Now().UTC())
	if err != nil {
		a.fail(w, r, err)
		return
	}
	totals, err := a.Usage.Totals(r.Context(), index, from, to)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	w.Header().Set("Vary", "Accept, Authorization, Cookie")
	if wantsCSV(r.Header.Get("Accept")) {
		a.usageCSV(w, totals, from)
		return
	}
	var sum usage.Count
	rows := make([]totalAnswer, len(totals))
	for i, t := range totals {
		rows[i] = totalAnswer{t.Hour, t.Region, t.Op.String(), t.Outcome.String(), t.Requests, t.Units}
		sum.Requests += t.Requests
		sum.Units += t.Units
	}
	a.json(w, http.StatusOK, map[string]any{
		"from": from, "to": to, "requests": sum.Requests, "units": sum.Units, "totals": rows,
	})
}

func (a *API) usageCSV(w http.ResponseWriter, totals []usage.Total, from time.Time) {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8; header=present")
	w.Header().Set("Content-Disposition", `attachment; filename="usage-`+from.Format(time.DateOnly)+`.csv"`)
	out := csv.NewWriter(w)
	out.Write([]string{"hour", "region", "operation", "outcome", "requests", "units"})
	for _, t := range totals {
		out.Write([]string{
			t.Hour.Format(time.RFC3339), t.Region, t.Op.String(), t.Outcome.String(),
			strconv.FormatInt(t.Requests, 10), strconv.FormatInt(t.Units, 10),
		})
	}
	out.Flush()
}

// span reads the hours asked about: [from, to), each a date or a time. Nothing said is this month so far.
func span(from, to string, now time.Time) (begin, end time.Time, err error) {
	begin = time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	end = now.Truncate(time.Hour).Add(time.Hour)
	if from != "" {
		if begin, err = moment("from", from); err != nil {
			return begin, end, err
		}
	}
	if to != "" {
		if end, err = moment("to", to); err != nil {
			return begin, end, err
		}
	}
	if end.Before(begin) {
		return begin, end, fmt.Errorf("%w: from is after to", errMalformed)
	}
	if end.Sub(begin) > maxSpan {
		return begin, end, fmt.Errorf("%w: at most %d days at once", errMalformed, maxSpan/(24*time.Hour))
	}
	return begin, end, nil
}

func moment(name, text string) (time.Time, error) {
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(form, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%w: %s is neither 2026-11-24 nor 2026-11-24T12:00:00Z", errMalformed, name)
}

// wantsCSV says whether an Accept header prefers CSV to JSON.
func wantsCSV(accept string) bool {
	var asCSV, asJSON float64
	for entry := range strings.SplitSeq(accept, ",") {
		kind, parameters, _ := strings.Cut(entry, ";")
		q := 1.0
		for p := range strings.SplitSeq(parameters, ";") {
			if value, ok := strings.CutPrefix(strings.TrimSpace(p), "q="); ok {
				var err error
				if q, err = strconv.ParseFloat(value, 64); err != nil || !(0 <= q && q <= 1) { // NaN, too, is a number
					q = 0
				}
			}
		}
		switch strings.ToLower(strings.TrimSpace(kind)) {
		case "text/csv":
			asCSV = q
		case "application/json":
			asJSON = q
		}
	}
	return asCSV > asJSON
}
