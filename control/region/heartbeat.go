package region

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"regexp"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/professionalaistudio/studio/edge/wire"
)

var beats = promauto.NewCounter(prometheus.CounterOpts{
	Name: "control_region_heartbeats_total", Help: "Heartbeats taken.",
})

// A Heartbeat is what an edge says of itself every few seconds. Members that are not known here are ignored: a newer
// edge may say more.
type Heartbeat struct {
	Node      string  `json:"node"`    // EDGE_NODE, unique within the region
	Region    string  `json:"region"`  // EDGE_REGION
	Address   string  `json:"address"` // its public base address
	Build     string  `json:"build"`
	Documents string  `json:"documents"` // digest of its rule pack
	Load      float64 `json:"load"`      // 0 idle, 1 full
	Draining  bool    `json:"draining"`
	Bundle    uint64  `json:"bundle"` // number of the bundle it holds

	ReceiptKey wire.ReceiptKey `json:"receipt_key"` // what its receipts are checked with; zero of an edge that signs none
}

// An Edge is a heartbeat and when it came.
type Edge struct {
	Heartbeat
	Seen time.Time
}

var (
	nodeName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)
	digest   = regexp.MustCompile(`^[A-Za-z0-9:+/=_-]{0,128}$`)
)

// ReadHeartbeat reads and checks a heartbeat's JSON.
func ReadHeartbeat(data []byte) (Heartbeat, error) {
	var h Heartbeat
	if err := json.Unmarshal(data, &h); err != nil {
		return Heartbeat{}, fmt.Errorf("%w: %w", ErrHeartbeat, err)
	}
	bad := func(member string) (Heartbeat, error) { return Heartbeat{}, fmt.Errorf("%s: %w", member, ErrHeartbeat) }
	switch {
	case !nodeName.MatchString(h.Node):
		return bad("node")
	case !regionID.MatchString(h.Region):
		return bad("region")
	case !digest.MatchString(h.Documents):
		return bad("documents")
	case len(h.Build) > 128:
		return bad("build")
	case h.Bundle > math.MaxInt64:
		return bad("bundle")
	case math.IsNaN(h.Load) || math.IsInf(h.Load, 0) || h.Load < 0:
		return bad("load")
	}
	u, err := url.Parse(h.Address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil ||
		u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" || len(h.Address) > 256 {
		return bad("address")
	}
	h.Address = u.Scheme + "://" + u.Host
	if err := h.readKey(); err != nil {
		return Heartbeat{}, err
	}
	return h, nil
}

// Beat takes an edge's heartbeat. The token says which region it may speak for.
func (s *Service) Beat(ctx context.Context, n Node, h Heartbeat) error {
	if h.Region != n.Region {
		return fmt.Errorf("node %s is of region %s and says %s: %w", n.ID, n.Region, h.Region, ErrNode)
	}
	if err := s.store.SaveEdge(ctx, Edge{h, s.cfg.Now()}); err != nil {
		return fmt.Errorf("heartbeat: %w", err)
	}
	if err := s.keep(ctx, h); err != nil {
		return fmt.Errorf("heartbeat: %w", err)
	}
	beats.Inc()
	s.want(h)
	return nil
}
