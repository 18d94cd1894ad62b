package inference_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/professionalaistudio/studio/edge/inference"
	"github.com/professionalaistudio/studio/edge/inference/inferencetest"
	"github.com/professionalaistudio/studio/models"
)

// A damaged file gives an error or a net that runs, and the process lives. (On a node the digest refuses it before.) The files
// are loaded in a process of its own, so that a crash is a failure of this test and names its seed.
func TestDamagedFiles(t *testing.T) {
	if seed := os.Getenv("INFERENCE_SEED"); seed != "" {
		damage(t, seed)
		return
	}
	rounds := 2
	if testing.Short() {
		rounds = 1
	}
	for seed := range rounds {
		cmd := exec.Command(os.Args[0], "-test.run=^TestDamagedFiles$")
		cmd.Env = append(os.Environ(), "INFERENCE_SEED="+strconv.Itoa(seed), "EDGE_ONNXRUNTIME="+inferencetest.Library(t))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("seed %d: %v\n%s", seed, err, out)
		}
	}
}

func damage(t *testing.T, seed string) {
	number, err := strconv.ParseUint(seed, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	r := inferencetest.Start(t, inference.Config{Wide: 1})
	set, err := models.Open("")
	if err != nil {
		t.Fatal(err)
	}
	m, whole, _ := set.For(models.Face)
	source := rand.New(rand.NewPCG(number, 0))
	loaded := 0
	for i := range 60 {
		data := bytes.Clone(whole)
		where := len(data)
		if i%2 == 0 { // the graph lies behind or before the weights: most flips would only hit those
			where = min(where, 1<<16)
		}
		for range 1 + source.IntN(8) {
			at := source.IntN(where)
			if i%4 == 0 {
				at = len(data) - 1 - at
			}
			data[at] ^= byte(1 << source.IntN(8))
		}
		if i%10 == 9 {
			data = data[:source.IntN(len(data))]
		}
		n, err := r.Load(m, data)
		if err != nil {
			if text := err.Error(); !strings.Contains(text, m.Name) {
				t.Errorf("round %d: the error does not name the net: %s", i, text)
			}
			continue
		}
		loaded++
		if err := n.Run(t.Context(), func(in []byte) { in[0] = 1 }, func([][]float32) error { return nil }); err != nil {
			t.Logf("round %d: loads, and its second run says %v", i, err)
		}
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d of 60 damaged files load", loaded)
}
