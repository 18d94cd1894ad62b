package token

import (
	"cmp"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/professionalaistudio/studio/edge/wire"
)

// A State is where a signing key stands in its life.
type State string

// A key goes through these in order, and then it is gone.
const (
	Next     State = "next"     // published, signs nothing yet
	Active   State = "active"   // signs
	Retiring State = "retiring" // published, so that what it signed is good until it ends by itself
)

const (
	activeLife   = 30 * 24 * time.Hour
	retiringLife = 7 * 24 * time.Hour
	// settle is how long a key is published before it signs: twice the age to which strangers may cache the keys.
	settle = 10 * time.Minute
)

// A SigningKey signs access tokens.
type SigningKey struct {
	ID        string
	State     State
	Private   ed25519.PrivateKey // at rest, sealed
	Created   time.Time
	Activated time.Time
	Retired   time.Time
}

// LogValue keeps the private half out of logs.
func (k SigningKey) LogValue() slog.Value { return slog.StringValue(k.ID) }

func newKey(state State, now time.Time) (SigningKey, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return SigningKey{}, fmt.Errorf("make a signing key: %w", err)
	}
	k := SigningKey{ID: now.UTC().Format("20060102") + "-" + rand.Text()[:8], State: state, Private: private, Created: now}
	if state == Active {
		k.Activated = now
	}
	return k, nil
}

// jwk is the public half. It carries an end of its own, so that trust in it ends even if control is never heard of
// again.
func (k SigningKey) jwk() wire.JWK {
	j := wire.NewJWK(k.ID, k.Private.Public().(ed25519.PublicKey))
	switch k.State {
	case Next:
		j.Expires = k.Created.Add(2*activeLife + retiringLife).Unix()
	case Active:
		j.Expires = k.Activated.Add(activeLife + retiringLife).Unix()
	case Retiring:
		j.Expires = k.Retired.Add(retiringLife).Unix()
	}
	return j
}

// gone says whether a key need no longer be published.
func (k SigningKey) gone(now time.Time) bool {
	return k.State == Retiring && now.Sub(k.Retired) >= retiringLife
}

// signer is the key to sign with: the newest that has been active and published long enough for everybody to know
// it. Where none has, it is the oldest, which most have heard of; the first key of all signs at once that way.
func signer(keys []SigningKey, now time.Time) (SigningKey, bool) {
	var able []SigningKey
	for _, k := range keys {
		if k.State != Next && !k.gone(now) {
			able = append(able, k)
		}
	}
	if len(able) == 0 {
		return SigningKey{}, false
	}
	slices.SortFunc(able, func(a, b SigningKey) int {
		return cmp.Or(b.Activated.Compare(a.Activated), b.Created.Compare(a.Created))
	})
	for _, k := range able {
		if now.Sub(k.Created) >= settle {
			return k, true
		}
	}
	return able[len(able)-1], true
}
