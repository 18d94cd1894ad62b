package wire

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

// Vectors are kept in testdata so that other languages can read them; the tests here hold them as Go and write
// them with `go test ./edge/wire -update`. A vector once released stays: a test that wants another file than the
// one that lies there fails, and a person decides.
var update = flag.Bool("update", false, "write the vectors in testdata")

// vectors compares want with the file, or writes it there, and returns what the file holds.
func vectors[T any](t testing.TB, file string, want T) T {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(want); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, b.Bytes()) {
		t.Errorf("%s is not what the test would write: run with -update, and look at the difference", path)
	}
	var v T
	if err := json.Unmarshal(got, &v); err != nil {
		t.Fatal(err)
	}
	return v
}
