package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/valyala/fasthttp"

	"github.com/professionalaistudio/studio/edge/fetch"
	"github.com/professionalaistudio/studio/edge/portrait"
	"github.com/professionalaistudio/studio/edge/wire"
)

// A removalFault is one error as remove.bg writes it. Code is one of its documentation, or, for what only we refuse, one built alike.
type removalFault struct {
	Code   string `json:"code"`
	Title  string `json:"title"`
	Detail string `json:"detail,omitempty"`
}

// removalFaults are all that is wrong with the fields of a request. To our counters they are a malformed request.
type removalFaults []removalFault

func (f removalFaults) Error() string {
	codes := make([]string, len(f))
	for i, fault := range f {
		codes[i] = fault.Code
	}
	return strings.Join(codes, ", ")
}

func (f removalFaults) Is(target error) bool { return target == errMalformed }

// A downloadError is a picture that could not be fetched for a request, by the field that gave its address.
type downloadError struct {
	field string
	err   error
}

func (e *downloadError) Error() string { return e.field + ": " + e.err.Error() }
func (e *downloadError) Unwrap() error { return e.err }

// download fetches a picture through the guard that signed URLs pass.
func (a *API) download(ctx context.Context, address, field string) (*fetch.Source, error) {
	src, err := a.parts.Sources.Get(ctx, address, fetch.Conditions{})
	if err != nil {
		return nil, &downloadError{field, err}
	}
	return src, nil
}

// webAddress tells whether this is one, as a form takes it. Where it leads is not judged here.
func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.Opaque == ""
}

// refuse answers what went wrong in remove.bg's form. p is the same as a problem.
func (r *request) refuse(err error, p wire.Problem) {
	status, faults := r.api.removalFaults(err, p)
	problems.WithLabelValues(p.Type).Inc()
	doc, err := json.Marshal(map[string]any{"errors": faults})
	if err != nil { // there are words only
		doc = []byte(`{"errors":[{"code":"internal","title":"Something is wrong on our side."}]}`)
	}
	h := &r.Response.Header
	h.Del("WWW-Authenticate") // which belongs to 401
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.SetContentType("application/json")
	r.SetStatusCode(status)
	r.plain(doc)
}

// removalFaults puts a problem into remove.bg's codes: 400 whatever is wrong with the request, 403 whoever sent it, 429 who asks too
// much. What has no code there keeps our status and our word.
func (a *API) removalFaults(err error, p wire.Problem) (status int, _ removalFaults) {
	var faults removalFaults
	if errors.As(err, &faults) {
		return fasthttp.StatusBadRequest, faults
	}
	fault := removalFault{strings.ReplaceAll(p.Type, "-", "_"), p.Title, p.Detail}
	var download *downloadError
	if errors.As(err, &download) && !errors.Is(err, fetch.ErrTooLarge) && strings.HasPrefix(p.Type, "source-") {
		code, what := "failed_image_download", "image"
		if download.field == "bg_image_url" {
			code, what = "failed_bg_download", "background image"
		}
		detail := strings.TrimSpace(p.Title + " " + p.Detail) // never the address, which may be signed
		return fasthttp.StatusBadRequest, removalFaults{{code, fmt.Sprintf("Failed to download %s from given %s", what, download.field), detail}}
	}
	status = p.Status
	switch p.Type {
	case "token":
		status, fault = fasthttp.StatusForbidden, removalFault{"auth_failed", "API Key invalid", ""}
		if errors.Is(err, errNoToken) {
			fault.Title = "Missing API Key"
		}
	case "scope", "region":
		status, fault.Code = fasthttp.StatusForbidden, "auth_failed"
	case "rate":
		status, fault = fasthttp.StatusTooManyRequests, removalFault{"rate_limit_exceeded", "Rate limit exceeded", p.Detail}
	case "too-large":
		status = fasthttp.StatusBadRequest
		if p.Extra["unit"] == "bytes" {
			fault = removalFault{"file_too_large", "File too large", fmt.Sprintf("File exceeds limit of %sMB", mega(a.cfg.MaxBytes, 1<<20))}
		} else {
			fault = removalFault{"resolution_too_high", "Image resolution too high",
				fmt.Sprintf("Maximum supported input resolution is %s megapixels", mega(a.cfg.MaxPixels, 1e6))}
		}
	case "not-an-image":
		status, fault = fasthttp.StatusBadRequest, removalFault{"invalid_file_type", "Invalid file type", "Expected jpg, png, webp, avif, gif or tiff"}
	case "broken-image":
		status, fault = fasthttp.StatusBadRequest, removalFault{"failed_to_read_image", "There was an error reading the image.", p.Advice}
		if errors.Is(err, portrait.ErrNoSize) {
			fault = removalFault{"invalid_dimensions", "Failed to read image dimensions", "The dimensions of the given image could not be read."}
		}
	case "no-person":
		status, fault = fasthttp.StatusBadRequest, removalFault{"unknown_foreground", "Could not identify foreground in image.", onlyPeople}
	case "format":
		status, fault = fasthttp.StatusBadRequest, removalFault{"invalid_format", "Invalid format parameter given", p.Detail}
	}
	var behind *portrait.BackdropError
	if errors.As(err, &behind) {
		fault.Detail = strings.TrimSpace("This is about the background image. " + fault.Detail)
	}
	return status, removalFaults{fault}
}

const onlyPeople = "People are cut out here, and nobody was found. A person must take a hundredth of the picture at the least."

// mega is a limit in a larger unit, with as many digits as it needs.
func mega(n int64, unit float64) string { return fmt.Sprintf("%.4g", float64(n)/unit) }
