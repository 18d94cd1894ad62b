package region

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// gone is how long after its last heartbeat an edge leaves the directory; forgotten, how long until its row goes.
const (
	gone      = 10 * time.Second
	forgotten = time.Hour
)

// A Region is where photos may be processed, with the edges that take work now, least loaded first.
type Region struct {
	ID    string   `json:"id"`
	Name  string   `json:"name"`
	Edges []Public `json:"edges"`
}

// A Public is what anyone may know of an edge.
type Public struct {
	Address string  `json:"address"`
	Load    float64 `json:"load"`
}

// Names are the regions that have one for people to read; any other goes by its id.
var Names = map[string]string{
	"local":          "This machine",
	"eu-central-1":   "Europe (Frankfurt)",
	"eu-west-1":      "Europe (Ireland)",
	"us-east-1":      "United States (Virginia)",
	"us-west-2":      "United States (Oregon)",
	"ap-southeast-1": "Asia (Singapore)",
}

// Directory lists the regions that have an edge which takes work, by id.
func (s *Service) Directory(ctx context.Context) ([]Region, error) {
	edges, err := s.store.Edges(ctx, s.cfg.Now().Add(-gone))
	if err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	byID := map[string]*Region{}
	for _, e := range edges {
		if e.Draining {
			continue
		}
		r := byID[e.Region]
		if r == nil {
			r = &Region{ID: e.Region, Name: e.Region}
			if name, ok := Names[e.Region]; ok {
				r.Name = name
			}
			byID[e.Region] = r
		}
		r.Edges = append(r.Edges, Public{e.Address, e.Load})
	}
	regions := make([]Region, 0, len(byID))
	for _, r := range byID {
		slices.SortFunc(r.Edges, func(a, b Public) int {
			if a.Load != b.Load {
				if a.Load < b.Load {
					return -1
				}
				return 1
			}
			return strings.Compare(a.Address, b.Address)
		})
		regions = append(regions, *r)
	}
	slices.SortFunc(regions, func(a, b Region) int { return strings.Compare(a.ID, b.ID) })
	return regions, nil
}

// Find is one region of the directory.
func (s *Service) Find(ctx context.Context, id string) (Region, bool, error) {
	regions, err := s.Directory(ctx)
	if err != nil {
		return Region{}, false, err
	}
	for _, r := range regions {
		if r.ID == id {
			return r, true, nil
		}
	}
	return Region{}, false, nil
}
