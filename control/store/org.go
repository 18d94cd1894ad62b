package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/professionalaistudio/studio/control/org"
	"github.com/professionalaistudio/studio/edge/wire"
)

var _ org.Store = (*DB)(nil)

const orgColumns = `orgs.id, orgs.index_number, orgs.name, orgs.created`

func scanOrg(row scanner) (o org.Org, err error) {
	var created int64
	err = row.Scan(&o.ID, &o.Index, &o.Name, &created)
	o.Created = moment(created)
	return o, err
}

// OrgOf implements org.Store.
func (db *DB) OrgOf(ctx context.Context, personID string) (org.Org, error) {
	return orgOf(ctx, db.read, personID)
}

func orgOf(ctx context.Context, q querier, personID string) (org.Org, error) {
	o, err := one(ctx, q, scanOrg, `SELECT `+orgColumns+` FROM orgs JOIN org_members ON org_members.org = orgs.id
		WHERE org_members.person = $1 ORDER BY org_members.joined, orgs.id LIMIT 1`, personID)
	if errors.Is(err, sql.ErrNoRows) {
		return o, org.ErrNoOrg
	}
	return o, err
}

// FoundOrg implements org.Store.
func (db *DB) FoundOrg(ctx context.Context, personID string, o org.Org) (founded org.Org, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		// The counter comes first: its lock makes two first sign-ins at once take turns.
		index, err := next(ctx, tx, "org")
		if err != nil {
			return err
		}
		founded, err = orgOf(ctx, tx, personID)
		if err == nil {
			return errKeep // they have one: the number goes back
		}
		if !errors.Is(err, org.ErrNoOrg) {
			return err
		}
		if founded, err = one(ctx, tx, scanOrg, `INSERT INTO orgs (id, index_number, name, founder, created)
			VALUES ($1, $2, $3, $4, $5) RETURNING `+orgColumns, NewID(), index, o.Name, personID, micros(o.Created)); err != nil {
			return err
		}
		_, err = exec(ctx, tx, `INSERT INTO org_members (org, person, role, joined) VALUES ($1, $2, $3, $4)`,
			founded.ID, personID, org.Owner, micros(o.Created))
		return err
	})
	return founded, kept(err)
}

// RenameOrg implements org.Store.
func (db *DB) RenameOrg(ctx context.Context, id wire.OrgID, name string) error {
	n, err := db.exec(ctx, `UPDATE orgs SET name = $2 WHERE id = $1`, id, name)
	if err == nil && n == 0 {
		err = org.ErrNoOrg
	}
	return err
}

const keyPlace = "org_keys.pair"

const keyColumns = `org_keys.id, org_keys.org, orgs.index_number, org_keys.purpose, org_keys.secret_sha256,
	org_keys.pair, org_keys.scopes, org_keys.regions, org_keys.created, org_keys.last_used, org_keys.revoked`

func (db *DB) scanKey(row scanner) (k org.Key, err error) {
	var pair []byte
	var scopes, regions string
	var created, used, revoked int64
	if err = row.Scan(&k.ID, &k.Org, &k.OrgIndex, &k.Purpose, &k.SecretSHA256,
		&pair, &scopes, &regions, &created, &used, &revoked); err != nil {
		return k, err
	}
	if pair, err = db.open(keyPlace, string(k.ID), pair); err != nil {
		return k, err
	}
	k.KeyHex, k.SaltHex = hex.EncodeToString(pair[:len(pair)/2]), hex.EncodeToString(pair[len(pair)/2:])
	k.Scopes, k.Regions = strings.Fields(scopes), strings.Fields(regions)
	k.Created, k.LastUsed, k.Revoked = moment(created), moment(used), moment(revoked)
	return k, nil
}

// AddOrgKey implements org.Store.
func (db *DB) AddOrgKey(ctx context.Context, k org.Key, perPurpose, perOrg int) error {
	pair, err := hex.DecodeString(k.KeyHex + k.SaltHex)
	if err != nil || len(k.KeyHex) != len(k.SaltHex) {
		return errors.New("store: a key and its salt are hexadecimal and of one length")
	}
	return db.tx(ctx, func(tx *sql.Tx) error {
		// Moving the bundle's number first makes two new keys at once take turns, so that both count each other.
		if _, err := bump(ctx, tx); err != nil {
			return err
		}
		var same, all int
		if err := tx.QueryRowContext(ctx, `SELECT count(*), count(CASE WHEN purpose = $2 THEN 1 END)
			FROM org_keys WHERE org = $1 AND revoked = 0`, k.Org, k.Purpose).Scan(&all, &same); err != nil {
			return err
		}
		switch {
		case same >= perPurpose:
			return org.ErrTwoLive
		case all >= perOrg:
			return org.ErrTooManyKeys
		}
		_, err := exec(ctx, tx, `INSERT INTO org_keys (id, org, purpose, secret_sha256, pair, scopes, regions,
			created, last_used, revoked) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0)`,
			k.ID, k.Org, k.Purpose, k.SecretSHA256, db.seal(keyPlace, string(k.ID), pair),
			strings.Join(k.Scopes, " "), strings.Join(k.Regions, " "), micros(k.Created))
		if err != nil && db.engine.foreign(err) {
			err = org.ErrNoOrg
		}
		return err
	})
}

// OrgKey implements org.Store.
func (db *DB) OrgKey(ctx context.Context, id wire.KeyID) (org.Key, error) {
	k, err := one(ctx, db.read, db.scanKey, `SELECT `+keyColumns+`
		FROM org_keys JOIN orgs ON orgs.id = org_keys.org WHERE org_keys.id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return k, org.ErrNoKey
	}
	return k, err
}

// OrgKeys implements org.Store.
func (db *DB) OrgKeys(ctx context.Context, id wire.OrgID) ([]org.Key, error) {
	return list(ctx, db.read, db.scanKey, `SELECT `+keyColumns+` FROM org_keys JOIN orgs ON orgs.id = org_keys.org
		WHERE org_keys.org = $1 ORDER BY org_keys.created DESC, org_keys.id`, id)
}

// LiveOrgKeys implements org.Store.
func (db *DB) LiveOrgKeys(ctx context.Context) ([]org.Key, error) {
	return list(ctx, db.read, db.scanKey, `SELECT `+keyColumns+` FROM org_keys JOIN orgs ON orgs.id = org_keys.org
		WHERE org_keys.revoked = 0 ORDER BY org_keys.id`)
}

// RevokeOrgKey implements org.Store.
func (db *DB) RevokeOrgKey(ctx context.Context, id wire.OrgID, key wire.KeyID, at time.Time) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		if _, err := bump(ctx, tx); err != nil {
			return err
		}
		n, err := exec(ctx, tx, `UPDATE org_keys SET revoked = $3 WHERE org = $1 AND id = $2 AND revoked = 0`,
			id, key, micros(at))
		if err == nil && n == 0 {
			err = org.ErrNoKey
		}
		return err
	})
}

// TouchOrgKey implements org.Store.
func (db *DB) TouchOrgKey(ctx context.Context, id wire.KeyID, day time.Time) error {
	_, err := db.exec(ctx, `UPDATE org_keys SET last_used = $2 WHERE id = $1 AND last_used < $2`, id, micros(day))
	return err
}
