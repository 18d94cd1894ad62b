package api

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/professionalaistudio/studio/edge/auth"
	"github.com/professionalaistudio/studio/edge/portrait"
	"github.com/professionalaistudio/studio/edge/portrait/compliance"
	"github.com/professionalaistudio/studio/edge/portrait/sheet"
	"github.com/professionalaistudio/studio/edge/wire"
)

// photos serves POST /v1/photos: the document photo, alone or inside its findings.
func (a *API) photos(r *request) error { return a.portrait(r, wire.ScopePhotos, wire.OpPhoto) }

// checks serves POST /v1/checks: the findings alone.
func (a *API) checks(r *request) error { return a.portrait(r, wire.ScopeChecks, wire.OpCheck) }

func (a *API) portrait(r *request, scope string, op wire.Op) error {
	caller, err := r.caller(scope)
	if err != nil {
		return err
	}
	photo, given, err := r.asked()
	if err != nil {
		return err
	}
	if op != wire.OpCheck {
		if r.hashed, err = takeHash(given); err != nil {
			return err
		}
	}
	ask, err := photoRequest(given, op)
	if err != nil {
		return err
	}
	accept := string(r.Request.Header.Peek("Accept"))
	asJSON := prefersJSON(accept)
	if op == wire.OpCheck { // a drawing is answered alone only to who names its type
		asJSON = asJSON || ask.Drawing == "" || !names(accept, "image/"+strings.Replace(ask.Drawing, "svg", "svg+xml", 1))
	}
	return a.sitting(r, caller, photo, ask, op, asJSON, ask.Document)
}

// sitting does for a caller, whose capture is here, what is asked of it, and delivers it.
func (a *API) sitting(r *request, caller auth.Caller, photo []byte, ask portrait.Request, op wire.Op, asJSON bool, name string) error {
	ask.Mark = caller.Mark
	if caller.Order != "" && len(ask.With) > 0 { // paid for one
		return errWrongDocument
	}
	token, err := a.spend(caller, ask.Document)
	if err != nil {
		return err
	}
	defer func() {
		if r.answer == nil { // nothing is on its way, so nothing has been delivered
			token.release()
		}
	}()

	if ask.Sheet != "" {
		op = wire.OpSheet
	}
	r.usage = wire.Usage{Org: caller.OrgIndex, Op: op, Units: uint32(1 + len(ask.With)), Order: caller.OrderNumber}
	result, err := a.compose(r.work(), r, photo, r.handOver(), ask, op)
	if err != nil {
		return err
	}

	if op != wire.OpCheck {
		if err := a.attest(r, result, caller, ask, asJSON); err != nil {
			result.Wipe()
			return err
		}
	}
	h := &r.Response.Header
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept")
	return r.deliver(result, op, asJSON, name, token.settle)
}

// deliver answers with what was made of a capture: its findings as JSON, with the photo inside where one was made, or the photo as a
// file of this name. after is told whether all of it went out; it may be nil.
func (r *request) deliver(result *portrait.Result, op wire.Op, asJSON bool, name string, after func(written bool)) error {
	if asJSON {
		doc, err := Findings(result, op != wire.OpCheck)
		result.Wipe()
		if err != nil {
			return err
		}
		doc = withReceipt(doc, r.receipt)
		r.picture(&picture{data: doc, wipe: func() { clear(doc) }, after: after}, wire.JSON.MIME())
		return nil
	}
	h := &r.Response.Header
	if op == wire.OpCheck { // who asks for a drawing and takes one has it
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Findings-Failed", strconv.Itoa(len(compliance.Failed(result.Findings))))
		r.picture(&picture{data: result.Drawing.Data, wipe: result.Wipe, after: after}, result.Drawing.Type)
		return nil
	}
	made := &result.Photo
	if result.Sheet != nil { // whoever asks for a sheet and takes one picture wants the sheet
		made = result.Sheet
	}
	h.Set("Content-Security-Policy", policy)
	h.Set("Content-Disposition", named(name, endings[made.Type]))
	h.Set("X-Findings-Failed", strconv.Itoa(len(compliance.Failed(result.Findings))))
	if r.receipt != "" {
		h.Set(receiptHeader, r.receipt)
	}
	r.picture(&picture{data: made.Data, wipe: result.Wipe, after: after}, made.Type)
	return nil
}

// compose makes the photo, or judges one, and counts it. done wipes the capture, as soon as nothing reads it any more.
func (a *API) compose(ctx context.Context, r *request, photo []byte, done func(), ask portrait.Request, op wire.Op) (*portrait.Result, error) {
	work := a.parts.Portrait.Photo
	if op == wire.OpCheck {
		work = a.parts.Portrait.Check
	}
	result, err := perform(ctx, r, job[*portrait.Result]{
		do:   func(ctx context.Context) (*portrait.Result, error) { return work(ctx, photo, ask) },
		done: done,
		drop: (*portrait.Result).Wipe,
	})
	if err != nil {
		return nil, err
	}
	r.made(result.Timings)
	return result, nil
}

// made notes the stages of the work on a portrait, and counts it.
func (r *request) made(spans []portrait.Span) {
	for _, span := range spans {
		r.stages.add(span.Name, span.Took)
	}
	r.counted()
}

// asked receives the photo, and what is asked of it: in the query, or in the fields of a form.
func (r *request) asked() (photo []byte, given map[string]string, err error) {
	if given, err = parameters(r.query); err != nil {
		return nil, nil, err
	}
	r.stages.end("auth")
	f, err := r.receive()
	if err != nil {
		return nil, nil, err
	}
	for name, value := range f.fields {
		if _, twice := given[name]; twice {
			return nil, nil, malformed(name, "is there twice, in the address and in the form")
		}
		given[name] = value
	}
	return f.photo, given, nil
}

// parameters reads the query. What is given twice is refused: which one counts would be a guess.
func parameters(query string) (map[string]string, error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, malformed("query", "is not written as a query is")
	}
	given := make(map[string]string, len(values))
	for name, value := range values {
		if len(value) != 1 {
			return nil, malformed(name, "is there twice")
		}
		given[name] = value[0]
	}
	return given, nil
}

// photoRequest reads what is asked of a photo. A parameter that we do not know is refused and named: a misspelt one that
// is skipped makes another photo than the one asked for.
func photoRequest(given map[string]string, op wire.Op) (ask portrait.Request, err error) {
	for name, value := range given {
		switch name {
		case "document":
			ask.Document = value
		case "head":
			head, bad := portrait.ParseHead(value)
			if bad != nil {
				return ask, malformed(name, "is not four numbers: crownX,crownY,chinX,chinY")
			}
			ask.Head = &head
		case "background":
			ask.Background, err = ParseBackground(value)
		case "mode":
			switch m := portrait.Mode(value); {
			case m == portrait.ModeCrop && op != wire.OpCheck, m == portrait.ModeLive && op == wire.OpCheck:
				ask.Mode = m
			case op == wire.OpCheck:
				err = fmt.Errorf("is not live")
			default:
				err = fmt.Errorf("is not crop")
			}
		case "sheet":
			if op == wire.OpCheck {
				return ask, malformed(name, "is not taken here: nothing is printed")
			}
			if _, bad := sheet.ParsePaper(value); bad != nil {
				err = errors.New(noPaper())
			}
			ask.Sheet = value
		case "copies", "gap", "with":
			if op == wire.OpCheck {
				return ask, malformed(name, "is not taken here: nothing is printed")
			}
			err = ParsePrint(&ask, name, value)
		case "drawing":
			if ask.Drawing = value; value != "svg" && value != "png" && value != "jpeg" {
				err = fmt.Errorf("is none of svg, png and jpeg")
			}
		case "format":
			if op == wire.OpCheck {
				return ask, malformed(name, "is not taken here: no picture is answered")
			}
			if f, ok := wire.ParseFormat(value); ok && (f == wire.JPEG || f == wire.PNG) {
				ask.Format = f
			} else if ask.PDF = value == "pdf"; !ask.PDF {
				err = fmt.Errorf("is none of jpeg, png and pdf")
			}
		default:
			return ask, malformed(name, "is not one that we know: there are document, head, background, mode, sheet, copies, gap, with, format, drawing and hash")
		}
		if err != nil {
			return ask, malformed(name, err.Error())
		}
	}
	switch {
	case ask.Document == "":
		return ask, malformed("document", "is missing: name one of /v1/documents")
	case ask.Sheet == "" && (ask.Copies != 0 || ask.Gap != nil || len(ask.With) > 0):
		return ask, malformed("sheet", "is missing: copies, a gap and other documents are of a sheet, so name its paper")
	}
	return ask, nil
}

// noPaper says what a paper may be, as a clause.
func noPaper() string {
	return "is none of " + sheet.Names() + ", nor two sides with their unit as in 210x297mm"
}

// ParsePrint reads what is asked of a sheet: copies, a number; gap, millimetres; with, other documents of the same capture,
// "de-passport:4,cn-visa", where one without a number fills what is left. The error is a clause.
func ParsePrint(ask *portrait.Request, name, value string) error {
	copies := func(s string) (int, error) {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > wire.MaxCopies {
			return 0, fmt.Errorf("wants 1 to %d copies", wire.MaxCopies)
		}
		return n, nil
	}
	var err error
	switch name {
	case "copies":
		ask.Copies, err = copies(value)
	case "gap":
		mm, bad := strconv.ParseFloat(value, 64)
		if bad != nil || strings.Trim(value, "0123456789.") != "" || mm != 0 && mm < wire.MinGap || mm > wire.MaxGap {
			return fmt.Errorf("is 0 or %g to %d, in millimetres", wire.MinGap, wire.MaxGap)
		}
		ask.Gap = &mm
	case "with":
		for entry := range strings.SplitSeq(value, ",") {
			id, count, counted := strings.Cut(entry, ":")
			also := portrait.Also{Document: id}
			if counted {
				if also.Copies, err = copies(count); err != nil {
					return err
				}
			}
			if ask.With = append(ask.With, also); id == "" || len(ask.With) > portrait.MostWith {
				return fmt.Errorf("wants 1 to %d documents, as in de-passport:4,cn-visa", portrait.MostWith)
			}
		}
	}
	return err
}

// ParseBackground reads a colour as a form gives it.
func ParseBackground(s string) (*wire.RGB, error) {
	c, err := wire.ParseRGB(strings.TrimPrefix(s, "#"))
	if err != nil {
		return nil, fmt.Errorf("is not a colour: write fff or ffffff")
	}
	return &c, nil
}

// endings of the files that a photo is delivered as.
var endings = map[string]string{"image/jpeg": ".jpg", "image/png": ".png", "application/pdf": ".pdf"}

// Findings writes the answer of interface.md. The pictures are encoded straight into memory that is wiped; encoding/json
// would leave a copy of them in its pool.
func Findings(result *portrait.Result, withPhoto bool) ([]byte, error) {
	head, err := json.Marshal(struct {
		Document string               `json:"document"`
		Pack     string               `json:"pack"`
		Findings []compliance.Finding `json:"findings"`
		With     []judged             `json:"with,omitempty"` // of the other documents on the sheet
	}{result.Document, result.Pack, result.Findings, with(result)})
	if err != nil {
		return nil, err
	}
	type inline struct {
		name  string
		about any
		data  []byte
	}
	var pictures []inline
	add := func(name string, p *portrait.Photo) {
		if p != nil && withPhoto {
			pictures = append(pictures, inline{name, struct {
				Type   string     `json:"type"`
				Width  int        `json:"width"`
				Height int        `json:"height"`
				DPI    float64    `json:"dpi"`
				Affine [6]float64 `json:"affine"`
			}{p.Type, p.Width, p.Height, p.DPI, p.Affine}, p.Data})
		}
	}
	add("photo", &result.Photo)
	add("sheet", result.Sheet)
	if d := result.Drawing; d != nil {
		pictures = append(pictures, inline{"drawing", struct {
			Type string `json:"type"`
		}{d.Type}, d.Data})
	}
	size := len(head) + receiptRoom
	for _, p := range pictures {
		size += 512 + base64.StdEncoding.EncodedLen(len(p.data))
	}
	doc := append(make([]byte, 0, size), head[:len(head)-1]...)
	for _, p := range pictures {
		about, err := json.Marshal(p.about)
		if err != nil {
			clear(doc)
			return nil, err
		}
		doc = append(doc, `,"`+p.name+`":`...)
		doc = append(doc, about[:len(about)-1]...)
		doc = append(doc, `,"data":"`...)
		doc = base64.StdEncoding.AppendEncode(doc, p.data)
		doc = append(doc, `"}`...)
	}
	return append(doc, '}'), nil
}

// judged is what another document on a sheet says of its photo.
type judged struct {
	Document string               `json:"document"`
	Findings []compliance.Finding `json:"findings"`
}

func with(result *portrait.Result) (all []judged) {
	for _, r := range result.With {
		all = append(all, judged{r.Document, r.Findings})
	}
	return all
}

// A spending is an order token in use: held while its photo is made, spent when all of it has been written to the
// client, given back otherwise. On any other token it does nothing.
type spending struct {
	commit, back func()
}

// spend holds an order's token for its document.
func (a *API) spend(c auth.Caller, document string) (*spending, error) {
	if c.Order == "" {
		return &spending{}, nil
	}
	if c.Document != document {
		return nil, errWrongDocument
	}
	commit, release, ok := a.parts.Spent.Reserve(c.TokenID, c.Expires)
	if !ok {
		return nil, errSpent
	}
	return &spending{commit, release}, nil
}

func (s *spending) settle(written bool) {
	switch {
	case s.commit == nil:
	case written:
		s.commit()
	default:
		s.back()
	}
}

func (s *spending) release() { s.settle(false) }
