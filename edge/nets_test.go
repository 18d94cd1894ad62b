package main

import (
	"errors"
	"os"
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
	runtime, err := startInference(config.Config{}, 1, 1)
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
	n, err := openNets(config.Config{ONNXRuntime: inferencetest.Library(t)}, 2, 1)
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

// From nothing to ready a node has a second. What others do on this machine is not its fault, so it is the CPU's time that counts.
func TestStartIsSoonDone(t *testing.T) {
	n := start(t)
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(n.cmd.Process.Pid) + "/stat")
	if err != nil {
		t.Skip("no /proc here")
	}
	_, after, _ := strings.Cut(string(stat), ") ") // the name may hold anything
	fields := strings.Fields(after)
	var took time.Duration
	for _, field := range fields[11:13] { // utime, stime
		ticks, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		took += time.Duration(ticks) * (time.Second / 100)
	}
	t.Logf("ready after %s of CPU", took)
	if took > time.Second {
		t.Errorf("a start took %s of CPU, want a second at most", took)
	}
}
