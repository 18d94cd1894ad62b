package token

import (
	"context"
	"time"
)

// A Store keeps signing keys, revocations and the bundle's number. The number moves in the transaction that changes
// anything edges must know, and it never goes back, not even to a backup of yesterday.
type Store interface {
	SigningKeys(ctx context.Context) ([]SigningKey, error)
	// ChangeSigningKeys lets change decide, with nobody else changing them meanwhile, which keys to write and which
	// to drop. If it decides nothing, the number stays.
	ChangeSigningKeys(ctx context.Context, change func([]SigningKey) (put []SigningKey, drop []string, err error)) error

	// BundleSeed is the seed of the key that signs bundles: the one kept, or else fresh, which is then kept.
	BundleSeed(ctx context.Context, fresh [32]byte) ([32]byte, error)
	BundleNumber(ctx context.Context) (uint64, error)
	BumpBundle(ctx context.Context) (uint64, error)

	// AddRevocation keeps the later of notBefore and what is kept for key already.
	AddRevocation(ctx context.Context, key string, notBefore time.Time) error
	// Revocations are those that still matter, by key: not before, in Unix seconds.
	Revocations(ctx context.Context, since time.Time) (map[string]int64, error)
	SweepRevocations(ctx context.Context, before time.Time) error
}
