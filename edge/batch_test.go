package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/professionalaistudio/studio/edge/inference/inferencetest"
	"github.com/professionalaistudio/studio/edge/portrait"
)

// A photo is named after its picture, whatever else is in the folder is not in the way, and no two have one name.
func TestOutputNames(t *testing.T) {
	for name, test := range map[string]struct{ in, out string }{
		"the ending is the photo's":       {"a.jpg b.PNG c.jpeg", "a.jpg b.jpg c.jpg"},
		"no ending, or none of a picture": {"a b.5 c.tar", "a.jpg b.5.jpg c.tar.jpg"},
		"alike but for the ending":        {"a.jpg a.png", "a-jpg.jpg a-png.jpg"},
		"and without one":                 {"a a.png", "a.jpg a-png.jpg"},
		"alike but for the case":          {"A.jpg a.png", "A-jpg.jpg a-png.jpg"},
		"alike in every way but the case": {"A.jpg a.JPG", "A-jpg.jpg a-JPG-2.jpg"},
		"in folders of their own":         {"a.jpg x/a.jpg x/a.png y.z/a", "a.jpg x/a-jpg.jpg x/a-png.jpg y.z/a.jpg"},
		"a name that another one makes":   {"a-png.webp a.jpg a.png", "a-png.jpg a-jpg.jpg a-png-2.jpg"},
	} {
		t.Run(name, func(t *testing.T) {
			var items, reversed []*item
			for in := range strings.FieldsSeq(test.in) {
				items = append(items, &item{name: in})
				reversed = append([]*item{{name: in}}, reversed...)
			}
			nameOutputs(items, ".jpg")
			var made []string
			for _, it := range items {
				made = append(made, it.made)
			}
			if got := strings.Join(made, " "); got != test.out {
				t.Errorf("%s become %s, want %s", test.in, got, test.out)
			}
		})
	}
}

// What is written is whole or not there, for its owner alone until it is, and takes no other file's place unasked.
func TestPut(t *testing.T) {
	dir := t.TempDir()
	to, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	b := &batch{to: to, mode: 0o640}
	read := func(name string) string {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	if err := b.put("sub/deep/a.jpg", []byte("one"), false); err != nil || read("sub/deep/a.jpg") != "one" {
		t.Errorf("a photo in a new folder: %v", err)
	}
	if info, err := os.Stat(dir + "/sub/deep/a.jpg"); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("its mode is %v, want 0640: %v", info.Mode(), err)
	}
	if err := b.put("sub/deep/a.jpg", []byte("two"), false); !errors.Is(err, fs.ErrExist) || read("sub/deep/a.jpg") != "one" {
		t.Errorf("over another one: %v, and it is %q", err, read("sub/deep/a.jpg"))
	}
	if err := b.put("sub/deep/a.jpg", []byte("two"), true); err != nil || read("sub/deep/a.jpg") != "two" {
		t.Errorf("over another one, as asked: %v, and it is %q", err, read("sub/deep/a.jpg"))
	}
	if err := b.put("../out.jpg", []byte("x"), true); err == nil {
		t.Error("a photo is written outside of the folder")
	}
	if err := b.put("sub", []byte("x"), true); err == nil {
		t.Error("a photo takes the place of a folder")
	}
	filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if strings.HasPrefix(entry.Name(), ".") {
			t.Errorf("%s is left over", path)
		}
		return err
	})
	f, name, err := b.unfinished("sub")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || info.Mode().Perm() != 0o600 || !strings.HasPrefix(name, "sub/.") {
		t.Errorf("half a photo is %s with the mode %v: %v", name, info.Mode(), err)
	}
	if fullDisk(unwritten("a.jpg", &fs.PathError{Op: "write", Path: "x", Err: unix.ENOSPC})) != true || fullDisk(unwritten("a.jpg", unix.EISDIR)) {
		t.Error("a full disk ends a batch, and a folder in the way does not")
	}
}

// Why a photo was not made has the API's word for it, whatever the reason.
func TestWordsOfABatch(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/large.jpg", make([]byte, 11), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc/passwd", dir+"/link.jpg"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("large.jpg", dir+"/inside.jpg"); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mkfifo(dir+"/pipe.jpg", 0o600); err != nil {
		t.Fatal(err)
	}
	from, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	b := &batch{dir: dir, from: from, maxBytes: 10}
	for want, err := range map[string]error{
		"no-face":          portrait.ErrNoFace,
		"two-faces":        portrait.ErrTwoFaces,
		"broken-image":     fmt.Errorf("decode: %w", portrait.ErrBroken),
		"cannot-fit":       &portrait.ErrCannotFit{Reason: "it is small", Advice: "Come closer."},
		"cancelled":        fmt.Errorf("%w by Ctrl-C", errStopped),
		"internal":         unwritten("out/a.jpg", unix.EISDIR),
		"too-large":        b.readError("large.jpg"),
		"head":             &portrait.HeadError{},
		"not-an-image":     portrait.ErrNotImage,
		"edit-barred":      portrait.ErrEditBarred,
		"malformed":        portrait.ErrPaper,
		"no-net":           portrait.ErrNoNet,
		"document-unknown": portrait.ErrDocumentUnknown,
	} {
		o := outcome{err: err}
		detail, _ := o.says()
		if o.word() != want || !strings.HasSuffix(detail, ".") || detail[0] < 'A' || detail[0] > 'Z' {
			t.Errorf("%v is %s, %q, want %s and a sentence", err, o.word(), detail, want)
		}
	}
	for _, name := range []string{"missing.jpg", "link.jpg", "inside.jpg", "pipe.jpg", "../passwd"} {
		if got := (outcome{err: b.readError(name)}).word(); got != "source-unreachable" {
			t.Errorf("%s is %s, want source-unreachable", name, got)
		}
	}
}

func (b *batch) readError(name string) error {
	data, err := b.read(name, nil)
	if err == nil {
		return fmt.Errorf("%d bytes were read of %s", len(data), name)
	}
	return err
}

// folder makes one of n pictures, links to one of the samples but for their names.
func folder(tb testing.TB, n int) string {
	tb.Helper()
	dir := tb.TempDir()
	data, err := os.ReadFile(portraitFile)
	if err != nil {
		tb.Fatal(err)
	}
	for i := range n {
		if err := os.WriteFile(fmt.Sprintf("%s/%04d.jpg", dir, i), data, 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}

func edgeProgram(tb testing.TB, args ...string) *exec.Cmd {
	cmd := exec.Command("edge", args...)
	cmd.Env = []string{"HOME=" + tb.TempDir(), "PATH=" + os.Getenv("PATH"), "EDGE_ONNXRUNTIME=" + inferencetest.Library(tb)}
	return cmd
}

// statusOf is how a program ended.
func statusOf(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	if err != nil {
		return -2
	}
	return 0
}

// wholePhotos reads the results, and counts the photos of a folder: each whole, and nothing else there.
func wholePhotos(t *testing.T, out string, results []byte) (lines, made int) {
	t.Helper()
	photos := map[string]bool{}
	for line := range bytes.Lines(results) {
		var r resultLine
		if err := json.Unmarshal(line, &r); err != nil {
			t.Errorf("%v: %s", err, line)
		}
		if lines++; r.Error == "" {
			made++
			photos[r.Output] = true
		}
	}
	entries, err := os.ReadDir(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		path := filepath.Join(out, entry.Name())
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !photos[path] || !bytes.HasSuffix(data, []byte{0xff, 0xd9}) {
			t.Errorf("%s is there, of %d bytes: it was not told of, or is half a file", entry.Name(), len(data))
		}
	}
	if len(entries) != made {
		t.Errorf("there are %d files, and %d photos were told of", len(entries), made)
	}
	return lines, made
}

// Ctrl-C ends a batch between two photos: what is written is whole, every photo that was begun is told of, and the summary says how many
// were not.
func TestCtrlC(t *testing.T) {
	for _, test := range []struct {
		name, says string
		signals    []syscall.Signal
	}{
		{"Ctrl-C", "Ctrl-C", []syscall.Signal{syscall.SIGINT}},
		{"SIGTERM", "SIGTERM", []syscall.Signal{syscall.SIGTERM}},
		{"Ctrl-C twice, which drops what is under way", "Ctrl-C", []syscall.Signal{syscall.SIGINT, syscall.SIGINT}},
	} {
		t.Run(test.name, func(t *testing.T) {
			const n = 400
			out := t.TempDir() + "/out"
			cmd := edgeProgram(t, "batch", folder(t, n), "-document", "in-visa", "-o", out, "-jobs", "2")
			stdout, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer cmd.Process.Kill()
			first := make([]byte, 1)
			if _, err := io.ReadFull(stdout, first); err != nil { // one is made
				t.Fatal(err, stderr.String())
			}
			asked := time.Now()
			for _, signal := range test.signals {
				cmd.Process.Signal(signal)
				time.Sleep(5 * time.Millisecond) // two of a kind at once are one
			}
			rest, err := io.ReadAll(stdout)
			if err != nil {
				t.Fatal(err)
			}
			status := statusOf(cmd.Wait())
			if took := time.Since(asked); took > 10*time.Second {
				t.Errorf("it stops after %s", took)
			}
			lines, made := wholePhotos(t, out, append(first, rest...))
			if lines == 0 || lines >= n/2 || made != lines && len(test.signals) == 1 {
				t.Errorf("%d of %d are told of and %d made: nothing that was begun is lost, and nothing more begun", lines, n, made)
			}
			if status != failing || !strings.Contains(stderr.String(), "edge: stopped by "+test.says) {
				t.Errorf("the status is %d, want %d, and it says:\n%s", status, failing, stderr.String())
			}
			if want := fmt.Sprintf("  not begun       %6d\n", n-lines); !strings.Contains(stderr.String(), want) {
				t.Errorf("the summary lacks %q:\n%s", want, stderr.String())
			}
		})
	}
}

// A reader that has seen enough ends a batch as well, and no half file is left.
func TestAReaderThatLeaves(t *testing.T) {
	out := t.TempDir() + "/out"
	cmd := edgeProgram(t, "batch", folder(t, 200), "-document", "in-visa", "-o", out)
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout = write
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	write.Close()
	if _, err := read.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	read.Close()
	if status := statusOf(cmd.Wait()); status != failing || !strings.Contains(stderr.String(), "edge: standard output: broken pipe") {
		t.Errorf("the status is %d, and it says:\n%s", status, stderr.String())
	}
	entries, err := os.ReadDir(out)
	if err != nil || len(entries) == 0 || len(entries) > 100 {
		t.Errorf("%d photos are there, of 200: %v", len(entries), err)
	}
	for _, entry := range entries {
		if data, err := os.ReadFile(filepath.Join(out, entry.Name())); err != nil || !bytes.HasSuffix(data, []byte{0xff, 0xd9}) {
			t.Errorf("%s is half a file of %d bytes: %v", entry.Name(), len(data), err)
		}
	}
}

// One file after another is in memory, and not the folder: with 4000 files of 4 MB, or with 40, the peak is the same.
func TestABatchReadsFilesWhenTheirTurnComes(t *testing.T) {
	peak := func(n int) int64 {
		dir := t.TempDir()
		sample, err := os.ReadFile(portraitFile)
		if err != nil {
			t.Fatal(err)
		}
		for i := range n { // half a picture, and a hole of 16 MB behind it
			path := fmt.Sprintf("%s/%d.jpg", dir, i)
			if err := errors.Join(os.WriteFile(path, sample[:9000], 0o600), os.Truncate(path, 16<<20)); err != nil {
				t.Fatal(err)
			}
		}
		cmd := edgeProgram(t, "batch", dir, "-document", "in-visa", "-o", dir+"/out", "-jobs", "2")
		if status := statusOf(cmd.Run()); status != notMade {
			t.Errorf("the status of %d halves of pictures is %d, want %d", n, status, notMade)
		}
		return cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss / 1024
	}
	few, many := peak(2), peak(40)
	if many > few+64 {
		t.Errorf("40 files of 16 MiB take %d MiB, and 2 take %d", many, few)
	}
}

// BenchmarkBatch is a folder by one program, and by a program for each file: files a second, and MiB at the peak.
func BenchmarkBatch(b *testing.B) {
	const n = 24
	run := func(b *testing.B, cmd *exec.Cmd) (peak int64) {
		b.Helper()
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		if err := cmd.Run(); err != nil {
			b.Fatal(err, stderr.String())
		}
		return cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss / 1024
	}
	report := func(b *testing.B, peak int64) {
		b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "files/s")
		b.ReportMetric(float64(peak), "peak-MiB")
	}
	for _, jobs := range slices.Compact([]int{1, runtime.GOMAXPROCS(0)}) {
		b.Run(fmt.Sprintf("batch/jobs=%d", jobs), func(b *testing.B) {
			dir, peak := folder(b, n), int64(0)
			for b.Loop() {
				peak = max(peak, run(b, edgeProgram(b, "batch", dir, "-document", "in-visa", "-o", b.TempDir()+"/out", "-jobs", fmt.Sprint(jobs))))
			}
			report(b, peak)
		})
	}
	b.Run("photo, one after another", func(b *testing.B) {
		dir, peak := folder(b, n), int64(0)
		for b.Loop() {
			out := b.TempDir()
			for i := range n {
				name := fmt.Sprintf("/%04d.jpg", i)
				peak = max(peak, run(b, edgeProgram(b, "photo", dir+name, "-document", "in-visa", "-o", out+name)))
			}
		}
		report(b, peak)
	})
}
