package api

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/professionalaistudio/studio/edge/auth"
	"github.com/professionalaistudio/studio/edge/portrait"
	"github.com/professionalaistudio/studio/edge/wire"
)

// receiptHeader carries the receipt where the answer is the picture itself.
const receiptHeader = "X-Receipt"

// keysFresh is how long the node's key may be cached: a node that starts again has another.
const keysFresh = "max-age=60, public"

// Receipts signs what a node delivers, with a key that is made when the node starts, never leaves its memory, and ends with
// it. Whoever keeps the public half can check a receipt afterwards; nobody can issue one.
type Receipts struct {
	about  wire.Receipt // what all receipts of the node say
	public wire.ReceiptKey

	mu  sync.RWMutex
	key ed25519.PrivateKey // nil once closed
}

// NewReceipts makes the key of a node that runs this build in this region.
func NewReceipts(region, node, build string) (*Receipts, error) {
	public, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, fmt.Errorf("the key of receipts: %w", err)
	}
	r := &Receipts{
		about:  wire.Receipt{Region: region, Node: node, Build: build, Retained: wire.ReceiptRetained},
		public: wire.NewReceiptKey(region, node, public, time.Now()),
		key:    key,
	}
	// A name that no receipt can say is noticed now and not at the first photo.
	trial := wire.Receipt{Document: "none", Pack: "none", Findings: wire.FileDigest(nil)}
	if _, err := r.sign(trial); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// Public is the half of the key that anybody may have.
func (r *Receipts) Public() wire.ReceiptKey { return r.public }

// Close overwrites the key. Go may have copied it while it signed; the memory of those copies is the node's own, and ends
// with the process.
func (r *Receipts) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.key)
	r.key = nil
}

var errNoReceipts = errors.New("the key of receipts is gone: this node has stopped")

// sign adds to a receipt what all of the node's say, and writes it.
func (r *Receipts) sign(receipt wire.Receipt) (string, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.key == nil {
		return "", errNoReceipts
	}
	receipt.Region, receipt.Node, receipt.Build, receipt.Retained = r.about.Region, r.about.Node, r.about.Build, r.about.Retained
	receipt.ID = rand.Text()
	receipt.IssuedAt = max(time.Now().Unix(), r.public.NotBefore) // a clock that is set back must not make a receipt older than its key
	return wire.SignReceipt(receipt, r.public.ID, r.key)
}

// attest signs the receipt of a photo that is about to be delivered. The hash of a file is in it only if the caller asked for
// it, and only of the files that it gets.
func (a *API) attest(r *request, result *portrait.Result, caller auth.Caller, ask portrait.Request, asJSON bool) (err error) {
	if a.parts.Receipts == nil {
		return nil
	}
	judged := make([]wire.Judged, len(result.Findings))
	for i, f := range result.Findings {
		judged[i] = wire.Judged{Rule: f.Rule, Verdict: string(f.Verdict)}
	}
	digest, err := wire.FindingsDigest(judged)
	if err != nil {
		return fmt.Errorf("receipt: %w", err)
	}
	receipt := wire.Receipt{
		Document: result.Document, Pack: result.Pack, Models: a.models, Findings: digest,
		Preview: ask.Mark, Order: caller.OrderNumber,
	}
	if r.hashed {
		if asJSON || result.Sheet == nil {
			receipt.Photo = wire.FileDigest(result.Photo.Data)
		}
		if result.Sheet != nil {
			receipt.Sheet = wire.FileDigest(result.Sheet.Data)
		}
	}
	r.receipt, err = a.parts.Receipts.sign(receipt)
	return err
}

// takeHash takes the parameter hash out of those of a photo: whether the receipt names the file.
func takeHash(given map[string]string) (hashed bool, err error) {
	value, there := given["hash"]
	delete(given, "hash")
	switch value {
	case "1", "true":
		return true, nil
	case "0", "false":
		return false, nil
	}
	if there {
		return false, malformed("hash", "is neither 1 nor 0")
	}
	return false, nil
}

// receiptRoom is for a receipt behind the pictures of an answer.
const receiptRoom = 2 << 10

// withReceipt ends a JSON answer with its receipt. Where there is no room for it, what is left behind is wiped.
func withReceipt(doc []byte, receipt string) []byte {
	if receipt == "" {
		return doc
	}
	member := `,"receipt":"` + receipt + `"}` // base64url and dots: nothing to escape
	if end := len(doc) - 1; cap(doc)-end < len(member) {
		bigger := append(make([]byte, 0, end+len(member)), doc...)
		clear(doc)
		doc = bigger
	}
	return append(doc[:len(doc)-1], member...)
}

// newKeys is GET /.well-known/jwks.json as long as this process lives.
func newKeys(r *Receipts) (page, error) {
	set := wire.ReceiptKeys{Keys: []wire.ReceiptKey{}}
	if r != nil {
		set.Keys = append(set.Keys, r.Public())
	}
	body, err := json.Marshal(set)
	if err != nil {
		return page{}, err
	}
	return newPage("application/json", body), nil
}

func (a *API) receiptKeys(r *request) error {
	r.page(a.keys)
	r.Response.Header.Set("Cache-Control", keysFresh)
	return nil
}
