package vips

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestManyAtOnce: bimg crashed in its save path under two clients. Here eight work on every format at once.
func TestManyAtOnce(t *testing.T) {
	sources := files(t, corners(160, 120))
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for round := range 6 {
				for from, data := range sources {
					to := JPEG + Format((round+i)%3) // AVIF takes too long to be written here
					if err := convert(data, to); err != nil {
						t.Errorf("%s to %s: %v", from, to, err)
					}
				}
				_ = convert([]byte("RIFF\x10\x00\x00\x00WEBPVP8 nothing"), PNG)
			}
		})
	}
	wg.Wait()
}

// convert is a small job that uses most steps.
func convert(data []byte, to Format) error {
	img, err := Load(data, LoadConfig{MaxPixels: 1 << 20})
	if err != nil {
		return err
	}
	defer img.Close()
	for _, step := range []func() error{
		img.ToDisplay, func() error { return img.ResizeTo(40, 30) }, img.AutoRotate, func() error { return img.Rotate(90) },
		func() error { return img.Crop(2, 2, 24, 30) }, func() error { return img.Embed(3, 3, 32, 40, White) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	b, err := img.Encode(EncodeConfig{Format: to, StripMetadata: true})
	if err != nil {
		return err
	}
	b.Close()
	return nil
}

// TestNoGrowth: ten thousand broken pictures leave nothing behind, in libvips, in the C heap or in open files.
func TestNoGrowth(t *testing.T) {
	rounds := 10_000
	if testing.Short() {
		rounds = 1_500
	}
	bad := broken(t)
	run := func(n int) {
		for i := range n {
			_ = convert(bad[i%len(bad)], PNG)
		}
		runtime.GC()
		Trim()
	}
	run(1000)
	memory, resident, open := MemoryStats(), rss(t), descriptors(t)
	run(rounds)
	if now := MemoryStats(); now.Buffers > memory.Buffers || now.Bytes > memory.Bytes || now.Files != 0 {
		t.Errorf("after %d broken pictures libvips holds %+v, before it held %+v", rounds, now, memory)
	}
	if now := rss(t); now > resident+8<<20 {
		t.Errorf("after %d broken pictures %d KB are resident, before there were %d", rounds, now>>10, resident>>10)
	}
	if now := descriptors(t); now > open {
		t.Errorf("after %d broken pictures %d files are open, before there were %d", rounds, now, open)
	}
}

// rss is the resident memory of this process.
func rss(t *testing.T) int {
	t.Helper()
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip("no /proc here")
	}
	var size, resident int
	if _, err := fmt.Sscan(string(statm), &size, &resident); err != nil {
		t.Fatal(err)
	}
	return resident * os.Getpagesize()
}

func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("no /proc here")
	}
	return len(entries)
}

// TestLeakIsCaught: an image and a buffer that nobody closed are given back all the same.
func TestLeakIsCaught(t *testing.T) {
	before := MemoryStats().Buffers
	for range 20 {
		img, err := FromPixels(noise(64, 64, 3), 64, 64, 3)
		if err != nil {
			t.Fatal(err)
		}
		if err := img.Rotate(90); err != nil {
			t.Fatal(err)
		}
		if err := img.CopyMemory(); err != nil {
			t.Fatal(err)
		}
		file, err := img.Encode(EncodeConfig{Format: PNG})
		if err != nil {
			t.Fatal(err)
		}
		lazy, err := Load(bytes.Clone(file.Bytes()), LoadConfig{})
		if err != nil {
			t.Fatal(err)
		}
		_ = lazy
	}
	if held := MemoryStats().Buffers; held <= before {
		t.Fatalf("twenty forgotten images hold %d buffers, and %d were held before them: the test tests nothing", held, before)
	}
	deadline := time.Now().Add(10 * time.Second)
	for MemoryStats().Buffers > before && time.Now().Before(deadline) {
		runtime.GC() // cleanups run some time after it
		runtime.Gosched()
	}
	if held := MemoryStats().Buffers; held > before {
		t.Errorf("%d buffers are held after the collector ran, want %d", held, before)
	}
}

// TestNothingOnDisk: libvips moves large pictures to a file; ours stay in memory whatever their size.
func TestNothingOnDisk(t *testing.T) {
	if got := discThreshold(); got < 1<<45 {
		t.Fatalf("from %d bytes on libvips would use a file", got)
	}
	// 108 MB of pixels, over the 100 MB from which it does so by default.
	img := fromPixels(t, make([]byte, 3*6000*2000), 6000, 2000, 3)
	png, err := img.Encode(EncodeConfig{Format: PNG, Compression: 1})
	img.Close()
	if err != nil {
		t.Fatal(err)
	}
	defer png.Close()
	lazy, err := Load(png.Bytes(), LoadConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer lazy.Close()
	if err := lazy.Embed(0, 0, 6000, 6100, White); err != nil {
		t.Fatal(err)
	}
	if err := lazy.Rotate(90); err != nil {
		t.Fatal(err)
	}
	if err := lazy.CopyMemory(); err != nil {
		t.Fatal(err)
	}
	if files := MemoryStats().Files; files != 0 {
		t.Errorf("libvips has %d files open", files)
	}
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("no /proc here")
	}
	for _, e := range entries {
		if to, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && strings.Contains(to, "vips") {
			t.Errorf("a descriptor leads to %s", to)
		}
	}
}

// TestNothingLoaded: code that we never call is not in the process for anybody else to call.
func TestNothingLoaded(t *testing.T) {
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Skip("no /proc here")
	}
	for _, library := range []string{"libMagick", "libopenslide", "libpoppler", "libjxl", "vips-magick", "vips-poppler"} {
		if bytes.Contains(maps, []byte(library)) {
			t.Errorf("%s is loaded", library)
		}
	}
}

// TestInterrupt: decoding ends when it is told to, with an error that says so, and telling an image that is closed does
// no harm.
func TestInterrupt(t *testing.T) {
	img := fromPixels(t, make([]byte, 3*4000*3000), 4000, 3000, 3)
	file, err := img.Encode(EncodeConfig{Format: PNG, Compression: 1})
	img.Close()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for name, work := range map[string]func(*Image) error{
		"CopyMemory": (*Image).CopyMemory,
		"ResizeTo":   func(img *Image) error { return img.ResizeTo(300, 200) },
		"Resample":   func(img *Image) error { return img.Resample([6]float64{.1, 0, 0, 0, .1, 0}, 400, 300, White) },
		"Encode":     func(img *Image) error { _, err := img.Encode(EncodeConfig{Format: JPEG}); return err },
	} {
		lazy, err := Load(file.Bytes(), LoadConfig{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		done := make(chan struct{})
		stopped := lazy.Interrupter()
		context.AfterFunc(ctx, func() { stopped(); close(done) })
		<-done
		if err := work(lazy); !errors.Is(err, ErrInterrupted) {
			t.Errorf("%s: %v, want %v", name, err, ErrInterrupted)
		}
		lazy.Close()
		stopped()
	}
}

// TestNothingReadable: after the work is done and its owner has closed everything, no copy of the file, of the pixels or
// of the result can be found in the memory that C has.
func TestNothingReadable(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector replaces the allocator")
	}
	// Random marks: found in memory, they can only be ours. They are kept turned over, so that this copy is not found.
	turnedMark := make([]byte, 48)
	if _, err := rand.Read(turnedMark); err != nil {
		t.Fatal(err)
	}
	const width, height = 640, 480 // more than a page, and less than what the heap gives back to the kernel at once
	job := func() (turned [][]byte) {
		pix := make([]byte, 3*width*height)
		for i := range pix {
			pix[i] = byte(i*7 + i/width)
		}
		for y := 0; y < height; y += 40 {
			for i, b := range turnedMark {
				pix[3*y*width+300+i] = b ^ 0xFF
			}
		}
		img, err := FromPixels(pix, width, height, 3)
		if err != nil {
			t.Fatal(err)
		}
		png, err := img.Encode(EncodeConfig{Format: PNG, StripMetadata: true})
		img.Close()
		clear(pix)
		if err != nil {
			t.Fatal(err)
		}
		source := bytes.Clone(png.Bytes())
		turned = append(turned, turnedMark, turn(source[len(source)/2:][:48]))
		png.Close()
		for range 3 {
			lazy, err := Load(source, LoadConfig{})
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(lazy.ToSRGB(), lazy.Rotate(180), lazy.CopyMemory(), lazy.Rotate(180)); err != nil {
				t.Fatal(err)
			}
			out, err := lazy.Encode(EncodeConfig{Format: JPEG, StripMetadata: true})
			if err != nil {
				t.Fatal(err)
			}
			turned = append(turned[:2], turn(out.Bytes()[out.Len()/2:][:48]))
			out.Close()
			lazy.Close()
		}
		clear(source)
		return turned
	}
	marks := job()
	for i, found := range scan(t, marks) {
		if found != 0 {
			t.Errorf("%d copies of the %s are readable", found, [...]string{"pixels", "file", "result"}[i])
		}
	}
}

func turn(b []byte) []byte {
	out := bytes.Clone(b)
	for i := range out {
		out[i] ^= 0xFF
	}
	return out
}

// scan counts how often each mark, given turned over, is found in the writable memory of this process.
func scan(t *testing.T, turned [][]byte) []int {
	t.Helper()
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Skip("no /proc here")
	}
	mem, err := os.Open("/proc/self/mem")
	if err != nil {
		t.Skip("memory cannot be read here")
	}
	defer mem.Close()
	found := make([]int, len(turned))
	const window = 1 << 20
	buf := make([]byte, window+48)
	for line := range strings.Lines(string(maps)) {
		var from, to uint64
		var rights string
		if _, err := fmt.Sscanf(line, "%x-%x %s", &from, &to, &rights); err != nil || !strings.HasPrefix(rights, "rw") {
			continue
		}
		for at := from; at < to; at += window {
			clear(buf) // it is part of what is read, and must not be taken for more
			n, err := mem.ReadAt(buf[:min(uint64(len(buf)), to-at)], int64(at))
			if err != nil && !errors.Is(err, io.EOF) && n == 0 {
				continue // guard pages and the like
			}
			for i := range buf[:n] {
				buf[i] ^= 0xFF // now it is turned over too, and is not found when its own turn comes
			}
			for i, m := range turned {
				for rest := buf[:n]; ; {
					at := bytes.Index(rest, m)
					if at < 0 {
						break
					}
					found[i]++
					t.Logf("%d is found in %s", i, strings.TrimSpace(line))
					rest = rest[at+1:]
				}
			}
		}
	}
	clear(buf)
	return found
}
