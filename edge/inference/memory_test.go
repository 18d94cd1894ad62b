package inference_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/professionalaistudio/studio/edge/inference"
	"github.com/professionalaistudio/studio/edge/inference/inferencetest"
	"github.com/professionalaistudio/studio/edge/vips"
	"github.com/professionalaistudio/studio/models"
)

// TestNothingStaysInMemory runs every net of this build, and two that hide nothing, on noise, closes nothing, and then looks through all memory of the
// process for any piece of the noise: as the floats that were given, as the bytes that a quantized net makes of them, plane by
// plane or pixel by pixel or as the patches of a convolution, and for any piece of what came out. The process is one of its
// own, started and set up as the program is (edge/memory.go, vips.Start).
func TestNothingStaysInMemory(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector replaces the allocator")
	}
	if os.Getenv("INFERENCE_MEMORY") == "" {
		for _, threads := range []string{"1", "2", "3"} {
			t.Run("threads="+threads, func(t *testing.T) {
				cmd := exec.Command(os.Args[0], "-test.run=^TestNothingStaysInMemory$", "-test.v")
				cmd.Env = append(os.Environ(), "INFERENCE_MEMORY="+threads, "GLIBC_TUNABLES=glibc.malloc.tcache_count=0", "LD_BIND_NOW=1",
					"GODEBUG=asyncpreemptoff=1", "EDGE_ONNXRUNTIME="+inferencetest.Library(t))
				out, err := cmd.CombinedOutput()
				if err != nil || !strings.Contains(string(out), "--- PASS") {
					t.Errorf("%v:\n%s", err, out)
				}
			})
		}
		return
	}
	threads, err := strconv.Atoi(os.Getenv("INFERENCE_MEMORY"))
	if err != nil {
		t.Fatal(err)
	}
	if err := vips.Start(vips.Config{}); err != nil {
		t.Fatal(err)
	}
	r := inferencetest.Start(t, inference.Config{Slots: 2, Wide: threads})
	set, err := models.Open("")
	if err != nil {
		t.Fatal(err)
	}
	var nets []*inference.Net
	for _, make := range []func() ([]byte, models.Model){packing, turned} {
		data, m := make()
		nets = append(nets, load(t, r, m, data))
	}
	for _, m := range set.All() {
		_, data, _ := set.For(m.Task)
		nets = append(nets, load(t, r, m, data))
	}
	for _, n := range nets {
		m := n.Model()
		pieces := newPieces()
		run := func(look bool) {
			err := n.Run(t.Context(), noise, func(out [][]float32) error {
				for _, values := range out {
					pieces.addFloats(values)
				}
				pieces.addNoise(m.Input)
				if look && len(pieces.scan(t)) == 0 {
					t.Errorf("%s: while a run is in progress nothing of it is found: the test tests nothing", m.Name)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		nothing := func(after string) {
			found := pieces.scan(t)
			for until := time.Now().Add(5 * time.Second); len(found) > 0 && time.Now().Before(until); { // the thread of the run may still be ending
				found = pieces.scan(t)
			}
			for where, count := range found {
				t.Errorf("%s: %d pieces of a picture or a result are in memory after %s, at %s", m.Name, count, after, where)
			}
		}
		before := inference.WideRuns(n)
		run(false)
		start := time.Now()
		run(false)
		whole := time.Since(start)
		run(true)
		nothing("the run")
		for _, share := range []time.Duration{8, 4, 2} {
			ctx, end := context.WithTimeout(t.Context(), whole/share)
			if err := n.Run(ctx, noise, func([][]float32) error { return nil }); err != nil && !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
			end()
		}
		nothing("runs that were ended")
		if got, want := inference.WideRuns(n)-before, 6*min(threads-1, 1); got != want {
			t.Errorf("%s: %d runs of 6 had several threads, want %d", m.Name, got, want)
		}
		runtime.KeepAlive(n)
	}
}

// noise is the same picture each time, and needs no copy of it.
func noise(in []byte) {
	source := rand.New(rand.NewPCG(1, 2))
	for i := range in {
		in[i] = byte(source.Uint32())
	}
}

// A piece is twelve bytes in a row, each turned over, so that it is never found itself. What is kept of it is a digest: were it the
// bytes, a scan would turn them back where it finds them.
type piece [12]byte

func (p *piece) set(i int, b byte) { p[i] = b ^ 0xFF }

func (p *piece) digest() uint64 {
	return digest(binary.LittleEndian.Uint64(p[:]), binary.LittleEndian.Uint32(p[8:]))
}

func digest(first uint64, last uint32) uint64 {
	h := first * 0x9E3779B97F4A7C15
	return (h ^ h>>32 ^ uint64(last)) * 0xD6E8FEB86659FD93
}

// hash takes the first four bytes to 22 bits.
func (p *piece) hash() uint32 { return hash(^binary.LittleEndian.Uint32(p[:])) }

func hash(first uint32) uint32 { return first * 0x9E3779B1 >> 10 }

// pieces are what is looked for. Floats lie at multiples of four.
type pieces struct {
	floats, bytes       map[uint64]bool // by digest
	fewFloats, fewBytes []uint64        // a bit for each value of a hash, to pass most of memory over quickly
}

func newPieces() *pieces {
	return &pieces{floats: map[uint64]bool{}, bytes: map[uint64]bool{}, fewFloats: make([]uint64, 1<<16), fewBytes: make([]uint64, 1<<16)}
}

func add(to map[uint64]bool, few []uint64, p piece) {
	h := p.hash()
	few[h/64] |= 1 << (h % 64)
	to[p.digest()] = true
}

// addFloats looks for every three values in a row that are unlike.
func (p *pieces) addFloats(values []float32) {
	for i := 0; i+3 <= len(values); i += 3 {
		a, b, c := values[i], values[i+1], values[i+2]
		if a == b || b == c || a == c || math.Abs(float64(a)) < 1e-3 || math.Abs(float64(1-a)) < 1e-3 || b-a > 0 && b-a < 5e-3 {
			continue // not only ours: a background's alpha, or what stands in a table
		}
		var piece piece
		for j, v := range values[i : i+3] {
			binary.LittleEndian.PutUint32(piece[4*j:], ^math.Float32bits(v))
		}
		add(p.floats, p.fewFloats, piece)
	}
}

// addNoise looks for the picture, and for the floats that it becomes for a net that wants such.
func (p *pieces) addNoise(m models.Input) {
	width, height := m.Width, m.Height
	in := make([]byte, 3*width*height)
	noise(in)
	if m.Type == "float32" {
		floats := make([]float32, len(in))
		for i, v := range in {
			floats[i%3*width*height+i/3] = float32(float64(v) * m.Scale)
		}
		p.addFloats(floats)
		clear(floats)
	}
	at := func(c, x, y int) byte { return in[3*(y*width+x)+c] }
	for y := 0; y+3 <= height; y += 2 {
		for x := 0; x+12 <= width; x += 3 {
			var planar, mixed, padded, patch, mixedPatch piece
			for i := range 12 {
				planar.set(i, at(0, x+i, y))
				mixed.set(i, at(i%3, x+i/3, y))
				padded.set(i, 0)
				if i%4 < 3 {
					padded.set(i, at(i%4, x+i/4, y))
				}
				patch.set(i, at(i/9, x+i%3, y+i/3%3))        // of the planes
				mixedPatch.set(i, at(i%3, x+i/3%3, y+i/9%3)) // of the pixels
			}
			for _, piece := range []piece{planar, mixed, padded, patch, mixedPatch} {
				add(p.bytes, p.fewBytes, piece)
			}
		}
	}
	clear(in)
}

// scan counts the pieces in the writable memory of this process, by mapping.
func (p *pieces) scan(t *testing.T) map[string]int {
	t.Helper()
	runtime.GC()
	const window = 1 << 20
	// What is read into must not be taken for what was there: it lies in a mapping of its own, which is passed over.
	buf, err := unix.Mmap(-1, 0, window+12, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Munmap(buf)
	mem, err := os.Open("/proc/self/mem")
	if err != nil {
		t.Fatal(err)
	}
	defer mem.Close()
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	defer maps.Close()
	lines := bufio.NewScanner(maps)
	found := map[string]int{}
	for lines.Scan() {
		var from, to uint64
		var rights string
		if _, err := fmt.Sscanf(lines.Text(), "%x-%x %s", &from, &to, &rights); err != nil || !strings.HasPrefix(rights, "rw") {
			continue
		}
		for at := from; at < to; at += window {
			n, _ := mem.ReadAt(buf[:min(window+12, int(to-at))], int64(at))
			if overlaps(at, buf) {
				continue
			}
			for i := 0; i+12 <= n; i++ {
				h := hash(binary.LittleEndian.Uint32(buf[i:]))
				float := i%4 == 0 && p.fewFloats[h/64]>>(h%64)&1 == 1
				if !float && p.fewBytes[h/64]>>(h%64)&1 == 0 {
					continue
				}
				d := digest(^binary.LittleEndian.Uint64(buf[i:]), ^binary.LittleEndian.Uint32(buf[i+8:]))
				if float && p.floats[d] || p.bytes[d] {
					found[lines.Text()]++
				}
			}
			clear(buf)
		}
	}
	return found
}

func overlaps(at uint64, buf []byte) bool {
	begin := uint64(addressOf(buf))
	return at < begin+uint64(len(buf)) && begin < at+1<<20
}
