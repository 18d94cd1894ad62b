package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"
	"time"

	"github.com/professionalaistudio/studio/edge/api"
	"github.com/professionalaistudio/studio/edge/portrait"
	"github.com/professionalaistudio/studio/edge/portrait/compliance"
)

// An outcome is what became of an item.
type outcome struct {
	*item
	path     string // of what was written
	skipped  bool   // it was there already
	findings []compliance.Finding
	err      error // why nothing was made
	took     time.Duration
}

// run works through the items, as many at once as there are jobs, and reads each when its turn comes. Once stop is done nothing new is
// begun; once drop is, what is under way ends at its next step. halt ends stop, for what is wrong with more than one item.
func (b *batch) run(stop, drop context.Context, halt context.CancelCauseFunc, r *report) {
	var next atomic.Int64
	var running sync.WaitGroup
	for range b.jobs {
		running.Go(func() {
			var room []byte // for one file after another: what was read would else lie about until the collector came
			for stop.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(b.items) {
					return
				}
				o := b.one(drop, b.items[i], &room)
				if o.err != nil && (ofTheCall(o.err) || errors.Is(o.err, errNotWritten) && fullDisk(o.err)) {
					halt(o.err)
				}
				if err := r.add(o); err != nil {
					halt(fmt.Errorf("standard output: %w", reason(err)))
				}
			}
		})
	}
	running.Wait()
}

// one makes the photo of one item, which is read into room, or into what takes its place there.
func (b *batch) one(ctx context.Context, it *item, room *[]byte) (o outcome) {
	o.item = it
	start := time.Now()
	defer func() {
		if p := recover(); p != nil { // one picture is lost and not all of them
			o.err = fmt.Errorf("a fault of this program: %v", p)
			*room = nil // who reads it still is not known
		}
		o.took = time.Since(start)
	}()
	switch {
	case it.err != nil:
		o.err = it.err
		return o
	case it.exist && b.skip:
		o.skipped, o.path = true, b.path(it)
		return o
	}
	data, err := b.read(it.name, *room)
	if err != nil {
		o.err = err
		return o
	}
	*room = data
	defer clear(data)
	result, err := b.judge()(b.portraits.Pipeline, ctx, data, b.request)
	if err != nil {
		o.err = err
		return o
	}
	defer result.Wipe()
	if !b.check {
		made := finished(result)
		place := &item{made: withEnding(it.made, made.Type)}
		switch err := b.put(place.made, made.Data, b.overwrite); {
		case errors.Is(err, fs.ErrExist) && b.skip:
			o.skipped, o.path = true, b.path(place)
			return o
		case err != nil:
			o.err = unwritten(b.path(place), err)
			return o
		}
		o.path = b.path(place)
	}
	o.findings = result.Findings
	return o
}

// word is the API's word for why there is no photo.
func (o outcome) word() string {
	switch {
	case errors.Is(o.err, errStopped):
		return "cancelled"
	case errors.Is(o.err, errTooManyBytes):
		return "too-large"
	case errors.Is(o.err, errUnreadable):
		return "source-unreachable"
	}
	return api.Word(o.err)
}

// says is why there is no photo, in a sentence, and what a person can do about it, in another or none.
func (o outcome) says() (detail, advice string) {
	var fit *portrait.ErrCannotFit
	if errors.As(o.err, &fit) {
		return sentence(fit.Reason), fit.Advice
	}
	return sentence(o.err.Error()), remedy(o.word())
}
