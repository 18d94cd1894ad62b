package storetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/control/region"
	"github.com/professionalaistudio/studio/control/store"
)

func TestNodes(t *testing.T) {
	Each(t, func(t *testing.T, db *store.DB) {
		want := region.Node{ID: "local-1", Region: "local", SecretSHA256: "ab", Created: noon}
		if err := db.AddNode(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		if got, err := db.Node(t.Context(), "local-1"); got != want || err != nil {
			t.Errorf("read %+v, %v; want %+v", got, err, want)
		}
		if _, err := db.Node(t.Context(), "local-2"); !errors.Is(err, region.ErrNode) {
			t.Errorf("an unknown node: %v, want ErrNode", err)
		}
		if err := db.RevokeNode(t.Context(), "local-1", noon); err != nil {
			t.Fatal(err)
		}
		if got, err := db.Node(t.Context(), "local-1"); !got.Revoked.Equal(noon) || err != nil {
			t.Errorf("revoked at %v, %v; want noon", got.Revoked, err)
		}
		if err := db.RevokeNode(t.Context(), "local-1", noon); !errors.Is(err, region.ErrNode) {
			t.Errorf("revoked twice: %v, want ErrNode", err)
		}
	})
}

func TestEdges(t *testing.T) {
	Each(t, func(t *testing.T, db *store.DB) {
		beat := func(name string, load float64, at time.Time) region.Edge {
			e := region.Edge{Heartbeat: region.Heartbeat{Node: name, Region: "local", Address: "http://" + name, Build: "v1",
				Documents: "d", Load: load, Draining: load > 1, Bundle: 7}, Seen: at}
			if err := db.SaveEdge(t.Context(), e); err != nil {
				t.Fatal(err)
			}
			return e
		}
		beat("b", 0.5, noon)
		b := beat("b", 1.5, noon.Add(time.Second))
		a := beat("a", 0.25, noon.Add(2*time.Second))
		list := func(seen time.Time) []region.Edge {
			t.Helper()
			edges, err := db.Edges(t.Context(), seen)
			if err != nil {
				t.Fatal(err)
			}
			return edges
		}
		if got := list(noon); len(got) != 2 || got[0] != a || got[1] != b {
			t.Errorf("edges %+v, want the newest heartbeats of a and b", got)
		}
		if got := list(noon.Add(time.Second)); len(got) != 1 || got[0] != a {
			t.Errorf("edges %+v heard of since, want a alone", got)
		}
		if n, err := db.ForgetEdges(t.Context(), noon.Add(2*time.Second)); n != 1 || err != nil {
			t.Errorf("%d forgotten, %v; want 1", n, err)
		}
		if got := list(time.Time{}); len(got) != 1 || got[0] != a {
			t.Errorf("edges %+v, want a alone", got)
		}
	})
}

// The pack that most living edges have is current: so a roll-out and a roll-back both end with what edges use.
func TestPacks(t *testing.T) {
	Each(t, func(t *testing.T, db *store.DB) {
		current := func(want string) {
			t.Helper()
			if got, err := db.CurrentPack(t.Context(), noon); got != want || err != nil {
				t.Errorf("current pack %q, %v; want %q", got, err, want)
			}
		}
		if _, err := db.CurrentPack(t.Context(), noon); !errors.Is(err, region.ErrNoPack) {
			t.Errorf("without any pack: %v, want ErrNoPack", err)
		}
		save := func(digest string, fetched time.Time) {
			t.Helper()
			if err := db.SavePack(t.Context(), region.Pack{Digest: digest, Version: "v", Body: []byte("{\x00\xff}"), Fetched: fetched}); err != nil {
				t.Fatal(err)
			}
		}
		seen := func(name, digest string, at time.Time) {
			t.Helper()
			if err := db.SaveEdge(t.Context(), region.Edge{Heartbeat: region.Heartbeat{Node: name, Region: "r", Documents: digest}, Seen: at}); err != nil {
				t.Fatal(err)
			}
		}
		beat := func(name, digest string) { t.Helper(); seen(name, digest, noon.Add(time.Second)) }
		save("old", noon)
		current("old")
		save("new", noon.Add(time.Hour))
		current("new")
		seen("gone", "old", noon.Add(-time.Second))
		current("new")
		beat("a", "old")
		beat("b", "old")
		beat("c", "new")
		current("old")
		beat("a", "new")
		current("new")
		beat("a", "unknown")
		beat("b", "unknown")
		current("new")

		save("new", noon.Add(2*time.Hour)) // the same digest is the same pack
		got, err := db.Pack(t.Context(), "new")
		if err != nil || string(got.Body) != "{\x00\xff}" || !got.Fetched.Equal(noon.Add(time.Hour)) {
			t.Errorf("read %+v, %v; want the first bytes, kept as they were", got, err)
		}
		if _, err := db.Pack(t.Context(), "unknown"); !errors.Is(err, region.ErrNoPack) {
			t.Errorf("an unknown pack: %v, want ErrNoPack", err)
		}
		for digest, want := range map[string]bool{"old": true, "unknown": false} {
			if got, err := db.HasPack(t.Context(), digest); got != want || err != nil {
				t.Errorf("has %q: %t, %v; want %t", digest, got, err, want)
			}
		}
	})
}

// A key that is seen again keeps what was first known of it; the one seen last stands first.
func TestReceiptKeys(t *testing.T) {
	Each(t, func(t *testing.T, db *store.DB) {
		save := func(id, node string, first, last time.Time) region.ReceiptKey {
			t.Helper()
			k := region.ReceiptKey{Region: "local", Node: node, ID: id, X: "x-" + id, Made: noon.Add(-time.Hour), First: first, Last: last}
			if err := db.SaveReceiptKey(t.Context(), k); err != nil {
				t.Fatal(err)
			}
			return k
		}
		expect := func(what, id string, limit int, want ...region.ReceiptKey) {
			t.Helper()
			if got, err := db.ReceiptKeys(t.Context(), id, limit); err != nil || !slices.EqualFunc(got, want, func(a, b region.ReceiptKey) bool {
				same := a.Made.Equal(b.Made) && a.First.Equal(b.First) && a.Last.Equal(b.Last)
				a.Made, a.First, a.Last, b.Made, b.First, b.Last = noon, noon, noon, noon, noon, noon
				return same && a == b
			}) {
				t.Errorf("%s: %+v, %v; want %+v", what, got, err, want)
			}
		}
		expect("none", "", 10)
		a := save("one", "a", noon, noon)
		b := save("two", "b", noon, noon.Add(2*time.Second))
		expect("two", "", 10, b, a)
		again := save("one", "a", noon.Add(3*time.Second), noon.Add(3*time.Second))
		again.First = noon
		expect("seen again", "", 10, again, b)
		save("one", "a", noon, noon.Add(time.Second))
		expect("an older note that comes late", "", 10, again, b)
		other := save("one", "c", noon, noon.Add(4*time.Second))
		expect("one key under two names", "one", 10, other, again)
		expect("the newest", "", 1, other)
		expect("an unknown one", "three", 10)
		if n, err := db.ForgetReceiptKeys(t.Context(), noon.Add(3*time.Second)); n != 1 || err != nil {
			t.Errorf("%d forgotten, %v; want 1", n, err)
		}
		expect("after the forgetting", "", 10, other, again)
	})
}
