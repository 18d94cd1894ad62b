package api

import (
	"context"
	"time"

	"github.com/professionalaistudio/studio/edge/wire"
)

// count makes what was done durable before it is answered. Work that has been done is delivered even where its record
// cannot be kept: the operator hears of it, and the customer does not pay for our disk.
func (r *request) count(outcome wire.Outcome) {
	u := r.usage
	r.usage.Op = 0 // once
	if u.Op == 0 {
		return
	}
	if u.Outcome = outcome; outcome != wire.OutcomeOK {
		u.Units = 0
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second) // the client's leaving changes nothing
	defer cancel()
	if err := r.api.parts.Usage.Count(ctx, u); err != nil {
		r.api.log.Error("A usage record could not be kept.", "request", r.id, "route", r.route.path, "error", err)
	}
}

// counted counts work that was done, whose stages others have timed.
func (r *request) counted() {
	r.stages.skip()
	r.count(wire.OutcomeOK)
	r.stages.end("count")
}

// blame counts a request that ended in a problem, where the input or we are to blame. Work that was never begun, or that
// the client walked away from, is no usage.
func (r *request) blame(p wire.Problem) {
	switch p.Type {
	case "internal":
		r.count(wire.OutcomeFailed)
	case "too-large", "not-an-image", "broken-image", "format", "source-refused", "source-unreachable", "source-status",
		"source-slow", "source-incomplete", "document-unknown", "head-missing", "head", "background", "no-face", "two-faces", "no-person", "edit-barred", "cannot-fit":
		r.count(wire.OutcomeRefused)
	}
}
