package api

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// The description is written by hand and comes first; a test holds it against the routes and their answers.
//
//go:embed openapi.json
var openapiText []byte

//go:embed docs.html
var docsText string

func (a *API) openapi(w http.ResponseWriter, r *http.Request) {
	public(w, 5*time.Minute)
	w.Header().Set("Content-Type", "application/json")
	w.Write(openapiText)
}

func (a *API) docs(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=300")
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	w.Write(docsPage)
}

// docsPage is the description as a page without script, made once.
var docsPage = renderDocs(openapiText)

type description struct {
	Info struct{ Title, Summary, Description string }
	Tags []struct{ Name, Description string }

	Paths map[string]map[string]operation
}

type operation struct {
	Tags                 []string
	Summary, Description string
	Parameters           []struct{ Name, In, Description string }
	Security             []map[string][]string
	RequestBody          *struct {
		Content map[string]struct{ Schema json.RawMessage }
	}
	Responses map[string]struct{ Description string }
}

type docsGroup struct {
	Name, Description string
	Calls             []docsCall
}

type docsCall struct {
	ID, Method, Path string
	operation
	Who, Body []string
	Answers   []docsAnswer
}

type docsAnswer struct{ Status, Description string }

func renderDocs(text []byte) []byte {
	var d description
	if err := json.Unmarshal(text, &d); err != nil {
		panic(err) // embedded, and tested
	}
	var groups []docsGroup
	for _, tag := range d.Tags {
		g := docsGroup{Name: tag.Name, Description: tag.Description}
		for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
			for _, method := range slices.Sorted(maps.Keys(d.Paths[path])) {
				op := d.Paths[path][method]
				if !slices.Contains(op.Tags, tag.Name) {
					continue
				}
				call := docsCall{Method: strings.ToUpper(method), Path: path, operation: op}
				call.ID = strings.Trim(strings.NewReplacer("/", "-", "{", "", "}", "", ".", "").Replace(path), "-") + "-" + method
				for _, way := range op.Security {
					call.Who = append(call.Who, slices.Sorted(maps.Keys(way))...)
				}
				if op.RequestBody != nil {
					call.Body = slices.Sorted(maps.Keys(op.RequestBody.Content))
				}
				for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
					call.Answers = append(call.Answers, docsAnswer{status, op.Responses[status].Description})
				}
				g.Calls = append(g.Calls, call)
			}
		}
		groups = append(groups, g)
	}
	var page bytes.Buffer
	if err := template.Must(template.New("docs").Parse(docsText)).Execute(&page, map[string]any{"Info": d.Info, "Groups": groups}); err != nil {
		panic(err)
	}
	return page.Bytes()
}
