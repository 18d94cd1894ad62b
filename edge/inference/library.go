package inference

import (
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// libraryName is what ONNX Runtime calls itself, and what `make build` puts beside the program.
const libraryName = "libonnxruntime.so.1"

// oldest is the first minor version of ONNX Runtime 1 that has the C API which onnxruntime_go asks for.
const oldest = 24

// find says what is to be loaded: the file that was asked for, the one beside the program, or a name for the system's loader.
// A file is looked at first, since the loader does not survive one that was cut short.
func find(library string) (string, error) {
	if library == "" {
		program, err := os.Executable()
		if err != nil {
			return libraryName, nil
		}
		beside := filepath.Join(filepath.Dir(program), libraryName)
		if _, err := os.Stat(beside); err != nil {
			return libraryName, nil
		}
		library = beside
	}
	library, err := filepath.Abs(library) // a name without a slash would be looked for elsewhere
	if err == nil {
		err = inspect(library)
	}
	if err != nil {
		return "", fmt.Errorf("%w: %s: %w", ErrLibrary, library, err)
	}
	return library, nil
}

var machines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

// inspect tells whether a file is a whole libonnxruntime for this machine, without running any of it.
func inspect(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err.(*os.PathError).Err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("not a file")
	}
	f, err := elf.Open(path)
	if err != nil {
		return fmt.Errorf("not a whole shared library")
	}
	defer f.Close()
	if machine, known := machines[runtime.GOARCH]; f.Type != elf.ET_DYN || known && f.Machine != machine {
		return fmt.Errorf("not a shared library for %s", runtime.GOARCH)
	}
	for _, p := range f.Progs {
		if end := p.Off + p.Filesz; end < p.Off || end > uint64(info.Size()) {
			return fmt.Errorf("not a whole shared library")
		}
	}
	symbols, err := f.DynamicSymbols()
	if err != nil {
		return fmt.Errorf("not a whole shared library")
	}
	for _, s := range symbols {
		if s.Name == "OrtGetApiBase" && s.Section != elf.SHN_UNDEF {
			return recent(s.Version)
		}
	}
	return fmt.Errorf("not ONNX Runtime")
}

// recent judges the version that the library's symbols have, "VERS_1.27.0". A build without one is judged when it is loaded.
func recent(symbol string) error {
	version, ok := strings.CutPrefix(symbol, "VERS_")
	parts := strings.Split(version, ".")
	if !ok || len(parts) < 2 {
		return nil
	}
	if minor, err := strconv.Atoi(parts[1]); err == nil && parts[0] == "1" && minor < oldest {
		return fmt.Errorf("version %s, and 1.%d or newer is needed", version, oldest)
	}
	return nil
}

// reason shortens what onnxruntime_go says when the library cannot be loaded.
func reason(err error) string {
	text := err.Error()
	if strings.Contains(text, "setting ORT API base") {
		return fmt.Sprintf("1.%d or newer is needed", oldest)
	}
	for _, before := range []string{"Platform-specific initialization failed: ", "Error loading ONNX shared library "} {
		text = strings.TrimPrefix(text, before)
	}
	return text
}
