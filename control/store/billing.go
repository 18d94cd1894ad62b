package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/professionalaistudio/studio/control/billing"
)

var _ billing.Store = (*DB)(nil)

const orderColumns = `id, number, document, amount, currency, status, person, secret, provider, payment, pay_url,
	region, token_until, failed, created, changed`

func scanOrder(row scanner) (o billing.Order, err error) {
	var secret []byte
	var until, created, changed int64
	if err = row.Scan(&o.ID, &o.Number, &o.Document, &o.Amount, &o.Currency, &o.Status, &o.Person, &secret,
		&o.Provider, &o.Payment, &o.PayURL, &o.Region, &until, &o.Failed, &created, &changed); err != nil {
		return o, err
	}
	if copy(o.Secret[:], secret) != len(o.Secret) {
		return o, fmt.Errorf("store: the secret of order %s has %d bytes", o.ID, len(secret))
	}
	o.Until, o.Created, o.Changed = moment(until), moment(created), moment(changed)
	return o, nil
}

// AddOrder implements billing.Store.
func (db *DB) AddOrder(ctx context.Context, o billing.Order) (billing.Order, error) {
	return one(ctx, db.write, scanOrder, `INSERT INTO orders (id, number, document, amount, currency, status, person,
		secret, provider, payment, pay_url, region, token_until, failed, capture_next, created, changed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', '', '', 0, 0, 0, $10, $10) RETURNING `+orderColumns,
		NewID(), o.Number, o.Document, o.Amount, o.Currency, o.Status, o.Person, o.Secret[:], o.Provider, micros(o.Created))
}

// OpenOrder implements billing.Store.
func (db *DB) OpenOrder(ctx context.Context, id string, p billing.Payment, at time.Time) error {
	n, err := db.exec(ctx, `UPDATE orders SET payment = $2, pay_url = $3,
		changed = CASE WHEN status = 'draft' THEN $4 ELSE changed END,
		status = CASE WHEN status = 'draft' THEN 'open' ELSE status END
		WHERE id = $1 AND (payment = '' OR payment = $2)`, id, p.ID, p.URL, micros(at))
	if err == nil && n == 0 {
		err = billing.ErrNotFound
	}
	return err
}

// Order implements billing.Store.
func (db *DB) Order(ctx context.Context, id string) (billing.Order, error) {
	o, err := one(ctx, db.read, scanOrder, `SELECT `+orderColumns+` FROM orders WHERE id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return o, billing.ErrNotFound
	}
	return o, err
}

// TakePaymentEvent implements billing.Store.
func (db *DB) TakePaymentEvent(ctx context.Context, e billing.Event, at time.Time) (outcome billing.Outcome, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		outcome = billing.Ignored
		if e.Kind == billing.Paid {
			outcome = billing.Refused // until an order is found that it pays for
		}
		// The row is the lock: of two that bring the same event at once, the second waits here and then finds it taken.
		n, err := exec(ctx, tx, `INSERT INTO payment_events (provider, id, kind, order_id, payment, amount, currency, outcome,
			received) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (provider, id) DO NOTHING`,
			e.Provider, e.ID, e.Kind, e.Order, e.Payment, e.Amount, e.Currency, outcome, micros(at))
		if err != nil {
			return err
		}
		if n == 0 {
			outcome = billing.Repeated
			return errKeep
		}
		if e.Kind != billing.Paid {
			return nil
		}
		// A draft has no payment yet: its webhook overtook our own note of it.
		n, err = exec(ctx, tx, `UPDATE orders SET status = 'authorised', payment = $3, changed = $6
			WHERE id = $1 AND provider = $2 AND amount = $4 AND currency = $5 AND $3 <> ''
			AND (status = 'open' AND payment = $3 OR status = 'draft')`,
			e.Order, e.Provider, e.Payment, e.Amount, e.Currency, micros(at))
		if err != nil || n == 0 {
			return err
		}
		outcome = billing.Applied
		_, err = exec(ctx, tx, `UPDATE payment_events SET outcome = $3 WHERE provider = $1 AND id = $2`,
			e.Provider, e.ID, outcome)
		return err
	})
	return outcome, kept(err)
}

// GrantOrder implements billing.Store.
func (db *DB) GrantOrder(ctx context.Context, id, region string, now, until time.Time) (bool, error) {
	n, err := db.exec(ctx, `UPDATE orders SET region = $2, token_until = $4
		WHERE id = $1 AND status = 'authorised' AND (region IN ('', $2) OR token_until <= $3)`,
		id, region, micros(now), micros(until))
	return n == 1, err
}

// DeliverOrder implements billing.Store.
func (db *DB) DeliverOrder(ctx context.Context, number uint64, at time.Time) (bool, error) {
	n, err := db.exec(ctx, `UPDATE orders SET status = 'delivered', changed = $2
		WHERE number = $1 AND status = 'authorised'`, number, micros(at))
	return n == 1, err
}

// UncapturedOrders implements billing.Store.
func (db *DB) UncapturedOrders(ctx context.Context, now time.Time, limit int) ([]billing.Order, error) {
	return list(ctx, db.read, scanOrder, `SELECT `+orderColumns+` FROM orders
		WHERE status = 'delivered' AND capture_next <= $1 ORDER BY changed, id LIMIT $2`, micros(now), limit)
}

// CaptureOrder implements billing.Store.
func (db *DB) CaptureOrder(ctx context.Context, id string, at time.Time) error {
	_, err := db.exec(ctx, `UPDATE orders SET status = 'captured', changed = $2 WHERE id = $1 AND status = 'delivered'`,
		id, micros(at))
	return err
}

// PostponeCapture implements billing.Store.
func (db *DB) PostponeCapture(ctx context.Context, id string, next time.Time) error {
	_, err := db.exec(ctx, `UPDATE orders SET failed = failed + 1, capture_next = $2 WHERE id = $1 AND status = 'delivered'`,
		id, micros(next))
	return err
}

// ExpireOrders implements billing.Store.
func (db *DB) ExpireOrders(ctx context.Context, unpaid, unused, at time.Time) (int64, error) {
	return db.exec(ctx, `UPDATE orders SET status = 'expired', changed = $3
		WHERE status IN ('draft', 'open') AND changed < $1 OR status = 'authorised' AND changed < $2 AND token_until <= $3`,
		micros(unpaid), micros(unused), micros(at))
}
