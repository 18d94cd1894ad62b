package models

import (
	"bytes"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"time"
)

// Schema is the version of the manifest's form that this build reads.
const Schema = 1

// MaxBytes is the largest file of a net that is read or fetched: some two hundred times our own.
const MaxBytes = 512 << 20

// maxOutput is how many numbers one output may have: 256 MiB of them, a matte of 8192×8192.
const maxOutput = 1 << 26

//go:embed manifest.json
var embedded []byte

//go:embed *.onnx
var nets embed.FS

// A Manifest lists the nets a node may run.
type Manifest struct {
	Schema  int     `json:"schema"`
	Updated string  `json:"updated"` // the day of the last change, YYYY-MM-DD
	Models  []Model `json:"models"`
}

// A Model is one net: which file it is, what goes in, what comes out, and what was measured of it.
type Model struct {
	Name       string             `json:"name"`                 // unique, as logs and receipts show it: "matte-512"
	Task       Task               `json:"task"`                 // what it is for; one net of a manifest has it
	Version    string             `json:"version"`              // changes whenever the file does
	File       string             `json:"file"`                 // name beside the manifest
	URL        string             `json:"url,omitempty"`        // where an operator's own net is fetched from; empty for embedded ones
	SHA256     string             `json:"sha256"`               // of the file, lower-case hex
	Bytes      int64              `json:"bytes"`                // size of the file, 1…MaxBytes
	Licence    string             `json:"licence"`              // SPDX identifier
	Card       string             `json:"card,omitempty"`       // page under cards/
	Input      Input              `json:"input"`                //
	Outputs    []Output           `json:"outputs"`              // in the order in which they are handed out
	Thresholds map[string]float64 `json:"thresholds,omitempty"` // where a score becomes a yes, by name: "glasses"; chosen on training data
	Measured   map[string]float64 `json:"measured"`             // figures of the evaluation, by name: "iou", "latency_ms_p50"
	Date       string             `json:"date,omitempty"`       // the day they were measured, YYYY-MM-DD
	Remark     string             `json:"remark,omitempty"`     // what a reader of the figures must know
}

// A Task is what a net is for.
type Task string

const (
	Detector Task = "detector" // face boxes and five points
	Face     Task = "face"     // landmarks, pose, eyes, mouth, glasses
	Matte    Task = "matte"    // alpha of the person
)

// An Input is the tensor that a net takes: RGB, each channel (value·Scale − Mean) / Std with value in 0…255.
type Input struct {
	Name   string     `json:"name"`
	Width  int        `json:"width"`  // pixels
	Height int        `json:"height"` // pixels
	Layout string     `json:"layout"` // "NCHW" or "NHWC"
	Type   string     `json:"type"`   // "float32" or "uint8"
	Scale  float64    `json:"scale"`
	Mean   [3]float64 `json:"mean"`
	Std    [3]float64 `json:"std"`
}

// An Output is one tensor that a net gives.
type Output struct {
	Name    string `json:"name"`
	Shape   []int  `json:"shape"` // fixed: the tensors are made once, at start
	Meaning string `json:"meaning"`
}

// ErrManifest is wrapped by every fault of a manifest.
var ErrManifest = errors.New("model manifest")

// Embedded is the manifest of this build. It is checked by the tests, so a fault is a broken build and panics.
func Embedded() Manifest {
	m, err := Parse(embedded)
	if err != nil {
		panic(err)
	}
	return m
}

// Parse reads a manifest and checks all of it; the error names every fault.
func Parse(data []byte) (Manifest, error) {
	var m Manifest
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return Manifest{}, fmt.Errorf("%w: %w", ErrManifest, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return Manifest{}, fmt.Errorf("%w: something follows the manifest", ErrManifest)
	}
	var faults []error
	if m.Schema != Schema {
		faults = append(faults, fmt.Errorf("schema is %d, this build reads %d", m.Schema, Schema))
	}
	if !day(m.Updated) {
		faults = append(faults, fmt.Errorf("updated: %q is no day (YYYY-MM-DD)", m.Updated))
	}
	if m.Models == nil {
		faults = append(faults, errors.New("models is missing (an empty list is allowed)"))
	}
	for i, model := range m.Models {
		for _, fault := range model.faults() {
			faults = append(faults, fmt.Errorf("models[%d] %q: %w", i, model.Name, fault))
		}
		for _, other := range m.Models[:i] {
			if other.Name == model.Name {
				faults = append(faults, fmt.Errorf("models[%d]: the name %q is taken", i, model.Name))
			}
			if other.Task == model.Task {
				faults = append(faults, fmt.Errorf("models[%d] %q: the task %s is that of %q already", i, model.Name, model.Task, other.Name))
			}
			if other.File == model.File {
				faults = append(faults, fmt.Errorf("models[%d] %q: the file %s is that of %q already", i, model.Name, model.File, other.Name))
			}
		}
	}
	if err := errors.Join(faults...); err != nil {
		return Manifest{}, fmt.Errorf("%w: %w", ErrManifest, err)
	}
	return m, nil
}

var (
	names = regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}$`)
	files = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,120}\.onnx$`) // a name, never a path
	cards = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,120}\.md$`)
	urls  = regexp.MustCompile(`^(https://[^\s@]+|http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?/[^\s@]*)$`)
)

func (m Model) faults() (faults []error) {
	check := func(ok bool, format string, a ...any) {
		if !ok {
			faults = append(faults, fmt.Errorf(format, a...))
		}
	}
	check(names.MatchString(m.Name), "name: lower-case letters, digits and hyphens")
	check(slices.Contains([]Task{Detector, Face, Matte}, m.Task), "task %q is none of detector, face, matte", m.Task)
	check(m.Version != "", "version is missing")
	check(files.MatchString(m.File), "file %q: a name ending in .onnx, without a folder", m.File)
	check(m.URL == "" || urls.MatchString(m.URL), "url %q: https, or http on this machine alone", m.URL)
	digest, err := hex.DecodeString(m.SHA256)
	check(err == nil && len(digest) == 32 && m.SHA256 == hex.EncodeToString(digest), "sha256: 64 lower-case hex digits")
	check(m.Bytes > 0 && m.Bytes <= MaxBytes, "bytes must be the file's size, 1…%d", MaxBytes)
	check(m.Licence != "", "licence is missing")
	check(m.Card == "" || cards.MatchString(m.Card), "card %q: a name ending in .md, without a folder", m.Card)
	check(m.Date == "" || day(m.Date), "date %q is no day (YYYY-MM-DD)", m.Date)
	check(m.Input.Name != "", "input.name is missing")
	check(m.Input.Width > 0 && m.Input.Width <= 4096 && m.Input.Height > 0 && m.Input.Height <= 4096, "input: %d×%d is outside 1…4096", m.Input.Width, m.Input.Height)
	check(m.Input.Layout == "NCHW" || m.Input.Layout == "NHWC", "input.layout %q is neither NCHW nor NHWC", m.Input.Layout)
	check(m.Input.Type == "float32" || m.Input.Type == "uint8", "input.type %q is neither float32 nor uint8", m.Input.Type)
	check(m.Input.Scale > 0, "input.scale must be positive")
	for _, std := range m.Input.Std {
		check(std > 0, "input.std must be positive")
	}
	check(len(m.Outputs) > 0, "outputs is empty")
	for _, out := range m.Outputs {
		check(out.Name != "" && len(out.Shape) > 0 && out.Meaning != "", "output %q needs a name, a shape and a meaning", out.Name)
		total := 1
		for _, n := range out.Shape {
			check(n > 0 && n <= maxOutput, "output %q: %d is no dimension (1…%d)", out.Name, n, maxOutput)
			total = min(total, maxOutput) * min(max(n, 1), maxOutput) // without leaving the range of int
		}
		check(total <= maxOutput, "output %q: more than %d numbers", out.Name, maxOutput)
	}
	for name, value := range m.Measured {
		check(!math.IsNaN(value) && !math.IsInf(value, 0), "measured %q is no number", name)
	}
	for name := range m.Thresholds {
		check(name != "", "a threshold without a name")
	}
	return faults
}

func day(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}
