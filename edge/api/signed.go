package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/professionalaistudio/studio/edge/fetch"
	"github.com/professionalaistudio/studio/edge/transform"
	"github.com/professionalaistudio/studio/edge/wire"
)

// signed serves GET and HEAD /i/…: imgproxy's grammar behind a key id. HEAD does all that GET does, so that whoever asks
// learns the truth; what GET would have sent is dropped.
func (a *API) signed(r *request) error {
	o, key, err := a.verify(r.path, time.Now())
	if err != nil {
		return err
	}
	ask, err := a.photoBy(o)
	if err != nil {
		return err
	}
	r.stages.end("auth")
	r.usage = wire.Usage{Org: key.OrgIndex, Op: opOf(o), Units: 1}
	ctx := r.work()

	accept := string(r.Request.Header.Peek("Accept"))
	q := question{
		variants: a.variants(o, accept),
		tags:     tags(string(r.Request.Header.Peek("If-None-Match"))),
		since:    string(r.Request.Header.Peek("If-Modified-Since")),
	}
	h := &r.Response.Header
	if o.Format == wire.FormatAuto {
		h.Add("Vary", "Accept")
	}

	src, err := a.parts.Sources.Get(ctx, o.Source, q.conditions())
	if err != nil {
		return err
	}
	wipe := src.Wipe
	defer func() { wipe() }()
	r.stages.end("fetch")
	if src.NotModified {
		a.fresh(r, o, q.variants[0].format, src.LastModified)
		if tag := q.asked(); tag != "" {
			h.Set("ETag", q.variants[0].header(tag))
		}
		r.notModified()
		return nil
	}

	v, err := q.variant(src.Body)
	if err != nil {
		return err
	}
	tag := v.etag(src.ETag, src.Body)
	if q.answered(tag, src.LastModified) {
		a.fresh(r, o, v.format, src.LastModified)
		h.Set("ETag", v.header(tag))
		r.notModified()
		return nil
	}
	r.stages.end("check")

	wipe = func() {} // the work's now
	if o.Document != "" {
		return a.signedPhoto(ctx, r, src, ask, v, tag)
	}
	result, err := a.render(ctx, r, src.Body, src.Wipe, o, v.format)
	if err != nil {
		return err
	}
	a.fresh(r, o, v.format, src.LastModified)
	h.Set("ETag", tag)
	h.Set("Content-Disposition", disposition(o, result.Format))
	r.send(result)
	return nil
}

// verify decides whether a signed URL is one of ours and still good. Nothing of it is parsed before its signature fits,
// so a stranger learns nothing about the grammar.
func (a *API) verify(path string, now time.Time) (wire.Options, wire.Key, error) {
	t, err := wire.SplitTarget(path)
	if err != nil {
		return wire.Options{}, wire.Key{}, err
	}
	key, ok := a.parts.Keys.Key(t.KeyID)
	if !ok {
		return wire.Options{}, wire.Key{}, errKeyUnknown
	}
	pair, _ := a.parts.Keys.Pair(t.KeyID) // without one, nothing fits
	if err := wire.Verify(pair, t.Signature, t.Path, a.cfg.SignatureSize); err != nil {
		return wire.Options{}, wire.Key{}, err
	}
	may := func(scope string) bool { return len(key.Scopes) == 0 || slices.Contains(key.Scopes, scope) }
	if !may(wire.ScopeImages) {
		return wire.Options{}, wire.Key{}, &scopeError{wire.ScopeImages}
	}
	if !key.Resident(a.cfg.Region) {
		return wire.Options{}, wire.Key{}, &residencyError{key.Regions}
	}
	o, err := wire.ParsePath(t.Path)
	if err != nil {
		return wire.Options{}, wire.Key{}, err
	}
	if o.Expired(now) {
		return wire.Options{}, wire.Key{}, wire.ErrExpired
	}
	if err := scoped(o, may); err != nil {
		return wire.Options{}, wire.Key{}, err
	}
	return o, key, nil
}

// scoped tells whether whoever may do this and that may have what the options ask for, beside the pictures that they all are.
func scoped(o wire.Options, may func(scope string) bool) error {
	switch {
	case o.Matte && !may(wire.ScopeMattes):
		return &scopeError{wire.ScopeMattes}
	case o.Document != "" && !may(wire.ScopePhotos):
		return &scopeError{wire.ScopePhotos}
	}
	return nil
}

// opOf is what is counted of a picture: the largest part of the work.
func opOf(o wire.Options) wire.Op {
	switch {
	case o.Sheet != "":
		return wire.OpSheet
	case o.Document != "":
		return wire.OpPhoto
	case o.Matte:
		return wire.OpMatte
	}
	return wire.OpImage
}

// variants are what the answer may be: one, unless the format hangs on the source.
func (a *API) variants(o wire.Options, accept string) []variant {
	v := variant{libvips: a.cfg.Libvips, options: o, format: o.Format}
	if o.Document != "" {
		return []variant{a.photoVariant(v, accept)}
	}
	if o.Matte {
		v.with = a.nets
	}
	if v.format == wire.FormatAuto {
		v.format = newest(accept)
	}
	if v.format != wire.FormatAuto {
		return []variant{v}
	}
	jpeg, png := v, v
	jpeg.format, png.format = wire.JPEG, wire.PNG
	return []variant{jpeg, png}
}

// A question is what a client already has, and asks whether it still holds.
type question struct {
	variants []variant
	tags     []string
	since    string
}

// conditions pass the question on to the source, as far as the source can answer it.
func (q question) conditions() fetch.Conditions {
	if len(q.tags) == 0 {
		return fetch.Conditions{IfModifiedSince: q.since}
	}
	if _, source := q.carried(); source != "" {
		return fetch.Conditions{IfNoneMatch: source}
	}
	return fetch.Conditions{}
}

// asked is the tag that a source's 304 answers.
func (q question) asked() string { ours, _ := q.carried(); return ours }

// carried is the first of the client's tags that is ours and carries one of the source's.
func (q question) carried() (ours, source string) {
	for _, tag := range q.tags {
		for _, v := range q.variants {
			if source, ok := v.sourceTag(tag); ok {
				return tag, source
			}
		}
	}
	return "", ""
}

// variant is the one for this source. Its header is read only where it decides.
func (q question) variant(body []byte) (variant, error) {
	v := q.variants[0]
	if len(q.variants) == 1 {
		return v, nil
	}
	header, err := transform.Inspect(body)
	if err != nil {
		return variant{}, err
	}
	v.format = transform.Choose(header, v.options)
	return v, nil
}

// answered tells whether the client has what we would make (RFC 9110, 13.2.2: tags first, and dates only without them).
func (q question) answered(tag, modified string) bool {
	if len(q.tags) > 0 {
		return slices.Contains(q.tags, tag) || slices.Contains(q.tags, "*")
	}
	since, err := http.ParseTime(q.since)
	if err != nil {
		return false
	}
	last, err := http.ParseTime(modified)
	return err == nil && !last.After(since)
}

// fresh says how long the answer to a signed URL holds.
func (a *API) fresh(r *request, o wire.Options, f wire.Format, modified string) {
	h := &r.Response.Header
	age := maxAge(o, time.Now())
	if f == wire.JSON { // findings judge how old the photo is
		age = min(age, 24*time.Hour)
	}
	h.Set("Cache-Control", fmt.Sprintf("max-age=%d, public", int(age.Seconds())))
	if _, err := http.ParseTime(modified); err == nil {
		h.Set("Last-Modified", modified)
	}
}

func (r *request) notModified() { r.SetStatusCode(fasthttp.StatusNotModified) }

// policy keeps a picture that a browser opens by itself from doing anything: a polyglot file would be a page.
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"

// render makes the picture and counts it. done wipes the source, as soon as nothing reads it any more.
func (a *API) render(ctx context.Context, r *request, source []byte, done func(), o wire.Options, f wire.Format) (*transform.Result, error) {
	result, err := perform(ctx, r, job[*transform.Result]{
		do: func(ctx context.Context) (*transform.Result, error) {
			return a.maker.Run(ctx, source, o, f)
		},
		done: done,
		drop: func(result *transform.Result) { result.Buf.Close() },
	})
	if err != nil {
		return nil, err
	}
	for _, span := range result.Timings {
		r.stages.add(span.Name, span.Took)
	}
	r.counted()
	return result, nil
}

// send answers with a rendered picture out of the memory it was encoded into.
func (r *request) send(result *transform.Result) {
	r.Response.Header.Set("Content-Security-Policy", policy)
	r.picture(&picture{data: result.Buf.Bytes(), wipe: result.Buf.Close}, result.Format.MIME())
}
