package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/professionalaistudio/studio/control/telemetry"
	"github.com/professionalaistudio/studio/control/web/studio"
)

// serve runs the plane until ctx ends, then stops it: no more long polls, then no more requests, then what runs
// behind them, then the database.
func serve(ctx context.Context, s settings, args []string, stdout io.Writer) (err error) {
	if _, err := parse(flag.NewFlagSet("serve", flag.ContinueOnError), args, 0); err != nil {
		return err
	}
	log := telemetry.NewLog(stdout, slog.LevelInfo)
	db, err := open(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()

	// Ports are opened before anything runs: one that is taken ends the program while it has done nothing.
	ports, err := listen(s)
	if err != nil {
		return err
	}
	defer ports.close()

	// life is of what runs behind the requests; it outlives ctx until the last request is answered.
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	g := &group{end: end, failed: make(chan error, 1)}
	defer g.wait()
	stopping, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()

	p, err := newPlane(life, s, db, ports, stopping, log)
	if err != nil {
		return err
	}
	public := newServer(telemetry.Requests(log, p), log)
	private := newServer(telemetry.Private(version, func(ctx context.Context) error {
		if stopping.Err() != nil {
			return errors.New("stopping")
		}
		return db.Ping(ctx)
	}), log)
	for _, work := range p.background {
		g.run(life, work)
	}
	g.run(life, func(context.Context) error { return served(public.Serve(ports.public)) })
	g.run(life, func(context.Context) error { return served(private.Serve(ports.private)) })
	log.Info("control serves", "address", s.URL.String(), "version", version, "name", db.Engine())
	if !studio.Built() {
		log.Warn("the studio was not built into this program; `make build` does both")
	}

	select {
	case <-ctx.Done():
	case err = <-g.failed:
	}
	log.Info("control stops")
	stop()
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.Drain)
	defer cancel()
	err = errors.Join(err, public.Shutdown(late), private.Shutdown(late))
	return errors.Join(err, public.Close(), private.Close()) // what was not done in time is cut off
}

func served(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// newServer bounds what a stranger can hold: a slow header, a slow body, a connection that says nothing. An answer may
// take a minute, because a long poll waits for half of one.
func newServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// A group runs what belongs together: the first to fail is told, and all end together.
type group struct {
	end    context.CancelFunc
	all    sync.WaitGroup
	failed chan error
}

func (g *group) run(ctx context.Context, work func(context.Context) error) {
	g.all.Go(func() {
		if err := work(ctx); err != nil {
			select {
			case g.failed <- err:
			default: // one is enough to stop
			}
		}
	})
}

func (g *group) wait() {
	g.end()
	g.all.Wait()
}
