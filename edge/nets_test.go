package main

import (
	"errors"
	"strings"
	"testing"

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
