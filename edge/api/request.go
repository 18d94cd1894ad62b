package api

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/professionalaistudio/studio/edge/wire"
)

// A request is one exchange: what came, what has been found out about it, and what is to be answered.
type request struct {
	*fasthttp.RequestCtx
	api    *API
	id     string
	route  route
	rest   string // what the route's braces stand for, undecoded
	path   string // the raw target without its query
	query  string // undecoded
	began  time.Time
	stages stages

	ctx    context.Context // of the work; made by work
	cancel context.CancelFunc

	usage    wire.Usage // what will be counted; its Op is 0 while there is nothing
	received bool       // the body has been read, or as much of it as there was
	body     *body      // what the client sent, once it has been read
	answer   *picture   // what will be written, where that is a picture
	hashed   bool       // the receipt is to name the file
	receipt  string     // what goes with a photo; empty where there is none
	size     int        // bytes of the answer
}

// idForm is a request id that we take from a client: it goes into our log.
var idForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

func requestID(given []byte) string {
	if idForm.Match(given) {
		return string(given)
	}
	var b [12]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// handle is fasthttp's handler. Nothing it is given outlives it but the answer's picture.
func (a *API) handle(ctx *fasthttp.RequestCtx) {
	inFlight.Inc()
	defer inFlight.Dec()
	r := &request{RequestCtx: ctx, api: a, id: requestID(ctx.Request.Header.Peek("X-Request-Id")), began: time.Now()}
	r.stages.start(r.began)
	r.path, r.query = target(string(ctx.Request.Header.RequestURI()))

	err := r.run()
	if err != nil {
		r.fail(err)
	}
	r.body.wipe()
	if r.cancel != nil {
		r.cancel()
	}
	r.finish()
}

// target is the path and the query of a raw request target, undecoded: what is signed is its spelling, and fasthttp's
// own Path is decoded and has its slashes merged.
func target(raw string) (path, query string) {
	if !strings.HasPrefix(raw, "/") { // a proxy may send scheme and host along (RFC 9112, 3.2.2)
		if _, rest, ok := strings.Cut(raw, "://"); ok {
			slash := strings.IndexAny(rest, "/?")
			if slash < 0 || rest[slash] == '?' {
				return "/", ""
			}
			raw = rest[slash:]
		}
	}
	path, query, _ = strings.Cut(raw, "?")
	return path, query
}

// run finds the route and serves it. A panic in it is ours to answer, and ends this request alone.
func (r *request) run() (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = r.api.panicked(r.id, r.route.path, p)
		}
	}()
	var ok bool
	if r.route, r.rest, ok = find(r.path); !ok {
		r.route.path = "none"
		return errNotFound
	}
	method := string(r.Method())
	if err := r.crossOrigin(method); err != nil {
		return err
	}
	if method == fasthttp.MethodOptions {
		r.preflight()
		return nil
	}
	if !r.route.allows(method) {
		r.Response.Header.Set("Allow", commas(r.route.methods)+", OPTIONS")
		return errMethod
	}
	return r.route.serve(r.api, r)
}

// panicked logs a panic: where it came from, and of what type it was. Its value may hold anything.
func (a *API) panicked(id, route string, p any) error {
	a.log.Error("A request panicked.", "request", id, "route", route, "reason", fmt.Sprintf("%T", p), "stage", places())
	return errPanic
}

// places is where a panic came from: functions and lines, no values.
func places() string {
	var pcs [24]uintptr
	var b strings.Builder
	frames := runtime.CallersFrames(pcs[:runtime.Callers(5, pcs[:])])
	for more, i := true, 0; more && i < 8; i++ {
		var f runtime.Frame
		f, more = frames.Next()
		_, function, _ := strings.Cut(f.Function, "studio/")
		fmt.Fprintf(&b, "%s:%d ", function, f.Line)
	}
	return b.String()
}

// work starts the clock of the request: its last byte is here. The context ends with EDGE_TIMEOUT, or when the client
// leaves; fasthttp's own would do neither.
func (r *request) work() context.Context {
	ctx, leave := context.WithCancelCause(context.Background())
	ctx, stop := context.WithTimeoutCause(ctx, r.api.cfg.Timeout, errTimeout)
	done := r.api.watch.add(r.Conn(), leave)
	r.ctx = ctx
	r.cancel = func() {
		done()
		stop()
		leave(nil)
	}
	return ctx
}

// cause replaces the error of whoever noticed that the context had ended by why it ended.
func (r *request) cause(err error) error {
	if r.ctx == nil || r.ctx.Err() == nil || !errors.Is(err, r.ctx.Err()) {
		return err
	}
	return fmt.Errorf("%w: %w", context.Cause(r.ctx), err)
}

// fail answers with what a client is told of err.
func (r *request) fail(err error) {
	r.drop()
	err = r.cause(err)
	p := r.api.problem(err, r.signedURL())
	if p.Type == "internal" {
		r.api.log.Error("A request failed.", "request", r.id, "route", r.route.path, "error", err)
	}
	h := &r.Response.Header
	switch p.Type {
	case "busy":
		h.Set("Retry-After", strconv.Itoa(int(r.api.parts.Gate.RetryAfter().Seconds())))
	case "token":
		h.Set("WWW-Authenticate", `Bearer error="invalid_token"`)
	case "scope":
		h.Set("WWW-Authenticate", `Bearer error="insufficient_scope"`)
	}
	r.blame(p)
	if r.removal() {
		r.refuse(err, p)
	} else {
		r.problem(p)
	}
	r.discard()
}

// problem answers with a problem document, which nobody may keep: the next request may go well.
func (r *request) problem(p wire.Problem) {
	problems.WithLabelValues(p.Type).Inc()
	doc, err := p.MarshalJSON()
	if err != nil { // Extra holds words and numbers, which can be written
		doc = []byte(`{"type":"/problems/internal","status":500}`)
	}
	h := &r.Response.Header
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.SetContentType(wire.ProblemType)
	r.SetStatusCode(p.Status)
	r.plain(doc)
}

func (r *request) signedURL() bool { return strings.HasPrefix(r.path, "/i/") }

// drop lets go of a picture that will not be sent after all.
func (r *request) drop() {
	if r.answer != nil {
		r.Response.ResetBody()
		r.answer.Close()
		r.answer = nil
	}
}

// discard reads what the client is still sending before it is answered, within a bound: an answer that comes earlier
// often arrives as a reset connection, and a browser then shows no reason at all.
func (r *request) discard() {
	stream := r.Request.BodyStream()
	if stream == nil || r.received {
		return
	}
	const most = 64 << 20
	buf := make([]byte, 32<<10)
	until := time.Now().Add(r.api.cfg.Grace)
	for read := 0; read < most; {
		if r.SetReadDeadline(until) != nil {
			break
		}
		n, err := stream.Read(buf)
		clear(buf[:n])
		if read += n; err != nil {
			return
		}
	}
	r.SetConnectionClose()
}

// finish puts on every answer what every answer has, and tells the log and the metrics.
func (r *request) finish() {
	took := time.Since(r.began)
	h := &r.Response.Header
	h.Set("X-Request-Id", r.id)
	h.SetBytesV("Server-Timing", r.stages.header(took))
	if r.api.draining.Load() {
		r.SetConnectionClose()
	}
	status := r.Response.StatusCode()
	size := r.size
	r.SetWriteDeadline(time.Now().Add(r.api.cfg.Grace + time.Duration(size)*time.Second/time.Duration(r.api.cfg.Rate)))

	requests.WithLabelValues(r.route.path, strconv.Itoa(status)).Inc()
	requestSeconds.WithLabelValues(r.route.path).Observe(took.Seconds())
	if r.api.log.Enabled(context.Background(), slog.LevelInfo) {
		r.api.log.Info("Answered.", "request", r.id, "route", r.route.path, "status", status, "seconds", took, "bytes", size)
	}
}
