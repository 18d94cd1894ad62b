package inference_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/professionalaistudio/studio/edge/inference"
	"github.com/professionalaistudio/studio/models"
)

// What is no business of ours in a file changes nothing: it is judged alike with a field of a number that no version of ONNX has.
func FuzzMatch(f *testing.F) {
	good, description := doubled()
	f.Add(good)
	for _, make := range []func() ([]byte, models.Model){packing, turned} {
		data, _ := make()
		f.Add(data)
	}
	f.Add([]byte("\xff\xd8\xff\xe0"))
	f.Fuzz(func(t *testing.T, data []byte) {
		err := inference.Match(data, description)
		if err != nil && strings.ContainsAny(err.Error(), "\n\r") {
			t.Errorf("the fault is no line: %q", err)
		}
		more := slices.Concat(message{}.text(1<<20, "of a later version"), data)
		if again := inference.Match(more, description); (err == nil) != (again == nil) {
			t.Errorf("a file is judged %v, and with an unknown field %v", err, again)
		}
	})
}

// Files of the first versions list the weights among the inputs.
func TestWeightsAreNoInputs(t *testing.T) {
	_, description := doubled()
	weight := message{}.number(1, 1).number(2, 1).text(8, "weight").inside(9, message("\x00\x00\x80?"))
	graph := message{}.inside(1, node("Mul", []string{"in", "weight"}, "out", nil)).text(2, "old").inside(5, weight).
		inside(11, value("in", 1, 1, 3, 2, 4)).inside(11, value("weight", 1, 1)).inside(12, value("out", 1, 1, 3, 2, 4))
	old := message{}.number(1, 3).inside(7, graph).inside(8, message{}.number(2, 9))
	if err := inference.Match(old, description); err != nil {
		t.Error(err)
	}
}
