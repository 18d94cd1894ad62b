package api

import "github.com/valyala/fasthttp"

// crossOrigin lets web pages read what they may (Fetch standard, CORS). A caller without an Origin is no web page; one
// with a foreign Origin gets its answer without leave to read it, and no leave to send more than a form could.
func (r *request) crossOrigin(method string) error {
	h := &r.Response.Header
	if r.route.access == anyOrigin {
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Timing-Allow-Origin", "*")
		h.Set("Access-Control-Expose-Headers", r.exposed())
		return nil
	}
	h.Add("Vary", "Origin")
	origin := string(r.Request.Header.Peek("Origin"))
	switch {
	case origin == "":
	case r.api.origins[origin]:
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Timing-Allow-Origin", origin)
		h.Set("Access-Control-Expose-Headers", r.exposed())
	case method == fasthttp.MethodOptions:
		return errOrigin
	}
	return nil
}

// exposed is which headers of an answer a page may read.
func (r *request) exposed() string {
	if r.removal() {
		return "Content-Disposition, Retry-After, Server-Timing, X-Credits-Charged, X-Foreground-Height, X-Foreground-Left, X-Foreground-Top, " +
			"X-Foreground-Width, X-Height, X-Request-Id, X-Type, X-Width"
	}
	return "Content-Disposition, ETag, Retry-After, Server-Timing, X-Findings-Failed, X-Receipt, X-Request-Id"
}

// preflight answers a browser's question before a call.
func (r *request) preflight() {
	h := &r.Response.Header
	h.Set("Access-Control-Allow-Methods", commas(r.route.methods))
	h.Set("Access-Control-Allow-Headers", "Accept, Authorization, Content-Type, X-Api-Key, X-Request-Id")
	h.Set("Access-Control-Max-Age", "7200")
	h.Set("Allow", commas(r.route.methods)+", OPTIONS")
	r.SetStatusCode(fasthttp.StatusNoContent)
}
