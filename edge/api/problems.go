package api

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/professionalaistudio/studio/edge/admission"
	"github.com/professionalaistudio/studio/edge/auth"
	"github.com/professionalaistudio/studio/edge/fetch"
	"github.com/professionalaistudio/studio/edge/portrait"
	"github.com/professionalaistudio/studio/edge/transform"
	"github.com/professionalaistudio/studio/edge/wire"
)

// What this package itself refuses.
var (
	errNotFound      = errors.New("no such route")
	errMethod        = errors.New("no such method here")
	errOrigin        = errors.New("origin is not let in")
	errKeyUnknown    = errors.New("no such key")
	errNoToken       = errors.New("no bearer token")
	errWrongDocument = errors.New("the order is for another document")
	errSpent         = errors.New("the order has been delivered")
	errTimeout       = errors.New("the request took too long")
	errPanic         = errors.New("panic")
)

// A malformedError names the part of a request that cannot be read.
type malformedError struct{ part, reason string }

func malformed(part, reason string) error {
	if len(part) > 64 || !utf8.ValidString(part) {
		part = "a field"
	}
	return &malformedError{part, reason}
}

func (e *malformedError) Error() string { return fmt.Sprintf("%s %s", e.part, e.reason) }

func (e *malformedError) Is(target error) bool { return target == errMalformed }

var errMalformed = errors.New("the request cannot be read")

// words says which problem an error is; the first match wins. Status, title and remedy are those of the problem's page
// (wire.Problems). An error that is not named here is "internal", and its text stays in our log.
var words = []struct {
	err  error
	word string
}{
	// Why the work stopped comes first: everything below it may be a consequence.
	{errGone, "cancelled"},
	{fetch.ErrTimeout, "source-slow"},
	{errTimeout, "timeout"},
	{context.DeadlineExceeded, "timeout"},
	{admission.ErrBusy, "busy"},

	{errNotFound, "not-found"},
	{errMethod, "method"},
	{errOrigin, "origin"},
	{errMalformed, "malformed"},
	{wire.ErrTarget, "not-found"},
	{wire.ErrSignature, "signature"},
	{errKeyUnknown, "key-unknown"},
	{wire.ErrExpired, "expired"},
	{wire.ErrOptions, "option"},

	{errNoToken, "token"},
	{auth.ErrToken, "token"},
	{auth.ErrRegion, "region"},
	{errWrongDocument, "wrong-document"},
	{errSpent, "spent"},

	{errSlow, "upload-slow"},
	{errCutShort, "malformed"},
	{errTooLarge, "too-large"},

	{fetch.ErrRefused, "source-refused"},
	{fetch.ErrPrivate, "source-refused"},
	{fetch.ErrTooLarge, "too-large"},
	{fetch.ErrIncomplete, "source-incomplete"},
	{fetch.ErrRedirects, "source-unreachable"},
	{fetch.ErrUnreachable, "source-unreachable"},

	{transform.ErrTooLarge, "too-large"},
	{transform.ErrNotImage, "not-an-image"},
	{transform.ErrUnsupportedInput, "not-an-image"},
	{transform.ErrUnsupportedOutput, "format"},
	{transform.ErrBroken, "broken-image"},
	{transform.ErrNoCutter, "no-net"},

	{portrait.ErrDocumentUnknown, "document-unknown"},
	{portrait.ErrNoHead, "head-missing"},
	{portrait.ErrNoFace, "no-face"},
	{portrait.ErrTwoFaces, "two-faces"},
	{portrait.ErrBackgroundKept, "background"},
	{portrait.ErrHead, "head"},
	{portrait.ErrEditBarred, "edit-barred"},
	{portrait.ErrBackgroundUnavailable, "background"},
	{portrait.ErrNoPerson, "no-person"},
	{portrait.ErrTooLong, "format"},
	{portrait.ErrNoNet, "no-net"},
	{portrait.ErrFormat, "format"},
	{portrait.ErrPaper, "malformed"},
	{portrait.ErrDrawing, "malformed"},
	{portrait.ErrTooLarge, "too-large"},
	{portrait.ErrNotImage, "not-an-image"},
	{portrait.ErrBroken, "broken-image"},
}

// problem is what a client is told of err. signed: on a signed URL, where imgproxy's statuses hold.
func (a *API) problem(err error, signed bool) wire.Problem {
	var status *fetch.StatusError
	if errors.As(err, &status) {
		return sourceStatus(status.Code, signed)
	}
	var fit *portrait.ErrCannotFit
	if errors.As(err, &fit) {
		p := wire.NewProblem("cannot-fit", sentence(fit.Reason))
		if fit.Advice != "" {
			p.Advice = fit.Advice
		}
		p.Extra = map[string]any{"short": fit.Short, "pixels": fit.Pixels, "mm": fit.MM}
		return p
	}
	var scope *scopeError
	if errors.As(err, &scope) {
		p := wire.NewProblem("scope", fmt.Sprintf("It lacks the scope %s.", scope.scope))
		p.Extra = map[string]any{"scope": scope.scope}
		return p
	}
	var residency *residencyError
	if errors.As(err, &residency) {
		p := wire.NewProblem("region", "")
		p.Extra = map[string]any{"regions": residency.regions}
		return p
	}
	for _, row := range words {
		if !errors.Is(err, row.err) {
			continue
		}
		p := wire.NewProblem(row.word, "")
		if page, ok := wire.FindProblem(row.word); ok {
			p.Status = page.StatusOn(signed)
		}
		a.explain(&p, err)
		return p
	}
	return wire.NewProblem("internal", "")
}

// explain adds what this occurrence can tell: the name of what was wrong, or the limit that was passed. Nothing here
// repeats a source's address.
func (a *API) explain(p *wire.Problem, err error) {
	var option *wire.OptionError
	var part *malformedError
	var region *auth.RegionError
	var head *portrait.HeadError
	switch {
	case errors.As(err, &option):
		p.Detail = option.Error()
		p.Extra = map[string]any{"option": option.Option}
	case errors.As(err, &part):
		p.Detail = part.Error() + "."
		p.Extra = map[string]any{"part": part.part}
	case errors.As(err, &head):
		p.Detail = sentence(head.Detail)
		p.Extra = map[string]any{"part": "head", "reason": head.Reason}
	case errors.Is(err, portrait.ErrHEIC):
		p.Detail = "It is HEIC, which is not decoded here."
		p.Advice = "Send a JPEG. On an iPhone choose Settings, Camera, Formats, Most Compatible; or share the photo to yourself, which makes one."
	case errors.Is(err, portrait.ErrFormat), errors.Is(err, portrait.ErrPaper), errors.Is(err, portrait.ErrTooLong), errors.Is(err, portrait.ErrNoFace),
		errors.Is(err, portrait.ErrTwoFaces), errors.Is(err, portrait.ErrBackgroundKept), errors.Is(err, portrait.ErrBackgroundUnavailable):
		p.Detail = sentence(err.Error())
	case errors.As(err, &region):
		p.Extra = map[string]any{"regions": region.Regions}
	case errors.Is(err, errTooLarge), errors.Is(err, fetch.ErrTooLarge):
		p.Detail = fmt.Sprintf("The limit is %d bytes.", a.cfg.MaxBytes)
		p.Extra = map[string]any{"limit": a.cfg.MaxBytes, "unit": "bytes"}
	case p.Type == "too-large":
		p.Detail = fmt.Sprintf("The limit is %d pixels.", a.cfg.MaxPixels)
		p.Extra = map[string]any{"limit": a.cfg.MaxPixels, "unit": "pixels"}
	}
}

// sentence makes one of a clause.
func sentence(clause string) string {
	if clause == "" {
		return ""
	}
	return strings.ToUpper(clause[:1]) + strings.TrimSuffix(clause[1:], ".") + "."
}

// sourceStatus passes a source's own refusal on, as imgproxy does: 4xx as it is, 5xx as 502, anything else as 404. Off
// signed URLs no source is fetched.
func sourceStatus(code int, signed bool) wire.Problem {
	p := wire.NewProblem("source-status", fmt.Sprintf("It answered %d.", code))
	p.Extra = map[string]any{"source_status": code}
	switch {
	case !signed:
	case code >= 400 && code < 500:
		p.Status = code
	case code >= 500:
		p.Status = 502
	default:
		p.Status = 404
	}
	return p
}
