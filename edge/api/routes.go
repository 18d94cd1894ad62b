package api

import (
	"strings"
)

// A route is one address of the public server. /openapi.json describes exactly these; a test holds the two together.
type route struct {
	path    string // as /openapi.json writes it; what is in braces is the rest of the address
	methods string // parted by spaces
	access  access
	serve   func(*API, *request) error
}

// access says who may call from a web page.
type access int

const (
	anyOrigin  access = iota // what it shows is for all, or is proved by its address
	ourOrigins               // EDGE_ORIGINS
)

// routes is every address. It is a function because the documents it lists are served by it.
func routes() []route {
	return []route{
		{"/i/{key}/{signature}/{options}/{source}", "GET HEAD", anyOrigin, (*API).signed},
		{"/v1/images/{options}", "POST", ourOrigins, (*API).images},
		{"/v1/photos", "POST", ourOrigins, (*API).photos},
		{"/v1/checks", "POST", ourOrigins, (*API).checks},
		{"/v1/mattes", "POST", ourOrigins, (*API).mattes},
		{removalPath + "removebg", "POST", ourOrigins, (*API).removebg},
		{removalPath + "account", "GET HEAD", ourOrigins, (*API).account},
		{"/v1/documents", "GET HEAD", ourOrigins, (*API).documents},
		{"/v1/documents/schema.json", "GET HEAD", ourOrigins, (*API).documentSchema},
		{"/v1/documents/{id}", "GET HEAD", ourOrigins, (*API).document},
		{"/health", "GET HEAD", anyOrigin, (*API).health},
		{"/openapi.json", "GET HEAD", anyOrigin, (*API).openAPI},
		{"/docs", "GET HEAD", anyOrigin, (*API).docs},
		{"/.well-known/jwks.json", "GET HEAD", anyOrigin, (*API).receiptKeys},
		{"/problems/{type}", "GET HEAD", anyOrigin, (*API).problemPage},
	}
}

// table is routes by what stands before their first brace.
var table = func() (t struct {
	exact    map[string]route
	prefixed []route
}) {
	t.exact = map[string]route{}
	for _, r := range routes() {
		if strings.Contains(r.path, "{") {
			t.prefixed = append(t.prefixed, r)
		} else {
			t.exact[r.path] = r
		}
	}
	return t
}()

// find returns the route of a path, and what its braces stand for.
func find(path string) (r route, rest string, ok bool) {
	if r, ok := table.exact[path]; ok {
		return r, "", true
	}
	for _, r := range table.prefixed {
		prefix, _, _ := strings.Cut(r.path, "{")
		if rest, ok := strings.CutPrefix(path, prefix); ok {
			return r, rest, true
		}
	}
	return route{}, "", false
}

func (r route) allows(method string) bool {
	for m := range strings.FieldsSeq(r.methods) {
		if m == method {
			return true
		}
	}
	return false
}

// commas writes methods as a header has them.
func commas(methods string) string { return strings.ReplaceAll(methods, " ", ", ") }
