package api

import (
	"context"
	"fmt"
	"time"

	"github.com/professionalaistudio/studio/edge/auth"
	"github.com/professionalaistudio/studio/edge/fetch"
	"github.com/professionalaistudio/studio/edge/portrait"
	"github.com/professionalaistudio/studio/edge/portrait/sheet"
	"github.com/professionalaistudio/studio/edge/wire"
)

// The document photo by the options of a URL: what POST /v1/photos makes, at an address that can be signed.

// PhotoRequest is what the options ask of a document photo, if they ask for one. An error names the option.
func PhotoRequest(o wire.Options) (portrait.Request, error) {
	ask := portrait.Request{
		Document: o.Document, Background: o.Background, Mode: portrait.Mode(o.Mode), Format: o.Format,
		Sheet: o.Sheet, Copies: o.Copies, Gap: o.Gap, PDF: o.Format == wire.PDF,
	}
	if o.Format == wire.JSON || ask.PDF { // which the photo inside is not
		ask.Format = wire.FormatAuto
	}
	if o.Head != nil {
		head := portrait.Head(*o.Head)
		ask.Head = &head
	}
	if _, err := sheet.ParsePaper(o.Sheet); o.Sheet != "" && err != nil {
		return ask, &wire.OptionError{Option: "sheet", Value: o.Sheet, Reason: noPaper()}
	}
	return ask, nil
}

// photoBy is PhotoRequest of a document that there is: of any other, no source need be fetched.
func (a *API) photoBy(o wire.Options) (portrait.Request, error) {
	ask, err := PhotoRequest(o)
	if err != nil || o.Document == "" {
		return ask, err
	}
	if _, known := a.parts.Portrait.Pack().Find(o.Document); !known {
		return ask, fmt.Errorf("%w: %q", portrait.ErrDocumentUnknown, o.Document)
	}
	return ask, nil
}

// signedPhoto makes the document photo of a signed URL out of its source, and delivers it with the tag of its variant.
func (a *API) signedPhoto(ctx context.Context, r *request, src *fetch.Source, ask portrait.Request, v variant, tag string) error {
	o, asJSON := v.options, v.format == wire.JSON
	result, err := a.compose(ctx, r, src.Body, src.Wipe, ask, opOf(o))
	if err != nil {
		return err
	}
	if err := a.attest(r, result, auth.Caller{}, ask, asJSON); err != nil { // no order is behind a signed URL
		result.Wipe()
		return err
	}
	a.fresh(r, o, v.format, src.LastModified)
	r.Response.Header.Set("ETag", v.header(tag))
	return r.deliver(result, opOf(o), asJSON, photoName(o), nil)
}

// answersJSON tells whether the findings are answered, with the photo inside: where the format is JSON, or none is named and
// Accept asks for it.
func answersJSON(o wire.Options, accept string) bool {
	return o.Format == wire.JSON || o.Format == wire.FormatAuto && prefersJSON(accept)
}

// photoVariant is what the ETag of a document photo depends on: newer rules make another one, and what the findings say of its
// age is another thing tomorrow. A format that is not named is the document's.
func (a *API) photoVariant(v variant, accept string) variant {
	v.with = a.rules
	if answersJSON(v.options, accept) {
		v.format = wire.JSON
		v.with += time.Now().UTC().Format(time.DateOnly)
	}
	return v
}

// photoName is what a document photo's file is called.
func photoName(o wire.Options) string {
	if o.Filename != "" {
		return o.Filename
	}
	return o.Document
}
