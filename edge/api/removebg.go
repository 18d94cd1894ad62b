package api

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"image"
	"strconv"
	"strings"

	"github.com/professionalaistudio/studio/edge/auth"
	"github.com/professionalaistudio/studio/edge/portrait"
	"github.com/professionalaistudio/studio/edge/wire"
)

// removalPath begins the addresses that are remove.bg's, version 1.0: a client of it needs nothing changed but the host. Errors have its
// form there.
const removalPath = "/v1.0/"

func (r *request) removal() bool { return strings.HasPrefix(r.path, removalPath) }

// removebg serves POST /v1.0/removebg: a picture of people without what is behind them, as remove.bg's documentation describes it.
func (a *API) removebg(r *request) error {
	caller, err := r.customer()
	if err != nil {
		return err
	}
	r.stages.end("auth")
	form, err := r.removalForm()
	if err != nil {
		return err
	}
	ask, level, err := removalRequest(form)
	if err != nil {
		return err
	}

	r.usage = wire.Usage{Org: caller.OrgIndex, Op: wire.OpMatte, Units: 1}
	ctx := r.work()
	photo, wipe, err := a.pictures(ctx, form, &ask)
	if err != nil {
		wipe()
		return err
	}
	r.stages.end("fetch")
	body := r.handOver()
	made, err := perform(ctx, r, job[*portrait.Removed]{
		do:   func(ctx context.Context) (*portrait.Removed, error) { return a.parts.Cutter.Remove(ctx, photo, ask) },
		done: func() { body(); wipe() },
		drop: (*portrait.Removed).Wipe,
	})
	if err != nil {
		return regionFault(err)
	}
	r.made(made.Timings)

	h := &r.Response.Header
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept")
	h.Set("X-Width", strconv.Itoa(made.Width))
	h.Set("X-Height", strconv.Itoa(made.Height))
	h.Set("X-Credits-Charged", "0") // we count pictures, not credits: the account page says why
	h.Set("X-Foreground-Top", strconv.Itoa(made.Foreground.Min.Y))
	h.Set("X-Foreground-Left", strconv.Itoa(made.Foreground.Min.X))
	h.Set("X-Foreground-Width", strconv.Itoa(made.Foreground.Dx()))
	h.Set("X-Foreground-Height", strconv.Itoa(made.Foreground.Dy()))
	if level != "none" {
		h.Set("X-Type", "person") // of every level's classes the only one that is cut out here
	}
	if wantsResult(string(r.Request.Header.Peek("Accept"))) {
		doc := removalResult(made.Data, made.Foreground)
		made.Wipe()
		r.picture(&picture{data: doc, wipe: func() { clear(doc) }}, "application/json")
		return nil
	}
	h.Set("Content-Security-Policy", policy)
	h.Set("Content-Disposition", `inline; filename="no-bg.`+removalEndings[made.Type]+`"`)
	r.picture(&picture{data: made.Data, wipe: made.Wipe}, made.Type)
	return nil
}

var removalEndings = map[string]string{"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "application/zip": "zip"}

// account serves GET /v1.0/account. An edge counts what is done and knows nothing of money: there is no balance that could run out, so
// none is charged and none is shown. The organisation's usage is the control plane's to tell.
func (a *API) account(r *request) error {
	if _, err := r.customer(); err != nil {
		return err
	}
	h := &r.Response.Header
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.SetContentType("application/json")
	r.plain([]byte(`{"data":{"attributes":{"credits":{"total":0,"subscription":0,"payg":0,"enterprise":0},"api":{"free_calls":0,"sizes":"all"}}}}`))
	return nil
}

// customer is who shows the secret of a key in X-Api-Key, or a bearer token as everywhere else.
func (r *request) customer() (caller auth.Caller, err error) {
	if secret := strings.TrimSpace(string(r.Request.Header.Peek("X-Api-Key"))); secret != "" {
		caller, err = r.api.parts.Keys.Secret(secret)
	} else {
		caller, err = r.caller(wire.ScopeMattes)
	}
	switch {
	case err != nil:
		return caller, err
	case !caller.Can(wire.ScopeMattes), caller.Mark: // what the latter makes carries a mark, and here there is none to carry
		return caller, &scopeError{wire.ScopeMattes}
	}
	return caller, nil
}

// pictures gathers the picture and the one for its background, wherever they come from. wipe is of those that were fetched; it is never nil.
func (a *API) pictures(ctx context.Context, f *removalForm, ask *portrait.Removal) (photo []byte, wipe func(), err error) {
	wipe = func() {}
	get := func(sent []byte, field string) ([]byte, error) {
		if url := f.fields[field]; len(sent) == 0 && url != "" {
			src, err := a.download(ctx, url, field)
			if err != nil {
				return nil, err
			}
			before := wipe
			wipe = func() { before(); src.Wipe() }
			sent = src.Body
		}
		if int64(len(sent)) > a.cfg.MaxBytes {
			return nil, errTooLarge
		}
		return sent, nil
	}
	if photo, err = get(f.image, "image_url"); err != nil {
		return nil, wipe, err
	}
	if len(f.behind) > 0 || f.fields["bg_image_url"] != "" {
		behind, err := get(f.behind, "bg_image_url")
		if err != nil {
			return nil, wipe, err
		}
		ask.Background = &portrait.Backdrop{Picture: behind}
	}
	return photo, wipe, nil
}

// wantsResult tells whether the picture is to come inside of JSON: that is asked for, and nothing else would do as well. (Clients that
// write the answer to a file send "application/json, text/plain, */*" without thinking of it.)
func wantsResult(accept string) bool {
	for item := range strings.SplitSeq(accept, ",") {
		if strings.TrimSpace(item) == "*/*" {
			return false
		}
	}
	return prefersJSON(accept) && names(accept, "application/json")
}

// removalResult writes the picture into JSON, in memory that is wiped.
func removalResult(data []byte, people image.Rectangle) []byte {
	const head = `{"data":{"result_b64":"`
	tail := fmt.Sprintf(`","foreground_top":%d,"foreground_left":%d,"foreground_width":%d,"foreground_height":%d}}`,
		people.Min.Y, people.Min.X, people.Dx(), people.Dy())
	doc := append(make([]byte, 0, len(head)+base64.StdEncoding.EncodedLen(len(data))+len(tail)), head...)
	doc = base64.StdEncoding.AppendEncode(doc, data)
	return append(doc, tail...)
}

// regionFault says in remove.bg's words what is wrong with a region, which only the picture could tell.
func regionFault(err error) error {
	switch {
	case errors.Is(err, portrait.ErrRegionOutside):
		return removalFaults{{"roi_exceeds_bounds", "ROI exceeds image bounds", "The given roi parameter defines a region that exceeds the image bounds"}}
	case errors.Is(err, portrait.ErrRegionEmpty):
		return removalFaults{{"roi_region_empty", "ROI region is empty", "The given roi parameter defines an empty region"}}
	}
	return err
}
