package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/professionalaistudio/studio/edge/config"
	"github.com/professionalaistudio/studio/edge/inference/inferencetest"
	"github.com/professionalaistudio/studio/edge/wire"
)

// The test binary is the program: `edge` in a script, and in the tests that start a node, is this binary.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"edge": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("SAMPLES", here(t)+"/testdata")
			e.Setenv("EDGE_ONNXRUNTIME", inferencetest.Library(t)) // the test binary does not lie beside it
			return nil
		},
	})
}

func here(t *testing.T) string {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// testKey signs in the tests. Its secret is a bearer on a node that stands alone.
var testKey = config.Key{ID: "test", Key: []byte("test-key"), Salt: []byte("test-salt"), Secret: "a-secret-for-the-tests"}

const testKeys = "test:746573742d6b6579:746573742d73616c74:a-secret-for-the-tests"

// A node is an edge that runs, as a program of its own.
type node struct {
	t               *testing.T
	cmd             *exec.Cmd
	public, private string // http://127.0.0.1:…
	spool           string
	exited          chan error

	mu  sync.Mutex
	log bytes.Buffer
}

// start runs an edge on ports of the kernel's choice, with settings that suit a test and those given on top.
func start(t *testing.T, settings ...string) *node {
	t.Helper()
	dir := t.TempDir()
	n := &node{t: t, spool: dir + "/spool", exited: make(chan error, 1)}
	n.cmd = exec.Command("edge", "serve")
	n.cmd.Env = append([]string{
		"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "TMPDIR=" + dir,
		"EDGE_LISTEN=127.0.0.1:0", "EDGE_PRIVATE_LISTEN=127.0.0.1:0", "EDGE_GOSSIP_LISTEN=127.0.0.1:0",
		"EDGE_ONNXRUNTIME=" + inferencetest.Library(t), "EDGE_KEYS=" + testKeys, "EDGE_SOURCE_CIDRS=127.0.0.0/8", "EDGE_SPOOL=" + n.spool, "EDGE_DRAIN=2s",
	}, settings...)
	out, err := n.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	n.cmd.Stderr = &locked{n: n}
	if err := n.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	serving := make(chan struct{})
	read := make(chan struct{})
	go func() {
		defer close(read)
		n.follow(out, serving)
	}()
	go func() {
		<-read
		n.exited <- n.cmd.Wait()
		close(n.exited)
	}()
	t.Cleanup(func() {
		n.cmd.Process.Kill()
		<-n.exited
		if text := n.text(); strings.Contains(text, "DATA RACE") || strings.Contains(text, "A request panicked.") || strings.Contains(text, "goroutine 1 [") {
			t.Errorf("the edge raced or panicked:\n%s", text)
		}
		if t.Failed() {
			for line := range strings.Lines(n.text()) {
				if !strings.Contains(line, `"Answered."`) {
					t.Log(strings.TrimSpace(line))
				}
			}
		}
	})
	select {
	case <-serving:
	case err := <-n.exited:
		t.Fatalf("the edge ended at once: %v\n%s", err, n.text())
	case <-time.After(30 * time.Second):
		t.Fatalf("the edge does not serve:\n%s", n.text())
	}
	return n
}

// follow keeps the log and finds the addresses in it.
func (n *node) follow(out io.Reader, serving chan struct{}) {
	scanner := bufio.NewScanner(out)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		n.mu.Lock()
		n.log.Write(scanner.Bytes())
		n.log.WriteByte('\n')
		n.mu.Unlock()
		var line struct{ Msg, Public, Private string }
		if json.Unmarshal(scanner.Bytes(), &line) == nil && line.Msg == "Serving." {
			n.public, n.private = "http://"+line.Public, "http://"+line.Private
			close(serving)
		}
	}
}

type locked struct{ n *node }

func (l *locked) Write(p []byte) (int, error) {
	l.n.mu.Lock()
	defer l.n.mu.Unlock()
	return l.n.log.Write(p)
}

func (n *node) text() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.log.String()
}

// stop sends a signal and waits for the end.
func (n *node) stop(s os.Signal) error {
	n.cmd.Process.Signal(s)
	select {
	case err := <-n.exited:
		return err
	case <-time.After(30 * time.Second):
		n.t.Error("the edge does not stop")
		return nil
	}
}

// sign makes the address of a picture.
func (n *node) sign(options, source string) string {
	path := "/" + wire.PlainSource(source)
	if options != "" {
		path = "/" + options + path
	}
	return n.signPath(path)
}

// signPath signs what follows the signature, whatever it is.
func (n *node) signPath(path string) string {
	return signedURL(n.public, testKey, path, wire.SignatureSize)
}

// An answer is a response with its body read.
type answer struct {
	*http.Response
	body []byte
}

// get asks for a picture; header is name, value, name, value …
func get(t *testing.T, url string, header ...string) answer {
	t.Helper()
	return ask(t, http.MethodGet, url, nil, header...)
}

func ask(t *testing.T, method, url string, body io.Reader, header ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	// The path goes out as it was signed, whatever net/url thinks of it.
	raw, _, _ := strings.Cut(strings.TrimPrefix(url, req.URL.Scheme+"://"+req.URL.Host), "?")
	req.URL.Opaque = raw
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp, data}
}

var client = &http.Client{
	Transport:     &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 64},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// problem reads a problem document.
func (a answer) problem(t *testing.T) wire.Problem {
	t.Helper()
	if got := a.Header.Get("Content-Type"); got != wire.ProblemType {
		t.Errorf("status %d has the type %q, want a problem document: %.200q", a.StatusCode, got, a.body)
	}
	var p wire.Problem
	if err := json.Unmarshal(a.body, &p); err != nil {
		t.Errorf("status %d: %v: %.200q", a.StatusCode, err, a.body)
	}
	if p.Status != a.StatusCode {
		t.Errorf("the problem says status %d, the answer %d", p.Status, a.StatusCode)
	}
	return p
}

// expect fails unless the answer is a problem of this type and status.
func (a answer) expect(t *testing.T, word string, status int) wire.Problem {
	t.Helper()
	p := a.problem(t)
	if p.Type != word || a.StatusCode != status {
		t.Errorf("the answer is %s with %d (%s), want %s with %d", p.Type, a.StatusCode, p.Detail, word, status)
	}
	if got := a.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("%s may be cached: %q, want no-store", word, got)
	}
	return p
}

func (a answer) ok(t *testing.T) answer {
	t.Helper()
	if a.StatusCode != http.StatusOK {
		t.Fatalf("the answer is %d: %.300s", a.StatusCode, a.body)
	}
	return a
}

// page reads one of the private server's pages.
func (n *node) page(path string) string {
	n.t.Helper()
	return string(get(n.t, n.private+path).body)
}

// metric reads a number off the metrics page; name may carry labels as the page writes them.
func (n *node) metric(name string) float64 {
	n.t.Helper()
	for line := range strings.Lines(n.page("/metrics")) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			var f float64
			if _, err := fmt.Sscan(value, &f); err != nil {
				n.t.Fatal(err)
			}
			return f
		}
	}
	return 0
}

// eventually waits for something that another process does.
func eventually(t *testing.T, within time.Duration, what string, holds func() bool) {
	t.Helper()
	for until := time.Now().Add(within); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Errorf("after %s, %s does not hold", within, what)
}

var _ = syscall.SIGTERM
