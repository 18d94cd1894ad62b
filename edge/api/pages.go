package api

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"html/template"
	"slices"
	"strings"

	"github.com/valyala/fasthttp"

	"github.com/professionalaistudio/studio/edge/wire"
)

// A page is an answer that is the same for everyone until the program is replaced.
type page struct {
	kind         string
	body, zipped []byte
	etag         string
}

func newPage(kind string, body []byte) page { return zippedPage(kind, body, gzip.BestCompression) }

// passingPage is one that is made for a single answer: zipped as fast as can be, since a stranger decides how often.
func passingPage(kind string, body []byte) page { return zippedPage(kind, body, gzip.BestSpeed) }

func zippedPage(kind string, body []byte, level int) page {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, level)
	if err != nil {
		panic(err) // the level is one of the package's own
	}
	z.Write(body)
	z.Close()
	sum := sha256.Sum256(body)
	return page{kind: kind, body: body, zipped: b.Bytes(), etag: hex.EncodeToString(sum[:12])}
}

// page answers with p, zipped for who takes it. The zipped page is another sequence of bytes, so it has another tag.
func (r *request) page(p page) {
	h := &r.Response.Header
	body, tag := p.body, `"`+p.etag+`"`
	h.Add("Vary", "Accept-Encoding")
	if r.Request.Header.HasAcceptEncoding("gzip") {
		body, tag = p.zipped, `"`+p.etag+`-gzip"`
		h.Set("Content-Encoding", "gzip")
	}
	h.SetContentType(p.kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "max-age=300, public")
	h.Set("ETag", tag)
	if asked := tags(string(r.Request.Header.Peek("If-None-Match"))); slices.Contains(asked, tag) || slices.Contains(asked, "*") {
		h.Del("Content-Encoding")
		r.notModified()
		return
	}
	if strings.HasPrefix(p.kind, "text/html") {
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("Referrer-Policy", "no-referrer")
	}
	r.plain(body)
}

// health says whether this node takes work: a balancer that asks here stops sending before the node goes.
func (a *API) health(r *request) error {
	h := &r.Response.Header
	h.Set("Cache-Control", "no-store")
	h.SetContentType("application/json")
	if a.draining.Load() {
		r.SetStatusCode(fasthttp.StatusServiceUnavailable)
		r.plain([]byte(`{"status":"draining"}`))
		return nil
	}
	r.plain([]byte(`{"status":"serving"}`))
	return nil
}

// problemPage explains a type of problem: its address is the type.
func (a *API) problemPage(r *request) error {
	p, ok := wire.FindProblem(r.rest)
	if !ok {
		return errNotFound
	}
	var b bytes.Buffer
	if err := problemHTML.Execute(&b, p); err != nil {
		return err
	}
	r.page(newPage("text/html; charset=utf-8", b.Bytes()))
	return nil
}

const style = `<style>
body { font: 16px/1.5 system-ui, sans-serif; color: #1d2127; background: #fff; max-width: 46rem; margin: 3rem auto; padding: 0 1rem }
code, pre { font: 14px/1.45 ui-monospace, monospace; background: #f3f4f6; border-radius: 3px; padding: 0 .2em }
h2 { margin-top: 2.5rem } dt { font-weight: 600; margin-top: .6rem } dd { margin-left: 0 } a { color: #0b57d0 }
.method { display: inline-block; min-width: 4em; font-weight: 600 }
@media (prefers-color-scheme: dark) { body { color: #e6e8eb; background: #16181c } code, pre { background: #24272d } a { color: #8ab4f8 } }
</style>`

var problemHTML = template.Must(template.New("problem").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{.Title}}</title>` + style + `
<h1>{{.Title}}</h1>
<p>{{.Meaning}}</p>
{{with .Remedy}}<h2>What to do</h2><p>{{.}}</p>{{end}}
<p>Type <code>/problems/{{.Type}}</code>, status {{.Status}}{{with .Signed}}, on signed URLs {{.}}{{end}}.
All calls are described on <a href="/docs">one page</a>.</p>
`))
