package transform

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/edge/wire"
)

// The two jobs that an edge is measured by. Each reports the CPU time of the process per job, all threads counted, beside
// what a plain C program on the same libvips needed a moment later on the same machine.
func BenchmarkJPEG12MP(b *testing.B) { benchmark(b, "jpeg", 4000, 3000, "rs:fit:800:0", wire.JPEG) }
func BenchmarkWebP2MP(b *testing.B)  { benchmark(b, "webp", 1632, 1224, "rs:fit:300:0", wire.WebP) }

func benchmark(b *testing.B, job string, width, height int, options string, out wire.Format) {
	data := photo(b, width, height)
	o, err := wire.ParseOptions(options)
	if err != nil {
		b.Fatal(err)
	}
	once := func() int {
		r, err := Run(context.Background(), data, o, out, Limits{MaxPixels: 50_000_000})
		if err != nil {
			b.Fatal(err)
		}
		defer r.Buf.Close()
		return r.Buf.Len()
	}
	bytes := once()
	before := cpu()
	for b.Loop() {
		once()
	}
	ours := float64(cpu()-before) / float64(b.N)
	b.ReportMetric(ours, "cpu-ns/op")
	b.ReportMetric(float64(bytes), "bytes")
	if c, ok := plain(b, job, data); ok {
		b.ReportMetric(c.CPU, "plain-C-cpu-ns/op")
		b.ReportMetric(ours/c.CPU, "times-plain-C")
	}
}

// cpu is the user and system time of this process so far, all threads.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

type plainResult struct {
	CPU    float64 `json:"cpu_ns"`
	Wall   float64 `json:"wall_ns"`
	Bytes  int     `json:"bytes"`
	PeakKB int     `json:"peak_kb"`
}

// compilePlain makes a program of ../vips/testdata/plain.c.
func compilePlain(program string) error {
	flags, err := exec.Command("pkg-config", "--cflags", "--libs", "vips").Output()
	if err != nil {
		return fmt.Errorf("pkg-config: %w", err)
	}
	args := append([]string{"-O2", "-w", "-o", program, filepath.Join("..", "vips", "testdata", "plain.c")},
		strings.Fields(string(flags))...)
	if text, err := exec.Command("cc", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("cc: %w\n%s", err, text)
	}
	return nil
}

// plain runs the C program on one job; without a compiler there is nothing to compare with.
func plain(tb testing.TB, job string, data []byte) (plainResult, bool) {
	tb.Helper()
	dir := tb.TempDir()
	program, file := filepath.Join(dir, "plain"), filepath.Join(dir, "photo.jpg")
	if err := compilePlain(program); err != nil {
		tb.Logf("no plain C to compare with: %v", err)
		return plainResult{}, false
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		tb.Fatal(err)
	}
	text, err := exec.Command(program, job, file, "60", "1").Output()
	if err != nil {
		tb.Fatalf("plain %s: %v", job, err)
	}
	var r plainResult
	if err := json.Unmarshal(text, &r); err != nil {
		tb.Fatalf("plain %s: %v: %s", job, err, text)
	}
	return r, true
}
