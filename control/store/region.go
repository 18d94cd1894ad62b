package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/professionalaistudio/studio/control/region"
)

var _ region.Store = (*DB)(nil)

// AddNode implements region.Store.
func (db *DB) AddNode(ctx context.Context, n region.Node) error {
	_, err := db.exec(ctx, `INSERT INTO nodes (id, region, secret_sha256, created, revoked) VALUES ($1, $2, $3, $4, 0)`,
		n.ID, n.Region, n.SecretSHA256, micros(n.Created))
	return err
}

// Node implements region.Store.
func (db *DB) Node(ctx context.Context, id string) (region.Node, error) {
	n, err := one(ctx, db.read, func(row scanner) (n region.Node, err error) {
		var created, revoked int64
		err = row.Scan(&n.ID, &n.Region, &n.SecretSHA256, &created, &revoked)
		n.Created, n.Revoked = moment(created), moment(revoked)
		return n, err
	}, `SELECT id, region, secret_sha256, created, revoked FROM nodes WHERE id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return n, region.ErrNode
	}
	return n, err
}

// RevokeNode implements region.Store.
func (db *DB) RevokeNode(ctx context.Context, id string, at time.Time) error {
	n, err := db.exec(ctx, `UPDATE nodes SET revoked = $2 WHERE id = $1 AND revoked = 0`, id, micros(at))
	if err == nil && n == 0 {
		err = region.ErrNode
	}
	return err
}

// SaveEdge implements region.Store.
func (db *DB) SaveEdge(ctx context.Context, e region.Edge) error {
	_, err := db.exec(ctx, `INSERT INTO edges (region, node, address, build, documents, load, draining, bundle, seen)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (region, node) DO UPDATE SET
		address = $3, build = $4, documents = $5, load = $6, draining = $7, bundle = $8, seen = $9`,
		e.Region, e.Node, e.Address, e.Build, e.Documents, e.Load, e.Draining, e.Bundle, micros(e.Seen))
	return err
}

// Edges implements region.Store.
func (db *DB) Edges(ctx context.Context, seen time.Time) ([]region.Edge, error) {
	return list(ctx, db.read, func(row scanner) (e region.Edge, err error) {
		var at int64
		err = row.Scan(&e.Region, &e.Node, &e.Address, &e.Build, &e.Documents, &e.Load, &e.Draining, &e.Bundle, &at)
		e.Seen = moment(at)
		return e, err
	}, `SELECT region, node, address, build, documents, load, draining, bundle, seen FROM edges
		WHERE seen > $1 ORDER BY region, node`, micros(seen))
}

// ForgetEdges implements region.Store.
func (db *DB) ForgetEdges(ctx context.Context, since time.Time) (int64, error) {
	return db.exec(ctx, `DELETE FROM edges WHERE seen < $1`, micros(since))
}

// SavePack implements region.Store.
func (db *DB) SavePack(ctx context.Context, p region.Pack) error {
	_, err := db.exec(ctx, `INSERT INTO packs (digest, version, body, fetched) VALUES ($1, $2, $3, $4)
		ON CONFLICT (digest) DO NOTHING`, p.Digest, p.Version, p.Body, micros(p.Fetched))
	return err
}

// HasPack implements region.Store.
func (db *DB) HasPack(ctx context.Context, digest string) (has bool, err error) {
	err = db.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM packs WHERE digest = $1)`, digest).Scan(&has)
	return has, err
}

// Pack implements region.Store.
func (db *DB) Pack(ctx context.Context, digest string) (region.Pack, error) {
	p, err := one(ctx, db.read, func(row scanner) (p region.Pack, err error) {
		var fetched int64
		err = row.Scan(&p.Digest, &p.Version, &p.Body, &fetched)
		p.Fetched = moment(fetched)
		return p, err
	}, `SELECT digest, version, body, fetched FROM packs WHERE digest = $1`, digest)
	if errors.Is(err, sql.ErrNoRows) {
		return p, region.ErrNoPack
	}
	return p, err
}

// CurrentPack implements region.Store.
func (db *DB) CurrentPack(ctx context.Context, seen time.Time) (digest string, err error) {
	err = db.read.QueryRowContext(ctx, `SELECT digest FROM packs ORDER BY
		(SELECT count(*) FROM edges WHERE edges.documents = packs.digest AND edges.seen > $1) DESC, fetched DESC, digest
		LIMIT 1`, micros(seen)).Scan(&digest)
	if errors.Is(err, sql.ErrNoRows) {
		return "", region.ErrNoPack
	}
	return digest, err
}
