package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/professionalaistudio/studio/"

// layers is the architecture: what each package may import of ours. It is reviewed whenever an arrow is added.
var layers = map[string]string{
	"edge": "edge/admission edge/api edge/auth edge/cluster edge/config edge/fetch edge/inference edge/metering edge/portrait " +
		"edge/portrait/compliance edge/portrait/document edge/portrait/face edge/portrait/matte edge/telemetry edge/transform edge/vips " +
		"edge/wire models",

	"edge/api": "edge/admission edge/auth edge/fetch edge/metering edge/portrait edge/portrait/compliance " +
		"edge/portrait/document edge/portrait/sheet edge/telemetry edge/transform edge/wire",

	"edge/portrait": "edge/portrait/compliance edge/portrait/document edge/portrait/face edge/portrait/matte edge/portrait/measure " +
		"edge/portrait/preview edge/portrait/sheet edge/vips edge/wire models",

	"edge/transform":           "edge/vips edge/wire",
	"edge/auth":                "edge/wire",
	"edge/inference":           "models",
	"edge/metering":            "edge/wire",
	"edge/portrait/compliance": "edge/portrait/document",
	"edge/portrait/face":       "edge/inference edge/vips models",
	"edge/portrait/matte":      "edge/inference edge/portrait/patch edge/vips models",
	"edge/portrait/preview":    "edge/portrait/compliance edge/portrait/document",
	"edge/portrait/sheet":      "edge/portrait/document",

	// Imported by tests alone, as net/http/httptest is.
	"edge/inference/inferencetest": "edge/inference models",

	"edge/admission":         "",
	"edge/cluster":           "",
	"edge/config":            "",
	"edge/fetch":             "",
	"edge/portrait/document": "",
	"edge/portrait/measure":  "edge/portrait/patch",
	"edge/portrait/patch":    "",
	"edge/telemetry":         "",
	"edge/vips":              "",
	"edge/wire":              "",
}

// owners is who alone may import what: a server that is replaced, or memory that is touched, is one package.
var owners = map[string]string{
	"C":                               "edge/inference edge/vips",
	"github.com/valyala/fasthttp":     "edge/api",
	"github.com/h2non/bimg":           "edge/vips",
	"github.com/hashicorp/memberlist": "edge/cluster",
	"github.com/golang-jwt/jwt/v5":    "edge/auth",
	"github.com/yalue/onnxruntime_go": "edge/inference",
}

func TestLayers(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, module+"edge/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		pkg := strings.TrimPrefix(fields[0], module)
		may, known := layers[pkg]
		if !known {
			t.Errorf("%s has no place in the layers", pkg)
		}
		seen[pkg] = true
		for _, path := range fields[1:] {
			if name, ours := strings.CutPrefix(path, module); ours && !slices.Contains(strings.Fields(may), name) {
				t.Errorf("%s may not import %s", pkg, name)
			}
			if owner, owned := owners[path]; owned && !slices.Contains(strings.Fields(owner), pkg) {
				t.Errorf("%s may not import %s, which is %s's alone", pkg, path, owner)
			}
			if pkg == "edge/wire" && strings.Contains(strings.Split(path, "/")[0], ".") {
				t.Errorf("edge/wire is imported by both planes and takes nothing but the standard library, not %s", path)
			}
		}
	}
	for pkg := range layers {
		if !seen[pkg] {
			t.Errorf("%s has a place in the layers and does not exist", pkg)
		}
	}
}

// Nothing of the control plane is in an edge.
func TestNothingOfControlIsInAnEdge(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", module+"edge").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		if pkg := strings.TrimSpace(line); strings.HasPrefix(pkg, module+"control") {
			t.Errorf("an edge is built from %s", pkg)
		}
	}
}
