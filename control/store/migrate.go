package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings the schema up to date and says how many migrations that took. Control planes that start together
// take turns.
func (db *DB) Migrate(ctx context.Context) (applied int, err error) {
	runner, err := db.runner()
	if err != nil {
		return 0, err
	}
	done, err := runner.Up(ctx)
	if err != nil {
		return len(done), fmt.Errorf("store: migrate: %w", err)
	}
	return len(done), db.checkSecret(ctx)
}

// Pending says whether the schema is older than this program.
func (db *DB) Pending(ctx context.Context) (bool, error) {
	runner, err := db.runner()
	if err != nil {
		return false, err
	}
	pending, err := runner.HasPending(ctx)
	if err != nil {
		return false, fmt.Errorf("store: migrate: %w", err)
	}
	return pending, nil
}

func (db *DB) runner() (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("store: migrate: %w", err)
	}
	locker, err := db.locker()
	if err != nil {
		return nil, fmt.Errorf("store: migrate: %w", err)
	}
	runner, err := goose.NewProvider(db.engine.dialect, db.write, files, goose.WithSessionLocker(locker))
	if err != nil {
		return nil, fmt.Errorf("store: migrate: %w", err)
	}
	return runner, nil
}

// checkSecret notices, before anything is served, that the secret is not the one this database was sealed with.
func (db *DB) checkSecret(ctx context.Context) error {
	const place, id = "secret", "check"
	if _, err := db.exec(ctx, `INSERT INTO sealed (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`,
		id, db.seal(place, id, []byte("known"))); err != nil {
		return fmt.Errorf("store: secret: %w", err)
	}
	var sealed []byte
	err := db.read.QueryRowContext(ctx, `SELECT value FROM sealed WHERE name = $1`, id).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("store: secret: the check has vanished: %w", err)
	}
	if err != nil {
		return fmt.Errorf("store: secret: %w", err)
	}
	if _, err := db.open(place, id, sealed); err != nil {
		return fmt.Errorf("this database belongs to another secret file: %w", err)
	}
	return nil
}
