package main

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/edge/config"
	"github.com/professionalaistudio/studio/edge/inference"
	"github.com/professionalaistudio/studio/edge/inference/inferencetest"
	"github.com/professionalaistudio/studio/models"
)

// Whoever starts a program without its library is told where to put it.
func TestAMissingLibrarySaysWhatToDo(t *testing.T) {
	runtime, err := startInference(config.Config{}, 1, nil)
	if err == nil {
		runtime.Close()
		t.Skip("this system has a libonnxruntime of its own")
	}
	if text := err.Error(); !errors.Is(err, inference.ErrLibrary) || !strings.Contains(text, "put libonnxruntime.so.1 beside the program") || strings.Contains(text, "\n") {
		t.Errorf("the error is %q, want a line that says where to put the library", text)
	}
}

// Each net of the set is there by its task, and closing twice does no harm.
func TestOpenNets(t *testing.T) {
	n, err := openNets(config.Config{ONNXRuntime: inferencetest.Library(t)}, 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range models.Embedded().Models {
		if net := n.byTask[m.Task]; net == nil || net.Model().Name != m.Name {
			t.Errorf("there is no net for the task %s", m.Task)
		}
		if !strings.Contains(n.String(), m.Name+" "+m.Version) {
			t.Errorf("the log shows %q, without %s %s", n, m.Name, m.Version)
		}
	}
	if err := errors.Join(n.Close(), n.Close()); err != nil {
		t.Error(err)
	}
}

// BenchmarkStart is a program from nothing to serving, everything loaded and warm: by the clock, and in time of the CPU, which
// does not depend on what else runs here.
func BenchmarkStart(b *testing.B) {
	var cpu time.Duration
	for b.Loop() {
		cmd := exec.Command("edge", "serve")
		dir := b.TempDir()
		cmd.Env = []string{
			"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "EDGE_ONNXRUNTIME=" + inferencetest.Library(b), "EDGE_DRAIN=0s",
			"EDGE_LISTEN=127.0.0.1:0", "EDGE_PRIVATE_LISTEN=127.0.0.1:0", "EDGE_GOSSIP_LISTEN=127.0.0.1:0",
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			b.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		serving := false
		for lines := bufio.NewScanner(out); !serving && lines.Scan(); {
			serving = strings.Contains(lines.Text(), `"Serving."`)
		}
		b.StopTimer()
		if !serving {
			b.Error("the edge does not serve")
		}
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(cmd.Process.Pid) + "/stat")
		if err != nil {
			b.Fatal(err)
		}
		_, after, _ := strings.Cut(string(stat), ") ") // the name before it may hold anything
		for _, field := range strings.Fields(after)[11:13] {
			ticks, err := strconv.Atoi(field) // user and system, in hundredths
			if err != nil {
				b.Fatal(err)
			}
			cpu += time.Duration(ticks) * (time.Second / 100)
		}
		cmd.Process.Kill()
		_ = cmd.Wait()
		b.StartTimer()
	}
	b.ReportMetric(cpu.Seconds()*1e3/float64(b.N), "cpu-ms/op")
}
