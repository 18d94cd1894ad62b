package auth

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/professionalaistudio/studio/edge/wire"
)

// How long an edge goes on without a word from control. A day or so of silence is an outage of ours, and customers
// must not feel it; after a week the keys it knows may all have been taken back.
const (
	concern = 15 * time.Minute
	trust   = 7 * 24 * time.Hour
	// refetch is how often a token with an unknown key may make an edge ask control at once: junk key ids must not
	// become load there.
	refetch = time.Minute
	// maxSkew is how far our clock may be from control's; leeway hides that, so readiness shows it.
	maxSkew = 10 * time.Second
)

// ErrBundleRegion says that a bundle is for the edges of another region.
var ErrBundleRegion = errors.New("the bundle is for another region")

// Config is what a Verifier can be told. Its zero value is an edge of region "" that nobody can call.
type Config struct {
	Audience  string            // of tokens; empty: wire.TokenAudience
	Region    string            // where this edge is
	Leeway    time.Duration     // of clocks, both ways; 0: 30 s
	Now       func() time.Time  // nil: time.Now
	Static    []wire.Key        // EDGE_KEYS; one without scopes has all of them
	BundleKey ed25519.PublicKey // what sealed bundles are checked with; Follow fills it in from the node token
}

// A Verifier answers who a caller is. It is safe for any number of goroutines, and takes no lock to answer.
type Verifier struct {
	cfg    Config
	static keyring

	write     sync.Mutex // held while a snapshot is replaced
	now       atomic.Pointer[snapshot]
	bundleKey atomic.Pointer[ed25519.PublicKey]
	following atomic.Bool  // readiness waits for control
	heard     atomic.Int64 // unix nanoseconds of control's last word; 0: never
	skew      atomic.Int64 // nanoseconds that control's clock is ahead of ours
	asked     atomic.Int64 // unix nanoseconds when an unknown key last made us ask
	ask       chan struct{}
}

// A snapshot is a bundle made ready to be asked. It is never changed.
type snapshot struct {
	bundle wire.Bundle
	sealed []byte
	parser *jwt.Parser
	signed map[string]signingKey
	keys   keyring
}

type signingKey struct {
	wire.JWK
	public ed25519.PublicKey
}

// New makes a Verifier that knows the static keys alone, until a bundle is applied.
func New(cfg Config) *Verifier {
	if cfg.Audience == "" {
		cfg.Audience = wire.TokenAudience
	}
	if cfg.Leeway == 0 {
		cfg.Leeway = 30 * time.Second
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	v := &Verifier{cfg: cfg, ask: make(chan struct{}, 1)}
	static := make([]wire.Key, len(cfg.Static))
	for i, k := range cfg.Static {
		if len(k.Scopes) == 0 {
			k.Scopes = wire.Scopes
		}
		static[i] = k
	}
	v.static = newKeyring(static)
	v.now.Store(&snapshot{})
	if len(cfg.BundleKey) > 0 {
		v.bundleKey.Store(&cfg.BundleKey)
		v.following.Store(true)
	}
	return v
}

// Number is that of the bundle in use, 0 for none.
func (v *Verifier) Number() uint64 { return v.now.Load().bundle.Number }

// Sealed is the bundle in use as control signed it, for a neighbour that has just started; nil where there is none.
// The caller must not change it.
func (v *Verifier) Sealed() []byte { return v.now.Load().sealed }

// Apply takes a bundle into use unless it is for another region or older than the one in use, and reports whether it
// did. With the same number, the one that was issued later is newer.
func (v *Verifier) Apply(b wire.Bundle) bool { return v.apply(b, nil) }

// ApplySealed opens a bundle, from whomever it came, and applies it. That it is not newer is no error.
func (v *Verifier) ApplySealed(data []byte) (applied bool, err error) {
	if bytes.Equal(data, v.Sealed()) && len(data) > 0 {
		return false, nil // a neighbour's, on every exchange
	}
	key := v.bundleKey.Load()
	if key == nil {
		return false, fmt.Errorf("no node token, so no key to check it with: %w", wire.ErrBundle)
	}
	b, err := wire.OpenBundle(data, *key)
	if err != nil {
		return false, err
	}
	if b.Region != v.cfg.Region {
		return false, fmt.Errorf("%q, not %q: %w", b.Region, v.cfg.Region, ErrBundleRegion)
	}
	return v.apply(b, bytes.Clone(data)), nil
}

func (v *Verifier) apply(b wire.Bundle, sealed []byte) bool {
	if b.Region != v.cfg.Region || b.Number == 0 {
		return false
	}
	v.write.Lock()
	defer v.write.Unlock()
	old := v.now.Load()
	if b.Number < old.bundle.Number || b.Number == old.bundle.Number && b.Issued <= old.bundle.Issued {
		return false
	}
	now := v.cfg.Now()
	b.Revocations = merge(b.Revocations, old.bundle.Revocations, now.Add(-wire.MaxTokenLife*time.Second-2*v.cfg.Leeway).Unix())
	s := &snapshot{
		bundle: b, sealed: sealed, keys: newKeyring(b.Keys), signed: make(map[string]signingKey, len(b.JWKS.Keys)),
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{wire.TokenAlgorithm}), jwt.WithStrictDecoding(),
			jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(v.cfg.Leeway), jwt.WithTimeFunc(v.cfg.Now),
			jwt.WithAudience(v.cfg.Audience), jwt.WithIssuer(b.Issuer),
		),
	}
	for _, j := range b.JWKS.Keys {
		if public, err := j.PublicKey(); err == nil && j.ID != "" { // another algorithm may be introduced one day
			s.signed[j.ID] = signingKey{j, public}
		}
	}
	v.now.Store(s)
	bundleNumber.Set(float64(b.Number))
	heard := now
	if issued := time.Unix(b.Issued, 0); b.Issued != 0 && issued.Before(now) {
		heard = issued // a neighbour's copy proves no more than that control was there when it was issued
	}
	v.hear(heard)
	return true
}

// merge is the later of both times for each id, without those of old that no living token can be older than.
func merge(fresh, old map[string]int64, horizon int64) map[string]int64 {
	merged := make(map[string]int64, len(fresh))
	for id, at := range old {
		if at >= horizon {
			merged[id] = at
		}
	}
	for id, at := range fresh {
		merged[id] = max(at, merged[id])
	}
	return merged
}

// hear notes that control was there at a time.
func (v *Verifier) hear(at time.Time) {
	for {
		before := v.heard.Load()
		if at.UnixNano() <= before {
			return
		}
		if v.heard.CompareAndSwap(before, at.UnixNano()) {
			bundleHeard.Set(float64(at.Unix()))
			return
		}
	}
}

// silence is how long ago control was last heard of; 0 where no bundle was ever there.
func (v *Verifier) silence() time.Duration {
	heard := v.heard.Load()
	if heard == 0 {
		return 0
	}
	return v.cfg.Now().Sub(time.Unix(0, heard))
}

// Ready reports whether this edge should be sent requests, and why not. One that stands alone on static keys always
// is.
func (v *Verifier) Ready() (ok bool, why string) {
	if !v.following.Load() {
		return true, ""
	}
	if v.Number() == 0 {
		return false, "no bundle from the control plane yet"
	}
	if silence := v.silence(); silence >= trust {
		return false, fmt.Sprintf("no word from the control plane for %d hours", int(silence.Hours()))
	}
	if skew := time.Duration(v.skew.Load()); skew.Abs() > maxSkew {
		return false, fmt.Sprintf("this clock is %s off that of the control plane", skew.Abs().Round(time.Second))
	}
	return true, ""
}

// wantKey asks the follower, once a minute at most, to look for a newer bundle.
func (v *Verifier) wantKey() {
	now, before := v.cfg.Now().UnixNano(), v.asked.Load()
	if before != 0 && now-before < int64(refetch) || !v.asked.CompareAndSwap(before, now) {
		return
	}
	select {
	case v.ask <- struct{}{}:
	default:
	}
}
