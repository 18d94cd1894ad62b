package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/professionalaistudio/studio/control/store/postgres"
	"github.com/professionalaistudio/studio/control/store/sqlite"
)

// DB is the database of one control plane.
type DB struct {
	write  *sql.DB // transactions and single statements that change something
	read   *sql.DB // everything else; the same pool as write on PostgreSQL
	engine engine
	secret Secret
	locker func() (lock.SessionLocker, error) // so that those who migrate take turns
}

// An engine is what the two databases answer differently.
type engine struct {
	name                   string
	dialect                goose.Dialect
	unique, foreign, again func(error) bool
}

var (
	onSQLite   = engine{"sqlite", goose.DialectSQLite3, sqlite.Unique, sqlite.Foreign, sqlite.Again}
	onPostgres = engine{"postgres", goose.DialectPostgres, postgres.Unique, postgres.Foreign, postgres.Again}
)

// Open opens the database that url names: sqlite:PATH or postgres://…. It does not migrate. What must not be read
// from a stolen copy of the database (private keys, salts) is sealed with secret.
func Open(ctx context.Context, url string, secret Secret) (*DB, error) {
	scheme, rest, _ := strings.Cut(url, ":")
	switch scheme {
	case "sqlite":
		write, read, err := sqlite.Open(ctx, rest)
		if err != nil {
			return nil, fmt.Errorf("store: %w", err)
		}
		locker := func() (lock.SessionLocker, error) { return sqlite.NewLocker(rest), nil }
		return &DB{write: write, read: read, engine: onSQLite, secret: secret, locker: locker}, nil
	case "postgres", "postgresql":
		pool, err := postgres.Open(ctx, url)
		if err != nil {
			return nil, fmt.Errorf("store: %w", err)
		}
		locker := func() (lock.SessionLocker, error) { return lock.NewPostgresSessionLocker() }
		return &DB{write: pool, read: pool, engine: onPostgres, secret: secret, locker: locker}, nil
	}
	return nil, fmt.Errorf("store: database URL begins with %q, and not with sqlite: or postgres:// as it must", scheme)
}

// Ping says whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	if err := db.read.PingContext(ctx); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// Engine is "sqlite" or "postgres", for logs.
func (db *DB) Engine() string { return db.engine.name }

// Close closes both pools.
func (db *DB) Close() error {
	err := db.write.Close()
	if db.read != db.write {
		if e := db.read.Close(); err == nil {
			err = e
		}
	}
	return err
}
