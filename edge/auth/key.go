package auth

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/professionalaistudio/studio/edge/wire"
)

// A keyring finds API keys by id and by the hash of their secret. A hash is found by looking it up: how long that
// takes tells nothing, since nobody can choose a secret by the hash it has.
type keyring struct {
	byID     map[wire.KeyID]key
	bySecret map[[sha256.Size]byte]wire.KeyID
}

type key struct {
	wire.Key
	pair  wire.KeyPair
	signs bool // it has a pair
}

func newKeyring(keys []wire.Key) keyring {
	ring := keyring{make(map[wire.KeyID]key, len(keys)), make(map[[sha256.Size]byte]wire.KeyID, len(keys))}
	for _, k := range keys {
		pair, err := k.Pair()
		ring.byID[k.ID] = key{k, pair, err == nil && len(pair.Key) > 0}
		var hash [sha256.Size]byte
		if n, err := hex.Decode(hash[:], []byte(k.SecretSHA256)); err == nil && n == len(hash) {
			ring.bySecret[hash] = k.ID
		}
	}
	return ring
}

// Key returns the API key of an id. None is known any more once control has been silent for too long, but for the
// static ones, which are the operator's own word.
func (v *Verifier) Key(id wire.KeyID) (wire.Key, bool) {
	k, ok := v.key(id)
	return k.Key, ok
}

// Pair returns what the URLs of a key are signed with.
func (v *Verifier) Pair(id wire.KeyID) (wire.KeyPair, bool) {
	k, ok := v.key(id)
	return k.pair, ok && k.signs
}

func (v *Verifier) key(id wire.KeyID) (key, bool) {
	if k, ok := v.static.byID[id]; ok {
		return k, true
	}
	if v.silence() >= trust {
		return key{}, false
	}
	k, ok := v.now.Load().keys.byID[id]
	return k, ok
}

// Secret returns the caller who shows the secret of an API key, as X-Api-Key carries it.
func (v *Verifier) Secret(secret string) (Caller, error) {
	c, err := v.secret(secret)
	if err != nil {
		refused.WithLabelValues(reason(err)).Inc()
	}
	return c, err
}

func (v *Verifier) secret(secret string) (Caller, error) {
	if c, ok := v.staticSecret(secret); ok {
		return c, nil
	}
	if _, ok := wire.ParseAPISecret(secret); !ok {
		return Caller{}, fmt.Errorf("%w: it is not the secret of a key", ErrToken)
	}
	if v.silence() >= trust {
		return Caller{}, ErrStale
	}
	s := v.now.Load()
	id, ok := s.keys.bySecret[sha256.Sum256([]byte(secret))]
	if !ok {
		return Caller{}, fmt.Errorf("%w: no key has this secret", ErrToken)
	}
	k := s.keys.byID[id]
	if !k.Resident(v.cfg.Region) {
		return Caller{}, &RegionError{k.Regions}
	}
	c := k.caller()
	c.Mark = s.bundle.Plans[k.Plan].Mark
	return c, nil
}

func (v *Verifier) staticSecret(secret string) (Caller, bool) {
	if secret == "" || len(v.static.bySecret) == 0 {
		return Caller{}, false
	}
	id, ok := v.static.bySecret[sha256.Sum256([]byte(secret))]
	if !ok {
		return Caller{}, false
	}
	return v.static.byID[id].caller(), true
}

func (k key) caller() Caller {
	return Caller{Org: k.Org, OrgIndex: k.OrgIndex, Key: k.ID, Subject: string(k.ID), Scopes: k.Scopes, Regions: k.Regions}
}

// Bearer returns the caller of an Authorization header's bearer: a token, or on an edge that stands alone, where
// nobody mints tokens, the secret of a static key.
func (v *Verifier) Bearer(raw string) (Caller, error) {
	if !v.following.Load() {
		if c, ok := v.staticSecret(raw); ok {
			return c, nil
		}
	}
	return v.Token(raw)
}
