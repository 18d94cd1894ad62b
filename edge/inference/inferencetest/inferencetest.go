// Package inferencetest gives tests a net that runs. It finds libonnxruntime where `make build` puts it; a test that cannot
// have it fails, since one that is skipped proves nothing.
package inferencetest

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/professionalaistudio/studio/edge/inference"
	"github.com/professionalaistudio/studio/models"
)

// Library is the path of libonnxruntime: EDGE_ONNXRUNTIME, or that in bin/ of a folder above this one.
func Library(t testing.TB) string {
	t.Helper()
	if path := os.Getenv("EDGE_ONNXRUNTIME"); path != "" {
		return path
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		path := filepath.Join(dir, "bin", "libonnxruntime.so.1")
		if _, err := os.Stat(path); err == nil {
			return path
		}
		if filepath.Dir(dir) == dir {
			t.Fatal("there is no libonnxruntime: run make build")
		}
		dir = filepath.Dir(dir)
	}
}

// Start starts a Runtime for a test, which ends with it.
func Start(t testing.TB, cfg inference.Config) *inference.Runtime {
	t.Helper()
	if cfg.Library == "" {
		cfg.Library = Library(t)
	}
	r, err := inference.Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

var shared struct {
	sync.Mutex
	runtime *inference.Runtime
	nets    map[models.Task]*inference.Net
}

// Net is the net of this build for a task, with two sets of tensors. It is loaded once for all tests of the package, and stays:
// a package that uses it cannot use Start too.
func Net(t testing.TB, task models.Task) *inference.Net {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if n := shared.nets[task]; n != nil {
		return n
	}
	if shared.runtime == nil {
		r, err := inference.Start(inference.Config{Library: Library(t), Slots: 2, Wide: 1})
		if err != nil {
			t.Fatal(err)
		}
		shared.runtime, shared.nets = r, map[models.Task]*inference.Net{}
	}
	set, err := models.Open("")
	if err != nil {
		t.Fatal(err)
	}
	m, data, ok := set.For(task)
	if !ok {
		t.Fatalf("this build has no net for the task %s", task)
	}
	n, err := shared.runtime.Load(m, data)
	if err != nil {
		t.Fatal(err)
	}
	shared.nets[task] = n
	return n
}
