package region

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

var (
	// ErrNoPack means that no edge has given us its rule pack yet.
	ErrNoPack = errors.New("no rule pack yet")
	// ErrPack means that what an edge gave us is not the rule pack that its heartbeat named.
	ErrPack = errors.New("not the rule pack that was announced")
)

// maxPack bounds what is taken from an edge; the pack of November 2026 is half a megabyte.
const maxPack = 8 << 20

// A Pack is the rules of all documents, as an edge serves them. Control reads the few members that it shows and
// passes the rest on as it is.
type Pack struct {
	Digest  string
	Version string
	Body    []byte // the edge's GET /v1/documents, byte for byte
	Fetched time.Time
}

// A Document is a row of the pack.
type Document struct {
	ID          string              `json:"id"`
	Country     string              `json:"country"`
	CountryName string              `json:"country_name"`
	Name        string              `json:"document"`
	Local       Local               `json:"local"` // nothing in the pack of an edge before December 2026
	Names       map[string][]string `json:"names"` // what this document alone is called, by language
	Row         json.RawMessage     `json:"-"`     // all of it
}

// Local is what a document is called where it is asked for.
type Local struct {
	Language string `json:"language"`
	Country  string `json:"country"`
	Document string `json:"document"` // empty where it has no name; those of several kinds are parted by " / "
}

// A reading is a pack that has been read.
type reading struct {
	pack  Pack
	list  []Document
	byID  map[string]Document
	index *Index
}

type parsedPack struct {
	mu sync.Mutex
	reading
}

// readPack reads what an edge served.
func readPack(body []byte) (Pack, []Document, error) {
	var file struct {
		Version   string            `json:"version"`
		Digest    string            `json:"digest"`
		Documents []json.RawMessage `json:"documents"`
	}
	if err := json.Unmarshal(body, &file); err != nil {
		return Pack{}, nil, fmt.Errorf("%w: %w", ErrPack, err)
	}
	if file.Digest == "" || len(file.Documents) == 0 {
		return Pack{}, nil, fmt.Errorf("no digest or no documents: %w", ErrPack)
	}
	documents := make([]Document, len(file.Documents))
	for i, row := range file.Documents {
		d := &documents[i]
		if err := json.Unmarshal(row, d); err != nil || d.ID == "" {
			return Pack{}, nil, fmt.Errorf("row %d: %w", i+1, ErrPack)
		}
		d.Row = row
	}
	return Pack{Digest: file.Digest, Version: file.Version, Body: body}, documents, nil
}

// Pack is the rule pack that most edges have, or ErrNoPack.
func (s *Service) Pack(ctx context.Context) (Pack, error) {
	p, err := s.current(ctx)
	return p.pack, err
}

// Documents lists the rows of the pack.
func (s *Service) Documents(ctx context.Context) ([]Document, error) {
	p, err := s.current(ctx)
	return p.list, err
}

// Search finds rows of the pack, the best first.
func (s *Service) Search(ctx context.Context, q Query) ([]Document, error) {
	p, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	return p.index.Search(q), nil
}

// Document finds one row of the pack.
func (s *Service) Document(ctx context.Context, id string) (Document, bool, error) {
	p, err := s.current(ctx)
	d, ok := p.byID[id]
	return d, ok, err
}

// Has says whether the pack has a document.
func (s *Service) Has(ctx context.Context, id string) (bool, error) {
	_, ok, err := s.Document(ctx, id)
	return ok, err
}

// current reads the pack anew only when another has become current.
func (s *Service) current(ctx context.Context) (reading, error) {
	digest, err := s.store.CurrentPack(ctx, s.cfg.Now().Add(-gone))
	if err != nil {
		return reading{}, fmt.Errorf("rule pack: %w", err)
	}
	p := &s.parsed
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pack.Digest == digest {
		return p.reading, nil
	}
	pack, err := s.store.Pack(ctx, digest)
	if err != nil {
		return reading{}, fmt.Errorf("rule pack: %w", err)
	}
	_, list, err := readPack(pack.Body)
	if err != nil {
		return reading{}, fmt.Errorf("rule pack %s: %w", digest, err)
	}
	byID := make(map[string]Document, len(list))
	for _, d := range list {
		byID[d.ID] = d
	}
	p.reading = reading{pack, list, byID, NewIndex(list)}
	return p.reading, nil
}

// want asks for the pack of an edge unless it is known. If many are waiting, the next heartbeat asks again.
func (s *Service) want(h Heartbeat) {
	if h.Documents == "" {
		return
	}
	if _, known := s.known.Load(h.Documents); known {
		return
	}
	select {
	case s.wanted <- h:
	default:
	}
}

// take fetches the pack of an edge, if it is not kept yet.
func (s *Service) take(ctx context.Context, h Heartbeat) error {
	kept, err := s.store.HasPack(ctx, h.Documents)
	if err != nil {
		return err
	}
	if !kept {
		pack, err := s.fetch(ctx, h)
		if err != nil {
			return err
		}
		if err := s.store.SavePack(ctx, pack); err != nil {
			return err
		}
		s.log.Info("rule pack taken", "digest", pack.Digest, "version", pack.Version, "node", h.Node, "region", h.Region)
	}
	s.known.Store(h.Documents, true)
	return nil
}

func (s *Service) fetch(ctx context.Context, h Heartbeat) (Pack, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.Address+"/v1/documents", nil)
	if err != nil {
		return Pack{}, err
	}
	resp, err := s.cfg.Client.Do(req)
	if err != nil {
		return Pack{}, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return Pack{}, fmt.Errorf("answered with %d: %w", resp.StatusCode, ErrPack)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxPack+1))
	if err != nil {
		return Pack{}, err
	}
	if len(body) > maxPack {
		return Pack{}, fmt.Errorf("more than %d bytes: %w", maxPack, ErrPack)
	}
	pack, _, err := readPack(body)
	if err != nil {
		return Pack{}, err
	}
	if pack.Digest != h.Documents {
		return Pack{}, fmt.Errorf("digest %.80q, announced %.80q: %w", pack.Digest, h.Documents, ErrPack)
	}
	pack.Fetched = s.cfg.Now()
	return pack, nil
}
