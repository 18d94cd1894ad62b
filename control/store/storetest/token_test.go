package storetest

import (
	"crypto/ed25519"
	"errors"
	"maps"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/control/store"
	"github.com/professionalaistudio/studio/control/token"
)

func signing(id string, state token.State) token.SigningKey {
	seed := make([]byte, ed25519.SeedSize)
	copy(seed, id)
	return token.SigningKey{ID: id, State: state, Private: ed25519.NewKeyFromSeed(seed), Created: day}
}

func TestSigningKeys(t *testing.T) {
	Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		change := func(put []token.SigningKey, drop []string, err error) ([]token.SigningKey, error) {
			var before []token.SigningKey
			err = db.ChangeSigningKeys(ctx, func(keys []token.SigningKey) ([]token.SigningKey, []string, error) {
				before = keys
				return put, drop, err
			})
			return before, err
		}
		a, b := signing("a", token.Active), signing("b", token.Next)
		if before, err := change([]token.SigningKey{a, b}, nil, nil); len(before) != 0 || err != nil {
			t.Fatalf("at first: %v (%v), want none", before, err)
		}
		first, _ := db.BundleNumber(ctx)

		// The whole round in one change, which no order of single updates could make.
		a.State, a.Retired = token.Retiring, day.Add(time.Hour)
		b.State, b.Activated = token.Active, day.Add(time.Hour)
		c := signing("c", token.Next)
		if _, err := change([]token.SigningKey{b, a, c}, nil, nil); err != nil {
			t.Fatal(err)
		}
		want := []token.SigningKey{a, b, c}
		if keys, err := db.SigningKeys(ctx); !reflect.DeepEqual(keys, want) || err != nil {
			t.Errorf("keys = %+v (%v), want %+v", keys, err, want)
		}
		second, _ := db.BundleNumber(ctx)
		if second <= first {
			t.Errorf("number %d, then %d, want it to move", first, second)
		}

		if before, err := change(nil, nil, nil); !reflect.DeepEqual(before, want) || err != nil {
			t.Errorf("asked for nothing: %+v (%v), want %+v", before, err, want)
		}
		if _, err := change([]token.SigningKey{signing("d", token.Active)}, nil, nil); err == nil {
			t.Error("two active keys were kept")
		}
		mine := errors.New("mine")
		if _, err := change(nil, []string{"a"}, mine); !errors.Is(err, mine) {
			t.Errorf("a change that fails: %v, want %v", err, mine)
		}
		if keys, _ := db.SigningKeys(ctx); !reflect.DeepEqual(keys, want) {
			t.Errorf("after failures: %+v, want %+v", keys, want)
		}
		if third, _ := db.BundleNumber(ctx); third != second {
			t.Errorf("number %d, then %d, want it to stay", second, third)
		}
		if _, err := change(nil, []string{"a"}, nil); err != nil {
			t.Fatal(err)
		}
		if keys, _ := db.SigningKeys(ctx); !reflect.DeepEqual(keys, want[1:]) {
			t.Errorf("after dropping one: %+v, want %+v", keys, want[1:])
		}
	})
}

// The seed that was kept first is everybody's seed.
func TestBundleSeed(t *testing.T) {
	Each(t, func(t *testing.T, db *store.DB) {
		var mu sync.Mutex
		seeds := map[[32]byte]bool{}
		var all sync.WaitGroup
		for i := range 6 {
			all.Go(func() {
				seed, err := db.BundleSeed(t.Context(), [32]byte{byte(i + 1)})
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				seeds[seed] = true
				mu.Unlock()
			})
		}
		all.Wait()
		if len(seeds) != 1 {
			t.Errorf("%d seeds, want one", len(seeds))
		}
	})
}

// Numbers only go up, each is given once, and none is below the present second.
func TestBundleNumber(t *testing.T) {
	Each(t, func(t *testing.T, db *store.DB) {
		start := uint64(time.Now().Unix())
		numbers := make(chan uint64, 20)
		var all sync.WaitGroup
		for range cap(numbers) {
			all.Go(func() {
				n, err := db.BumpBundle(t.Context())
				if err != nil {
					t.Error(err)
				}
				numbers <- n
			})
		}
		all.Wait()
		seen := map[uint64]bool{}
		var highest uint64
		for range cap(numbers) {
			n := <-numbers
			if seen[n] || n < start {
				t.Errorf("number %d was given twice or lies before %d", n, start)
			}
			seen[n], highest = true, max(highest, n)
		}
		if n, err := db.BundleNumber(t.Context()); n != highest || err != nil {
			t.Errorf("number = %d (%v), want the highest given: %d", n, err, highest)
		}
	})
}

// Of two revocations of the same thing the later counts, in whichever order they come.
func TestRevocations(t *testing.T) {
	Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		for name, times := range map[string][]int{"sid:up": {0, 1}, "sid:down": {1, 0}, "sid:old": {-2}} {
			for _, hour := range times {
				if err := db.AddRevocation(ctx, name, day.Add(time.Duration(hour)*time.Hour)); err != nil {
					t.Fatal(err)
				}
			}
		}
		later := day.Add(time.Hour).Unix()
		want := map[string]int64{"sid:up": later, "sid:down": later}
		if got, err := db.Revocations(ctx, day); !maps.Equal(got, want) || err != nil {
			t.Errorf("revocations = %v (%v), want %v", got, err, want)
		}
		if err := db.SweepRevocations(ctx, day); err != nil {
			t.Fatal(err)
		}
		if got, err := db.Revocations(ctx, time.Unix(0, 0)); !maps.Equal(got, want) || err != nil {
			t.Errorf("after sweeping = %v (%v), want %v", got, err, want)
		}
	})
}
