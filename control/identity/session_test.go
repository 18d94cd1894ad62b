package identity_test

import (
	"bytes"
	"database/sql"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/control/identity"
	"github.com/professionalaistudio/studio/control/store"
	"github.com/professionalaistudio/studio/control/store/storetest"
)

// with is a request that brings a cookie.
func with(c *http.Cookie) *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	if c != nil {
		r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	return r
}

func someone(t *testing.T, db *store.DB) identity.Person {
	t.Helper()
	p, err := db.SavePerson(t.Context(), identity.Person{Issuer: "i", Subject: "s", Name: "Ada", Created: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSessionLife(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, ada := t.Context(), someone(t, db)
		start := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
		now := start
		s := identity.NewSessions(db, false, func() time.Time { return now }, discard)
		cookie, err := s.Start(ctx, with(nil), ada.ID)
		if err != nil {
			t.Fatal(err)
		}
		check := func(at time.Duration, want bool) {
			t.Helper()
			now = start.Add(at)
			if p, ok := s.Person(ctx, with(cookie)); ok != want || ok && p.ID != ada.ID {
				t.Errorf("after %v signed in = %v (%s), want %v", at, ok, p.ID, want)
			}
		}
		check(0, true)
		check(12*time.Hour-time.Second, true)   // and this request prolongs it
		check(24*time.Hour-2*time.Second, true) // by as much again
		check(36*time.Hour, false)
		now = start.Add(36 * time.Hour)
		if n, err := s.Sweep(ctx); n != 1 || err != nil {
			t.Errorf("swept %d (%v), want 1", n, err)
		}

		// However busy, it ends after thirty days.
		start = now
		cookie, err = s.Start(ctx, with(nil), ada.ID)
		if err != nil {
			t.Fatal(err)
		}
		for at := time.Duration(0); at < identity.MaxAge; at += 11 * time.Hour {
			check(at, true)
		}
		check(identity.MaxAge, false)
	})
}

// Signing in gives a new id and makes the old one worthless, whether an attacker set it or the person had it.
func TestSessionFixation(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, ada := t.Context(), someone(t, db)
		s := identity.NewSessions(db, false, time.Now, discard)
		planted := &http.Cookie{Name: s.CookieName(), Value: "planted-by-an-attacker"}
		first, err := s.Start(ctx, with(planted), ada.ID)
		if err != nil {
			t.Fatal(err)
		}
		if first.Value == planted.Value {
			t.Error("the planted id became the session's")
		}
		if _, ok := s.Person(ctx, with(planted)); ok {
			t.Error("the planted id is signed in")
		}
		second, err := s.Start(ctx, with(first), ada.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := s.Person(ctx, with(first)); ok || first.Value == second.Value {
			t.Error("the id from before the sign-in is signed in after it")
		}
		if _, ok := s.Person(ctx, with(second)); !ok {
			t.Error("the new id is not signed in")
		}
	})
}

func TestSessionEnds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, ada := t.Context(), someone(t, db)
		s := identity.NewSessions(db, true, time.Now, discard)
		var cookies []*http.Cookie
		for range 3 {
			c, err := s.Start(ctx, with(nil), ada.ID)
			if err != nil {
				t.Fatal(err)
			}
			cookies = append(cookies, c)
		}
		gone, err := s.End(ctx, with(cookies[0]))
		if err != nil || gone.MaxAge >= 0 || gone.Value != "" || gone.Name != cookies[0].Name || !gone.Secure {
			t.Errorf("ending gives %v (%v), want a cookie that goes away", gone, err)
		}
		open := func() (n int) {
			for _, c := range cookies {
				if _, ok := s.Person(ctx, with(c)); ok {
					n++
				}
			}
			return n
		}
		if n := open(); n != 2 {
			t.Errorf("%d sessions are open after one ended, want 2", n)
		}
		if err := s.EndAll(ctx, ada.ID); err != nil || open() != 0 {
			t.Errorf("%d sessions are open after all ended (%v), want none", open(), err)
		}
	})
}

func TestSessionCookie(t *testing.T) {
	db := storetest.SQLite(t)
	ada := someone(t, db)
	for name, secure := range map[string]bool{"session": false, "__Host-session": true} {
		s := identity.NewSessions(db, secure, time.Now, discard)
		c, err := s.Start(t.Context(), with(nil), ada.ID)
		if err != nil {
			t.Fatal(err)
		}
		if c.Name != name || c.Secure != secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" ||
			c.MaxAge != int(identity.MaxAge.Seconds()) {
			t.Errorf("cookie %v, want %s, secure %v, http only, lax, the whole site", c, name, secure)
		}
		if id, err := base64.RawURLEncoding.DecodeString(c.Value); err != nil || len(id) != 32 {
			t.Errorf("the id has %d bytes (%v), want 32", len(id), err)
		}
		// The other name is not read: a cookie that http may set must not sign anybody in over https.
		other := &http.Cookie{Name: strings.TrimPrefix("__Host-"+name, "__Host-__Host-"), Value: c.Value}
		if _, ok := s.Person(t.Context(), with(other)); ok {
			t.Errorf("a cookie named %s is taken for %s", other.Name, name)
		}
	}
}

// What the database keeps of a session lets nobody in.
func TestSessionIsKeptHashed(t *testing.T) {
	url := storetest.SQLiteURL(t)
	db, err := store.Open(t.Context(), url, storetest.Secret)
	if err != nil {
		t.Fatal(err)
	}
	c, err := identity.NewSessions(db, true, time.Now, discard).Start(t.Context(), with(nil), someone(t, db).ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	path := strings.TrimPrefix(url, "sqlite:")
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	var n int
	if err := raw.QueryRow("SELECT count(*) FROM sessions").Scan(&n); err != nil || n != 1 {
		t.Fatalf("%d sessions are kept (%v), want 1", n, err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	id, _ := base64.RawURLEncoding.DecodeString(c.Value)
	if bytes.Contains(file, []byte(c.Value)) || bytes.Contains(file, id) {
		t.Error("the session's id stands in the database")
	}
}
