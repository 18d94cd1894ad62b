package api

import (
	"context"
	"fmt"
)

// A job is work on one picture that needs a CPU.
type job[T any] struct {
	do   func(context.Context) (T, error)
	done func()  // wipes what do reads; called once do has ended, however it ended, or will never begin
	drop func(T) // wipes a result that nobody waits for any more
}

// perform runs a job on a CPU of its own, and gives the CPU back before anything is written. C cannot be interrupted: when the
// time is over, or the client has left, the answer is given at once, and the job goes on to its next step with its CPU and
// the memory it reads.
func perform[T any](ctx context.Context, r *request, j job[T]) (result T, err error) {
	leave, err := r.api.parts.Gate.Enter(ctx)
	if err != nil {
		j.done()
		return result, err
	}
	r.stages.end("queue")

	type outcome struct {
		result T
		err    error
	}
	ended := make(chan outcome, 1)
	r.api.jobs.Go(func() {
		var o outcome
		defer func() {
			if p := recover(); p != nil {
				o.err = r.api.panicked(r.id, r.route.path, p)
			}
			leave()
			j.done()
			ended <- o
		}()
		o.result, o.err = j.do(ctx)
	})
	select {
	case o := <-ended:
		return o.result, o.err
	case <-ctx.Done():
	}
	select {
	case o := <-ended: // both at once: what is done is done
		return o.result, o.err
	default:
	}
	r.api.jobs.Go(func() {
		if o := <-ended; o.err == nil {
			j.drop(o.result)
		}
	})
	return result, fmt.Errorf("work on the picture: %w", context.Cause(ctx))
}
