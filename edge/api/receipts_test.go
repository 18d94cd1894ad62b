package api

import (
	"bytes"
	"errors"
	"testing"

	"github.com/professionalaistudio/studio/edge/wire"
)

// A receipt is put behind the pictures without leaving a copy of them.
func TestWithReceipt(t *testing.T) {
	const answer, want = `{"photo":"a picture"}`, `{"photo":"a picture","receipt":"a.b.c"}`
	roomy := append(make([]byte, 0, 100), answer...)
	if got := withReceipt(roomy, "a.b.c"); string(got) != want || &got[0] != &roomy[0] {
		t.Errorf("with room: %s, in the same memory %v; want %s in place", got, &got[0] == &roomy[0], want)
	}
	for spare := range 20 {
		doc := append(make([]byte, 0, len(answer)+spare), answer...)
		got := withReceipt(doc, "a.b.c")
		if string(got) != want {
			t.Errorf("with %d bytes to spare: %s, want %s", spare, got, want)
		}
		if &got[0] != &doc[0] && !bytes.Equal(doc, make([]byte, len(doc))) {
			t.Errorf("with %d bytes to spare, %q is left behind", spare, doc)
		}
	}
	if got := withReceipt([]byte(answer), ""); string(got) != answer {
		t.Errorf("without a receipt: %s, want %s", got, answer)
	}
}

// The key is overwritten when the node stops, and signs nothing after.
func TestReceiptsClose(t *testing.T) {
	r, err := NewReceipts("eu", "n", "v1")
	if err != nil {
		t.Fatal(err)
	}
	key := r.key
	receipt := wire.Receipt{Document: "us-passport", Pack: "p", Findings: wire.FileDigest(nil)}
	raw, err := r.sign(receipt)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := wire.VerifyReceipt(raw, []wire.ReceiptKey{r.Public()}); err != nil {
		t.Errorf("a receipt of its own: %v", err)
	}
	r.Close()
	r.Close()
	if !bytes.Equal(key, make([]byte, len(key))) {
		t.Error("the key is still in memory")
	}
	if raw, err := r.sign(receipt); !errors.Is(err, errNoReceipts) || raw != "" {
		t.Errorf("after the end it signs %q, %v", raw, err)
	}
}

// A name that no receipt can say stops the node before it serves.
func TestNewReceiptsRefuses(t *testing.T) {
	if _, err := NewReceipts("eu", "n", "v1\n"); !errors.Is(err, wire.ErrReceipt) {
		t.Errorf("a build of two lines: %v, want ErrReceipt", err)
	}
}
