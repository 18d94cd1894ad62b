package api_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

// The description has every route and no other, and every reference in it leads somewhere.
func TestDescription(t *testing.T) {
	p := newPlane(t)
	got := p.expect("the description", call{method: "GET", path: "/openapi.json"}, 200, "")
	if got.json["openapi"] != "3.1.0" {
		t.Fatalf("version %v, want 3.1.0", got.json["openapi"])
	}
	var described []string
	ids := map[string]bool{}
	for path, methods := range got.json["paths"].(map[string]any) {
		for method, operation := range methods.(map[string]any) {
			described = append(described, strings.ToUpper(method)+" "+path)
			op := operation.(map[string]any)
			id, _ := op["operationId"].(string)
			if id == "" || ids[id] {
				t.Errorf("%s %s has the operationId %q, empty or taken", method, path, id)
			}
			ids[id] = true
			var inPath []string
			if parameters, ok := op["parameters"].([]any); ok {
				for _, parameter := range parameters {
					if one := parameter.(map[string]any); one["in"] == "path" {
						inPath = append(inPath, "{"+one["name"].(string)+"}")
					}
				}
			}
			if strings.Count(path, "{") != len(inPath) || len(inPath) > 0 && !strings.Contains(path, inPath[0]) {
				t.Errorf("%s has the path parameters %q", path, inPath)
			}
		}
	}
	routes := slices.Sorted(slices.Values(p.Routes()))
	slices.Sort(described)
	if !slices.Equal(routes, described) {
		t.Errorf("described %q\nroutes    %q", described, routes)
	}
	schemas := got.json["components"].(map[string]any)["schemas"].(map[string]any)
	used := map[string]bool{}
	for _, rest := range strings.Split(got.body, `"$ref": "#/components/schemas/`)[1:] {
		name, _, _ := strings.Cut(rest, `"`)
		used[name] = true
		if schemas[name] == nil {
			t.Errorf("no schema is called %q", name)
		}
	}
	for name := range schemas {
		if !used[name] {
			t.Errorf("nothing uses the schema %q", name)
		}
	}
}

// What is answered has the members that the description requires, and none that it does not know.
func TestAnswersFitTheDescription(t *testing.T) {
	p := newPlane(t)
	var doc struct {
		Components struct {
			Schemas map[string]struct {
				Required   []string
				Properties map[string]json.RawMessage
				AllOf      []json.RawMessage
			}
		}
	}
	if err := json.Unmarshal([]byte(p.do(call{method: "GET", path: "/openapi.json"}).body), &doc); err != nil {
		t.Fatal(err)
	}
	order := p.do(call{method: "POST", path: "/v1/orders", body: `{"document":"us-passport"}`})
	path, secret := "/v1/orders/"+order.json["id"].(string), order.json["secret"].(string)
	for name, test := range map[string]struct {
		schema string
		answer answer
	}{
		"order":          {"Order", p.do(call{method: "GET", path: path, bearer: secret})},
		"visitor token":  {"RegionToken", p.do(call{method: "POST", path: "/v1/studio/tokens", header: map[string]string{"Sec-Fetch-Site": "same-origin"}})},
		"usage":          {"Usage", p.do(call{method: "GET", path: "/v1/usage", cookie: true})},
		"watermark":      {"Watermark", p.do(call{method: "POST", path: "/internal/usage?node=n&boot=b", bearer: p.node.String()})},
		"problem":        {"Problem", p.do(call{method: "GET", path: "/v1/none"})},
		"problem of gap": {"Problem", p.do(call{method: "GET", path: "/v1/orders/x"})},
	} {
		s := doc.Components.Schemas[test.schema]
		for _, member := range s.Required {
			if test.answer.json[member] == nil {
				t.Errorf("%s lacks %q: %s", name, member, test.answer.body)
			}
		}
		for member := range maps.Keys(test.answer.json) {
			if s.Properties[member] == nil {
				t.Errorf("%s has %q, which %s does not: %s", name, member, test.schema, test.answer.body)
			}
		}
	}
}

func TestDocs(t *testing.T) {
	p := newPlane(t)
	got := p.expect("the page", call{method: "GET", path: "/docs"}, 200, "")
	for _, route := range p.Routes() {
		_, path, _ := strings.Cut(route, " ")
		if !strings.Contains(got.body, path) {
			t.Errorf("the page lacks %s", path)
		}
	}
	if strings.Contains(got.body, "<script") || !strings.Contains(got.header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("the page has script or the policy %q", got.header.Get("Content-Security-Policy"))
	}
}
