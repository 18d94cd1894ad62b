package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// put writes a photo so that its name is never that of half a file: it is written under another name, for its owner's eyes alone, and gets
// its own when it is whole. Without replace, a file that has come to be there meanwhile stays (fs.ErrExist).
func (b *batch) put(name string, data []byte, replace bool) (err error) {
	name = filepath.FromSlash(name)
	dir := filepath.Dir(name)
	if dir != "." {
		if err := b.to.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	f, temp, err := b.unfinished(dir)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = b.to.Remove(temp)
		}
	}()
	_, err = f.Write(data)
	if err == nil {
		if err = f.Chmod(b.mode); errors.Is(err, unix.EPERM) || errors.Is(err, errors.ErrUnsupported) {
			err = nil // a disk without such, as a camera's card
		}
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if replace {
		return b.to.Rename(temp, name)
	}
	switch err := b.to.Link(temp, name); {
	case err == nil:
		_ = b.to.Remove(temp)
		return nil
	case errors.Is(err, fs.ErrExist):
		return err
	}
	if _, err := b.to.Lstat(name); err == nil { // a disk without hard links
		return &fs.PathError{Op: "link", Path: name, Err: fs.ErrExist}
	}
	return b.to.Rename(temp, name)
}

// unfinished makes a file for a photo that is being written: hidden, and its owner's.
func (b *batch) unfinished(dir string) (*os.File, string, error) {
	name := filepath.Join(dir, ".edge-"+rand.Text())
	f, err := b.to.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	return f, name, err
}

// fullDisk says that an error of put is not of one file: whatever comes next would fail as well.
func fullDisk(err error) bool {
	for _, fatal := range []error{unix.ENOSPC, unix.EDQUOT, unix.EROFS, unix.EIO} {
		if errors.Is(err, fatal) {
			return true
		}
	}
	return false
}

// withEnding gives the file its real ending, should the pipeline have made another format than was planned.
func withEnding(made, mime string) string {
	if ext := path.Ext(made); ext != ending(mime) {
		return made[:len(made)-len(ext)] + ending(mime)
	}
	return made
}

// errNotWritten is what an error of put is.
var errNotWritten = errors.New("the photo cannot be written")

func unwritten(path string, err error) error {
	return fmt.Errorf("%w to %s: %w", errNotWritten, path, reason(err))
}
