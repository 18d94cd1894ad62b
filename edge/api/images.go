package api

import (
	"errors"
	"fmt"
	"strings"

	"github.com/professionalaistudio/studio/edge/auth"
	"github.com/professionalaistudio/studio/edge/wire"
)

// images serves POST /v1/images/{options}: the options of a signed URL on a picture in the body.
func (a *API) images(r *request) error {
	caller, err := r.caller(wire.ScopeImages)
	if err != nil {
		return err
	}
	if caller.Mark { // what this token makes carries a mark, and here there is none to carry
		return &scopeError{wire.ScopeImages}
	}
	o, err := wire.ParseOptions(r.rest)
	if err != nil {
		return err
	}
	if err := scoped(o, caller.Can); err != nil {
		return err
	}
	ask, err := a.photoBy(o)
	if err != nil {
		return err
	}
	if r.query != "" {
		return malformed("query", "is not taken here: the options stand in the path")
	}
	r.stages.end("auth")
	f, err := r.receive()
	if err != nil {
		return err
	}
	for name := range f.fields {
		return malformed(name, "is not a field of this form")
	}
	accept := string(r.Request.Header.Peek("Accept"))
	if o.Document != "" {
		return a.sitting(r, caller, f.photo, ask, opOf(o), answersJSON(o, accept), photoName(o))
	}
	r.usage = wire.Usage{Org: caller.OrgIndex, Op: opOf(o), Units: 1}
	ctx := r.work()

	v, err := question{variants: a.variants(o, accept)}.variant(f.photo)
	if err != nil {
		return err
	}
	result, err := a.render(ctx, r, f.photo, r.handOver(), o, v.format)
	if err != nil {
		return err
	}
	h := &r.Response.Header
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Disposition", disposition(o, result.Format))
	r.send(result)
	return nil
}

// caller is who sent the request, judged before its body is read.
func (r *request) caller(scope string) (auth.Caller, error) {
	scheme, token, _ := strings.Cut(strings.TrimSpace(string(r.Request.Header.Peek("Authorization"))), " ")
	if token = strings.TrimSpace(token); !strings.EqualFold(scheme, "Bearer") || token == "" {
		return auth.Caller{}, errNoToken
	}
	caller, err := r.api.parts.Keys.Bearer(token)
	if err != nil {
		return auth.Caller{}, err
	}
	if !caller.Can(scope) {
		return auth.Caller{}, &scopeError{scope}
	}
	return caller, nil
}

// A scopeError names the scope that was missing.
type scopeError struct{ scope string }

func (e *scopeError) Error() string { return fmt.Sprintf("the scope %s is missing", e.scope) }

// A residencyError names where the key's photos may be.
type residencyError struct{ regions []string }

func (e *residencyError) Error() string { return "the key's photos may not be in this region" }

// handOver gives the body away: whoever gets it calls what is returned when nothing reads it any more.
func (r *request) handOver() (done func()) {
	b := r.body
	r.body = nil
	return b.wipe
}

// receive reads the body: the picture as it is, or a form with the picture in the field "photo".
func (r *request) receive() (form, error) {
	if r.Request.BodyStream() == nil {
		return form{}, malformed(photoField, "is missing: send a picture as the body, or in a form")
	}
	edge, err := boundary(string(r.Request.Header.ContentType()))
	if err != nil {
		return form{}, err
	}
	limit := r.api.cfg.MaxBytes
	if edge != "" {
		limit += maxFormExtra
	}
	if err := r.read(limit); err != nil {
		return form{}, err
	}
	f := form{photo: r.body.data}
	if edge != "" {
		if f, err = parseForm(r.body.data, edge); err != nil {
			return form{}, err
		}
	}
	switch {
	case len(f.photo) == 0:
		return form{}, malformed(photoField, "is missing or empty")
	case int64(len(f.photo)) > r.api.cfg.MaxBytes:
		return form{}, errTooLarge
	}
	return f, nil
}

// read reads a body that there is, of at most limit bytes, into memory of ours.
func (r *request) read(limit int64) (err error) {
	p := pace{grace: r.api.cfg.Grace, rate: r.api.cfg.Rate}
	r.body, err = readBody(r.Request.BodyStream(), int64(r.Request.Header.ContentLength()), limit, p, &r.api.bodies, r.SetReadDeadline)
	r.received = err == nil || errors.Is(err, errSlow) || errors.Is(err, errCutShort)
	if err != nil {
		return err
	}
	r.stages.end("receive")
	return nil
}
