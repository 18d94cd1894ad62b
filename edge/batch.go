package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"github.com/professionalaistudio/studio/edge/api"
	"github.com/professionalaistudio/studio/edge/portrait"
)

// mostJobs is beyond any machine this is for: more is a slip of the finger.
const mostJobs = 1024

// batchCommand makes the photos of a whole folder. Its files are those of `batch_*.go`: which pictures there are (scan), where each goes
// (plan), the work (run), what is said of it (report), and how a file comes to be (put).
func batchCommand(c *console, args []string) error {
	b, err := c.batchFlags(args)
	if err != nil {
		return &exitError{notMade, err}
	}
	defer b.close()
	if err := b.prepare(); err != nil {
		return &exitError{notMade, err}
	}
	return b.work()
}

// A batch is one call of `edge batch`.
type batch struct {
	*portraitAsk
	c    *console
	dir  string // whose pictures are read
	out  string // where photos go; empty with check
	jobs int

	recursive, check, overwrite, skip, findings, json bool

	maxBytes  int64
	portraits *portraits
	from, to  *os.Root
	items     []*item
	left      leftOut
	mode      os.FileMode // of a finished photo
}

// An item is one picture of the folder and what becomes of it. Names are relative and have slashes.
type item struct {
	name  string // below dir
	made  string // below out; empty with check
	exist bool   // there is something at made already
	err   error  // found before the work began: it cannot be read
}

func (c *console) batchFlags(args []string) (*batch, error) {
	fs := c.flags("batch")
	b := &batch{c: c}
	fs.StringVar(&b.out, "o", "", "`folder` for the photos; it is made if there is none")
	fs.IntVar(&b.jobs, "jobs", runtime.GOMAXPROCS(0), "`how many` photos are worked on at once")
	fs.BoolVar(&b.recursive, "recursive", false, "the folders inside it too; their names are kept")
	fs.BoolVar(&b.check, "check", false, "judge the pictures as edge check does, and write nothing")
	fs.BoolVar(&b.overwrite, "overwrite", false, "write over photos that are there already")
	fs.BoolVar(&b.skip, "skip", false, "leave photos that are there already, and make the others")
	fs.BoolVar(&b.findings, "findings", false, "put all findings into the results")
	fs.BoolVar(&b.json, "json", false, "print results as JSON on a terminal too, a line for each picture")
	b.portraitAsk = portraitFlags(fs, true)
	var err error
	if b.dir, err = b.parse(args, "DIR"); err != nil {
		return nil, err
	}
	return b, b.agree(fs)
}

// agree refuses flags that contradict one another.
func (b *batch) agree(fs *flag.FlagSet) error {
	switch {
	case b.jobs < 1 || b.jobs > mostJobs:
		return fmt.Errorf("-jobs %d: write 1 to %d", b.jobs, mostJobs)
	case b.overwrite && b.skip:
		return errors.New("-overwrite and -skip: leave one of them out")
	case !b.check && b.out == "":
		return errors.New("batch needs -o: into which folder shall the photos go?")
	case !b.check && b.out == "-":
		return errors.New("-o -: photos go into a folder, name one")
	case !b.check:
		return nil
	}
	var err error
	fs.Visit(func(f *flag.Flag) {
		switch f.Name {
		case "o", "overwrite", "skip", "sheet", "format", "mode":
			err = fmt.Errorf("-check writes nothing: leave out -%s", f.Name)
		}
	})
	return err
}

// prepare finds out all that can be known before the first photo is worked on: a wrong call costs nothing and changes nothing.
func (b *batch) prepare() (err error) {
	cfg, err := b.c.settings()
	if err != nil {
		return err
	}
	b.maxBytes = int64(cfg.MaxBytes)
	if b.from, err = os.OpenRoot(b.dir); err != nil {
		return fmt.Errorf("%s: %w", b.dir, reason(err))
	}
	if err := b.apart(); err != nil {
		return err
	}
	if err := b.scan(); err != nil {
		return err
	}
	if len(b.items) == 0 {
		if text := b.left.String(); text != "" {
			return fmt.Errorf("%s has no pictures, only %s", b.dir, text)
		}
		return fmt.Errorf("%s has no pictures", b.dir)
	}
	b.jobs = min(b.jobs, len(b.items))
	if b.portraits, err = openPortraits(cfg, b.jobs); err != nil {
		return err
	}
	if err := b.dryRun(); err != nil {
		return err
	}
	if b.check {
		return nil
	}
	if err := b.plan(); err != nil {
		return err
	}
	return b.openOut()
}

// dryRun does nothing to a picture of no bytes. That it is none is what is found out last: before it comes all that is wrong with the
// call, whatever the picture.
func (b *batch) dryRun() error {
	_, err := b.judge()(b.portraits.Pipeline, context.Background(), nil, b.request)
	if err == nil || errors.Is(err, portrait.ErrNotImage) {
		return nil
	}
	return err
}

// judge is what is done to each picture.
func (b *batch) judge() portraitWork {
	if b.check {
		return (*portrait.Pipeline).Check
	}
	return (*portrait.Pipeline).Photo
}

// ofTheCall says that an error is no picture's but the call's, or this host's: it would be that of every picture.
func ofTheCall(err error) bool {
	switch api.Word(err) {
	case "document-unknown", "edit-barred", "background", "format", "malformed", "no-net", "head-missing":
		return true
	}
	return false
}

func (b *batch) close() {
	for _, root := range []*os.Root{b.from, b.to} {
		if root != nil {
			root.Close()
		}
	}
	if b.portraits != nil {
		b.portraits.Close()
	}
}

// work runs until all is done, or somebody stops it: with the first signal nothing new is begun, with the second what is under way is
// dropped at its next step, and the third is the system's.
func (b *batch) work() error {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	signal.Ignore(syscall.SIGPIPE) // a reader that has left is an error of the write, and no end in the middle of a file
	stop, stopping := context.WithCancelCause(context.Background())
	drop, dropping := context.WithCancelCause(context.Background())
	defer stopping(nil)
	defer dropping(nil)
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		defer signal.Stop(signals)
		for _, end := range []context.CancelCauseFunc{stopping, dropping} {
			select {
			case s := <-signals:
				end(fmt.Errorf("%w by %s", errStopped, name(s)))
			case <-ended:
				return
			}
		}
	}()
	r := newReport(b)
	b.run(stop, drop, stopping, r)
	return r.end(context.Cause(stop))
}

var errStopped = errors.New("stopped")

// name is how people call a signal.
func name(s os.Signal) string {
	switch s {
	case os.Interrupt:
		return "Ctrl-C"
	case syscall.SIGHUP:
		return "the end of its terminal"
	}
	return "SIGTERM"
}
