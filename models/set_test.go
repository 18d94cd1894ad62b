package models

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// described is a net of the task whose file is data.
func described(name string, task Task, data []byte) Model {
	sum := sha256.Sum256(data)
	return Model{
		Name: name, Task: task, Version: "7", File: name + ".onnx", SHA256: hex.EncodeToString(sum[:]), Bytes: int64(len(data)), Licence: "MIT",
		Input:   Input{Name: "x", Width: 768, Height: 768, Layout: "NCHW", Type: "float32", Scale: 1, Std: [3]float64{1, 1, 1}},
		Outputs: []Output{{Name: "y", Shape: []int{1}, Meaning: "for a test"}},
	}
}

// folder is an operator's: a manifest of the nets given, and the files by name.
func folder(t *testing.T, files map[string][]byte, models ...Model) string {
	t.Helper()
	dir := t.TempDir()
	manifest, err := json.Marshal(Manifest{Schema: Schema, Updated: "2026-11-24", Models: append([]Model{}, models...)})
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "manifest.json"), manifest, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Without a folder a node has this build's nets; with one, what is in it takes their place, task by task.
func TestOpen(t *testing.T) {
	ours, err := Open("")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(ours.All()), len(Embedded().Models); got != want {
		t.Errorf("%d nets, want the %d of the manifest", got, want)
	}
	for _, m := range Embedded().Models {
		got, data, ok := ours.For(m.Task)
		if !ok || got.Name != m.Name || int64(len(data)) != m.Bytes || ours.From(m.Task) != Built {
			t.Errorf("for %s: %q of %d bytes from %q, want %q of %d from %q", m.Task, got.Name, len(data), ours.From(m.Task), m.Name, m.Bytes, Built)
		}
	}
	if _, _, ok := ours.For("beauty"); ok || ours.From("beauty") != "" {
		t.Error("there is a net for a task that there is not")
	}

	data := []byte("a bigger net")
	dir := folder(t, map[string][]byte{"matte-768.onnx": data}, described("matte-768", Matte, data))
	theirs, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if m, got, ok := theirs.For(Matte); !ok || m.Name != "matte-768" || !bytes.Equal(got, data) || theirs.From(Matte) != filepath.Join(dir, "matte-768.onnx") {
		t.Errorf("for the matte: %q, %q, from %q; want the operator's", m.Name, got, theirs.From(Matte))
	}
	if m, _, _ := theirs.For(Face); m.Name != "face-128" || theirs.From(Face) != Built {
		t.Errorf("for the face: %q from %q, want ours", m.Name, theirs.From(Face))
	}
	if got, want := len(theirs.All()), len(ours.All()); got != want {
		t.Errorf("%d nets, want %d: one was replaced", got, want)
	}

	// A folder with an empty list changes nothing, and so does one whose net has the name of ours and its task.
	if s, err := Open(folder(t, nil)); err != nil || len(s.All()) != len(ours.All()) {
		t.Errorf("an empty list: %v", err)
	}
	if _, err := Open(folder(t, map[string][]byte{"matte-512.onnx": data}, described("matte-512", Matte, data))); err != nil {
		t.Errorf("a net with the name of the one it replaces: %v", err)
	}
	linked := folder(t, nil, described("matte-768", Matte, data))
	if err := os.Symlink(filepath.Join(dir, "matte-768.onnx"), filepath.Join(linked, "matte-768.onnx")); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(linked); err != nil {
		t.Errorf("a link to a file, as a volume of Kubernetes has them: %v", err)
	}
}

// Whatever is wrong with an operator's folder, the error is of its kind and names the file.
func TestOpenRefuses(t *testing.T) {
	data := bytes.Repeat([]byte("weights "), 1000)
	matte := described("matte-768", Matte, data)
	flipped := bytes.Clone(data)
	flipped[4000] ^= 1
	pipe := folder(t, nil, matte)
	if err := syscall.Mkfifo(filepath.Join(pipe, matte.File), 0o600); err != nil {
		t.Fatal(err)
	}
	huge := folder(t, map[string][]byte{matte.File: nil}, matte)
	if err := os.Truncate(filepath.Join(huge, matte.File), 1<<40); err != nil {
		t.Fatal(err)
	}
	bare := t.TempDir()
	long := folder(t, nil, matte)
	if err := os.Truncate(filepath.Join(long, "manifest.json"), 1<<30); err != nil {
		t.Fatal(err)
	}
	inFolder := folder(t, nil, matte)
	if err := os.Mkdir(filepath.Join(inFolder, matte.File), 0o700); err != nil {
		t.Fatal(err)
	}
	path := matte
	path.File = "../" + matte.File
	for name, test := range map[string]struct {
		dir   string
		kind  error
		names string
	}{
		"a flipped bit":         {folder(t, map[string][]byte{matte.File: flipped}, matte), ErrDigest, matte.File + ": not the file that the manifest describes: its SHA-256 is"},
		"cut short":             {folder(t, map[string][]byte{matte.File: data[:5000]}, matte), ErrDigest, "5000 bytes instead of 8000"},
		"empty":                 {folder(t, map[string][]byte{matte.File: nil}, matte), ErrDigest, "0 bytes instead of 8000"},
		"something behind":      {folder(t, map[string][]byte{matte.File: append(bytes.Clone(data), 0)}, matte), ErrDigest, "8001 bytes instead of 8000"},
		"a terabyte":            {huge, ErrDigest, "1099511627776 bytes"},
		"missing":               {folder(t, nil, matte), fs.ErrNotExist, matte.File + ": no such file"},
		"a pipe":                {pipe, fs.ErrInvalid, matte.File},
		"a folder":              {inFolder, fs.ErrInvalid, matte.File},
		"a path":                {folder(t, map[string][]byte{matte.File: data}, path), ErrManifest, "without a folder"},
		"no manifest":           {bare, ErrManifest, "manifest.json: no such file"},
		"no folder":             {filepath.Join(bare, "nowhere"), ErrManifest, "manifest.json: no such file"},
		"a manifest too large":  {long, ErrManifest, "manifest.json"},
		"a manifest of nothing": {folder(t, map[string][]byte{}, Model{}), ErrManifest, "name"},
		"the name of ours":      {folder(t, map[string][]byte{"face-128.onnx": data}, described("face-128", Matte, data)), ErrManifest, `"face-128" would be that of two nets`},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Open(test.dir)
			if !errors.Is(err, test.kind) || !strings.Contains(err.Error(), test.names) || s != nil {
				t.Errorf("Open says %v, want %v with %q", err, test.kind, test.names)
			}
		})
	}
}
