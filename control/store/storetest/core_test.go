package storetest

import (
	"errors"
	"testing"

	"github.com/professionalaistudio/studio/control/store"
)

func TestMain(m *testing.M) { Main(m) }

// Migrations are applied once, and a second run finds nothing to do.
func TestMigrate(t *testing.T) {
	Each(t, func(t *testing.T, db *store.DB) {
		if n, err := db.Migrate(t.Context()); n != 0 || err != nil {
			t.Errorf("a migrated database took %d migrations more (%v), want none", n, err)
		}
		if pending, err := db.Pending(t.Context()); pending || err != nil {
			t.Errorf("pending = %v (%v), want false", pending, err)
		}
		if err := db.Ping(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// Two control planes that start together on an empty database both end with the whole schema.
func TestMigrateTogether(t *testing.T) {
	for name, fresh := range map[string]func(testing.TB) string{"sqlite": emptySQLite, "postgres": emptyPostgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := fresh(t)
			results := make(chan error)
			for range 2 {
				go func() {
					db, err := store.Open(t.Context(), url, Secret)
					if err == nil {
						_, err = db.Migrate(t.Context())
						err = errors.Join(err, db.Close())
					}
					results <- err
				}()
			}
			for range 2 {
				if err := <-results; err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// A database that belongs to another secret is noticed at the start, not when a key is needed.
func TestWrongSecret(t *testing.T) {
	for name, fresh := range map[string]func(testing.TB) string{"sqlite": SQLiteURL, "postgres": PostgresURL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, err := store.Open(t.Context(), fresh(t), store.Secret{'o', 't', 'h', 'e', 'r'})
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.Migrate(t.Context()); !errors.Is(err, store.ErrSecret) {
				t.Errorf("Migrate with another secret: %v, want %v", err, store.ErrSecret)
			}
		})
	}
}
