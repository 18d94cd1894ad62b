package region

import (
	"context"
	"crypto/ed25519"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// A Store keeps nodes, edges, rule packs and keys of receipts.
type Store interface {
	AddNode(ctx context.Context, n Node) error
	// Node finds a node by its id, or ErrNode.
	Node(ctx context.Context, id string) (Node, error)
	// RevokeNode ends a node, or ErrNode if there is none that lives.
	RevokeNode(ctx context.Context, id string, at time.Time) error

	// SaveEdge keeps an edge's newest heartbeat.
	SaveEdge(ctx context.Context, e Edge) error
	// Edges lists the edges heard of after seen, by region and name.
	Edges(ctx context.Context, seen time.Time) ([]Edge, error)
	// ForgetEdges removes the edges not heard of since.
	ForgetEdges(ctx context.Context, since time.Time) (int64, error)

	// SavePack keeps a rule pack; one with the same digest is kept as it was.
	SavePack(ctx context.Context, p Pack) error
	// HasPack says whether a pack is kept.
	HasPack(ctx context.Context, digest string) (bool, error)
	// Pack finds a pack, or ErrNoPack.
	Pack(ctx context.Context, digest string) (Pack, error)
	// CurrentPack is the digest of the kept pack that most edges heard of after seen have, of the newest if that is a
	// tie or there are no edges; ErrNoPack if none is kept.
	CurrentPack(ctx context.Context, seen time.Time) (digest string, err error)

	// SaveReceiptKey keeps a node's key; of one that is kept it notes Last.
	SaveReceiptKey(ctx context.Context, k ReceiptKey) error
	// ReceiptKeys lists at most limit keys, those heard of last first; with an id, only those that have it.
	ReceiptKeys(ctx context.Context, id string, limit int) ([]ReceiptKey, error)
	// ForgetReceiptKeys removes the keys not heard of since.
	ForgetReceiptKeys(ctx context.Context, since time.Time) (int64, error)
}

// Config is what may be tuned.
type Config struct {
	BundleKey ed25519.PublicKey // goes into node tokens: what nodes check bundles with
	Client    *http.Client      // fetches rule packs
	Now       func() time.Time
}

// A Service is the directory.
type Service struct {
	cfg   Config
	store Store
	log   *slog.Logger

	wanted chan Heartbeat // edges whose rule pack may be new
	known  sync.Map       // digests of packs that are kept
	noted  sync.Map       // keys of receipts, and when it was last noted that their node lives
	parsed parsedPack
}

// New makes a service. Its Run must run for rule packs to be fetched and old edges to be forgotten.
func New(cfg Config, store Store, log *slog.Logger) *Service {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Client == nil {
		cfg.Client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	return &Service{cfg: cfg, store: store, log: log, wanted: make(chan Heartbeat, 16)}
}

// Run fetches rule packs that are new, and forgets edges, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	tick := time.NewTicker(10 * time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case h := <-s.wanted:
			if err := s.take(ctx, h); err != nil && ctx.Err() == nil {
				s.log.Warn("rule pack could not be taken", "node", h.Node, "address", h.Address, "error", err)
			}
		case <-tick.C:
			if _, err := s.store.ForgetEdges(ctx, s.cfg.Now().Add(-forgotten)); err != nil && ctx.Err() == nil {
				s.log.Error("edges could not be forgotten", "error", err)
			}
			if err := s.forgetKeys(ctx); err != nil && ctx.Err() == nil {
				s.log.Error("old keys of receipts could not be forgotten", "error", err)
			}
		}
	}
}
