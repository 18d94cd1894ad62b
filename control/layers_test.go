package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/professionalaistudio/studio/"

// domains know the shapes of edge/wire and nothing else of ours, one another least of all: main joins them.
const domains = "control/billing control/identity control/org control/privacy control/region control/token control/usage"

// layers is the architecture: what each package may import of ours. It is reviewed whenever an arrow is added.
var layers = map[string]string{
	"control": "control/api control/billing/fakepay control/config control/identity/devidp control/store control/telemetry " +
		"control/web control/web/console control/web/studio edge/wire " + domains,

	"control/web/studio":      "control/web " + domains,
	"control/web/console":     "control/web edge/wire " + domains,
	"control/store/storetest": "control/store control/store/sqlite control/store/postgres edge/wire " + domains,

	"control/api":             "edge/wire " + domains,
	"control/web":             "edge/wire " + domains,
	"control/store":           "control/store/sqlite control/store/postgres edge/wire " + domains,
	"control/billing/fakepay": "control/billing",

	"control/billing":  "edge/wire",
	"control/identity": "edge/wire",
	"control/org":      "edge/wire",
	"control/privacy":  "edge/wire",
	"control/region":   "edge/wire",
	"control/token":    "edge/wire",
	"control/usage":    "edge/wire",

	"control/config":          "",
	"control/telemetry":       "",
	"control/identity/devidp": "",
	"control/store/sqlite":    "",
	"control/store/postgres":  "",
}

func TestLayers(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, module+"control/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		pkg := strings.TrimPrefix(fields[0], module)
		may, known := layers[pkg]
		if !known {
			t.Errorf("%s has no place in the layers", pkg)
		}
		for _, path := range fields[1:] {
			if name, ours := strings.CutPrefix(path, module); ours && !slices.Contains(strings.Fields(may), name) {
				t.Errorf("%s may not import %s", pkg, name)
			}
		}
	}
}

// The privacy promise as an absence: nothing that control is built from can decode a photo, and of the plane that
// sees photos it knows the contract alone.
func TestControlCannotSeePhotos(t *testing.T) {
	cmd := exec.Command("go", "list", "-deps", module+"control")
	cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all int
	for line := range strings.Lines(string(out)) {
		pkg := strings.TrimSpace(line)
		all++
		decoder := pkg == "image" || strings.HasPrefix(pkg, "image/") || strings.HasPrefix(pkg, "golang.org/x/image") ||
			strings.Contains(pkg, "bimg") || strings.Contains(pkg, "vips") || pkg == "runtime/cgo"
		if decoder {
			t.Errorf("control is built from %s", pkg)
		}
		if name, ours := strings.CutPrefix(pkg, module); ours && !strings.HasPrefix(name, "control") && name != "edge/wire" {
			t.Errorf("control is built from %s", name)
		}
	}
	if all < 100 {
		t.Errorf("go list named %d packages, want the whole of control", all)
	}
}
