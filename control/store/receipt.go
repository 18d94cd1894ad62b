package store

import (
	"context"
	"time"

	"github.com/professionalaistudio/studio/control/region"
)

// SaveReceiptKey implements region.Store.
func (db *DB) SaveReceiptKey(ctx context.Context, k region.ReceiptKey) error {
	_, err := db.exec(ctx, `INSERT INTO receipt_keys (id, region, node, x, made, first_seen, last_seen) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (id, region, node) DO UPDATE SET last_seen = $7 WHERE receipt_keys.last_seen < $7`,
		k.ID, k.Region, k.Node, k.X, micros(k.Made), micros(k.First), micros(k.Last))
	return err
}

// ReceiptKeys implements region.Store.
func (db *DB) ReceiptKeys(ctx context.Context, id string, limit int) ([]region.ReceiptKey, error) {
	return list(ctx, db.read, func(row scanner) (k region.ReceiptKey, err error) {
		var made, first, last int64
		err = row.Scan(&k.ID, &k.Region, &k.Node, &k.X, &made, &first, &last)
		k.Made, k.First, k.Last = moment(made), moment(first), moment(last)
		return k, err
	}, `SELECT id, region, node, x, made, first_seen, last_seen FROM receipt_keys
		WHERE $1 = '' OR id = $1 ORDER BY last_seen DESC, id, region, node LIMIT $2`, id, limit)
}

// ForgetReceiptKeys implements region.Store.
func (db *DB) ForgetReceiptKeys(ctx context.Context, since time.Time) (int64, error) {
	return db.exec(ctx, `DELETE FROM receipt_keys WHERE last_seen < $1`, micros(since))
}
