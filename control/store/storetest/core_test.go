package storetest

import (
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
	})
}
