package store

import (
	"context"
	"strings"

	"github.com/professionalaistudio/studio/control/privacy"
)

var _ privacy.Store = (*DB)(nil)

// AppendConsent implements privacy.Store.
func (db *DB) AppendConsent(ctx context.Context, c privacy.Consent) error {
	purposes := make([]string, len(c.Purposes))
	for i, p := range c.Purposes {
		purposes[i] = string(p)
	}
	_, err := db.exec(ctx, `INSERT INTO consents (id, policy_version, policy_digest, purposes, source, chosen)
		VALUES ($1, $2, $3, $4, $5, $6)`,
		c.ID, c.Policy.Version, c.Policy.Digest, strings.Join(purposes, " "), c.Source, micros(c.At))
	return err
}

// Consents implements privacy.Store.
func (db *DB) Consents(ctx context.Context, id string) ([]privacy.Consent, error) {
	return list(ctx, db.read, func(row scanner) (c privacy.Consent, err error) {
		var purposes string
		var chosen int64
		err = row.Scan(&c.ID, &c.Policy.Version, &c.Policy.Digest, &purposes, &c.Source, &chosen)
		for p := range strings.FieldsSeq(purposes) {
			c.Purposes = append(c.Purposes, privacy.Purpose(p))
		}
		c.At = moment(chosen)
		return c, err
	}, `SELECT id, policy_version, policy_digest, purposes, source, chosen FROM consents WHERE id = $1 ORDER BY chosen`, id)
}
