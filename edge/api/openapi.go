package api

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"

	"github.com/professionalaistudio/studio/edge/wire"
)

//go:embed openapi.json
var openAPISource []byte

// described is /openapi.json as this node serves it: the file, with the node's address, the program's version and every
// type of problem filled in.
func described(publicURL, version string) ([]byte, error) {
	var doc map[string]any
	if err := json.Unmarshal(openAPISource, &doc); err != nil {
		return nil, fmt.Errorf("openapi.json: %w", err)
	}
	if version != "" {
		doc["info"].(map[string]any)["version"] = version
	}
	if publicURL != "" {
		doc["servers"] = []any{map[string]any{"url": publicURL}}
	}
	types := []any{}
	for _, word := range problemWords() {
		types = append(types, wire.ProblemPath+word)
	}
	at(doc, "components", "schemas", "Problem", "properties", "type")["enum"] = types
	return json.MarshalIndent(doc, "", " ")
}

func at(doc map[string]any, path ...string) map[string]any {
	for _, name := range path {
		doc = doc[name].(map[string]any)
	}
	return doc
}

// problemWords are the types that this package answers with.
func problemWords() []string {
	set := map[string]bool{"internal": true, "source-status": true, "scope": true, "region": true, "cannot-fit": true}
	for _, row := range words {
		set[row.word] = true
	}
	return slices.Sorted(maps.Keys(set))
}

func (a *API) openAPI(r *request) error { r.page(a.description); return nil }

func (a *API) docs(r *request) error { r.page(a.manual); return nil }

// operations of the description, in the order of our routes, for the page that shows it.
type operation struct {
	Method, Path, Summary, Description string
	Scope                              string
	Parameters                         []parameter
	Answers                            []answer
}

type parameter struct{ Name, In, Description, Example string }

type answer struct{ Status, Description string }

// rendered is the description as a page, made here so that it needs no script from anywhere.
func rendered(description []byte) ([]byte, error) {
	var doc map[string]any
	if err := json.Unmarshal(description, &doc); err != nil {
		return nil, err
	}
	text := func(v any) string { s, _ := v.(string); return s }
	resolve := func(v any) map[string]any {
		m, _ := v.(map[string]any)
		if ref := text(m["$ref"]); ref != "" {
			return at(doc, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
		}
		return m
	}
	var list []operation
	for _, route := range routes() {
		item := at(doc, "paths", route.path)
		for method := range strings.FieldsSeq(route.methods) {
			op, ok := item[strings.ToLower(method)].(map[string]any)
			if !ok {
				continue
			}
			o := operation{Method: method, Path: route.path, Summary: text(op["summary"]), Description: text(op["description"])}
			if needs, ok := op["security"].([]any); ok && len(needs) > 0 {
				for _, scopes := range needs[0].(map[string]any) {
					o.Scope = text(scopes.([]any)[0])
				}
			}
			shared, _ := item["parameters"].([]any)
			own, _ := op["parameters"].([]any)
			for _, v := range append(slices.Clone(shared), own...) {
				p := resolve(v)
				o.Parameters = append(o.Parameters, parameter{text(p["name"]), text(p["in"]), text(p["description"]), text(p["example"])})
			}
			o.Parameters = append(o.Parameters, formFields(op, resolve, text)...)
			answers := at(op, "responses")
			for _, status := range slices.Sorted(maps.Keys(answers)) {
				o.Answers = append(o.Answers, answer{status, text(resolve(answers[status])["description"])})
			}
			list = append(list, o)
		}
	}
	var b bytes.Buffer
	info := at(doc, "info")
	err := docsHTML.Execute(&b, map[string]any{
		"Title": info["title"], "Version": info["version"], "Description": info["description"], "Operations": list, "Problems": problemPages(),
	})
	return b.Bytes(), err
}

// formFields are the fields of an operation's form that the description explains, in the order of their names.
func formFields(op map[string]any, resolve func(any) map[string]any, text func(any) string) (fields []parameter) {
	content, _ := resolve(op["requestBody"])["content"].(map[string]any)
	form, _ := content["multipart/form-data"].(map[string]any)
	properties, _ := resolve(form["schema"])["properties"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		field := resolve(properties[name])
		if about := text(field["description"]); about != "" {
			p := parameter{Name: name, In: "body", Description: about}
			if examples, _ := field["examples"].([]any); len(examples) > 0 {
				p.Example = text(examples[0])
			}
			fields = append(fields, p)
		}
	}
	return fields
}

func problemPages() (pages []wire.ProblemPage) {
	for _, word := range problemWords() {
		if p, ok := wire.FindProblem(word); ok {
			pages = append(pages, p)
		}
	}
	return pages
}

var docsHTML = template.Must(template.New("docs").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{.Title}}</title>` + style + `
<h1>{{.Title}}</h1>
<p>{{.Description}} Version {{.Version}}; for machines, <a href="/openapi.json">/openapi.json</a>.</p>
{{range .Operations}}
<h2><span class="method">{{.Method}}</span> <code>{{.Path}}</code></h2>
<p>{{.Summary}}{{with .Scope}} Bearer token with the scope <code>{{.}}</code>.{{end}}</p>
{{with .Description}}<p>{{.}}</p>{{end}}
{{with .Parameters}}<dl>{{range .}}<dt><code>{{.Name}}</code> in the {{.In}}</dt><dd>{{.Description}}{{with .Example}} For example <code>{{.}}</code>.{{end}}</dd>{{end}}</dl>{{end}}
<dl>{{range .Answers}}<dt>{{.Status}}</dt><dd>{{.Description}}</dd>{{end}}</dl>
{{end}}
<h2>Problems</h2>
<dl>{{range .Problems}}<dt><a href="/problems/{{.Type}}">{{.Type}}</a></dt><dd>{{.Title}}</dd>{{end}}</dl>
`))
