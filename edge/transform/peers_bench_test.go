//go:build bench

package transform

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/edge/vips"
	"github.com/professionalaistudio/studio/edge/wire"
)

// TestPeers is what `make bench` prints: the edge as a running program beside imagor and beside a plain C program on the
// same libvips, on the two jobs that design.md §9 names. It measures and judges nothing but that everybody did the job.
//
//	go test -tags bench -run TestPeers -v ./edge/transform
//
// It wants bin/edge (make build), and imagor at BENCH_IMAGOR or in .cache/bin; without imagor its rows are missing.
// BENCH_ROUNDS, 3 unless set, is how often each figure is taken; the median is printed.
// Every request is for a source of its own, since imagor joins equal ones: what is compared is work, not luck.
func TestPeers(t *testing.T) {
	rounds, clients := 3, []int{1, 32}
	if n, err := strconv.Atoi(os.Getenv("BENCH_ROUNDS")); err == nil && n > 0 {
		rounds = n
	}
	jobs := []peerJob{
		{"12 MP JPEG to 800 px JPEG", "jpeg", photo(t, 4000, 3000), "rs:fit:800:0", "jpg", "800x0", "format(jpeg):quality(80)", 800, 600, 60},
		{"2 MP JPEG to 300 px WebP", "webp", photo(t, 1632, 1224), "rs:fit:300:0", "webp", "300x0", "format(webp):quality(79)", 300, 225, 160},
	}
	source := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i, err := strconv.Atoi(strings.Trim(r.URL.Path, "/"))
		if err != nil || i >= len(jobs) {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "image/jpeg")
		w.Header().Set("Content-Length", strconv.Itoa(len(jobs[i].data)))
		_, _ = w.Write(jobs[i].data)
	}))
	defer source.Close()

	peers := []*peer{startEdge(t, source.URL), startImagor(t, source.URL)}
	peers = slices.DeleteFunc(peers, func(p *peer) bool { return p == nil })
	var out strings.Builder
	fmt.Fprintf(&out, "\n%d CPUs, %s, libvips %s, %s\n", runtime.NumCPU(), cpuName(), vips.Version(), runtime.Version())
	for i, job := range jobs {
		fmt.Fprintf(&out, "\n%s (source %d KB), median of %d rounds\n", job.name, len(job.data)>>10, rounds)
		fmt.Fprintf(&out, "%-22s %7s %9s %9s %9s %9s %9s %8s %8s\n", "", "clients", "CPU ms", "of C", "p50 ms", "p99 ms", "req/s", "peak MB", "bytes")
		for _, n := range clients {
			c := slices.Collect(func(yield func(measured) bool) {
				for range rounds {
					if !yield(measurePlain(t, job, n)) {
						return
					}
				}
			})
			yardstick := median(c)
			row(&out, "plain C", n, yardstick, yardstick.cpu)
			for _, p := range peers {
				var all []measured
				for range rounds {
					all = append(all, p.measure(t, i, job, n))
				}
				row(&out, p.name, n, median(all), yardstick.cpu)
			}
		}
	}
	t.Log(out.String())
}

type peerJob struct {
	name          string
	plain         string // plain.c's word for it
	data          []byte
	options       string // ours
	ext           string
	box, filters  string // imagor's
	width, height int
	requests      int // of one client; as many again for each further four
}

type measured struct {
	cpu, p50, p99, wall time.Duration // cpu and wall are of one request
	peakKB, bytes       int
}

func median(all []measured) measured {
	slices.SortFunc(all, func(a, b measured) int { return int(a.cpu - b.cpu) })
	return all[len(all)/2]
}

func row(w io.Writer, name string, clients int, m measured, yardstick time.Duration) {
	ms := func(d time.Duration) string {
		if d == 0 {
			return "-"
		}
		return strconv.FormatFloat(float64(d)/1e6, 'f', 2, 64)
	}
	fmt.Fprintf(w, "%-22s %7d %9s %9.2f %9s %9s %9.1f %8d %8d\n", name, clients, ms(m.cpu), float64(m.cpu)/float64(yardstick),
		ms(m.p50), ms(m.p99), float64(time.Second)/float64(m.wall), m.peakKB>>10, m.bytes)
}

// A peer is a running server.
type peer struct {
	name string
	pid  int
	url  func(job peerJob, source string) string
	home string // the source server
}

var serial atomic.Int64 // makes every source another one

// measure asks the peer for one job over and over, from n clients.
func (p *peer) measure(t *testing.T, index int, job peerJob, n int) measured {
	t.Helper()
	total := job.requests * max(1, n/4)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: n}, Timeout: 2 * time.Minute}
	defer client.CloseIdleConnections()
	var size atomic.Int64
	get := func() (time.Duration, error) {
		source := fmt.Sprintf("%s/%d?n=%d", p.home, index, serial.Add(1))
		begin := time.Now()
		resp, err := client.Get(p.url(job, source))
		if err != nil {
			return 0, err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		took := time.Since(begin)
		if err != nil || resp.StatusCode != http.StatusOK {
			return 0, fmt.Errorf("%s: status %d, %v: %.200s", p.name, resp.StatusCode, err, body)
		}
		size.Store(int64(len(body)))
		return took, nil
	}
	verify(t, p, job, index, client)
	for range 5 {
		if _, err := get(); err != nil {
			t.Fatal(err)
		}
	}
	resetPeak(p.pid)
	took := make([]time.Duration, total)
	var next atomic.Int64
	var wg sync.WaitGroup
	begin, before := time.Now(), cpuOf(t, p.pid)
	for range n {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(total); i = next.Add(1) - 1 {
				d, err := get()
				if err != nil {
					t.Error(err)
					return
				}
				took[i] = d
			}
		})
	}
	wg.Wait()
	wall, cpu := time.Since(begin), cpuOf(t, p.pid)-before
	if t.Failed() {
		t.FailNow()
	}
	slices.Sort(took)
	return measured{cpu: cpu / time.Duration(total), wall: wall / time.Duration(total), p50: took[total/2],
		p99: took[min(total-1, total*99/100)], peakKB: peakOf(p.pid), bytes: int(size.Load())}
}

// verify looks once at what the peer makes: a fast server that does another job is no peer.
func verify(t *testing.T, p *peer, job peerJob, index int, client *http.Client) {
	t.Helper()
	resp, err := client.Get(p.url(job, fmt.Sprintf("%s/%d?n=%d", p.home, index, serial.Add(1))))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, %v: %.300s", p.name, resp.StatusCode, err, body)
	}
	info, err := vips.Probe(body)
	want := map[string]vips.Format{"jpg": vips.JPEG, "webp": vips.WebP}[job.ext]
	if err != nil || info.Width != job.width || info.Height != job.height || info.Format != want {
		t.Fatalf("%s made %+v, %v; want %s of %d x %d", p.name, info, err, want, job.width, job.height)
	}
}

func root(t *testing.T, parts ...string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(append([]string{"..", ".."}, parts...)...))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func startEdge(t *testing.T, source string) *peer {
	t.Helper()
	key := wire.KeyPair{Key: []byte("secret"), Salt: []byte("hello")}
	listen := freePort(t)
	cmd := exec.Command(root(t, "bin", "edge"), "serve")
	cmd.Env = append(os.Environ(), "EDGE_KEYS=bench:736563726574:68656C6C6F", "EDGE_LISTEN="+listen, "EDGE_PRIVATE_LISTEN="+freePort(t),
		"EDGE_GOSSIP_LISTEN="+freePort(t), "EDGE_SOURCE_CIDRS=127.0.0.0/8", "EDGE_QUEUE=100", "EDGE_TIMEOUT=60s", "EDGE_SPOOL="+t.TempDir())
	start(t, cmd, "http://"+listen+"/health")
	return &peer{"edge", cmd.Process.Pid, func(job peerJob, source string) string {
		path := "/" + job.options + "/plain/" + url.PathEscape(source) + "@" + job.ext
		path = strings.ReplaceAll(path, "%3A", ":")
		path = strings.ReplaceAll(path, "%2F", "/")
		return "http://" + listen + "/i/bench/" + wire.Sign(key, path) + path
	}, source}
}

func startImagor(t *testing.T, source string) *peer {
	t.Helper()
	program := os.Getenv("BENCH_IMAGOR")
	if program == "" {
		program = root(t, ".cache", "bin", "imagor")
	}
	if _, err := os.Stat(program); err != nil {
		t.Logf("no imagor to compare with: %v", err)
		return nil
	}
	version, _ := exec.Command(program, "-version").Output()
	listen := freePort(t)
	_, port, _ := net.SplitHostPort(listen)
	cmd := exec.Command(program, "-port", port, "-imagor-unsafe", "-vips-concurrency", "1", "-imagor-request-timeout", "60s",
		"-imagor-load-timeout", "60s", "-imagor-process-timeout", "60s")
	start(t, cmd, "http://"+listen+"/healthcheck")
	name := strings.TrimSpace("imagor " + strings.TrimSpace(string(version)))
	return &peer{name, cmd.Process.Pid, func(job peerJob, source string) string {
		return "http://" + listen + "/unsafe/" + job.box + "/filters:" + job.filters + ":strip_exif()/" + url.QueryEscape(source)
	}, source}
}

// start runs a server until the test ends, and waits until it answers.
func start(t *testing.T, cmd *exec.Cmd, health string) {
	t.Helper()
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-exited:
		case <-time.After(30 * time.Second):
			_ = cmd.Process.Kill()
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		if resp, err := http.Get(health); err == nil {
			resp.Body.Close()
			return
		}
		select {
		case err := <-exited:
			t.Fatalf("%s ended: %v\n%s", cmd.Path, err, output.String())
		case <-ctx.Done():
			t.Fatalf("%s does not answer at %s\n%s", cmd.Path, health, output.String())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// measurePlain runs the C program on as many threads as there are clients.
func measurePlain(t *testing.T, job peerJob, n int) measured {
	t.Helper()
	program, file := filepath.Join(t.TempDir(), "plain"), filepath.Join(t.TempDir(), "photo.jpg")
	if err := compilePlain(program); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, job.data, 0o600); err != nil {
		t.Fatal(err)
	}
	each := max(job.requests*max(1, n/4)/n, 4)
	text, err := exec.Command(program, job.plain, file, strconv.Itoa(each), strconv.Itoa(n)).Output()
	if err != nil {
		t.Fatalf("plain: %v", err)
	}
	var r plainResult
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	return measured{cpu: time.Duration(r.CPU), wall: time.Duration(r.Wall), peakKB: r.PeakKB, bytes: r.Bytes}
}

// cpuOf is the CPU time that a process and all its threads have had.
func cpuOf(t *testing.T, pid int) time.Duration {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	if err1 != nil || err2 != nil {
		t.Fatalf("%s", stat)
	}
	return time.Duration(user+system) * 10 * time.Millisecond // the clock of /proc ticks a hundred times a second
}

// resetPeak forgets the peak of resident memory so far, where we may.
func resetPeak(pid int) { _ = os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0) }

func peakOf(pid int) int {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(status)) {
		if kb, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, _ := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(kb), "kB")))
			return n
		}
	}
	return 0
}

func cpuName() string {
	info, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(info)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}
