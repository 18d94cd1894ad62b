package inference_test

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/professionalaistudio/studio/edge/inference"
	"github.com/professionalaistudio/studio/edge/inference/inferencetest"
)

// built makes a shared library of a few lines of C.
func built(t *testing.T, source string, flags ...string) string {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "libonnxruntime.so.1")
	if err := os.WriteFile(filepath.Join(dir, "a.c"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	gcc := exec.Command("gcc", append([]string{"-shared", "-fPIC", "-o", path, filepath.Join(dir, "a.c")}, flags...)...)
	if out, err := gcc.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}

func written(t *testing.T, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "libonnxruntime.so.1")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// foreign is a library for another machine.
func foreign(library []byte) []byte {
	data := bytes.Clone(library)
	data[18] ^= 0xFF // e_machine
	return data
}

// gap is a library whose last segment is said to reach beyond the file.
func gap(library []byte) []byte {
	data := bytes.Clone(library)
	const size = 56 // of a program header
	table, count := binary.LittleEndian.Uint64(data[32:]), int(binary.LittleEndian.Uint16(data[56:]))
	for i := range count {
		header := data[table+uint64(i)*size:]
		if binary.LittleEndian.Uint32(header) == uint32(elf.PT_LOAD) {
			binary.LittleEndian.PutUint64(header[32:], uint64(len(data))+1)
		}
	}
	return data
}

// Whatever lies where the library should, Start says so in a sentence that names it, and the right one can be started after it.
func TestWrongLibraries(t *testing.T) {
	right := inferencetest.Library(t)
	whole, err := os.ReadFile(right)
	if err != nil {
		t.Fatal(err)
	}
	old := filepath.Join(t.TempDir(), "old.map")
	if err := os.WriteFile(old, []byte("VERS_1.20.1 { global: OrtGetApiBase; };"), 0o600); err != nil {
		t.Fatal(err)
	}
	const base = `#include <stddef.h>
		static const void *api(unsigned version) { (void) version; return NULL; }
		static const char *version(void) { return "1.20.1"; }
		static const struct { const void *(*a)(unsigned); const char *(*v)(void); } base = { api, version };
		const void *OrtGetApiBase(void) { return &base; }`
	for name, test := range map[string]struct{ path, says string }{
		"missing":            {"/nonexistent/libonnxruntime.so.1", "no such file"},
		"a folder":           {t.TempDir(), "not a file"},
		"empty":              {written(t, nil), "not a whole shared library"},
		"text":               {written(t, []byte("see https://onnxruntime.ai\n")), "not a whole shared library"},
		"cut short":          {written(t, whole[:len(whole)-len(whole)/3]), "not a whole shared library"},
		"cut, sections kept": {written(t, gap(whole)), "not a whole shared library"},
		"another machine's":  {written(t, foreign(whole)), "not a shared library for"},
		"another library":    {built(t, `int something(void) { return 1; }`), "not ONNX Runtime"},
		"one that is needed": {built(t, `extern int OrtGetApiBase(void); int f(void) { return OrtGetApiBase(); }`), "not ONNX Runtime"},
		"old":                {built(t, base, "-Wl,--version-script="+old), "version 1.20.1, and 1.24 or newer is needed"},
		"old, unversioned":   {built(t, base), "1.24 or newer is needed"},
		"without a base":     {built(t, `const void *OrtGetApiBase(void) { return 0; }`), "needed"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := inference.Start(inference.Config{Library: test.path})
			if !errors.Is(err, inference.ErrLibrary) || r != nil {
				t.Fatalf("Start says %v, want ErrLibrary", err)
			}
			if text := err.Error(); !strings.Contains(text, test.says) || !strings.Contains(text, test.path) || strings.Contains(text, "\n") {
				t.Errorf("Start says %q, want a line with %q and the path", text, test.says)
			}
		})
	}
	r := inferencetest.Start(t, inference.Config{Library: right})
	if !strings.HasPrefix(r.Version(), "1.") || r.Library() != right {
		t.Errorf("version %q of %q, want 1.… of %q", r.Version(), r.Library(), right)
	}
	if _, err := inference.Start(inference.Config{Library: right}); err == nil {
		t.Error("a second Runtime starts beside the first")
	}
}

// slab.c has the places of seven functions in ONNX Runtime's table. The header that onnxruntime_go brings along has them all.
func TestPlaces(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/yalue/onnxruntime_go").Output()
	if err != nil {
		t.Fatal(err)
	}
	header, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "onnxruntime_c_api.h"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(header, []byte("\n#define ORT_API_VERSION 24")) {
		t.Error("onnxruntime_go is of another API version than slab.c and library.go")
	}
	_, table, found := bytes.Cut(header, []byte("\nstruct OrtApi {\n"))
	if !found {
		t.Fatal("the header has no OrtApi")
	}
	table, _, _ = bytes.Cut(table, []byte("\n};\n"))
	table = regexp.MustCompile(`(?s)/\*.*?\*/|//[^\n]*`).ReplaceAll(table, nil)
	member := regexp.MustCompile(`ORT_API2_STATUS\((\w+)|\(ORT_API_CALL\s*\*\s*(\w+)\)|ORT_CLASS_RELEASE\((\w+)\)`)
	places := map[string]int{}
	for i, m := range member.FindAllSubmatch(table, -1) {
		name := string(m[1]) + string(m[2])
		if len(m[3]) > 0 {
			name = "Release" + string(m[3])
		}
		places[name] = i
	}
	for _, name := range []string{"CreateEnv", "CreateCpuMemoryInfo", "ReleaseEnv", "ReleaseStatus", "ReleaseMemoryInfo", "RegisterAllocator", "UnregisterAllocator"} {
		if want, known := places[name]; !known || inference.Place(name) != want {
			t.Errorf("slab.c has %s at %d, the header at %s", name, inference.Place(name), strconv.Itoa(want))
		}
	}
}
