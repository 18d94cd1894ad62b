package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/control/org"
	"github.com/professionalaistudio/studio/control/store"
	"github.com/professionalaistudio/studio/edge/wire"
)

func found(t *testing.T, db *store.DB, subject string) org.Org {
	t.Helper()
	o, err := db.FoundOrg(t.Context(), person(t, db, subject).ID, org.Org{Name: "Of " + subject, Created: day})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func key(o org.Org, id, purpose string) org.Key {
	return org.Key{ID: wire.KeyID(id), Org: o.ID, OrgIndex: o.Index, Purpose: purpose, SecretSHA256: "hash of " + id,
		KeyHex: "0102", SaltHex: "a1a2", Scopes: []string{"images", "photos"}, Regions: []string{}, Created: day}
}

// One person has one organisation, however often and however much at once it is asked for, and each organisation has
// a number of its own, without gaps.
func TestFoundOrg(t *testing.T) {
	Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		ada, bo := person(t, db, "ada"), person(t, db, "bo")
		if _, err := db.OrgOf(ctx, ada.ID); !errors.Is(err, org.ErrNoOrg) {
			t.Errorf("before: %v, want %v", err, org.ErrNoOrg)
		}
		var mu sync.Mutex
		seen := map[string]map[org.Org]bool{ada.ID: {}, bo.ID: {}}
		var all sync.WaitGroup
		for i := range 12 {
			who := []string{ada.ID, bo.ID}[i%2]
			all.Go(func() {
				o, err := db.FoundOrg(ctx, who, org.Org{Name: "First", Created: day})
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				seen[who][o] = true
				mu.Unlock()
			})
		}
		all.Wait()
		if len(seen[ada.ID]) != 1 || len(seen[bo.ID]) != 1 {
			t.Fatalf("organisations by person: %v, want one each", seen)
		}
		a, err := db.OrgOf(ctx, ada.ID)
		if err != nil || !seen[ada.ID][a] {
			t.Errorf("organisation = %+v (%v), want the one that was founded: %v", a, err, seen[ada.ID])
		}
		b, _ := db.OrgOf(ctx, bo.ID)
		if a.Index+b.Index != 3 || a.Index == b.Index {
			t.Errorf("numbers = %d and %d, want 1 and 2", a.Index, b.Index)
		}
		if err := db.RenameOrg(ctx, a.ID, "Second"); err != nil {
			t.Error(err)
		}
		if o, _ := db.OrgOf(ctx, ada.ID); o.Name != "Second" {
			t.Errorf("name = %q, want Second", o.Name)
		}
		if err := db.RenameOrg(ctx, "none", "x"); !errors.Is(err, org.ErrNoOrg) {
			t.Errorf("renaming none: %v, want %v", err, org.ErrNoOrg)
		}
	})
}

func TestKeysRoundTrip(t *testing.T) {
	Each(t, func(t *testing.T, db *store.DB) {
		ctx, o, other := t.Context(), found(t, db, "ada"), found(t, db, "bo")
		k := key(o, "first", "web site")
		if err := db.AddOrgKey(ctx, k, 2, 10); err != nil {
			t.Fatal(err)
		}
		if got, err := db.OrgKey(ctx, k.ID); !reflect.DeepEqual(got, k) || err != nil {
			t.Errorf("kept %+v (%v), want %+v", got, err, k)
		}
		if _, err := db.OrgKey(ctx, "none"); !errors.Is(err, org.ErrNoKey) {
			t.Errorf("no such key: %v, want %v", err, org.ErrNoKey)
		}
		if err := db.AddOrgKey(ctx, key(org.Org{ID: "none"}, "x", "y"), 2, 10); !errors.Is(err, org.ErrNoOrg) {
			t.Errorf("a key of no organisation: %v, want %v", err, org.ErrNoOrg)
		}

		if err := db.TouchOrgKey(ctx, k.ID, day); err != nil {
			t.Fatal(err)
		}
		if err := db.RevokeOrgKey(ctx, other.ID, k.ID, day); !errors.Is(err, org.ErrNoKey) {
			t.Errorf("revoking another's key: %v, want %v", err, org.ErrNoKey)
		}
		if live, err := db.LiveOrgKeys(ctx); len(live) != 1 || err != nil {
			t.Errorf("%d live keys (%v), want 1", len(live), err)
		}
		if err := db.RevokeOrgKey(ctx, o.ID, k.ID, day.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if err := db.RevokeOrgKey(ctx, o.ID, k.ID, day.Add(2*time.Hour)); !errors.Is(err, org.ErrNoKey) {
			t.Errorf("revoking twice: %v, want %v", err, org.ErrNoKey)
		}
		if live, err := db.LiveOrgKeys(ctx); len(live) != 0 || err != nil {
			t.Errorf("%d live keys (%v), want none", len(live), err)
		}
		k.LastUsed, k.Revoked = day, day.Add(time.Hour)
		if keys, err := db.OrgKeys(ctx, o.ID); err != nil || !reflect.DeepEqual(keys, []org.Key{k}) {
			t.Errorf("keys = %+v (%v), want the revoked one: %+v", keys, err, k)
		}
		if keys, err := db.OrgKeys(ctx, other.ID); len(keys) != 0 || err != nil {
			t.Errorf("keys of another = %+v (%v), want none", keys, err)
		}
	})
}

// Two live keys serve one purpose, not three, even if all are made at the same moment; a revoked one makes room.
func TestKeyLimits(t *testing.T) {
	Each(t, func(t *testing.T, db *store.DB) {
		ctx, o := t.Context(), found(t, db, "ada")
		results := make(chan error, 8)
		for i := range cap(results) {
			go func() { results <- db.AddOrgKey(ctx, key(o, fmt.Sprint("k", i), "app"), 2, 3) }()
		}
		made := 0
		for range cap(results) {
			switch err := <-results; {
			case err == nil:
				made++
			case !errors.Is(err, org.ErrTwoLive):
				t.Errorf("one too many: %v, want %v", err, org.ErrTwoLive)
			}
		}
		if made != 2 {
			t.Errorf("%d keys were made, want 2", made)
		}
		live, err := db.LiveOrgKeys(ctx)
		if err != nil || len(live) != 2 {
			t.Fatalf("%d live keys (%v), want 2", len(live), err)
		}
		if err := db.RevokeOrgKey(ctx, o.ID, live[0].ID, day); err != nil {
			t.Fatal(err)
		}
		for _, step := range []struct {
			id, purpose string
			want        error
		}{{"a", "app", nil}, {"b", "site", nil}, {"c", "third", org.ErrTooManyKeys}} {
			if err := db.AddOrgKey(ctx, key(o, step.id, step.purpose), 2, 3); !errors.Is(err, step.want) {
				t.Errorf("key for %s: %v, want %v", step.purpose, err, step.want)
			}
		}
	})
}

// Whatever edges must hear of moves the bundle's number; what is refused does not.
func TestKeysMoveTheBundle(t *testing.T) {
	Each(t, func(t *testing.T, db *store.DB) {
		ctx, o := t.Context(), found(t, db, "ada")
		for _, step := range []struct {
			name  string
			do    func() error
			moves bool
		}{
			{"a new key", func() error { return db.AddOrgKey(ctx, key(o, "k", "app"), 1, 5) }, true},
			{"a key refused", func() error { return db.AddOrgKey(ctx, key(o, "l", "app"), 1, 5) }, false},
			{"a key used", func() error { return db.TouchOrgKey(ctx, "k", day) }, false},
			{"a key revoked", func() error { return db.RevokeOrgKey(ctx, o.ID, "k", day) }, true},
			{"no key revoked", func() error { return db.RevokeOrgKey(ctx, o.ID, "k", day) }, false},
			{"another name", func() error { return db.RenameOrg(ctx, o.ID, "New") }, false},
		} {
			before, err := db.BundleNumber(ctx)
			if err != nil {
				t.Fatal(err)
			}
			err = step.do()
			after, _ := db.BundleNumber(ctx)
			if (after > before) != step.moves {
				t.Errorf("%s (%v): number %d, then %d, want it to move: %v", step.name, err, before, after, step.moves)
			}
		}
	})
}
