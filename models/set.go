package models

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// ErrDigest is wrapped by Open's error where a file is not the one that its manifest describes.
var ErrDigest = errors.New("not the file that the manifest describes")

// MaxManifest is how many bytes a manifest may have.
const MaxManifest = 1 << 20

// A Set is the nets of a node with their files, at most one for each task.
type Set struct {
	nets []entry
}

type entry struct {
	model Model
	data  []byte
	from  string
}

// Open gathers this build's own nets and, if dir is not empty, those of dir/manifest.json with the files beside it; one of
// dir's takes the place of ours for its task. Every file is read once and checked for size and digest, so what a Set hands
// out is what its manifest describes. The error wraps ErrManifest (the manifest is missing or wrong), ErrDigest (a file is not
// the one described) or what the system says, fs.ErrNotExist among it, and names the file.
func Open(dir string) (*Set, error) {
	s := &Set{}
	for _, m := range Embedded().Models {
		data, err := nets.ReadFile(m.File)
		if err == nil {
			err = m.Verify(data)
		}
		if err != nil {
			return nil, fmt.Errorf("the embedded %s: %w", m.File, err)
		}
		s.nets = append(s.nets, entry{m, data, Built})
	}
	if dir == "" {
		return s, nil
	}
	manifest, err := ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	for _, m := range manifest.Models {
		path := filepath.Join(dir, m.File)
		data, err := m.Read(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if i := slices.IndexFunc(s.nets, func(e entry) bool { return e.model.Task == m.Task }); i >= 0 {
			s.nets[i] = entry{m, data, path}
		} else {
			s.nets = append(s.nets, entry{m, data, path})
		}
	}
	names := map[string]Task{} // a receipt that names a net must mean one
	for _, e := range s.nets {
		if other, taken := names[e.model.Name]; taken {
			return nil, fmt.Errorf("%w: %s: the name %q would be that of two nets, for %s and for %s", ErrManifest, dir, e.model.Name, other, e.model.Task)
		}
		names[e.model.Name] = e.model.Task
	}
	return s, nil
}

// Built is where From says that a net of this build is from.
const Built = "built in"

// For is the net for a task and its file, which the caller must not change; false if the set has none.
func (s *Set) For(t Task) (Model, []byte, bool) {
	for _, e := range s.nets {
		if e.model.Task == t {
			return e.model, e.data, true
		}
	}
	return Model{}, nil, false
}

// All are the nets of the set, ours first.
func (s *Set) All() []Model {
	all := make([]Model, len(s.nets))
	for i, e := range s.nets {
		all[i] = e.model
	}
	return all
}

// From is where the net for a task was read: Built, or a path. It is empty if the set has none.
func (s *Set) From(t Task) string {
	for _, e := range s.nets {
		if e.model.Task == t {
			return e.from
		}
	}
	return ""
}

// ReadManifest reads dir/manifest.json, of a megabyte at most. Its error wraps ErrManifest.
func ReadManifest(dir string) (Manifest, error) {
	path := filepath.Join(dir, "manifest.json")
	data, err := read(path, MaxManifest)
	if err != nil {
		return Manifest{}, fmt.Errorf("%w: %s: %w", ErrManifest, path, err)
	}
	m, err := Parse(data)
	if err != nil {
		return Manifest{}, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// Read reads the net's file from path and verifies it. No more is read than the manifest says the file has.
func (m Model) Read(path string) ([]byte, error) {
	data, err := read(path, m.Bytes)
	if errors.Is(err, errLarge) {
		return nil, fmt.Errorf("%w: %w", ErrDigest, err)
	} else if err != nil {
		return nil, err
	}
	if err := m.Verify(data); err != nil {
		return nil, err
	}
	return data, nil
}

// Verify tells whether data is the file that m describes; the error wraps ErrDigest.
func (m Model) Verify(data []byte) error {
	if int64(len(data)) != m.Bytes {
		return fmt.Errorf("%w: it has %d bytes instead of %d", ErrDigest, len(data), m.Bytes)
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != m.SHA256 {
		return fmt.Errorf("%w: its SHA-256 is %x instead of %s", ErrDigest, sum, m.SHA256)
	}
	return nil
}

var errLarge = errors.New("the file is too large")

// read reads a file of limit bytes at most. What is no file (a pipe, on which reading would wait) is not opened.
func read(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, errors.Unwrap(err) // the caller names the path
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: not a regular file", fs.ErrInvalid)
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("%w: %d bytes instead of %d at most", errLarge, info.Size(), limit)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, errors.Unwrap(err)
	}
	defer f.Close()
	data := make([]byte, info.Size())
	n, err := io.ReadFull(f, data)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	return data[:n], nil // one that grows meanwhile is cut, and its digest tells
}
