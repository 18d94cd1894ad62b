package wire

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// ErrReceiptKeys says that bytes are not a set of keys.
var ErrReceiptKeys = errors.New("not a set of keys")

// ReceiptKeys is a key set (RFC 7517) of nodes: a node's own at its /.well-known/jwks.json, and those of all nodes that a
// control plane has heard of at its /.well-known/receipts.json.
type ReceiptKeys struct {
	Keys []ReceiptKey `json:"keys"`
}

// A ReceiptKey is the public half of what a node signs receipts with, and whose it is; where Region or Node is empty, that
// is not known. NotBefore is when the node made it, Expires where control publishes it: some time after the node was last
// heard of.
type ReceiptKey struct {
	JWK
	Region string `json:"region,omitempty"`
	Node   string `json:"node,omitempty"`
}

// NewReceiptKey describes the key that a node has made. Its id is computed from it.
func NewReceiptKey(region, node string, public ed25519.PublicKey, made time.Time) ReceiptKey {
	k := ReceiptKey{JWK: NewJWK(Thumbprint(public), public), Region: region, Node: node}
	k.NotBefore = made.Unix()
	return k
}

// Thumbprint is the id of a key by RFC 7638: nobody can give one key the id of another.
func Thumbprint(public ed25519.PublicKey) string {
	sum := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + base64.RawURLEncoding.EncodeToString(public) + `"}`))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// may tells whether the holder of k may have issued r.
func (k ReceiptKey) may(r Receipt) error {
	switch {
	case k.Region != "" && k.Region != r.Region || k.Node != "" && k.Node != r.Node:
		return fmt.Errorf("it says node %s of %s, and the key is of %s of %s: %w", r.Node, r.Region, k.Node, k.Region, ErrReceiptKey)
	case !k.Valid(r.Time()):
		return fmt.Errorf("the key was not good at %s: %w", r.Time().Format(time.RFC3339), ErrReceiptKey)
	}
	return nil
}

// ReadReceiptKeys reads a key set. Keys of other kinds are left out, as RFC 7517 asks.
func ReadReceiptKeys(data []byte) ([]ReceiptKey, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(data, &set); err != nil || set.Keys == nil {
		return nil, ErrReceiptKeys
	}
	var keys []ReceiptKey
	for _, raw := range set.Keys {
		var k ReceiptKey
		if json.Unmarshal(raw, &k) != nil {
			continue
		}
		if _, err := k.PublicKey(); err == nil && k.ID != "" {
			keys = append(keys, k)
		}
	}
	return keys, nil
}
