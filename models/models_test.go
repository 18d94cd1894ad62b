package models

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// The manifest and the files beside it are of each other: no file that it does not name, none missing, none changed.
func TestEmbeddedManifestIsSound(t *testing.T) {
	m := Embedded()
	if len(m.Models) == 0 {
		t.Error("there is no net")
	}
	described := map[string]bool{}
	for _, model := range m.Models {
		described[model.File] = true
		if model.Card != "" {
			if _, err := os.Stat("cards/" + model.Card); err != nil {
				t.Errorf("%s: its card: %v", model.Name, err)
			}
		}
	}
	files, err := nets.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !described[f.Name()] {
			t.Errorf("%s is embedded, and the manifest does not name it", f.Name())
		}
	}
	if _, err := Open(""); err != nil {
		t.Error(err)
	}
	for _, model := range m.Models {
		if model.URL != "" {
			t.Errorf("%s: an embedded net has no URL, this one has %q", model.Name, model.URL)
		}
	}
}

// faults are changes to testdata/one.json, each of which both judges must refuse, the error naming the word on the right.
var faults = map[string]struct {
	change func(manifest, model map[string]any)
	names  string
}{
	"another schema":       {func(m, _ map[string]any) { m["schema"] = 2 }, "schema"},
	"no day":               {func(m, _ map[string]any) { m["updated"] = "yesterday" }, "updated"},
	"no list":              {func(m, _ map[string]any) { delete(m, "models") }, "models"},
	"an unknown field":     {func(_, n map[string]any) { n["colour"] = "blue" }, "colour"},
	"a path for a file":    {func(_, n map[string]any) { n["file"] = "../matte.onnx" }, "file"},
	"plain http":           {func(_, n map[string]any) { n["url"] = "http://example.com/a.onnx" }, "url"},
	"almost this machine":  {func(_, n map[string]any) { n["url"] = "http://localhost.example/a.onnx" }, "url"},
	"another scheme":       {func(_, n map[string]any) { n["url"] = "file:///etc/passwd" }, "url"},
	"a password in an URL": {func(_, n map[string]any) { n["url"] = "https://me:secret@example.com/a.onnx" }, "url"},
	"a hidden file":        {func(_, n map[string]any) { n["file"] = ".matte.onnx" }, "file"},
	"a file of a folder":   {func(_, n map[string]any) { n["file"] = "nets/matte.onnx" }, "file"},
	"a backslash":          {func(_, n map[string]any) { n["file"] = `..\\matte.onnx` }, "file"},
	"a line break":         {func(_, n map[string]any) { n["file"] = "matte.onnx\n" }, "file"},
	"a capital":            {func(_, n map[string]any) { n["file"] = "MATTE.onnx" }, "file"},
	"a NUL":                {func(_, n map[string]any) { n["file"] = "matte\x00.onnx" }, "file"},
	"another file type":    {func(_, n map[string]any) { n["file"] = "manifest.json" }, "file"},
	"too many bytes":       {func(_, n map[string]any) { n["bytes"] = MaxBytes + 1 }, "bytes"},
	"less than no bytes":   {func(_, n map[string]any) { n["bytes"] = -1 }, "bytes"},
	"a nameless threshold": {func(_, n map[string]any) { n["thresholds"] = map[string]any{"": .5} }, "threshold"},
	"a threshold in words": {func(_, n map[string]any) { n["thresholds"] = map[string]any{"glasses": "half"} }, "thresholds"},
	"a dimension that varies": {func(_, n map[string]any) {
		n["outputs"].([]any)[0].(map[string]any)["shape"] = []any{1, -1}
	}, "dimension"},
	"two nets for a task": {func(m, n map[string]any) {
		other := maps.Clone(n)
		other["name"], other["file"] = "matte-768", "matte-768.onnx"
		m["models"] = []any{n, other}
	}, "task"},
	"a short digest":       {func(_, n map[string]any) { n["sha256"] = "e3b0" }, "sha256"},
	"a digest in capitals": {func(_, n map[string]any) { n["sha256"] = strings.ToUpper(n["sha256"].(string)) }, "sha256"},
	"an unknown task":      {func(_, n map[string]any) { n["task"] = "beauty" }, "task"},
	"no licence":           {func(_, n map[string]any) { n["licence"] = "" }, "licence"},
	"no bytes":             {func(_, n map[string]any) { n["bytes"] = 0 }, "bytes"},
	"no outputs":           {func(_, n map[string]any) { n["outputs"] = []any{} }, "outputs"},
	"a layout of its own":  {func(_, n map[string]any) { n["input"].(map[string]any)["layout"] = "CHWN" }, "layout"},
	"a zero divisor":       {func(_, n map[string]any) { n["input"].(map[string]any)["std"] = []any{1, 0, 1} }, "std"},
	"a huge input":         {func(_, n map[string]any) { n["input"].(map[string]any)["width"] = 100000 }, "input"},
	"a dimension of zero": {func(_, n map[string]any) {
		n["outputs"].([]any)[0].(map[string]any)["shape"] = []any{1, 0}
	}, "dimension"},
}

func TestParseAndSchemaJudgeAlike(t *testing.T) {
	sound, err := os.ReadFile("testdata/one.json")
	if err != nil {
		t.Fatal(err)
	}
	schema := jsonschema.NewCompiler()
	compiled, err := schema.Compile("manifest.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	bySchema := func(data []byte) error {
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			return err
		}
		return compiled.Validate(value)
	}
	for name, data := range map[string][]byte{
		"testdata/one.json": sound, "manifest.json": embedded,
		"one from this machine": bytes.Replace(sound, []byte(`"sha256"`), []byte(`"url": "http://127.0.0.1:8000/a.onnx", "sha256"`), 1),
	} {
		if _, err := Parse(data); err != nil {
			t.Errorf("Parse refuses %s: %v", name, err)
		}
		if err := bySchema(data); err != nil {
			t.Errorf("the schema refuses %s: %v", name, err)
		}
	}
	for name, fault := range maps.All(faults) {
		t.Run(name, func(t *testing.T) {
			var manifest map[string]any
			if err := json.Unmarshal(sound, &manifest); err != nil {
				t.Fatal(err)
			}
			fault.change(manifest, manifest["models"].([]any)[0].(map[string]any))
			data, err := json.Marshal(manifest)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Parse(data)
			if !errors.Is(err, ErrManifest) || !strings.Contains(err.Error(), fault.names) {
				t.Errorf("Parse says %v, want a fault that names %q", err, fault.names)
			}
			if bySchema(data) == nil {
				t.Error("the schema takes it")
			}
		})
	}
}

// What a schema cannot say is Parse's alone.
func TestParseAlone(t *testing.T) {
	sound, err := os.ReadFile("testdata/one.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		change func(one, other map[string]any)
		names  string
	}{
		"the name of another": {func(one, other map[string]any) { other["name"] = one["name"] }, `"matte-512" is taken`},
		"the file of another": {func(one, other map[string]any) { other["file"] = one["file"] }, "matte-512.onnx"},
		"a huge output": {func(_, other map[string]any) {
			other["outputs"].([]any)[0].(map[string]any)["shape"] = []any{1 << 20, 1 << 20, 1 << 20, 1 << 20}
		}, "numbers"},
	} {
		t.Run(name, func(t *testing.T) {
			var manifest, copied map[string]any
			if err := errors.Join(json.Unmarshal(sound, &manifest), json.Unmarshal(sound, &copied)); err != nil {
				t.Fatal(err)
			}
			one, other := manifest["models"].([]any)[0].(map[string]any), copied["models"].([]any)[0].(map[string]any)
			other["name"], other["task"], other["file"] = "face-128", "face", "face-128.onnx"
			manifest["models"] = []any{one, other}
			if data, err := json.Marshal(manifest); err != nil {
				t.Fatal(err)
			} else if _, err := Parse(data); err != nil {
				t.Fatalf("before the change Parse says %v", err)
			}
			test.change(one, other)
			data, err := json.Marshal(manifest)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Parse(data); !errors.Is(err, ErrManifest) || !strings.Contains(err.Error(), test.names) {
				t.Errorf("Parse says %v, want a fault that names %q", err, test.names)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	sound, err := os.ReadFile("testdata/one.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sound)
	f.Add(embedded)
	f.Add([]byte(`{"schema":1,"updated":"2026-11-24","models":[{}]}`))
	f.Fuzz(func(t *testing.T, data []byte) { // what is taken is taken again after a round trip
		m, err := Parse(data)
		if err != nil {
			return
		}
		again, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Parse(again); err != nil {
			t.Errorf("%s is taken, but not as written again: %v", data, err)
		}
	})
}
