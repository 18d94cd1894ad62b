package storetest

import (
	"crypto/sha256"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/control/identity"
	"github.com/professionalaistudio/studio/control/store"
)

var day = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)

// person makes somebody, for tests that need one.
func person(t *testing.T, db *store.DB, subject string) identity.Person {
	t.Helper()
	p, err := db.SavePerson(t.Context(), identity.Person{Issuer: "https://issuer.test", Subject: subject,
		Email: subject + "@example.com", Name: subject, Created: day})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The same issuer and subject are the same person, whatever their e-mail; another issuer's are somebody else.
func TestPersonIsIssuerAndSubject(t *testing.T) {
	Each(t, func(t *testing.T, db *store.DB) {
		first := person(t, db, "ada")
		again, err := db.SavePerson(t.Context(), identity.Person{Issuer: first.Issuer, Subject: "ada",
			Email: "new@example.com", Name: "Ada L.", Created: day.Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		want := first
		want.Email, want.Name = "new@example.com", "Ada L."
		if again != want {
			t.Errorf("signed in again = %+v, want %+v", again, want)
		}
		got, err := db.Person(t.Context(), first.ID)
		if got != want || err != nil {
			t.Errorf("kept = %+v (%v), want %+v", got, err, want)
		}
		other, err := db.SavePerson(t.Context(), identity.Person{Issuer: "https://other.test", Subject: "ada",
			Email: "new@example.com", Name: "Ada L.", Created: day})
		if err != nil || other.ID == first.ID {
			t.Errorf("the same e-mail from another issuer is %s (%v), want somebody other than %s", other.ID, err, first.ID)
		}
		if _, err := db.Person(t.Context(), "nobody"); !errors.Is(err, identity.ErrNoPerson) {
			t.Errorf("an unknown person: %v, want %v", err, identity.ErrNoPerson)
		}
	})
}

// Ten first sign-ins at the same moment make one person.
func TestPersonOnce(t *testing.T) {
	Each(t, func(t *testing.T, db *store.DB) {
		ids := make(chan string, 10)
		var all sync.WaitGroup
		for range cap(ids) {
			all.Go(func() {
				p, err := db.SavePerson(t.Context(), identity.Person{Issuer: "i", Subject: "s", Created: day})
				if err != nil {
					t.Error(err)
				}
				ids <- p.ID
			})
		}
		all.Wait()
		first := <-ids
		for range cap(ids) - 1 {
			if id := <-ids; id != first {
				t.Errorf("two people: %s and %s", first, id)
			}
		}
	})
}

func TestSessions(t *testing.T) {
	Each(t, func(t *testing.T, db *store.DB) {
		ctx, ada := t.Context(), person(t, db, "ada")
		hash := sha256.Sum256([]byte("cookie"))
		kept, err := db.AddSession(ctx, identity.Session{PersonID: ada.ID, Hash: hash, Created: day, Seen: day})
		if err != nil {
			t.Fatal(err)
		}
		got, who, err := db.Session(ctx, hash)
		if got != kept || who != ada || err != nil {
			t.Errorf("session = %+v of %+v (%v), want %+v of %+v", got, who, err, kept, ada)
		}
		if _, _, err := db.Session(ctx, sha256.Sum256([]byte("other"))); !errors.Is(err, identity.ErrNoSession) {
			t.Errorf("another cookie: %v, want %v", err, identity.ErrNoSession)
		}

		if err := db.TouchSession(ctx, kept.ID, day.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if err := db.TouchSession(ctx, kept.ID, day.Add(time.Minute)); err != nil { // late, of another process
			t.Fatal(err)
		}
		if got, _, _ := db.Session(ctx, hash); !got.Seen.Equal(day.Add(time.Hour)) {
			t.Errorf("seen = %v, want the later time %v", got.Seen, day.Add(time.Hour))
		}

		if n, err := db.SweepSessions(ctx, day, day.Add(-time.Hour)); n != 0 || err != nil {
			t.Errorf("sweeping what is older took %d sessions (%v), want 0", n, err)
		}
		if n, err := db.SweepSessions(ctx, day, day); n != 1 || err != nil {
			t.Errorf("sweeping what was made until then took %d sessions (%v), want 1", n, err)
		}
		if _, _, err := db.Session(ctx, hash); !errors.Is(err, identity.ErrNoSession) {
			t.Errorf("a swept session: %v, want %v", err, identity.ErrNoSession)
		}
		if _, err := db.AddSession(ctx, identity.Session{PersonID: "nobody", Hash: hash, Created: day, Seen: day}); !errors.Is(err, identity.ErrNoPerson) {
			t.Errorf("a session for nobody: %v, want %v", err, identity.ErrNoPerson)
		}
	})
}

// Signing out of one browser leaves the other; signing out of all leaves none, and nobody else's is touched.
func TestEndSessions(t *testing.T) {
	Each(t, func(t *testing.T, db *store.DB) {
		ctx, ada, bo := t.Context(), person(t, db, "ada"), person(t, db, "bo")
		open := func(p identity.Person, cookie string) [32]byte {
			hash := sha256.Sum256([]byte(cookie))
			if _, err := db.AddSession(ctx, identity.Session{PersonID: p.ID, Hash: hash, Created: day, Seen: day}); err != nil {
				t.Fatal(err)
			}
			return hash
		}
		phone, desk, other, theirs := open(ada, "phone"), open(ada, "desk"), open(ada, "other"), open(bo, "theirs")
		check := func(when string, want map[[32]byte]bool) {
			t.Helper()
			for hash, alive := range want {
				if _, _, err := db.Session(ctx, hash); (err == nil) != alive {
					t.Errorf("%s: a session is open = %v (%v), want %v", when, err == nil, err, alive)
				}
			}
		}
		if err := db.EndSession(ctx, phone); err != nil {
			t.Fatal(err)
		}
		check("after one ended", map[[32]byte]bool{phone: false, desk: true, other: true, theirs: true})
		if err := db.EndSessions(ctx, ada.ID); err != nil {
			t.Fatal(err)
		}
		check("after all of one person ended", map[[32]byte]bool{phone: false, desk: false, other: false, theirs: true})
		if err := db.EndSession(ctx, phone); err != nil {
			t.Errorf("ending a session twice: %v, want no error", err)
		}
	})
}
