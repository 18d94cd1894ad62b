package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/professionalaistudio/studio/control/store/storetest"
)

// The test binary is the program: under the name control it is what is tested.
func TestMain(m *testing.M) {
	testscript.Main(withPostgres{m}, map[string]func(){"control": main})
}

type withPostgres struct{ tests *testing.M }

func (m withPostgres) Run() int { return storetest.Run(m.tests) }

// The manual, as far as it can be typed.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("STATE_DIRECTORY", filepath.Join(e.WorkDir, "state"))
			return nil
		},
	})
}

// A program runs until the test ends, or earlier.
type program struct {
	t     *testing.T
	name  string
	cmd   *exec.Cmd
	lines chan map[string]any // of its log; closed when the program has ended
	mu    sync.Mutex
	out   bytes.Buffer // all that it wrote
	ended chan struct{}
	err   error // of Wait, once ended is closed
}

// start runs a program whose log is JSON lines on stdout, with env added to a bare environment.
func start(t *testing.T, name string, env []string, args ...string) *program {
	t.Helper()
	p := &program{t: t, name: filepath.Base(name), cmd: exec.Command(name, args...), lines: make(chan map[string]any, 10_000), ended: make(chan struct{})}
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "TMPDIR=" + os.TempDir()}, env...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // a test that panics leaves nothing behind
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stdout, p.cmd.Stderr = write, write
	if err := p.launch(); err != nil {
		t.Fatal(err)
	}
	write.Close()
	go func() {
		defer close(p.lines)
		scan := bufio.NewScanner(read)
		scan.Buffer(nil, 1<<20)
		for scan.Scan() {
			p.mu.Lock()
			p.out.Write(append(scan.Bytes(), '\n'))
			p.mu.Unlock()
			var line map[string]any
			if json.Unmarshal(scan.Bytes(), &line) != nil {
				continue
			}
			select {
			case p.lines <- line:
			default: // nobody waits for a line
			}
		}
		read.Close()
	}()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("%s wrote:\n%s", p.name, tail(p.output()))
		}
	})
	return p
}

// launch starts the process from a thread that lives as long as it does: the kernel sends Pdeathsig when the thread
// that started a process ends, not when the program does.
func (p *program) launch() error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			p.err = p.cmd.Wait()
			close(p.ended)
		}
	}()
	return <-started
}

func tail(s string) string {
	lines := strings.SplitAfter(s, "\n")
	return strings.Join(lines[max(0, len(lines)-25):], "")
}

func (p *program) output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.String()
}

// says waits for a line of the log.
func (p *program) says(message string) {
	p.t.Helper()
	late := time.After(60 * time.Second)
	for {
		select {
		case line, more := <-p.lines:
			if !more {
				<-p.ended
				p.t.Fatalf("%s ended (%v) before it said %q:\n%s", p.name, p.err, message, tail(p.output()))
			}
			if line["msg"] == message {
				return
			}
		case <-late:
			p.t.Fatalf("%s did not say %q:\n%s", p.name, message, tail(p.output()))
		}
	}
}

// kill ends the program at once, as a power cut does.
func (p *program) kill() {
	p.cmd.Process.Kill()
	<-p.ended
}

// stop asks the program to end and returns what it ended with.
func (p *program) stop() error {
	p.t.Helper()
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
		return p.err
	case <-time.After(60 * time.Second):
		p.t.Fatalf("%s does not stop:\n%s", p.name, tail(p.output()))
		return nil
	}
}

// free finds ports on loopback that nobody uses now.
func free(t *testing.T, n int) []string {
	t.Helper()
	addresses := make([]string, n)
	for i := range addresses {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		addresses[i] = l.Addr().String()
	}
	return addresses
}

// A controlled is a control plane of its own, with its state in a folder of the test.
type controlled struct {
	*program
	url, private, pay string
	env               []string
}

// newControl picks ports and a state directory; up starts the program on them, again and again if need be.
func newControl(t *testing.T, more ...string) *controlled {
	t.Helper()
	ports := free(t, 4)
	c := &controlled{url: "http://" + ports[0], private: "http://" + ports[1], pay: "http://" + ports[3]}
	c.env = append([]string{
		"STATE_DIRECTORY=" + t.TempDir(), "CONTROL_LISTEN=" + ports[0], "CONTROL_URL=" + c.url, "CONTROL_PRIVATE_LISTEN=" + ports[1],
		"CONTROL_DEVIDP_LISTEN=" + ports[2], "CONTROL_FAKEPAY_LISTEN=" + ports[3], "CONTROL_PER_NETWORK=1000",
	}, more...)
	return c
}

func (c *controlled) up(t *testing.T) {
	t.Helper()
	c.program = start(t, "control", c.env)
	c.says("control serves")
}

// command runs another command of control beside the one that serves.
func (c *controlled) command(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("control", args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH")}, c.env...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("control %s: %v\n%s", strings.Join(args, " "), err, stderr(err))
	}
	return strings.TrimSpace(string(out))
}

func stderr(err error) string {
	if e, ok := err.(*exec.ExitError); ok {
		return string(e.Stderr)
	}
	return fmt.Sprint(err)
}
