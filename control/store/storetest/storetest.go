package storetest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/professionalaistudio/studio/control/store"
)

// Secret seals the columns of every test's database.
var Secret = store.Secret{'t', 'e', 's', 't'}

// Each runs test once on each database; both runs are parallel to other tests, and neither sees another's rows.
func Each(t *testing.T, test func(t *testing.T, db *store.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, SQLite(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, Postgres(t))
	})
}

// SQLite opens a fresh, migrated SQLite database that is gone when the test ends.
func SQLite(t testing.TB) *store.DB {
	t.Helper()
	return open(t, SQLiteURL(t))
}

// SQLiteURL names a fresh, migrated SQLite database, for a test that opens it itself.
func SQLiteURL(t testing.TB) string {
	t.Helper()
	template, err := sqliteTemplate()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "control.db")
	if err := os.WriteFile(path, template, 0o600); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}

// emptySQLite names an SQLite database that does not exist yet.
func emptySQLite(t testing.TB) string {
	return "sqlite:" + filepath.Join(t.TempDir(), "new", "control.db")
}

// sqliteTemplate is a migrated, empty database file: copying it is ten times quicker than migrating.
var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "storetest-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "template.db")
	if err := migrate("sqlite:" + path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func migrate(url string) error {
	ctx := context.Background()
	db, err := store.Open(ctx, url, Secret)
	if err != nil {
		return err
	}
	if _, err := db.Migrate(ctx); err != nil {
		db.Close()
		return err
	}
	return db.Close() // the last connection folds the write-ahead log into the file
}

func open(t testing.TB, url string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), url, Secret)
	if err != nil {
		t.Fatal(fmt.Errorf("open the test's database: %w", err))
	}
	t.Cleanup(func() { db.Close() })
	return db
}
