package document

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
)

var (
	// ErrSignature means that a pack is not what the holder of the key signed.
	ErrSignature = errors.New("the signature does not fit the rule pack")
	// ErrOlder means that a pack is not newer than the one that this program was built with.
	ErrOlder = errors.New("the rule pack is not newer than the one built in")
)

// SignatureSuffix follows the name of a pack's file in that of its signature.
const SignatureSuffix = ".sig"

// What is read at most: a pack eight times the size of November 2026's, and a signature with room for the ways to write one.
// Whoever takes a pack from a node takes no more than MaxServed of it.
const (
	maxPack      = 2 << 20
	maxSignature = 1 << 10
	MaxServed    = 8 << 20
)

// Load reads the pack in a file, and its detached signature in the file beside it. It is used only if the signature is
// right (ErrSignature), if it is a whole pack (ErrPack), and if it is newer than the embedded one or the same (ErrOlder):
// who can put a file in place cannot bring back rules that an authority has given up.
func Load(path string, key ed25519.PublicKey) (*Pack, error) {
	data, err := readBounded(path, maxPack)
	if err != nil {
		return nil, err
	}
	written, err := readBounded(path+SignatureSuffix, maxSignature)
	if err != nil {
		return nil, err
	}
	signature, err := parseSignature(written)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", path+SignatureSuffix, ErrSignature, err)
	}
	if len(key) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("%s: %w: there is no key to check it with", path, ErrSignature)
	}
	if !ed25519.Verify(key, data, signature) {
		return nil, fmt.Errorf("%s: %w: it was made by another key, or the file was changed since", path+SignatureSuffix, ErrSignature)
	}
	p, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := p.follows(Embedded()); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	served, err := p.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", path, ErrPack, err)
	}
	if len(served) > MaxServed {
		return nil, fmt.Errorf("%s: %w: it would be served as %d bytes, and nobody takes more than %d", path, ErrPack, len(served), MaxServed)
	}
	return p, nil
}

// follows says whether p may take the place of old: a newer edition, or the very same bytes.
func (p *Pack) follows(old *Pack) error {
	switch order := p.edition.compare(old.edition); {
	case order < 0:
		return fmt.Errorf("%w: it is edition %s, and %s is built in", ErrOlder, p.Version, old.Version)
	case order == 0 && p.Digest != old.Digest:
		return fmt.Errorf("%w: both call themselves edition %s and differ; give the newer one a version of its own", ErrOlder, p.Version)
	}
	return nil
}

// parseSignature reads an Ed25519 signature as openssl writes it, 64 bytes, or the same in base64.
func parseSignature(written []byte) ([]byte, error) {
	if len(written) == ed25519.SignatureSize {
		return written, nil
	}
	text := bytes.Join(bytes.Fields(written), nil) // base64 folds long lines
	signature, err := base64.StdEncoding.DecodeString(string(text))
	if err != nil || len(signature) != ed25519.SignatureSize {
		return nil, fmt.Errorf("it is neither %d bytes nor those in base64", ed25519.SignatureSize)
	}
	return signature, nil
}

func readBounded(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > most {
		return nil, fmt.Errorf("%s has more than %d bytes, too many for what it should be", path, most)
	}
	return data, nil
}
