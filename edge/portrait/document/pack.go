package document

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// ErrPack is what every error of Parse is: the pack cannot be used, and no part of it is.
var ErrPack = errors.New("rule pack")

// A Pack is one version of the rules of all documents. It does not change once parsed.
type Pack struct {
	Version  string // names the edition: the day it was compiled, and a count
	Digest   string // SHA-256 of the bytes it was parsed from, in hex
	Compiled string // the day its rows were compiled
	Meta     Meta

	edition edition
	specs   []Spec
	byID    map[string]int
	index   index
}

// Meta is the pack's note on itself, kept so that a pack explains its own words wherever it is served.
type Meta struct {
	Name         string            `json:"name"`
	Version      string            `json:"version"`
	Compiled     string            `json:"compiled"`
	Rows         int               `json:"rows"`
	Status       string            `json:"status"`
	Units        string            `json:"units"`
	Fields       map[string]string `json:"fields"`
	ICAO         map[string]string `json:"icao_iso_reference"`
	KnownBadData []string          `json:"known_bad_data_elsewhere"`
}

//go:embed documents.json
var embedded []byte

var current = must(Parse(embedded))

func must(p *Pack, err error) *Pack {
	if err != nil {
		panic(err) // the embedded pack is checked by the tests; a build that fails here was never tested
	}
	return p
}

// Embedded is the pack this program was built with.
func Embedded() *Pack { return current }

// Version of the embedded pack.
func Version() string { return current.Version }

// Digest of the embedded pack.
func Digest() string { return current.Digest }

// All rows of the embedded pack, in its order.
func All() []Spec { return current.All() }

// Find a row of the embedded pack.
func Find(id string) (Spec, bool) { return current.Find(id) }

// Parse reads a pack strictly: a field it does not know, a row that contradicts itself or an id used twice is an error
// that names it. A rule that was misspelt and silently ignored would make photos that are refused at a counter.
func Parse(data []byte) (*Pack, error) {
	var file struct {
		Meta      Meta   `json:"meta"`
		Documents []Spec `json:"documents"`
	}
	var members struct{ Documents []map[string]member }
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&file); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPack, err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("%w: something follows the pack", ErrPack)
	}
	if err := json.Unmarshal(data, &members); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPack, err)
	}
	sum := sha256.Sum256(data)
	p := &Pack{
		Version: file.Meta.Version, Digest: hex.EncodeToString(sum[:]), Compiled: file.Meta.Compiled, Meta: file.Meta,
		specs: file.Documents, byID: make(map[string]int, len(file.Documents)),
	}
	var faults []error
	var err error
	if p.edition, err = parseEdition(p.Version); err != nil {
		faults = append(faults, fmt.Errorf("meta: %w", err))
	}
	if !isDay(p.Compiled) || p.edition.day < p.Compiled {
		faults = append(faults, fmt.Errorf("meta: compiled on %.40q, which is no day or one after the edition's own", p.Compiled))
	}
	if len(p.specs) == 0 {
		faults = append(faults, errors.New("it has no rows"))
	}
	if p.Meta.Rows != len(p.specs) {
		faults = append(faults, fmt.Errorf("meta counts %d rows, there are %d", p.Meta.Rows, len(p.specs)))
	}
	for i := range p.specs {
		s := &p.specs[i]
		s.compiled = p.Compiled
		if err := checkKeys(members.Documents[i]); err != nil {
			faults = append(faults, fmt.Errorf("row %d (%s): %w", i+1, s.ID, err))
		}
		if err := s.check(); err != nil {
			faults = append(faults, fmt.Errorf("row %d (%s): %w", i+1, s.ID, err))
		}
		if _, taken := p.byID[s.ID]; taken {
			faults = append(faults, fmt.Errorf("row %d: the id %q is taken", i+1, s.ID))
		}
		p.byID[s.ID] = i
	}
	for i, s := range p.specs {
		if r, ok := p.Find(s.HeadFrom); s.HeadFrom != "" && (!ok || r.HeadHeightMM == nil && r.HeadHeightRatio == nil) {
			faults = append(faults, fmt.Errorf("row %d (%s): head_from names %.40q, which has no head rule to borrow", i+1, s.ID, s.HeadFrom))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPack, err)
	}
	for i := range p.specs {
		p.specs[i].relate(p)
	}
	return p, nil
}

// Name is the pack in one word: the edition and the first of its digest, as results quote it.
func (p *Pack) Name() string { return p.Version + "+" + p.Digest[:12] }

// All rows, in the pack's order.
func (p *Pack) All() []Spec { return slices.Clone(p.specs) }

// Find the row with this id.
func (p *Pack) Find(id string) (Spec, bool) {
	i, ok := p.byID[id]
	if !ok {
		return Spec{}, false
	}
	return p.specs[i], true
}
