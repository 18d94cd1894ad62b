package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/professionalaistudio/studio/edge/wire"
)

// The status of `edge verify` beside 0: what was read is not proven, or there was nothing to prove it with.
const (
	notProven = 1
	notRead   = 2
)

// maxVerified bounds what is read: an answer with a sheet of the largest paper inside has some 60 MiB.
const maxVerified = 256 << 20

// A proof is what `edge verify` found.
type proof struct {
	Verified bool             `json:"verified"`
	Reason   string           `json:"reason,omitempty"`  // why not
	Receipt  *wire.Receipt    `json:"receipt,omitempty"` // what it says; of one that is not proven, nothing
	Key      *wire.ReceiptKey `json:"key,omitempty"`     // that signed it
	Compared []string         `json:"compared"`          // what was held against it: findings, photo, sheet
}

func verifyCommand(c *console, args []string) error {
	fs := c.flags("verify")
	keyFile := fs.String("keys", "", "the keys: /.well-known/jwks.json of the edge while it runs, or /.well-known/receipts.json of control; - is standard input")
	photoFile := fs.String("photo", "", "a picture that the receipt must name")
	asJSON := fs.Bool("json", false, "print JSON")
	words, err := parse(fs, args, "FILE")
	if err != nil {
		return err
	}
	if *keyFile == "" {
		return &exitError{notRead, errors.New("verify needs -keys: save /.well-known/jwks.json of the edge, or /.well-known/receipts.json of control, and name the file")}
	}
	data, err := readVerified(words[0])
	if err != nil {
		return &exitError{notRead, err}
	}
	keySet, err := readVerified(*keyFile)
	if err != nil {
		return &exitError{notRead, err}
	}
	keys, err := wire.ReadReceiptKeys(keySet)
	if err != nil {
		return &exitError{notRead, fmt.Errorf("-keys %s: %w", *keyFile, err)}
	}
	var photo []byte
	if *photoFile != "" {
		if photo, err = readVerified(*photoFile); err != nil {
			return &exitError{notRead, err}
		}
	}
	answer, err := delivered(data)
	if err != nil {
		return &exitError{notRead, fmt.Errorf("%s: %w", words[0], err)}
	}
	p := prove(answer, keys, photo, *photoFile != "")
	if *asJSON || !c.person() {
		if err := json.NewEncoder(c.out).Encode(p); err != nil {
			return err
		}
	} else if p.Verified {
		p.print(c.out, answer)
	}
	if !p.Verified {
		return &exitError{notProven, fmt.Errorf("%s is not verified: %s", words[0], p.Reason)}
	}
	return nil
}

func readVerified(path string) ([]byte, error) {
	in := os.Stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, maxVerified+1))
	if err == nil && len(data) > maxVerified {
		err = fmt.Errorf("%s has more than %d bytes", path, maxVerified)
	}
	return data, err
}

// delivered reads what was saved of an answer: the JSON, or the receipt alone as X-Receipt has it.
func delivered(data []byte) (wire.Delivery, error) {
	text := strings.TrimSpace(string(data))
	if strings.HasPrefix(text, "{") {
		return wire.ReadDelivery([]byte(text))
	}
	if !strings.Contains(text, ".") || strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return wire.Delivery{}, errors.New("is neither a receipt nor an answer with one")
	}
	return wire.Delivery{Receipt: text}, nil
}

// prove holds a receipt against the keys, and against what came with it.
func prove(d wire.Delivery, keys []wire.ReceiptKey, photo []byte, withPhoto bool) proof {
	no := func(err error) proof { return proof{Reason: err.Error(), Compared: []string{}} }
	r, key, err := wire.VerifyReceipt(d.Receipt, keys)
	if err != nil {
		return no(err)
	}
	compared := []string{}
	if d.Findings != nil || d.Document != "" || d.Pack != "" || d.Photo != nil || d.Sheet != nil { // an answer, and no receipt alone
		if err := r.Fits(d); err != nil {
			return no(err)
		}
		compared = append(compared, "findings")
		if d.Photo != nil && r.Photo != "" {
			compared = append(compared, "photo")
		}
		if d.Sheet != nil && r.Sheet != "" {
			compared = append(compared, "sheet")
		}
	}
	if withPhoto {
		switch digest := wire.FileDigest(photo); {
		case r.Photo == "" && r.Sheet == "":
			return no(errors.New("it names no file: the photo was not asked for with hash=1"))
		case digest != r.Photo && digest != r.Sheet:
			return no(fmt.Errorf("-photo: %w", wire.ErrReceiptFit))
		case digest == r.Sheet:
			compared = append(compared, "sheet")
		default:
			compared = append(compared, "photo")
		}
	}
	return proof{Verified: true, Receipt: &r, Key: &key, Compared: compared}
}

// print tells a person what is proven, line by line.
func (p proof) print(out io.Writer, d wire.Delivery) {
	r := p.Receipt
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(name, format string, a ...any) { fmt.Fprintf(w, name+"\t"+format+"\n", a...) }
	compared := func(what, yes, no string) string {
		for _, c := range p.Compared {
			if c == what {
				return yes
			}
		}
		return no
	}
	line("receipt", "%s", r.ID)
	line("issued", "%s", r.Time().Format("2006-01-02 15:04:05 UTC"))
	line("by", "node %s of region %s, build %s", r.Node, r.Region, r.Build)
	line("key", "%s, %s", p.Key.ID, owner(*p.Key))
	line("document", "%s, by the rules of %s", r.Document, r.Pack)
	if r.Preview {
		line("preview", "it carries a mark, and is for looking at")
	}
	if r.Order != 0 {
		line("order", "%d", r.Order)
	}
	for i, m := range r.Models {
		line([]string{"made with", ""}[min(i, 1)], "%s %s", m.Name, m.Version)
	}
	line("findings", "%s", compared("findings", fmt.Sprintf("the %d of this answer", len(d.Findings)), "not compared: the receipt came alone"))
	file := func(name, digest string) {
		if digest != "" {
			line(name, "SHA-256 %s, %s", digest, compared(name, "which this file has", "not compared"))
		}
	}
	file("photo", r.Photo)
	file("sheet", r.Sheet)
	if r.Photo == "" && r.Sheet == "" {
		line("photo", "not named: nobody asked for its hash")
	}
	line("retained", "%s", r.Retained)
	w.Flush()
	fmt.Fprintln(out, "verified")
}

// owner is whose key it is, as far as the set of keys says.
func owner(k wire.ReceiptKey) string {
	if k.Node == "" && k.Region == "" {
		return "which the set gives to nobody"
	}
	return "which the set gives to this node"
}
