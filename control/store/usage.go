package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/professionalaistudio/studio/control/usage"
)

var _ usage.Store = (*DB)(nil)

// IngestUsage implements usage.Store.
func (db *DB) IngestUsage(ctx context.Context, src usage.Source, b usage.Batch, now time.Time) (got usage.Ingested, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		got = usage.Ingested{}
		// This one statement makes the row or locks it, so that two senders of the same records take turns.
		if err := tx.QueryRowContext(ctx, `INSERT INTO usage_watermarks (region, node, boot, watermark, seen)
			VALUES ($1, $2, $3, 0, $4) ON CONFLICT (region, node, boot) DO UPDATE SET seen = $4 RETURNING watermark`,
			src.Region, src.Node, src.Boot, micros(now)).Scan(&got.Watermark); err != nil {
			return err
		}
		fresh, ok := b.After(got.Watermark)
		if !ok {
			got.Gap = true
			return errKeep
		}
		if len(fresh) == 0 {
			return nil
		}
		for _, t := range usage.Add(src.Region, fresh, now) {
			if _, err := exec(ctx, tx, `INSERT INTO usage_hours (org, hour, region, op, outcome, requests, units)
				VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (org, hour, region, op, outcome)
				DO UPDATE SET requests = usage_hours.requests + $6, units = usage_hours.units + $7`,
				t.Org, micros(t.Hour), t.Region, t.Op, t.Outcome, t.Requests, t.Units); err != nil {
				return err
			}
		}
		for _, order := range usage.Delivered(fresh) {
			n, err := exec(ctx, tx, `INSERT INTO usage_deliveries (order_number, delivered, handed_on) VALUES ($1, $2, 0)
				ON CONFLICT (order_number) DO NOTHING`, order, micros(now))
			if err != nil {
				return err
			}
			got.Orders += int(n)
		}
		got.Counted, got.Watermark = len(fresh), b.Last()
		_, err := exec(ctx, tx, `UPDATE usage_watermarks SET watermark = $4 WHERE region = $1 AND node = $2 AND boot = $3`,
			src.Region, src.Node, src.Boot, got.Watermark)
		return err
	})
	return got, kept(err)
}

// UsageDeliveries implements usage.Store.
func (db *DB) UsageDeliveries(ctx context.Context, limit int) ([]usage.Delivery, error) {
	return list(ctx, db.read, func(row scanner) (d usage.Delivery, err error) {
		var at int64
		err = row.Scan(&d.Order, &at)
		d.At = moment(at)
		return d, err
	}, `SELECT order_number, delivered FROM usage_deliveries WHERE handed_on = 0 ORDER BY delivered, order_number LIMIT $1`, limit)
}

// HandedOnUsage implements usage.Store.
func (db *DB) HandedOnUsage(ctx context.Context, order uint64) error {
	_, err := db.exec(ctx, `UPDATE usage_deliveries SET handed_on = 1 WHERE order_number = $1`, order)
	return err
}

// UsageTotals implements usage.Store.
func (db *DB) UsageTotals(ctx context.Context, org uint32, from, to time.Time) ([]usage.Total, error) {
	return list(ctx, db.read, func(row scanner) (t usage.Total, err error) {
		var hour int64
		err = row.Scan(&hour, &t.Org, &t.Region, &t.Op, &t.Outcome, &t.Requests, &t.Units)
		t.Hour = moment(hour)
		return t, err
	}, `SELECT hour, org, region, op, outcome, requests, units FROM usage_hours
		WHERE org = $1 AND hour >= $2 AND hour < $3 ORDER BY hour, region, op, outcome`, org, micros(from), micros(to))
}
