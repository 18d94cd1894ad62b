package wire

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

// ErrNodeToken says that a text is not a node token.
var ErrNodeToken = errors.New("not a node token: want pasn.<node>.<secret>.<key>, as `control node` prints it")

const nodeSecretSize = 32

// A NodeToken is what an edge needs to talk to control: who it is, the proof, and the key that bundles are checked
// with, so that the edge trusts control's signature and nobody's word.
type NodeToken struct {
	Node      string
	Secret    string // base64url of 32 random bytes; control keeps HashSecret of it
	BundleKey ed25519.PublicKey
}

// NewNodeToken makes a token with a fresh secret for a node.
func NewNodeToken(node string, bundleKey ed25519.PublicKey) (NodeToken, error) {
	secret := make([]byte, nodeSecretSize)
	rand.Read(secret)
	t := NodeToken{node, base64.RawURLEncoding.EncodeToString(secret), bundleKey}
	if _, err := ParseNodeToken(t.String()); err != nil {
		return NodeToken{}, fmt.Errorf("node %q with a key of %d bytes: %w", node, len(bundleKey), err)
	}
	return t, nil
}

// ParseNodeToken reads what String writes.
func ParseNodeToken(s string) (NodeToken, error) {
	parts := strings.Split(s, ".")
	if len(parts) != 4 || parts[0] != "pasn" || !isWord(parts[1]) {
		return NodeToken{}, ErrNodeToken
	}
	if _, err := decodeKey(parts[2], nodeSecretSize); err != nil {
		return NodeToken{}, fmt.Errorf("its secret: %w", ErrNodeToken)
	}
	key, err := decodeKey(parts[3], ed25519.PublicKeySize)
	if err != nil {
		return NodeToken{}, fmt.Errorf("its key: %w", ErrNodeToken)
	}
	return NodeToken{Node: parts[1], Secret: parts[2], BundleKey: key}, nil
}

// String is the token in full: a secret.
func (t NodeToken) String() string {
	return "pasn." + t.Node + "." + t.Secret + "." + base64.RawURLEncoding.EncodeToString(t.BundleKey)
}

// LogValue keeps the secret out of logs.
func (t NodeToken) LogValue() slog.Value { return slog.StringValue("pasn." + t.Node + ".…") }

// isWord reports whether s can be an id: up to 64 letters, digits, - and _.
func isWord(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !('0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' || c == '-' || c == '_') {
			return false
		}
	}
	return s != "" && len(s) <= 64
}
