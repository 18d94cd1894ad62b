package wire

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

var (
	// ErrReceipt says that a text is not written as a receipt is, or does not say what a receipt says.
	ErrReceipt = errors.New("not a receipt")
	// ErrReceiptSignature says that a receipt was altered, or signed by another key than the one it names.
	ErrReceiptSignature = errors.New("the signature does not fit the receipt")
	// ErrReceiptKey says that none of the keys at hand may have signed a receipt.
	ErrReceiptKey = errors.New("the receipt names no key that may have signed it")
)

const (
	// ReceiptType is the typ of a receipt's header: no receipt passes for a token, and no token for a receipt (RFC 8725, 3.11).
	ReceiptType = "receipt+jwt"
	// ReceiptRetained is what a receipt says has been kept of the photo. There is no other word for it.
	ReceiptRetained = "nothing"
	// MaxReceipt is the longest receipt that is read, in letters; ours have about 1,100.
	MaxReceipt = 16 << 10
)

// A Receipt is what a node says of a photo that it delivered. Nothing in it is measured of a face, and nothing can be
// computed back to one: Findings is a hash of rules and verdicts, and a hash of the file is there only if the caller
// asked for it.
type Receipt struct {
	ID       string         `json:"jti"`
	IssuedAt int64          `json:"iat"` // unix seconds
	Region   string         `json:"region"`
	Node     string         `json:"node"`
	Build    string         `json:"build"`    // of the program
	Document string         `json:"document"` // as /v1/documents names it
	Pack     string         `json:"pack"`     // version of the rules, as the JSON answer has it
	Models   []ReceiptModel `json:"models"`   // the nets of the node
	Findings string         `json:"findings_sha256"`
	Retained string         `json:"retained"`               // ReceiptRetained
	Preview  bool           `json:"preview,omitempty"`      // the photo carries a mark: it is for looking at
	Order    uint64         `json:"order,omitempty"`        // number of the order it was made for; control draws 52 bits
	Photo    string         `json:"photo_sha256,omitempty"` // of the file; all hashes in lower-case hex
	Sheet    string         `json:"sheet_sha256,omitempty"`
}

// A ReceiptModel is a net and its version, which changes whenever the net does.
type ReceiptModel struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// The header of every receipt is this with the key's id between the two parts, so there is nothing in it to read
// otherwise: no other algorithm, key, type or extension, and no member twice.
const (
	receiptHead = `{"alg":"` + TokenAlgorithm + `","typ":"` + ReceiptType + `","kid":"`
	receiptTail = `"}`
)

// SignReceipt writes a receipt as a JWS (RFC 7515, compact; RFC 8037). It signs nothing that VerifyReceipt would refuse.
func SignReceipt(r Receipt, kid string, key ed25519.PrivateKey) (string, error) {
	if len(key) != ed25519.PrivateKeySize {
		return "", errors.New("signing a receipt takes an Ed25519 private key")
	}
	if !keyName(kid) {
		return "", fmt.Errorf("key id %.70q: %w", kid, ErrReceipt)
	}
	if r.Models == nil {
		r.Models = []ReceiptModel{}
	}
	if err := r.check(); err != nil {
		return "", err
	}
	payload, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("receipt: %w", err)
	}
	text := base64.RawURLEncoding.EncodeToString([]byte(receiptHead+kid+receiptTail)) + "." + base64.RawURLEncoding.EncodeToString(payload)
	return text + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, []byte(text))), nil
}

// VerifyReceipt reads a receipt that one of keys signed, and returns that key too. The order is that of trust: form, key,
// signature, what it says, and whether the key is the one of the node that it names and was good when it was issued.
func VerifyReceipt(raw string, keys []ReceiptKey) (Receipt, ReceiptKey, error) {
	kid, payload, text, signature, err := splitReceipt(raw)
	if err != nil {
		return Receipt{}, ReceiptKey{}, err
	}
	named, signed := false, false
	var last error
	for _, key := range keys {
		if key.ID != kid {
			continue
		}
		named = true
		public, err := key.PublicKey()
		if err != nil || !ed25519.Verify(public, []byte(text), signature) {
			continue
		}
		signed = true
		r, err := readReceipt(payload)
		if err != nil {
			return Receipt{}, ReceiptKey{}, err
		}
		if last = key.may(r); last == nil {
			return r, key, nil
		}
	}
	switch {
	case !named:
		return Receipt{}, ReceiptKey{}, fmt.Errorf("key %s is not among them: %w", kid, ErrReceiptKey)
	case !signed:
		return Receipt{}, ReceiptKey{}, ErrReceiptSignature
	}
	return Receipt{}, ReceiptKey{}, last
}

// splitReceipt takes a receipt apart without believing it.
func splitReceipt(raw string) (kid string, payload []byte, text string, signature []byte, err error) {
	bad := func(why string) (string, []byte, string, []byte, error) {
		return "", nil, "", nil, fmt.Errorf("%s: %w", why, ErrReceipt)
	}
	if len(raw) > MaxReceipt {
		return bad("it is too long")
	}
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return bad("it has not three parts")
	}
	var decoded [3][]byte
	for i, part := range parts {
		b, err := base64.RawURLEncoding.Strict().DecodeString(part)
		if err != nil || strings.ContainsAny(part, "\r\n") { // which the decoder skips
			return bad("it is not in base64url")
		}
		decoded[i] = b
	}
	kid, begins := strings.CutPrefix(string(decoded[0]), receiptHead)
	kid, ends := strings.CutSuffix(kid, receiptTail)
	if !begins || !ends || !keyName(kid) {
		return bad("its header is another's")
	}
	if len(decoded[2]) != ed25519.SignatureSize {
		return bad("its signature has another size")
	}
	return kid, decoded[1], parts[0] + "." + parts[1], decoded[2], nil
}

// readReceipt reads what has been signed. Members that are not known here are of a newer node.
func readReceipt(payload []byte) (r Receipt, err error) {
	if err := oneReading(payload); err != nil {
		return Receipt{}, fmt.Errorf("%w: %w", ErrReceipt, err)
	}
	if err := json.Unmarshal(payload, &r); err != nil {
		return Receipt{}, fmt.Errorf("what it says cannot be read: %w", ErrReceipt)
	}
	return r, r.check()
}

// check tells whether a receipt says all that one must say, in words that can be shown anywhere.
func (r Receipt) check() error {
	bad := func(member string) error { return fmt.Errorf("%s: %w", member, ErrReceipt) }
	for _, word := range [...]struct{ member, value string }{
		{"jti", r.ID}, {"region", r.Region}, {"node", r.Node}, {"build", r.Build}, {"document", r.Document}, {"pack", r.Pack},
	} {
		if !legible(word.value) {
			return bad(word.member)
		}
	}
	if r.Models == nil {
		return bad("models")
	}
	for _, m := range r.Models {
		if !legible(m.Name) || !legible(m.Version) {
			return bad("models")
		}
	}
	switch {
	case r.IssuedAt <= 0:
		return bad("iat")
	case r.Retained != ReceiptRetained:
		return bad("retained")
	case !hexDigest(r.Findings):
		return bad("findings_sha256")
	case r.Photo != "" && !hexDigest(r.Photo):
		return bad("photo_sha256")
	case r.Sheet != "" && !hexDigest(r.Sheet):
		return bad("sheet_sha256")
	}
	return nil
}

// legible tells whether s is a text for people: not empty, not long, and nothing in it that moves a cursor.
func legible(s string) bool {
	for _, c := range s {
		if !unicode.IsPrint(c) || c == utf8.RuneError {
			return false
		}
	}
	return s != "" && len(s) <= 256
}

func hexDigest(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == 32 && strings.ToLower(s) == s
}

// keyName tells whether s can be the id of a key.
func keyName(s string) bool {
	for _, c := range []byte(s) {
		if !('0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' || c == '-' || c == '_') {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

// Time is when the receipt was issued.
func (r Receipt) Time() time.Time { return time.Unix(r.IssuedAt, 0).UTC() }
