package identity

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// Whatever a browser brings, what opens is what was sealed: nobody changes a letter of it.
func FuzzLoginCookie(f *testing.F) {
	s, err := newSealer([32]byte{1}, false)
	if err != nil {
		f.Fatal(err)
	}
	now := time.Unix(1_800_000_000, 0)
	want := login{Issuer: "i", State: "s", Nonce: "n", Next: "/", Expires: now.Unix() + 1}
	good, err := s.seal(want)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good.Value)
	f.Add(good.Value[1:])
	f.Add(good.Value + "A")
	f.Add(strings.Repeat("A", 64))
	f.Add("")
	f.Fuzz(func(t *testing.T, value string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Cookie", "login="+value)
		if l, err := s.open(r, now); err == nil && l != want {
			t.Errorf("%q opens as %+v, want nothing but %+v", value, l, want)
		}
	})
}

// A cookie sealed for https does not open under the name that http may set, nor the session's.
func TestLoginIsBoundToItsName(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	secure, err := newSealer([32]byte{1}, true)
	if err != nil {
		t.Fatal(err)
	}
	plain, _ := newSealer([32]byte{1}, false)
	c, err := secure.seal(login{Expires: now.Unix() + 1})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.AddCookie(&http.Cookie{Name: "login", Value: c.Value})
	if _, err := plain.open(r, now); err == nil {
		t.Error("it opens under another name")
	}
	r = httptest.NewRequest("GET", "/", nil)
	r.AddCookie(c)
	if _, err := secure.open(r, now); err != nil {
		t.Errorf("under its own: %v, want no error", err)
	}
	if _, err := secure.open(r, now.Add(time.Second)); err == nil {
		t.Error("it opens after its end")
	}
}
