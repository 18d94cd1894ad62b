package region

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/professionalaistudio/studio/edge/wire"
)

var (
	// ErrNode means that a node token is unknown, revoked, or is for another region than the one it was used in.
	ErrNode = errors.New("node token is not good here")
	// ErrRegion means that a text cannot name a region.
	ErrRegion = errors.New("want a region of 1 to 32 small letters, digits and dashes")
	// ErrHeartbeat means that a heartbeat cannot be used.
	ErrHeartbeat = errors.New("not a heartbeat")
)

// A Node is the holder of a node token: one edge, or all of a group that share it.
type Node struct {
	ID           string
	Region       string
	SecretSHA256 string // wire.HashSecret
	Created      time.Time
	Revoked      time.Time
}

var regionID = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$`)

// CreateNode makes a node token for a region. It is shown once.
func (s *Service) CreateNode(ctx context.Context, region string) (wire.NodeToken, error) {
	if !regionID.MatchString(region) {
		return wire.NodeToken{}, fmt.Errorf("region %.40q: %w", region, ErrRegion)
	}
	token, err := wire.NewNodeToken(region+"-"+strings.ToLower(rand.Text()[:10]), s.cfg.BundleKey)
	if err != nil {
		return wire.NodeToken{}, fmt.Errorf("node token: %w", err)
	}
	n := Node{ID: token.Node, Region: region, SecretSHA256: wire.HashSecret(token.Secret), Created: s.cfg.Now()}
	if err := s.store.AddNode(ctx, n); err != nil {
		return wire.NodeToken{}, fmt.Errorf("node token: %w", err)
	}
	return token, nil
}

// RevokeNode ends a node token at once.
func (s *Service) RevokeNode(ctx context.Context, id string) error {
	if err := s.store.RevokeNode(ctx, id, s.cfg.Now()); err != nil {
		return fmt.Errorf("revoke node %.64q: %w", id, err)
	}
	return nil
}

// Check finds the node that a token belongs to. The bundle key inside is what the node trusts, not what proves it.
func (s *Service) Check(ctx context.Context, token string) (Node, error) {
	t, err := wire.ParseNodeToken(token)
	if err != nil {
		return Node{}, fmt.Errorf("%w: %w", ErrNode, err)
	}
	n, err := s.store.Node(ctx, t.Node)
	if err != nil {
		return Node{}, fmt.Errorf("node %s: %w", t.Node, err)
	}
	if subtle.ConstantTimeCompare([]byte(n.SecretSHA256), []byte(wire.HashSecret(t.Secret))) != 1 || !n.Revoked.IsZero() {
		return Node{}, fmt.Errorf("node %s: %w", t.Node, ErrNode)
	}
	return n, nil
}
