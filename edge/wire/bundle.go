package wire

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

// ErrBundle says that bytes are not a bundle that control signed.
var ErrBundle = errors.New("not a bundle signed by our control plane")

// MaxBundle bounds a sealed bundle: a hundred thousand keys are about 30 MB.
const MaxBundle = 64 << 20

// A Bundle is all that an edge must know, numbered: one with a lower number never replaces a higher. It carries
// the secrets that URLs are signed with, so it travels only over authenticated TLS or the encrypted pool.
type Bundle struct {
	Number      uint64           `json:"number"`
	Issued      int64            `json:"issued"` // unix seconds
	Region      string           `json:"region"` // whose edges it is for
	Issuer      string           `json:"issuer"` // iss of tokens
	JWKS        JWKS             `json:"jwks"`
	Revocations map[string]int64 `json:"revocations,omitempty"` // by RevocationKey: not before, unix seconds
	Keys        []Key            `json:"keys,omitempty"`
	Plans       map[string]Plan  `json:"plans,omitempty"`
	Switches    map[string]bool  `json:"switches,omitempty"`
}

// A Key is an API key as an edge needs it: a secret only by its hash, the URL key as it is.
type Key struct {
	ID           KeyID    `json:"id"`
	Org          OrgID    `json:"org"`
	OrgIndex     uint32   `json:"ox"`
	SecretSHA256 string   `json:"secret_sha256,omitempty"` // HashSecret of what the customer was shown
	KeyHex       string   `json:"key,omitempty"`
	SaltHex      string   `json:"salt,omitempty"`
	Scopes       []string `json:"scopes,omitempty"`
	Regions      []string `json:"rg,omitempty"` // residency; none named: everywhere
	Plan         string   `json:"plan,omitempty"`
}

// A Plan is what a key's requests may ask for at most. Zero means the edge's own limit.
type Plan struct {
	MPx  int      `json:"mpx,omitempty"`
	RPS  int      `json:"rps,omitempty"`
	Ops  []string `json:"ops,omitempty"`
	Mark bool     `json:"mark,omitempty"`
}

// Pair is what the key's URLs are signed with.
func (k Key) Pair() (KeyPair, error) {
	key, err := hex.DecodeString(k.KeyHex)
	if err != nil {
		return KeyPair{}, fmt.Errorf("key of %s is not hexadecimal", k.ID)
	}
	salt, err := hex.DecodeString(k.SaltHex)
	if err != nil {
		return KeyPair{}, fmt.Errorf("salt of %s is not hexadecimal", k.ID)
	}
	return KeyPair{Key: key, Salt: salt}, nil
}

// Resident reports whether the key's photos may be in region.
func (k Key) Resident(region string) bool {
	return len(k.Regions) == 0 || Resident(k.Regions, region)
}

// What can be revoked.
const (
	RevokeSession = "sid"
	RevokeSubject = "sub"
	RevokeOrg     = "org"
	RevokeKey     = "kid" // of the key that signed a token
)

// RevocationKey is where a bundle's Revocations keep an id. Tokens issued before its time are refused.
func RevocationKey(kind, id string) string { return kind + ":" + id }

// sealed is a bundle as it travels. The signature is of the bytes of the payload, so that they are trusted before
// they are read.
type sealed struct {
	Payload   []byte `json:"payload"`
	Signature []byte `json:"signature"`
}

// bundleDomain keeps a signature of a bundle from being anything else, and anything else from being one.
const bundleDomain = "professional ai studio: bundle v1\x00"

// SealBundle signs a bundle.
func SealBundle(b Bundle, priv ed25519.PrivateKey) ([]byte, error) {
	if len(priv) != ed25519.PrivateKeySize {
		return nil, errors.New("sealing a bundle takes an Ed25519 private key")
	}
	payload, err := json.Marshal(b)
	if err != nil {
		return nil, fmt.Errorf("sealing bundle %d: %w", b.Number, err)
	}
	return json.Marshal(sealed{payload, ed25519.Sign(priv, append([]byte(bundleDomain), payload...))})
}

// OpenBundle reads a bundle that the holder of pub's other half signed. Who handed it over does not matter.
func OpenBundle(data []byte, pub ed25519.PublicKey) (Bundle, error) {
	if len(pub) != ed25519.PublicKeySize {
		return Bundle{}, fmt.Errorf("no key to check it with: %w", ErrBundle)
	}
	if len(data) > MaxBundle {
		return Bundle{}, fmt.Errorf("%d bytes: %w", len(data), ErrBundle)
	}
	var s sealed
	if err := json.Unmarshal(data, &s); err != nil {
		return Bundle{}, fmt.Errorf("envelope: %w", ErrBundle)
	}
	if !ed25519.Verify(pub, append([]byte(bundleDomain), s.Payload...), s.Signature) {
		return Bundle{}, fmt.Errorf("signature: %w", ErrBundle)
	}
	var b Bundle
	if err := json.Unmarshal(s.Payload, &b); err != nil {
		return Bundle{}, fmt.Errorf("payload: %w: %w", ErrBundle, err)
	}
	return b, nil
}
