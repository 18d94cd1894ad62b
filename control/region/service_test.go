package region_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/control/region"
	"github.com/professionalaistudio/studio/control/store"
	"github.com/professionalaistudio/studio/control/store/storetest"
	"github.com/professionalaistudio/studio/edge/wire"
)

type fixture struct {
	*region.Service
	db  *store.DB
	now time.Time
}

func newService(t *testing.T) *fixture {
	f := &fixture{db: storetest.SQLite(t), now: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)}
	f.Service = region.New(region.Config{
		BundleKey: ed25519.NewKeyFromSeed(make([]byte, 32)).Public().(ed25519.PublicKey),
		Now:       func() time.Time { return f.now },
	}, f.db, slog.New(slog.DiscardHandler))
	return f
}

func (f *fixture) beat(t *testing.T, h region.Heartbeat) {
	t.Helper()
	if err := f.Beat(t.Context(), region.Node{ID: "n", Region: h.Region}, h); err != nil {
		t.Fatal(err)
	}
}

func TestNodeToken(t *testing.T) {
	f := newService(t)
	token, err := f.CreateNode(t.Context(), "local")
	if err != nil {
		t.Fatal(err)
	}
	n, err := f.Check(t.Context(), token.String())
	if err != nil || n.Region != "local" || n.ID != token.Node {
		t.Errorf("checked as %+v, %v; want node %s of local", n, err, token.Node)
	}
	if strings.Contains(n.SecretSHA256, token.Secret) {
		t.Error("the secret is kept as it is")
	}
	other, err := f.CreateNode(t.Context(), "local")
	if err != nil {
		t.Fatal(err)
	}
	forged, unknown := token, token
	forged.Secret = other.Secret
	unknown.Node = "local-nobody"
	for name, text := range map[string]string{
		"another's secret": forged.String(), "an unknown node": unknown.String(), "no token": "", "a word": "pasn.x",
	} {
		if _, err := f.Check(t.Context(), text); !errors.Is(err, region.ErrNode) {
			t.Errorf("%s: %v, want ErrNode", name, err)
		}
	}
	if err := f.RevokeNode(t.Context(), token.Node); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Check(t.Context(), token.String()); !errors.Is(err, region.ErrNode) {
		t.Errorf("revoked: %v, want ErrNode", err)
	}
	for _, name := range []string{"", "Local", "a b", "-a", strings.Repeat("a", 33)} {
		if _, err := f.CreateNode(t.Context(), name); !errors.Is(err, region.ErrRegion) {
			t.Errorf("a token for %q: %v, want ErrRegion", name, err)
		}
	}
}

func TestDirectory(t *testing.T) {
	f := newService(t)
	edge := func(r, name string, load float64, draining bool) region.Heartbeat {
		return region.Heartbeat{Node: name, Region: r, Address: "http://" + name, Load: load, Draining: draining}
	}
	if err := f.Beat(t.Context(), region.Node{Region: "eu"}, edge("us", "thief", 0, false)); !errors.Is(err, region.ErrNode) {
		t.Errorf("a node of another region: %v, want ErrNode", err)
	}
	f.beat(t, edge("local", "a", 0.5, false))
	f.beat(t, edge("eu", "b", 0, false))
	f.now = f.now.Add(5 * time.Second)
	f.beat(t, edge("local", "c", 0.25, false))
	f.beat(t, edge("local", "d", 0, true))
	f.beat(t, edge("us", "e", 0, true))

	want := func(what string, want ...region.Region) {
		t.Helper()
		got, err := f.Directory(t.Context())
		if err != nil || len(got) != len(want) || len(got) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v; want %+v", what, got, err, want)
		}
	}
	c, a := region.Public{Address: "http://c", Load: 0.25}, region.Public{Address: "http://a", Load: 0.5}
	eu := region.Region{ID: "eu", Name: "eu", Edges: []region.Public{{Address: "http://b"}}}
	want("all that take work, least loaded first", eu, region.Region{ID: "local", Name: "This machine", Edges: []region.Public{c, a}})
	f.now = f.now.Add(5 * time.Second)
	want("after 10 s of silence", region.Region{ID: "local", Name: "This machine", Edges: []region.Public{c}})
	f.now = f.now.Add(5 * time.Second)
	want("after 10 s of silence of all")
	if _, found, err := f.Find(t.Context(), "local"); found || err != nil {
		t.Errorf("a region without edges: found %t, %v; want none", found, err)
	}
}

// A rule pack is taken from an edge that announces it, once, and only if it is the one announced.
func TestPack(t *testing.T) {
	f := newService(t)
	answer, asked := "", 0
	edge := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.URL.Path != "/v1/documents" {
			t.Errorf("asked for %q, want /v1/documents", r.URL.Path)
		}
		fmt.Fprint(w, answer)
	}))
	defer edge.Close()
	const pack = `{"pack":"1+abc","version":"1","digest":"abc","documents":[{"id":"us-passport","country":"US","country_name":"United States","document":"passport","dpi":300}]}`

	if _, err := f.Has(t.Context(), "us-passport"); !errors.Is(err, region.ErrNoPack) {
		t.Errorf("before any edge: %v, want ErrNoPack", err)
	}
	h := region.Heartbeat{Node: "a", Region: "local", Address: edge.URL, Documents: "abc"}
	for name, text := range map[string]string{
		"another digest": strings.Replace(pack, `"abc"`, `"xyz"`, 1),
		"no documents":   `{"digest":"abc","documents":[]}`,
		"a row of none":  `{"digest":"abc","documents":[{}]}`,
		"not JSON":       `<html>`,
		"a huge one":     strings.Repeat(" ", 8<<20) + pack,
	} {
		answer = text
		if err := f.Take(t.Context(), h); !errors.Is(err, region.ErrPack) {
			t.Errorf("%s: %v, want ErrPack", name, err)
		}
	}
	answer, asked = pack, 0
	f.beat(t, h)
	if f.Wanted() != 1 {
		t.Errorf("%d packs wanted after a heartbeat, want 1", f.Wanted())
	}
	for range 2 {
		if err := f.Take(t.Context(), h); err != nil {
			t.Fatal(err)
		}
	}
	f.beat(t, h)
	if f.Wanted() != 1 || asked != 1 {
		t.Errorf("%d packs wanted and %d asked for, want no more than the first", f.Wanted(), asked)
	}
	docs, err := f.Documents(t.Context())
	if err != nil || len(docs) != 1 || docs[0].ID != "us-passport" || docs[0].CountryName != "United States" || !strings.Contains(string(docs[0].Row), `"dpi":300`) {
		t.Errorf("documents %+v, %v; want the passport with its whole row", docs, err)
	}
	for id, want := range map[string]bool{"us-passport": true, "moon-passport": false} {
		if got, err := f.Has(t.Context(), id); got != want || err != nil {
			t.Errorf("has %s: %t, %v; want %t", id, got, err, want)
		}
	}
	if got, err := f.Pack(t.Context()); err != nil || string(got.Body) != pack {
		t.Errorf("pack %q, %v; want it byte for byte", got.Body, err)
	}
}

// An edge's key stays when the edge is gone, under its name alone, with the time in which it may have signed.
func TestReceiptKeys(t *testing.T) {
	f := newService(t)
	key := func(seed byte, made time.Time) wire.ReceiptKey {
		public := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, 32)).Public().(ed25519.PublicKey)
		return wire.NewReceiptKey("local", "a", public, made)
	}
	edge := func(r, name string, k wire.ReceiptKey) region.Heartbeat {
		k.Region, k.Node = r, name
		return region.Heartbeat{Node: name, Region: r, Address: "http://" + name, ReceiptKey: k}
	}
	began := f.now
	first, second := key(1, began.Add(-time.Minute)), key(2, began)
	expect := func(what, id string, want ...wire.ReceiptKey) {
		t.Helper()
		got, err := f.ReceiptKeys(t.Context(), id)
		if err != nil || got.Keys == nil || !slices.Equal(got.Keys, want) {
			t.Errorf("%s: %+v, %v; want %+v", what, got, err, want)
		}
	}
	until := func(h region.Heartbeat, last time.Time) wire.ReceiptKey {
		k := h.ReceiptKey
		k.Expires = last.Add(7 * 24 * time.Hour).Unix()
		return k
	}
	expect("before any", "")
	a, thief := edge("local", "a", first), edge("eu", "thief", first)
	f.beat(t, a)
	f.beat(t, edge("local", "old", wire.ReceiptKey{})) // an edge of before receipts
	expect("one", "", until(a, began))
	f.now = began.Add(59 * time.Second)
	f.beat(t, a)
	expect("noted once a minute", "", until(a, began))
	f.now = began.Add(time.Minute)
	f.beat(t, a)
	expect("a minute later", "", until(a, f.now))

	// A key that another region shows as its own stays the first one's too.
	minute := f.now
	f.now = began.Add(2 * time.Minute)
	f.beat(t, thief)
	expect("two that show one key", first.ID, until(thief, f.now), until(a, minute))

	// The next process has another.
	f.now = began.Add(3 * time.Minute)
	next := edge("local", "a", second)
	f.beat(t, next)
	expect("after a restart", second.ID, until(next, f.now))
	expect("all", "", until(next, f.now), until(thief, began.Add(2*time.Minute)), until(a, minute))
	expect("a key that nobody has", "nobody")

	// Three years after they were last heard of, they go.
	f.now = minute.Add(3*365*24*time.Hour + time.Second)
	if err := f.ForgetKeys(t.Context()); err != nil {
		t.Fatal(err)
	}
	expect("three years later", "", until(next, began.Add(3*time.Minute)), until(thief, began.Add(2*time.Minute)))

	// A receipt is checked with what is left.
	receipt := wire.Receipt{
		ID: "r", IssuedAt: began.Add(5 * time.Minute).Unix(), Region: "local", Node: "a", Build: "v1", Document: "us-passport", Pack: "p",
		Findings: wire.FileDigest(nil), Retained: wire.ReceiptRetained,
	}
	raw, err := wire.SignReceipt(receipt, second.ID, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	set, err := f.ReceiptKeys(t.Context(), second.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, k, err := wire.VerifyReceipt(raw, set.Keys); err != nil || k.Node != "a" {
		t.Errorf("the receipt: %+v, %v; want it verified with the key of a", k, err)
	}
}
