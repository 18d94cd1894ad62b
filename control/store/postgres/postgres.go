package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// connections stays far below PostgreSQL's default of 100, so that several control planes share one server.
const connections = 16

// Open connects to the database that a postgres:// URL names.
func Open(ctx context.Context, url string) (*sql.DB, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err) // pgx takes the password out of its message
	}
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "studio-control"
	}
	db := stdlib.OpenDB(*cfg)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	db.SetConnMaxIdleTime(5 * time.Minute)
	if err := db.PingContext(ctx); err != nil {
		db.Close()
		return nil, fmt.Errorf("postgres: %w", err)
	}
	return db, nil
}

// Unique says whether err is a row that exists already.
func Unique(err error) bool { return code(err) == "23505" }

// Foreign says whether err is a row that names another which does not exist.
func Foreign(err error) bool { return code(err) == "23503" }

// Again says whether the same transaction may succeed when tried once more: it lost a race or a deadlock.
func Again(err error) bool { return code(err) == "40001" || code(err) == "40P01" }

func code(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}
