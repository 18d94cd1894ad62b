package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/language"

	"github.com/professionalaistudio/studio/edge/portrait/document"
)

// Every document that is served is as /openapi.json describes one.
func TestDocumentsAreAsDescribed(t *testing.T) {
	data, err := described("", "")
	if err != nil {
		t.Fatal(err)
	}
	description, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("openapi.json", description); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("openapi.json#/components/schemas/Pack")
	if err != nil {
		t.Fatal(err)
	}
	body, err := document.Embedded().MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	served, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(served); err != nil {
		t.Error(err)
	}
	// And what is served of a document has no member that is nowhere described.
	known := map[string]bool{"country_name": true, "effective": true, "provenance": true, "local": true}
	var file struct {
		Defs struct {
			Row struct{ Properties map[string]any }
		} `json:"$defs"`
	}
	if err := json.Unmarshal(document.Schema(), &file); err != nil {
		t.Fatal(err)
	}
	for name := range file.Defs.Row.Properties {
		known[name] = true
	}
	for _, row := range served.(map[string]any)["documents"].([]any) {
		for name := range row.(map[string]any) {
			if !known[name] {
				t.Errorf("%s is served and described nowhere", name)
			}
		}
	}
}

func TestDocumentQuery(t *testing.T) {
	got, err := documentQuery(map[string]string{"country": "deu", "language": "de-AT", "q": "pass"})
	if want := (document.Query{Words: "pass", Country: "DE", Language: language.German}); err != nil || got != want {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
	for name, given := range map[string]map[string]string{
		"country":  {"country": "Germany"},
		"language": {"language": "x"},
		"q":        {"q": strings.Repeat("ü", maxSearch+1)},
		"Country":  {"Country": "DE"},
		"search":   {"search": "pass"},
	} {
		if _, err := documentQuery(given); !errors.Is(err, errMalformed) || !strings.HasPrefix(err.Error(), name+" ") {
			t.Errorf("%v: %v, want malformed, and %s named", given, err, name)
		}
	}
}

// FuzzDocumentQuery: whatever stands in a query is answered with documents or with the name of what is wrong.
func FuzzDocumentQuery(f *testing.F) {
	for _, query := range []string{"q=pass", "country=DE&language=de&q=pass", "q=%E8%BA%AB%E4%BB%BD%E8%AF%81", "language=zh-Hant", "country=uk&q=", "q=%ff", "q=a&q=b", "x=1", "%", "q;=1"} {
		f.Add(query)
	}
	pack := document.Embedded()
	f.Fuzz(func(t *testing.T, query string) {
		given, err := parameters(query)
		var q document.Query
		if err == nil {
			q, err = documentQuery(given)
		}
		if err != nil {
			if !errors.Is(err, errMalformed) {
				t.Errorf("%q: %v is no malformed request", query, err)
			}
			return
		}
		for _, s := range pack.Search(q) {
			if q.Country != "" && s.Country != q.Country {
				t.Errorf("%q finds %s", query, s.ID)
			}
		}
	})
}
