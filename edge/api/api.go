package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/professionalaistudio/studio/edge/admission"
	"github.com/professionalaistudio/studio/edge/auth"
	"github.com/professionalaistudio/studio/edge/fetch"
	"github.com/professionalaistudio/studio/edge/portrait"
	"github.com/professionalaistudio/studio/edge/portrait/document"
	"github.com/professionalaistudio/studio/edge/transform"
	"github.com/professionalaistudio/studio/edge/wire"
)

// Config is what may be tuned of an API. Zero values are the defaults.
type Config struct {
	Region        string   // which this node serves: residency is judged by it
	Origins       []string // web origins that may call /v1
	PublicURL     string   // how clients reach this node: an origin of its own, and the server of /openapi.json
	Version       string   // of the program, for /openapi.json
	Libvips       string   // its version: another one makes other bytes, so it is part of every ETag
	SignatureSize int      // bytes of a URL signature; 0 = all 32

	Timeout   time.Duration // from a request's last byte to its answer's first; 0 = 15 s
	MaxBytes  int64         // of a picture; 0 = 32 MiB
	MaxPixels int64         // of a picture; 0 = 50 million
	MaxFrames int           // of an animation; 0 = 1
	MaxConns  int           // connections at once; 0 = 8,192
	MaxBodies int64         // bytes that bodies may take together while they arrive; 0 = 1 GiB

	Header time.Duration // for a request's header, and the wait for a new connection's first byte; 0 = 10 s
	Idle   time.Duration // between requests; 0 = 60 s
	Grace  time.Duration // for a body to begin, see pace; 0 = 10 s
	Rate   int64         // bytes a second below which a body or the reader of an answer is too slow; 0 = 64 KiB
}

func (c *Config) defaults() {
	set(&c.SignatureSize, wire.SignatureSize)
	set(&c.Timeout, 15*time.Second)
	set(&c.MaxBytes, 32<<20)
	set(&c.MaxPixels, 50_000_000)
	set(&c.MaxFrames, 1)
	set(&c.MaxConns, 8192)
	set(&c.MaxBodies, 1<<30)
	set(&c.Header, 10*time.Second)
	set(&c.Idle, time.Minute)
	set(&c.Grace, 10*time.Second)
	set(&c.Rate, 64<<10)
}

func set[T comparable](to *T, value T) {
	if *to == *new(T) {
		*to = value
	}
}

// A Counter makes usage durable; *metering.Meter is one.
type Counter interface {
	Count(ctx context.Context, u wire.Usage) error
}

// A Spender keeps tokens that are good once; *auth.Spent is one. Reserve holds a token until one of its functions is
// called: commit spends it, release gives it back.
type Spender interface {
	Reserve(id string, expires time.Time) (commit, release func(), ok bool)
}

// Parts is what an API puts together.
type Parts struct {
	Keys     *auth.Verifier
	Spent    Spender
	Sources  *fetch.Client
	Gate     *admission.Gate
	Portrait *portrait.Pipeline
	Cutter   *portrait.Cutter // nil: nothing here tells people from what is behind them
	Usage    Counter
	Receipts *Receipts // nil: photos go without one
}

// An API is the public server.
type API struct {
	cfg      Config
	parts    Parts
	log      *slog.Logger
	server   *fasthttp.Server
	watch    *watch
	bodies   budget
	origins  map[string]bool
	maker    transform.Maker
	nets     string // digests of what a matte is made with: part of its ETag
	rules    string // the same of a document photo, its rules among them
	listing  listing
	draining atomic.Bool
	jobs     sync.WaitGroup // work that runs, whether or not anyone waits for it

	models []wire.ReceiptModel // what photos are made with: part of their receipts

	description, manual, keys page // /openapi.json, /docs and /.well-known/jwks.json
}

// New makes an API that is ready to Serve.
func New(cfg Config, parts Parts, log *slog.Logger) (*API, error) {
	cfg.defaults()
	w, err := newWatch()
	if err != nil {
		return nil, err
	}
	a := &API{
		cfg: cfg, parts: parts, log: log, watch: w,
		bodies:  budget{limit: cfg.MaxBodies},
		origins: map[string]bool{},
		maker:   transform.Maker{Limits: transform.Limits{MaxPixels: cfg.MaxPixels, MaxFrames: cfg.MaxFrames}},
	}
	if parts.Cutter != nil {
		a.maker.Cutter = parts.Cutter
		for _, m := range parts.Cutter.Models() {
			a.nets += m.SHA256
		}
	}
	a.listing.pack = document.Embedded()
	if parts.Portrait != nil {
		a.listing.pack = parts.Portrait.Pack()
		a.rules = parts.Portrait.Pack().Digest
		for _, m := range parts.Portrait.Models() {
			a.rules += m.SHA256
		}
	}
	for _, origin := range cfg.Origins {
		a.origins[origin] = true
	}
	if cfg.PublicURL != "" {
		a.origins[cfg.PublicURL] = true
	}
	if parts.Portrait != nil {
		for _, m := range parts.Portrait.Models() {
			a.models = append(a.models, wire.ReceiptModel{Name: m.Name, Version: m.Version})
		}
	}
	if a.keys, err = newKeys(parts.Receipts); err != nil {
		return nil, err
	}
	description, err := described(cfg.PublicURL, cfg.Version)
	if err != nil {
		return nil, err
	}
	manual, err := rendered(description)
	if err != nil {
		return nil, fmt.Errorf("docs: %w", err)
	}
	a.description, a.manual = newPage("application/json", description), newPage("text/html; charset=utf-8", manual)
	a.server = &fasthttp.Server{
		Handler:      a.handle,
		ErrorHandler: a.unreadable,

		Concurrency:    cfg.MaxConns,
		ReadBufferSize: readBuffer,
		ReadTimeout:    cfg.Header,
		WriteTimeout:   cfg.Grace,
		IdleTimeout:    cfg.Idle,
		TCPKeepalive:   true,

		// A handler is called once the header and one byte of the body are here: it decides who may send the rest, and
		// reads it into memory of ours. No form is parsed into temporary files.
		StreamRequestBody:            true,
		MaxRequestBodySize:           1,
		DisablePreParseMultipartForm: true,

		CloseOnShutdown:       true,
		NoDefaultServerHeader: true,
		NoDefaultContentType:  true,
		SecureErrorLogMessage: true,
		Logger:                quiet{log},
	}
	return a, nil
}

// Serve answers on ln until Shutdown. Every ln is one that Listener made, or TLS on top of one.
func (a *API) Serve(ln net.Listener) error {
	go a.watch.run()
	defer a.watch.close()
	return a.server.Serve(ln)
}

// Drain says to every client, by a header and on /health, that this node is about to go. It still serves.
func (a *API) Drain() { a.draining.Store(true) }

// Shutdown takes no new connection and returns when the last request is answered, or when ctx ends.
func (a *API) Shutdown(ctx context.Context) error {
	a.Drain()
	if err := a.server.ShutdownWithContext(ctx); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	ended := make(chan struct{})
	go func() {
		a.jobs.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// quiet is fasthttp's logger. Its formats are fixed sentences; what it puts into them may be a stranger's.
type quiet struct{ log *slog.Logger }

func (q quiet) Printf(format string, _ ...any) {
	q.log.Debug("The HTTP server had trouble with a connection.", "reason", format)
}
