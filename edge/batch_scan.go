package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/professionalaistudio/studio/edge/vips"
)

// leftOut counts what is in the folder and not read, since somebody may have meant it to be.
type leftOut struct{ others, links, folders int }

// String is "3 files that are no pictures, 1 link"; nothing of nothing.
func (l leftOut) String() string {
	var parts []string
	if l.others > 0 {
		parts = append(parts, count(l.others, "file")+" by content no picture")
	}
	if l.links > 0 {
		parts = append(parts, count(l.links, "link"))
	}
	if l.folders > 0 {
		parts = append(parts, count(l.folders, "folder")+" (-recursive reads them)")
	}
	return strings.Join(parts, ", ")
}

// scan lists the pictures of the folder, by their first bytes and not by their names, in the order of their names. What is hidden is passed
// over, and no link is followed. What cannot be read is listed with the reason, for a picture may be missing there.
func (b *batch) scan() error {
	skip := b.ownFolder()
	return fs.WalkDir(b.from.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case name == ".":
			return reasonOf(b.dir, err)
		case strings.HasPrefix(path.Base(name), "."):
			return skipDir(entry)
		case err != nil:
			b.items = append(b.items, &item{name: name, err: unreadable(err)})
			return skipDir(entry)
		case entry.IsDir():
			info, err := entry.Info()
			if err == nil && skip != nil && os.SameFile(info, skip) {
				return fs.SkipDir
			}
			if !b.recursive {
				b.left.folders++
				return fs.SkipDir
			}
			return nil
		case entry.Type()&fs.ModeSymlink != 0:
			b.left.links++
			return nil
		case !entry.Type().IsRegular():
			b.left.others++
			return nil
		}
		known, err := b.sniff(name)
		switch {
		case err != nil:
			b.items = append(b.items, &item{name: name, err: err})
		case known:
			b.items = append(b.items, &item{name: name})
		default:
			b.left.others++
		}
		return nil
	})
}

func skipDir(entry fs.DirEntry) error {
	if entry != nil && entry.IsDir() {
		return fs.SkipDir
	}
	return nil
}

// sniff says whether a file begins as a picture does. HEIC does, though it is not decoded: whoever has such photos is told so.
func (b *batch) sniff(name string) (bool, error) {
	f, err := b.open(name)
	if err != nil {
		return false, err
	}
	defer f.Close()
	head := make([]byte, 256) // as far as vips.Sniff looks
	defer clear(head)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, unreadable(err)
	}
	return vips.Sniff(head[:n]) != vips.Unknown, nil
}

// open opens a picture for reading: a plain file inside the folder, even if somebody puts something else in its place meanwhile. os.Root
// keeps to the folder, but follows links inside of it; and a pipe must not be waited for.
func (b *batch) open(name string) (*os.File, error) {
	f, err := b.from.OpenFile(filepath.FromSlash(name), os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, unreadable(err)
	}
	info, err := f.Stat()
	entry, gone := b.from.Lstat(filepath.FromSlash(name))
	if err != nil || gone != nil || !info.Mode().IsRegular() || !os.SameFile(info, entry) {
		f.Close()
		return nil, unreadable(errors.New("it is no plain file"))
	}
	return f, nil
}

// What keeps a file from being a picture in memory.
var (
	errTooManyBytes = errors.New("the file has too many bytes")
	errUnreadable   = errors.New("the file cannot be read")
)

func unreadable(err error) error { return fmt.Errorf("%w: %w", errUnreadable, reason(err)) }

// read takes a picture into memory when its turn has come, into room if there is enough of it.
func (b *batch) read(name string, room []byte) ([]byte, error) {
	f, err := b.open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, unreadable(err)
	}
	if info.Size() > b.maxBytes {
		return nil, fmt.Errorf("%w: %d, more than EDGE_MAX_BYTES", errTooManyBytes, info.Size())
	}
	size := int(info.Size()) + 1
	if cap(room) < size {
		room = make([]byte, size)
	}
	data := room[:size]
	n, err := io.ReadFull(f, data)
	if n == len(data) || err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		clear(data)
		if err == nil {
			err = errors.New("it grows while it is read")
		}
		return nil, unreadable(err)
	}
	return data[:n], nil
}

// reason is what an error of the file system says without the operation and the path, which stand elsewhere.
func reason(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

func reasonOf(path string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", path, reason(err))
}
