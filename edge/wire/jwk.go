package wire

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"time"
)

// ErrJWK says that a key of a key set cannot check our tokens.
var ErrJWK = errors.New("not an Ed25519 signing key")

// JWKS is a key set (RFC 7517).
type JWKS struct {
	Keys []JWK `json:"keys"`
}

// A JWK is an Ed25519 public key (RFC 8037). NotBefore and Expires, in unix seconds with 0 for open, bound the
// time in which it may have signed, so that the trust in a key ends even while control is gone.
type JWK struct {
	KeyType   string `json:"kty"`
	Curve     string `json:"crv"`
	ID        string `json:"kid"`
	X         string `json:"x"`
	Algorithm string `json:"alg,omitempty"`
	Use       string `json:"use,omitempty"`
	NotBefore int64  `json:"nbf,omitempty"`
	Expires   int64  `json:"exp,omitempty"`
}

// NewJWK describes a public key.
func NewJWK(id string, pub ed25519.PublicKey) JWK {
	return JWK{
		KeyType: "OKP", Curve: "Ed25519", ID: id, X: base64.RawURLEncoding.EncodeToString(pub),
		Algorithm: TokenAlgorithm, Use: "sig",
	}
}

// PublicKey is the key itself.
func (j JWK) PublicKey() (ed25519.PublicKey, error) {
	switch {
	case j.KeyType != "OKP" || j.Curve != "Ed25519":
		return nil, fmt.Errorf("type %q, curve %q: %w", j.KeyType, j.Curve, ErrJWK)
	case j.Use != "" && j.Use != "sig":
		return nil, fmt.Errorf("use %q: %w", j.Use, ErrJWK)
	case j.Algorithm != "" && j.Algorithm != TokenAlgorithm && j.Algorithm != "Ed25519": // RFC 9864
		return nil, fmt.Errorf("algorithm %q: %w", j.Algorithm, ErrJWK)
	}
	x, err := decodeKey(j.X, ed25519.PublicKeySize)
	if err != nil {
		return nil, fmt.Errorf("x: %w", ErrJWK)
	}
	return x, nil
}

// Valid reports whether the key may be trusted at now.
func (j JWK) Valid(now time.Time) bool {
	at := now.Unix()
	return (j.NotBefore == 0 || at >= j.NotBefore) && (j.Expires == 0 || at < j.Expires)
}

var errKeySize = errors.New("not a key of that size in base64url")

// decodeKey reads size bytes of base64url in their one spelling.
func decodeKey(s string, size int) ([]byte, error) {
	if len(s) != base64.RawURLEncoding.EncodedLen(size) {
		return nil, errKeySize
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != size { // shorter where the decoder skipped line breaks
		return nil, errKeySize
	}
	return b, nil
}
