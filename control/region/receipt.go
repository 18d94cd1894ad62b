package region

import (
	"context"
	"fmt"
	"time"

	"github.com/professionalaistudio/studio/edge/wire"
)

const (
	// keyEvery is how often it is noted that a node still has its key: heartbeats come every few seconds, and nobody asks
	// to the second.
	keyEvery = time.Minute
	// keyTrust is how long after its last heartbeat a node's key may have signed: as long as edges go on without control.
	keyTrust = 7 * 24 * time.Hour
	// keyKept is how long a key can be looked up after that, and so how long a receipt can be checked.
	keyKept = 3 * 365 * 24 * time.Hour
	// keysListed bounds the list of keys; older ones are found by their id.
	keysListed = 1000
)

// A ReceiptKey is what one node, for as long as it ran, signed receipts with.
type ReceiptKey struct {
	Region, Node string
	ID           string    // wire.Thumbprint
	X            string    // the key, as a JWK has it
	Made         time.Time // as the node says
	First, Last  time.Time // when control heard of it
}

// readKey makes of a heartbeat's key one that can be kept. A key of another kind is a newer edge's, and left out.
func (h *Heartbeat) readKey() error {
	k := h.ReceiptKey
	h.ReceiptKey = wire.ReceiptKey{}
	if k.KeyType != "OKP" || k.Curve != "Ed25519" {
		return nil
	}
	public, err := k.PublicKey()
	if err != nil || k.ID != wire.Thumbprint(public) || k.NotBefore <= 0 || k.NotBefore > 1<<40 {
		return fmt.Errorf("receipt_key: %w", ErrHeartbeat)
	}
	h.ReceiptKey = wire.NewReceiptKey(h.Region, h.Node, public, time.Unix(k.NotBefore, 0))
	return nil
}

// keep remembers the key of an edge, so that its receipts can be checked when it is gone. The same key under two names is
// kept twice: so nobody can take a name away from a key.
func (s *Service) keep(ctx context.Context, h Heartbeat) error {
	k := h.ReceiptKey
	if k.ID == "" {
		return nil
	}
	now := s.cfg.Now()
	if last, noted := s.noted.Load(k); noted && now.Sub(last.(time.Time)) < keyEvery {
		return nil
	}
	if err := s.store.SaveReceiptKey(ctx, ReceiptKey{
		Region: h.Region, Node: h.Node, ID: k.ID, X: k.X, Made: time.Unix(k.NotBefore, 0), First: now, Last: now,
	}); err != nil {
		return err
	}
	s.noted.Store(k, now)
	return nil
}

// forgetKeys lets go of what nobody can ask for any more.
func (s *Service) forgetKeys(ctx context.Context) error {
	now := s.cfg.Now()
	s.noted.Range(func(k, last any) bool {
		if now.Sub(last.(time.Time)) > forgotten {
			s.noted.Delete(k)
		}
		return true
	})
	_, err := s.store.ForgetReceiptKeys(ctx, now.Add(-keyKept))
	return err
}

// ReceiptKeys are the keys that nodes sign receipts with, those heard of last first: all with an id, or the newest where
// none is named.
func (s *Service) ReceiptKeys(ctx context.Context, id string) (wire.ReceiptKeys, error) {
	list, err := s.store.ReceiptKeys(ctx, id, keysListed)
	if err != nil {
		return wire.ReceiptKeys{}, fmt.Errorf("receipt keys: %w", err)
	}
	set := wire.ReceiptKeys{Keys: make([]wire.ReceiptKey, len(list))}
	for i, k := range list {
		j := wire.NewJWK(k.ID, nil)
		j.X, j.NotBefore, j.Expires = k.X, k.Made.Unix(), k.Last.Add(keyTrust).Unix()
		set.Keys[i] = wire.ReceiptKey{JWK: j, Region: k.Region, Node: k.Node}
	}
	return set, nil
}
