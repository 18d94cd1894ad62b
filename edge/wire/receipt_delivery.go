package wire

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

var (
	// ErrDelivery says that bytes are no answer of /v1/photos with a receipt in it.
	ErrDelivery = errors.New("not an answer with a receipt")
	// ErrReceiptFit says that a receipt is good, and of something else than what it was held against.
	ErrReceiptFit = errors.New("the receipt is of something else")
)

// A Delivery is what the JSON answer of /v1/photos has that its receipt vouches for.
type Delivery struct {
	Receipt  string         `json:"receipt"`
	Document string         `json:"document"`
	Pack     string         `json:"pack"`
	Findings []Judged       `json:"findings"`
	Photo    *DeliveredFile `json:"photo"`
	Sheet    *DeliveredFile `json:"sheet"`
}

// Judged is a finding without its measurements.
type Judged struct {
	Rule    string `json:"rule"`
	Verdict string `json:"verdict"`
}

// A DeliveredFile is a picture inside the answer.
type DeliveredFile struct {
	Data []byte `json:"data"`
}

// ReadDelivery reads an answer that was saved as it came.
func ReadDelivery(data []byte) (d Delivery, err error) {
	if err := oneReading(data); err != nil {
		return Delivery{}, fmt.Errorf("%w: %w", ErrDelivery, err)
	}
	if err := json.Unmarshal(data, &d); err != nil {
		return Delivery{}, fmt.Errorf("a member is of another kind: %w", ErrDelivery)
	}
	if d.Receipt == "" {
		return Delivery{}, fmt.Errorf("there is no receipt in it: %w", ErrDelivery)
	}
	return d, nil
}

// Fits tells whether d is what r was issued for. A file is compared if r names its hash and d holds it.
func (r Receipt) Fits(d Delivery) error {
	other := func(what string) error { return fmt.Errorf("%s: %w", what, ErrReceiptFit) }
	digest, err := FindingsDigest(d.Findings)
	switch {
	case err != nil:
		return err
	case d.Document != r.Document:
		return other("document")
	case d.Pack != r.Pack:
		return other("pack")
	case digest != r.Findings:
		return other("findings")
	case d.Photo != nil && r.Photo != "" && FileDigest(d.Photo.Data) != r.Photo:
		return other("photo")
	case d.Sheet != nil && r.Sheet != "" && FileDigest(d.Sheet.Data) != r.Sheet:
		return other("sheet")
	}
	return nil
}

// FileDigest is SHA-256 of a file in hex, as sha256sum prints it.
func FileDigest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// FindingsDigest is SHA-256, in hex, of a line for each finding, rule=verdict, sorted by their bytes, each ended by a line
// feed. Measurements have no part in it. Anybody computes it from the JSON answer:
//
//	jq -r '.findings[] | .rule + "=" + .verdict' answer.json | LC_ALL=C sort | sha256sum
//
// Rules and verdicts are small letters, digits, dots, dashes and low lines; what has another letter has no digest, since
// two lists could then be one text.
func FindingsDigest(findings []Judged) (string, error) {
	lines := make([]string, len(findings))
	for i, f := range findings {
		if !code(f.Rule) || !code(f.Verdict) {
			return "", fmt.Errorf("finding %d is not a rule and a verdict: %w", i+1, ErrReceiptFit)
		}
		lines[i] = f.Rule + "=" + f.Verdict + "\n"
	}
	slices.Sort(lines)
	return FileDigest([]byte(strings.Join(lines, ""))), nil
}

func code(s string) bool {
	for _, c := range []byte(s) {
		if !('0' <= c && c <= '9' || 'a' <= c && c <= 'z' || c == '.' || c == '-' || c == '_') {
			return false
		}
	}
	return s != ""
}

// oneReading refuses JSON that two readers may understand differently: a name that an object has twice, or with letters
// that a careless reader takes for others (encoding/json knows no capitals); bytes that are not UTF-8; anything behind the
// object. All our names are small letters, digits and low lines.
func oneReading(data []byte) error {
	if !utf8.Valid(data) {
		return errors.New("it is not UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if first, err := dec.Token(); err != nil || first != json.Delim('{') {
		return errors.New("it is no JSON object")
	}
	if err := members(dec, 1); err != nil {
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("something stands behind it")
	}
	return nil
}

// members reads an object to its end, its brace having been read.
func members(dec *json.Decoder, depth int) error {
	seen := map[string]bool{}
	for dec.More() {
		token, err := dec.Token()
		name, ok := token.(string)
		switch {
		case err != nil || !ok:
			return errors.New("it is no JSON")
		case !code(name):
			return fmt.Errorf("the name %.40q is none of ours", name)
		case seen[name]:
			return fmt.Errorf("%q is there twice", name)
		}
		seen[name] = true
		if err := element(dec, depth); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

// element reads one value of any kind.
func element(dec *json.Decoder, depth int) error {
	if depth > 32 {
		return errors.New("it is too deep")
	}
	token, err := dec.Token()
	if err != nil {
		return errors.New("it is no JSON")
	}
	switch token {
	case json.Delim('{'):
		return members(dec, depth+1)
	case json.Delim('['):
		for dec.More() {
			if err := element(dec, depth+1); err != nil {
				return err
			}
		}
		_, err = dec.Token()
	}
	return err
}
