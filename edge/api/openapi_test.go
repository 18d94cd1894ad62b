package api

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/professionalaistudio/studio/edge/wire"
)

func description(t *testing.T) map[string]any {
	t.Helper()
	data, err := described("https://edge.example", "v1")
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// What is described is served, and what is served is described.
func TestTheDescriptionIsTrue(t *testing.T) {
	doc := description(t)
	paths := at(doc, "paths")
	served := map[string]bool{}
	for _, r := range routes() {
		served[r.path] = true
		item, ok := paths[r.path].(map[string]any)
		if !ok {
			t.Errorf("%s is served and not described", r.path)
			continue
		}
		for method := range strings.FieldsSeq(r.methods) {
			if _, ok := item[strings.ToLower(method)]; !ok && method != "HEAD" { // which is GET without the body
				t.Errorf("%s %s is served and not described", method, r.path)
			}
		}
		for key, op := range item {
			if key == "parameters" {
				continue
			}
			if !r.allows(strings.ToUpper(key)) {
				t.Errorf("%s %s is described and not served", key, r.path)
			}
			named := map[string]bool{}
			for _, list := range []any{item["parameters"], op.(map[string]any)["parameters"]} {
				parameters, _ := list.([]any)
				for _, p := range parameters {
					if p := resolve(t, doc, p); p["in"] == "path" {
						named[p["name"].(string)] = true
					}
				}
			}
			for _, part := range strings.Split(r.path, "{")[1:] {
				name, _, _ := strings.Cut(part, "}")
				if !named[name] {
					t.Errorf("%s %s does not describe {%s}", key, r.path, name)
				}
			}
		}
	}
	for path := range paths {
		if !served[path] {
			t.Errorf("%s is described and not served", path)
		}
	}
	options := at(doc, "components", "parameters", "Options")["description"].(string)
	for _, names := range wire.OptionNames() {
		for i, name := range names {
			want := name + " ("
			if i > 0 {
				want = name
			}
			if !strings.Contains(options, want) {
				t.Errorf("the option %s is taken and not described", name)
			}
		}
	}
}

func resolve(t *testing.T, doc map[string]any, v any) map[string]any {
	t.Helper()
	m, ok := v.(map[string]any)
	if !ok {
		t.Fatalf("%v is no object", v)
	}
	ref, ok := m["$ref"].(string)
	if !ok {
		return m
	}
	for name := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		next, ok := doc[name].(map[string]any)
		if !ok {
			t.Fatalf("%s leads nowhere", ref)
		}
		doc = next
	}
	return doc
}

// Every reference leads somewhere, and every operation has a name of its own.
func TestTheDescriptionHoldsTogether(t *testing.T) {
	doc := description(t)
	used := map[string]bool{}
	names := map[string]bool{}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, item := range v {
				walk(item)
			}
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok {
				resolve(t, doc, v)
				used[ref] = true
			}
			if id, ok := v["operationId"].(string); ok {
				if names[id] {
					t.Errorf("two operations are called %s", id)
				}
				names[id] = true
			}
			for _, item := range v {
				walk(item)
			}
		}
	}
	walk(doc)
	for kind, list := range at(doc, "components") {
		for name := range list.(map[string]any) {
			if ref := "#/components/" + kind + "/" + name; kind != "securitySchemes" && !used[ref] {
				t.Errorf("%s is described and used nowhere", ref)
			}
		}
	}
	if doc["openapi"] != "3.1.0" || at(doc, "info")["version"] != "v1" {
		t.Errorf("the description is OpenAPI %v of version %v, want 3.1.0 of v1", doc["openapi"], at(doc, "info")["version"])
	}
}

// Whatever can go wrong has a page, and the description lists its type.
func TestEveryProblemHasAPage(t *testing.T) {
	a := &API{cfg: Config{MaxBytes: 1, MaxPixels: 1}}
	listed := at(description(t), "components", "schemas", "Problem", "properties", "type")["enum"].([]any)
	for _, row := range words {
		page, ok := wire.FindProblem(row.word)
		if !ok {
			t.Errorf("%v is the problem %s, which has no page", row.err, row.word)
			continue
		}
		if !slices.Contains(listed, any(wire.ProblemPath+row.word)) {
			t.Errorf("the description does not list %s", row.word)
		}
		for _, signed := range []bool{true, false} {
			if p := a.problem(row.err, signed); p.Type != row.word && !earlier(row.err, row.word) || p.Type == row.word && p.Status != page.StatusOn(signed) {
				t.Errorf("%v is %s with %d (signed %v), want %s with %d", row.err, p.Type, p.Status, signed, row.word, page.StatusOn(signed))
			}
		}
	}
	if p := a.problem(errors.New("secret text"), false); p.Type != "internal" || strings.Contains(p.Detail, "secret") {
		t.Errorf("an error that nobody named is %+v, want internal and no text of it", p)
	}
}

// earlier tells whether a row before the one of word matches the same error.
func earlier(err error, word string) bool {
	for _, row := range words {
		if row.word == word {
			return false
		}
		if errors.Is(err, row.err) {
			return true
		}
	}
	return false
}

func TestTheManualHasEveryRoute(t *testing.T) {
	data, err := described("", "")
	if err != nil {
		t.Fatal(err)
	}
	html, err := rendered(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range routes() {
		if !strings.Contains(string(html), "<code>"+r.path+"</code>") {
			t.Errorf("/docs does not show %s", r.path)
		}
	}
	if strings.Contains(string(html), "<script") {
		t.Error("/docs has a script, which its own policy forbids")
	}
}

func TestFind(t *testing.T) {
	for path, want := range map[string]struct{ route, rest string }{
		"/health":                   {"/health", ""},
		"/v1/documents":             {"/v1/documents", ""},
		"/v1/documents/us-passport": {"/v1/documents/{id}", "us-passport"},
		"/v1/images/rs:fit:1:1/q:2": {"/v1/images/{options}", "rs:fit:1:1/q:2"},
		"/i/key/sig/plain/http://x": {"/i/{key}/{signature}/{options}/{source}", "key/sig/plain/http://x"},
		"/i":                        {"", ""},
		"/health/":                  {"", ""},
		"/V1/photos":                {"", ""},
		"/":                         {"", ""},
	} {
		r, rest, ok := find(path)
		if r.path != want.route || rest != want.rest || ok != (want.route != "") {
			t.Errorf("%s is %q with %q, want %q with %q", path, r.path, rest, want.route, want.rest)
		}
	}
}

func TestTarget(t *testing.T) {
	for raw, want := range map[string][2]string{
		"/a//b%2F?c=d?e":        {"/a//b%2F", "c=d?e"},
		"http://host/i/x?y":     {"/i/x", "y"},
		"http://host?x":         {"/", ""},
		"http://host":           {"/", ""},
		"*":                     {"*", ""},
		"/i/plain/http://a?b=c": {"/i/plain/http://a", "b=c"},
	} {
		if path, query := target(raw); path != want[0] || query != want[1] {
			t.Errorf("%s is %q with %q, want %q with %q", raw, path, query, want[0], want[1])
		}
	}
}
