package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/professionalaistudio/studio/control/billing"
	"github.com/professionalaistudio/studio/control/region"
	"github.com/professionalaistudio/studio/control/usage"
	"github.com/professionalaistudio/studio/edge/wire"
)

// problems is what went wrong below and the word a client is told; the first match wins. An error that is not here is
// ours: it is logged, and the client learns no more than that.
var problems = []struct {
	err  error
	word string
}{
	{errMalformed, "malformed"},
	{errToken, "token"},
	{errOrg, "forbidden"},
	{errSignIn, "sign-in"},
	{errOrigin, "origin"},
	{errRegion, "region-unknown"},
	{billing.ErrSignature, "webhook"},
	{billing.ErrNotFound, "order-unknown"},
	{billing.ErrDocument, "document-unknown"},
	{billing.ErrUnpaid, "order-unpaid"},
	{billing.ErrDelivered, "spent"},
	{billing.ErrExpired, "order-expired"},
	{billing.ErrElsewhere, "order-elsewhere"},
	{billing.ErrProvider, "provider"},
	{usage.ErrBatch, "malformed"},
	{region.ErrHeartbeat, "malformed"},
	{region.ErrNode, "node"},
	{region.ErrNoPack, "region-unknown"},
}

var (
	errMalformed = errors.New("request cannot be read")
	errToken     = errors.New("token is not accepted")
	errOrg       = errors.New("caller belongs to no organisation")
	errSignIn    = errors.New("nobody is signed in")
	errOrigin    = errors.New("call comes from another origin")
	errRegion    = errors.New("no such region, or none of its edges is up")
)

// fail answers with the problem that err is.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		p := wire.NewProblem("malformed", fmt.Sprintf("The body has more than %d bytes.", tooLarge.Limit))
		p.Status = http.StatusRequestEntityTooLarge
		a.write(w, p)
		return
	}
	if gap, ok := errors.AsType[*usage.GapError](err); ok {
		p := wire.NewProblem("gap", "")
		p.Extra = map[string]any{"watermark": gap.Watermark}
		a.write(w, p)
		return
	}
	for _, known := range problems {
		if errors.Is(err, known.err) {
			a.problem(w, known.word, detail(known.word, err))
			return
		}
	}
	if r.Context().Err() == nil { // else the client has gone, and that is no fault
		a.log.Error("a request failed", "request", w.Header().Get("X-Request-Id"), "route", r.Pattern, "error", err)
	}
	a.problem(w, "internal", "")
}

// detail tells a caller what to mend. Where a stranger could learn from our words what exists, it says nothing.
func detail(word string, err error) string {
	if word == "malformed" {
		return err.Error()
	}
	return ""
}

func (a *API) problem(w http.ResponseWriter, word, detail string) {
	a.write(w, wire.NewProblem(word, detail))
}

func (a *API) write(w http.ResponseWriter, p wire.Problem) {
	body, err := json.Marshal(p)
	if err != nil {
		panic(err) // text and numbers always marshal
	}
	switch p.Type {
	case "token", "sign-in", "node":
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	w.Header().Set("Content-Type", wire.ProblemType)
	w.WriteHeader(p.Status)
	w.Write(append(body, '\n'))
}

// busy answers 429 and says for how long.
func (a *API) busy(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	a.problem(w, "rate", "")
}

func (a *API) json(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // structs of ours always marshal
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(append(body, '\n'))
}

// body reads a whole body of at most limit bytes.
func body(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var tooLarge *http.MaxBytesError
	if err != nil && !errors.As(err, &tooLarge) {
		return nil, fmt.Errorf("%w: the body broke off", errMalformed)
	}
	return data, err
}

// decode reads a small JSON object into v. An empty body is an empty object; an unknown member is an error, since it
// was meant to mean something.
func decode(w http.ResponseWriter, r *http.Request, v any) error {
	data, err := body(w, r, 4<<10)
	if err != nil || len(data) == 0 {
		return err
	}
	return unmarshal(data, v)
}

func unmarshal(data []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return fmt.Errorf("%w: the body is not the object it should be: %w", errMalformed, err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return fmt.Errorf("%w: something follows the object in the body", errMalformed)
	}
	return nil
}
