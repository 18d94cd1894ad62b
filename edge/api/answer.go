package api

import (
	"errors"
	"io"
	"net"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/professionalaistudio/studio/edge/wire"
)

// A picture is an answer that must not outlive its writing: fasthttp writes it straight out of the memory it was made
// in, and Close wipes that memory, whether the client took it or not.
type picture struct {
	data  []byte
	wipe  func()
	after func(written bool) // told whether all of it went out; may be nil

	at      int
	written bool
	closed  bool
}

var _ fasthttp.BodyWriterTo = (*picture)(nil)

func (p *picture) Read(b []byte) (int, error) {
	n := copy(b, p.data[p.at:])
	if p.at += n; p.at == len(p.data) {
		p.written = true
		return n, io.EOF
	}
	return n, nil
}

// WriteTo writes in one call, which a connection takes without copying.
func (p *picture) WriteTo(w io.Writer) (int64, error) {
	n, err := w.Write(p.data)
	p.written = err == nil
	return int64(n), err
}

func (p *picture) SupportsBodyWriteTo() bool { return true }

func (p *picture) Close() error {
	if p.closed {
		return nil
	}
	p.closed = true
	if p.written {
		answerBytes.Add(float64(len(p.data)))
	}
	p.wipe()
	if p.after != nil {
		p.after(p.written)
	}
	return nil
}

// picture answers 200 with p.
func (r *request) picture(p *picture, kind string) {
	r.answer, r.size = p, len(p.data)
	r.Response.Header.SetContentType(kind)
	r.Response.Header.Set("X-Content-Type-Options", "nosniff")
	r.Response.SetBodyStream(p, len(p.data))
	// With the header sent first, the body never passes through fasthttp's buffer, where its beginning would stay.
	r.Response.ImmediateHeaderFlush = true
}

// plain answers with bytes that are no secret.
func (r *request) plain(body []byte) {
	r.size = len(body)
	r.Response.SetBodyRaw(body)
}

// unreadable answers what fasthttp could not read as a request.
func (a *API) unreadable(ctx *fasthttp.RequestCtx, err error) {
	r := &request{RequestCtx: ctx, api: a, id: requestID(nil), route: route{path: "none"}, began: time.Now()}
	p := wire.NewProblem("malformed", "")
	var small *fasthttp.ErrSmallBuffer
	var timeout net.Error
	switch {
	case errors.As(err, &small):
		p.Status, p.Detail = fasthttp.StatusRequestHeaderFieldsTooLarge, "The address and the headers together are too long."
	case errors.As(err, &timeout) && timeout.Timeout():
		p = wire.NewProblem("upload-slow", "")
	}
	r.problem(p)
	r.finish()
}
