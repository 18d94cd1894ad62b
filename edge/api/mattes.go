package api

import (
	"context"
	"fmt"

	"github.com/professionalaistudio/studio/edge/portrait"
	"github.com/professionalaistudio/studio/edge/wire"
)

// mattes serves POST /v1/mattes: a person without the background, or the matte alone.
func (a *API) mattes(r *request) error {
	caller, err := r.caller(wire.ScopeMattes)
	if err != nil {
		return err
	}
	if caller.Mark { // what this token makes carries a mark, and here there is none to carry
		return &scopeError{wire.ScopeMattes}
	}
	photo, given, err := r.asked()
	if err != nil {
		return err
	}
	ask, err := matteRequest(given, string(r.Request.Header.Peek("Accept")))
	if err != nil {
		return err
	}

	r.usage = wire.Usage{Org: caller.OrgIndex, Op: wire.OpMatte, Units: 1}
	made, err := perform(r.work(), r, job[*portrait.Cutout]{
		do:   func(ctx context.Context) (*portrait.Cutout, error) { return a.parts.Cutter.Cutout(ctx, photo, ask) },
		done: r.handOver(),
		drop: func(made *portrait.Cutout) { made.Buf.Close() },
	})
	if err != nil {
		return err
	}
	r.made(made.Timings)

	h := &r.Response.Header
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept")
	h.Set("Content-Security-Policy", policy)
	h.Set("Content-Disposition", disposition(wire.Options{Filename: "matte"}, made.Format))
	r.picture(&picture{data: made.Buf.Bytes(), wipe: made.Buf.Close}, made.Format.MIME())
	return nil
}

// matteRequest reads what is asked of a matte. The format is the one that is named; else one that Accept names and that can hold what
// is asked for; else PNG.
func matteRequest(given map[string]string, accept string) (ask portrait.CutoutRequest, err error) {
	for name, value := range given {
		switch name {
		case "alpha":
			switch value {
			case "1", "true":
				ask.Alpha = true
			case "0", "false":
			default:
				err = fmt.Errorf("is neither 1 nor 0")
			}
		case "background":
			ask.Background, err = ParseBackground(value)
		case "format":
			f, ok := wire.ParseFormat(value)
			if !ok || !f.CanSave() {
				err = fmt.Errorf("is none of png, webp, avif and jpeg")
			}
			ask.Format = f
		default:
			return ask, malformed(name, "is not one that we know: there are alpha, background and format")
		}
		if err != nil {
			return ask, malformed(name, err.Error())
		}
	}
	opaque := ask.Alpha || ask.Background != nil
	switch {
	case ask.Alpha && ask.Background != nil:
		return ask, malformed("background", "is not taken with alpha=1: the matte alone has none")
	case ask.Format == wire.JPEG && !opaque:
		return ask, malformed("format", "cannot be jpeg without a background: it is not transparent")
	case ask.Format != wire.FormatAuto:
		return ask, nil
	}
	ask.Format = wire.PNG
	if names(accept, wire.PNG.MIME()) {
		return ask, nil
	}
	for _, f := range []wire.Format{wire.WebP, wire.AVIF, wire.JPEG} {
		if names(accept, f.MIME()) && (f != wire.JPEG || opaque) {
			ask.Format = f
			break
		}
	}
	return ask, nil
}
