package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"

	"github.com/professionalaistudio/studio/edge/config"
	"github.com/professionalaistudio/studio/edge/inference"
	"github.com/professionalaistudio/studio/edge/portrait"
	"github.com/professionalaistudio/studio/edge/portrait/document"
	"github.com/professionalaistudio/studio/edge/portrait/face"
	"github.com/professionalaistudio/studio/edge/portrait/matte"
	"github.com/professionalaistudio/studio/models"
)

// nets are what this program thinks with: ONNX Runtime, and the nets of this build or an operator's in their place. Each is
// loaded, checked and warm.
type nets struct {
	runtime *inference.Runtime
	byTask  map[models.Task]*inference.Net
	faces   *face.Finder
	mattes  *matte.Cutter // nil where no net tells people from what is behind them
}

// openNets loads them all. Slots is how many runs of one net there may be at once. While alone says that a run is all that this
// program is at, it has as many threads as it is worth; nil is for commands, which would take longer to get ready for that than
// their few pictures gain.
func openNets(cfg config.Config, slots int, alone func() bool) (*nets, error) {
	set, err := openSet(cfg)
	if err != nil {
		return nil, err
	}
	runtime, err := startInference(cfg, slots, alone)
	if err != nil {
		return nil, err
	}
	n := &nets{runtime: runtime, byTask: map[models.Task]*inference.Net{}}
	for _, m := range set.All() {
		_, data, _ := set.For(m.Task)
		net, err := runtime.Load(m, data)
		if err != nil {
			return nil, errors.Join(modelsFault(cfg, err), n.Close())
		}
		n.byTask[m.Task] = net
	}
	if err := n.join(); err != nil {
		return nil, errors.Join(modelsFault(cfg, err), n.Close())
	}
	return n, nil
}

// openSet reads the files of the nets.
func openSet(cfg config.Config) (*models.Set, error) {
	set, err := models.Open(cfg.Models)
	if err != nil {
		return nil, modelsFault(cfg, err)
	}
	return set, nil
}

// modelsFault names the setting to look at, if an operator has set it.
func modelsFault(cfg config.Config, err error) error {
	switch {
	case cfg.Models == "":
		return err
	case errors.Is(err, models.ErrDigest), errors.Is(err, fs.ErrNotExist) && !errors.Is(err, models.ErrManifest):
		return fmt.Errorf("EDGE_MODELS: %w (`edge models pull` fetches it)", err)
	}
	return fmt.Errorf("EDGE_MODELS: %w", err)
}

// startInference loads ONNX Runtime, with slots and alone as openNets has them.
func startInference(cfg config.Config, slots int, alone func() bool) (*inference.Runtime, error) {
	config := inference.Config{Library: cfg.ONNXRuntime, Slots: slots, Wide: 1}
	if alone != nil {
		config.Wide, config.Alone = 0, alone
	}
	runtime, err := inference.Start(config)
	switch {
	case err == nil:
		return runtime, nil
	case cfg.ONNXRuntime != "":
		return nil, fmt.Errorf("EDGE_ONNXRUNTIME: %w", err)
	}
	return nil, fmt.Errorf("put libonnxruntime.so.1 beside the program, as make build does, or name it in EDGE_ONNXRUNTIME: %w", err)
}

// join makes of the nets what can find faces and part people from the background: one of each for all of the program, for a
// matte keeps memory for the next picture.
func (n *nets) join() (err error) {
	var detector, look face.Net // an interface of no net is nil, one of a nil net is not
	if net := n.byTask[models.Detector]; net != nil {
		detector = net
	}
	if net := n.byTask[models.Face]; net != nil {
		look = net
	}
	if n.faces, err = face.New(detector, look); err != nil {
		return err
	}
	if net := n.byTask[models.Matte]; net != nil {
		n.mattes, err = matte.New(net)
	}
	return err
}

// cutter parts people from the background.
func (n *nets) cutter(cfg config.Config) *portrait.Cutter {
	return portrait.NewCutter(int64(cfg.MaxPixels), n.faces, n.mattes)
}

// photos makes document photos, by the rules of pack; nil means the embedded ones.
func (n *nets) photos(cfg config.Config, pack *document.Pack, log *slog.Logger) *portrait.Pipeline {
	return portrait.New(portrait.Config{MaxPixels: int64(cfg.MaxPixels), Pack: pack, Faces: n.faces, Mattes: n.mattes}, log)
}

// Close waits for the runs in progress and frees everything.
func (n *nets) Close() error { return n.runtime.Close() }

// String is the nets and their versions, as the log shows them.
func (n *nets) String() string {
	var all []models.Model
	for _, task := range []models.Task{models.Detector, models.Face, models.Matte} {
		if net := n.byTask[task]; net != nil {
			all = append(all, net.Model())
		}
	}
	return versions(all)
}

// versions is nets and their versions in a line.
func versions(all []models.Model) string {
	names := make([]string, len(all))
	for i, m := range all {
		names[i] = m.Name + " " + m.Version
	}
	return strings.Join(names, ", ")
}
