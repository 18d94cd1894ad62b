package store

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/professionalaistudio/studio/control/token"
)

var _ token.Store = (*DB)(nil)

const signingPlace = "signing_keys.private"

func (db *DB) scanSigningKey(row scanner) (k token.SigningKey, err error) {
	var private []byte
	var created, activated, retired int64
	if err = row.Scan(&k.ID, &k.State, &private, &created, &activated, &retired); err != nil {
		return k, err
	}
	seed, err := db.open(signingPlace, k.ID, private)
	if err != nil {
		return k, err
	}
	if len(seed) != ed25519.SeedSize {
		return k, fmt.Errorf("store: signing key %s has %d bytes", k.ID, len(seed))
	}
	k.Private = ed25519.NewKeyFromSeed(seed)
	k.Created, k.Activated, k.Retired = moment(created), moment(activated), moment(retired)
	return k, nil
}

// SigningKeys implements token.Store.
func (db *DB) SigningKeys(ctx context.Context) ([]token.SigningKey, error) {
	return db.signingKeys(ctx, db.read)
}

func (db *DB) signingKeys(ctx context.Context, q querier) ([]token.SigningKey, error) {
	return list(ctx, q, db.scanSigningKey,
		`SELECT id, state, private, created, activated, retired FROM signing_keys ORDER BY created, id`)
}

// ChangeSigningKeys implements token.Store.
func (db *DB) ChangeSigningKeys(ctx context.Context, change func([]token.SigningKey) ([]token.SigningKey, []string, error)) error {
	return kept(db.tx(ctx, func(tx *sql.Tx) error {
		if _, err := bump(ctx, tx); err != nil { // its lock keeps everybody else out
			return err
		}
		keys, err := db.signingKeys(ctx, tx)
		if err != nil {
			return err
		}
		put, drop, err := change(keys)
		if err != nil {
			return err
		}
		if len(put) == 0 && len(drop) == 0 {
			return errKeep
		}
		// Away with the old rows first: there may be one active and one next key at any moment.
		for _, k := range put {
			drop = append(drop, k.ID)
		}
		for _, id := range drop {
			if _, err := exec(ctx, tx, `DELETE FROM signing_keys WHERE id = $1`, id); err != nil {
				return err
			}
		}
		for _, k := range put {
			if _, err := exec(ctx, tx, `INSERT INTO signing_keys (id, state, private, created, activated, retired)
				VALUES ($1, $2, $3, $4, $5, $6)`, k.ID, k.State, db.seal(signingPlace, k.ID, k.Private.Seed()),
				micros(k.Created), micros(k.Activated), micros(k.Retired)); err != nil {
				return err
			}
		}
		return nil
	}))
}

// BundleSeed implements token.Store.
func (db *DB) BundleSeed(ctx context.Context, fresh [32]byte) (seed [32]byte, err error) {
	const place, name = "sealed", "bundle key"
	var sealed []byte
	err = db.tx(ctx, func(tx *sql.Tx) error {
		if _, err := exec(ctx, tx, `INSERT INTO sealed (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`,
			name, db.seal(place, name, fresh[:])); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `SELECT value FROM sealed WHERE name = $1`, name).Scan(&sealed)
	})
	if err != nil {
		return seed, err
	}
	plain, err := db.open(place, name, sealed)
	if err == nil && copy(seed[:], plain) != len(seed) {
		err = fmt.Errorf("store: the bundle key has %d bytes", len(plain))
	}
	return seed, err
}

// BundleNumber implements token.Store.
func (db *DB) BundleNumber(ctx context.Context) (number uint64, err error) {
	err = db.read.QueryRowContext(ctx, `SELECT value FROM counters WHERE name = 'bundle'`).Scan(&number)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return number, err
}

// BumpBundle implements token.Store.
func (db *DB) BumpBundle(ctx context.Context) (number uint64, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		number, err = bump(ctx, tx)
		return err
	})
	return number, err
}

// bump moves the bundle's number: to the next one or to the present second, whichever is higher. So a database
// brought back from yesterday does not hand out numbers that edges have left behind them.
func bump(ctx context.Context, tx *sql.Tx) (number uint64, err error) {
	err = tx.QueryRowContext(ctx, `INSERT INTO counters (name, value) VALUES ('bundle', $1)
		ON CONFLICT (name) DO UPDATE SET value = CASE WHEN counters.value >= $1 THEN counters.value + 1 ELSE $1 END
		RETURNING value`, time.Now().Unix()).Scan(&number)
	return number, err
}

// AddRevocation implements token.Store.
func (db *DB) AddRevocation(ctx context.Context, key string, notBefore time.Time) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		if _, err := bump(ctx, tx); err != nil {
			return err
		}
		_, err := exec(ctx, tx, `INSERT INTO revocations (name, not_before) VALUES ($1, $2)
			ON CONFLICT (name) DO UPDATE SET not_before =
				CASE WHEN revocations.not_before >= $2 THEN revocations.not_before ELSE $2 END`, key, notBefore.Unix())
		return err
	})
}

// Revocations implements token.Store.
func (db *DB) Revocations(ctx context.Context, since time.Time) (map[string]int64, error) {
	type revocation struct {
		name string
		at   int64
	}
	scan := func(row scanner) (r revocation, err error) {
		err = row.Scan(&r.name, &r.at)
		return r, err
	}
	all, err := list(ctx, db.read, scan, `SELECT name, not_before FROM revocations WHERE not_before >= $1`, since.Unix())
	if err != nil {
		return nil, err
	}
	named := make(map[string]int64, len(all))
	for _, r := range all {
		named[r.name] = r.at
	}
	return named, nil
}

// SweepRevocations implements token.Store.
func (db *DB) SweepRevocations(ctx context.Context, before time.Time) error {
	_, err := db.exec(ctx, `DELETE FROM revocations WHERE not_before < $1`, before.Unix())
	return err
}
