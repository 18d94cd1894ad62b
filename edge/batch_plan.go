package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/professionalaistudio/studio/edge/wire"
)

// apart refuses an output folder that is the input folder, and one that is no folder.
func (b *batch) apart() error {
	if b.check {
		return nil
	}
	info, err := os.Stat(b.out)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("-o %s: %w", b.out, reason(err))
	case !info.IsDir():
		return fmt.Errorf("-o %s is no folder: name one, or a new one", b.out)
	}
	if in, err := b.from.Stat("."); err == nil && os.SameFile(in, info) {
		return fmt.Errorf("-o %s is the folder of the pictures: name another one", b.out)
	}
	return nil
}

// ownFolder is the output folder, which may lie in the input folder and is never read: nil where there is none yet.
func (b *batch) ownFolder() fs.FileInfo {
	if b.check {
		return nil
	}
	info, err := os.Stat(b.out)
	if err != nil {
		return nil
	}
	return info
}

// plan says where each photo goes, and refuses to write over anything unasked, and over a picture of the input at all.
func (b *batch) plan() error {
	format := b.request.Format
	if format == wire.FormatAuto { // as the pipeline decides
		format = wire.JPEG
		if s, ok := b.portraits.pack.Find(b.request.Document); ok && !s.MayBe("jpg") {
			format = wire.PNG
		}
	}
	nameOutputs(b.items, ending(format.MIME()))

	type file struct{ device, inode uint64 }
	same := func(info fs.FileInfo) file {
		stat := info.Sys().(*syscall.Stat_t)
		return file{uint64(stat.Dev), stat.Ino}
	}
	inputs := map[file]string{}
	for _, it := range b.items {
		if info, err := b.from.Lstat(filepath.FromSlash(it.name)); err == nil {
			inputs[same(info)] = it.name
		}
	}
	var exist []string
	for _, it := range b.items {
		path := b.path(it)
		info, err := os.Lstat(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("-o: %w", err)
		}
		switch name, ours := inputs[same(info)]; {
		case ours:
			return fmt.Errorf("the photo of %s would be written over the picture %s: name another folder with -o", b.shown(it.name), b.shown(name))
		case info.IsDir():
			return fmt.Errorf("%s is a folder, where the photo of %s is to be written: name another folder with -o", path, b.shown(it.name))
		}
		it.exist = true
		exist = append(exist, path)
	}
	if len(exist) > 0 && !b.skip && !b.overwrite {
		more := "is"
		if len(exist) > 1 {
			more = fmt.Sprintf("and %d more are", len(exist)-1)
		}
		return fmt.Errorf("%s %s there already: -skip leaves such and makes the others, -overwrite writes over them", printable(exist[0]), more)
	}
	return nil
}

// path is where a photo goes, as a person would write it.
func (b *batch) path(it *item) string { return filepath.Join(b.out, filepath.FromSlash(it.made)) }

// shown is the path of an input, for people.
func (b *batch) shown(name string) string { return printable(b.file(name)) }

// file is the same for a program.
func (b *batch) file(name string) string { return filepath.Join(b.dir, filepath.FromSlash(name)) }

// nameOutputs names each photo after its picture, with the ending of its own format. Where two pictures differ in nothing but the ending
// (or in upper and lower case, which some disks do not tell apart), both keep it in the name: IMG-jpg.jpg and IMG-png.jpg. So a name
// depends on what is in the folder and not on the order of it.
func nameOutputs(items []*item, ending string) {
	alike := map[string]int{}
	for _, it := range items {
		alike[strings.ToLower(stem(it.name))]++
	}
	taken := map[string]bool{}
	take := func(it *item, name string) {
		made := name + ending
		for n := 2; taken[strings.ToLower(made)]; n++ {
			made = name + "-" + strconv.Itoa(n) + ending
		}
		taken[strings.ToLower(made)] = true
		it.made = made
	}
	for _, it := range items {
		if alike[strings.ToLower(stem(it.name))] == 1 {
			take(it, stem(it.name))
		}
	}
	for _, it := range items {
		if it.made != "" {
			continue
		}
		name := stem(it.name)
		if ext := strings.TrimPrefix(it.name, name+"."); ext != it.name {
			name += "-" + ext
		}
		take(it, name)
	}
}

// stem is a name without the ending of a picture. "Anna, 3.5 years" has none.
func stem(name string) string {
	ext := path.Ext(name)
	if slices.Contains([]string{".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".avif", ".gif", ".tif", ".tiff", ".heic", ".heif", ".bmp"}, strings.ToLower(ext)) {
		return strings.TrimSuffix(name, ext)
	}
	return name
}

// ending is that of a file's name, by its media type.
func ending(mime string) string {
	switch mime {
	case wire.PNG.MIME():
		return ".png"
	case wire.JPEG.MIME():
		return ".jpg"
	}
	return "." + path.Base(mime) // application/pdf
}

// openOut makes the output folder.
func (b *batch) openOut() (err error) {
	old := unix.Umask(0)
	unix.Umask(old)
	b.mode = 0o644 &^ os.FileMode(old)
	if err := os.MkdirAll(b.out, 0o755); err != nil {
		return fmt.Errorf("-o: %w", err)
	}
	if b.to, err = os.OpenRoot(b.out); err != nil {
		return fmt.Errorf("-o: %w", err)
	}
	return nil
}
