package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/professionalaistudio/studio/edge/wire"
)

// receiptVectors is edge/wire/testdata/receipts.json, read as a stranger would.
type receiptVectors struct {
	Keys     json.RawMessage
	Receipts []struct {
		Name, Receipt, Refused string
		Says                   *wire.Receipt
	}
	Deliveries []struct{ Name, Answer, Refused string }
}

func readReceiptVectors(t *testing.T) (v receiptVectors) {
	t.Helper()
	data, err := os.ReadFile("wire/testdata/receipts.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// A verifier runs `edge verify` in a folder of its own.
type verifier struct {
	t   *testing.T
	dir string
}

func (v verifier) file(name, text string) string {
	v.t.Helper()
	path := filepath.Join(v.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		v.t.Fatal(err)
	}
	return path
}

func (v verifier) run(args ...string) (status int, p proof, said string) {
	v.t.Helper()
	var out, errors bytes.Buffer
	c := &console{out: &out, errors: &errors}
	status = c.main(append([]string{"verify"}, args...))
	if out.Len() > 0 {
		if err := json.Unmarshal(out.Bytes(), &p); err != nil {
			v.t.Errorf("verify %v prints %q: %v", args, out.Bytes(), err)
		}
	}
	if (status == 0) != (errors.Len() == 0) || strings.Count(errors.String(), "\n") > 1 {
		v.t.Errorf("verify %v ends with %d and says %q, want a sentence for what went wrong", args, status, errors.String())
	}
	return status, p, errors.String()
}

// Every vector is verified or not: 0 or 1, and 2 where there is no receipt at all.
func TestVerifyVectors(t *testing.T) {
	vectors := readReceiptVectors(t)
	v := verifier{t, t.TempDir()}
	keys := v.file("keys.json", string(vectors.Keys))
	for _, test := range vectors.Receipts {
		status, p, said := v.run(v.file("receipt", test.Receipt), "-keys", keys)
		want := 0
		if test.Refused != "" {
			if want = notProven; strings.Contains(said, "neither a receipt") {
				want = notRead
			}
		}
		// What ends a line of a text file is no part of what it holds.
		if test.Name == "a space behind" {
			want = 0
		}
		if status != want || p.Verified != (want == 0) || (p.Receipt != nil) != (want == 0) {
			t.Errorf("%s: status %d, %+v, want status %d", test.Name, status, p, want)
		}
	}
	for _, test := range vectors.Deliveries {
		status, p, _ := v.run("-keys", keys, v.file("answer.json", test.Answer))
		want := map[string]int{"": 0, "answer": notRead}
		status0, known := want[test.Refused]
		if !known {
			status0 = notProven
		}
		if status != status0 || p.Verified != (status0 == 0) {
			t.Errorf("%s: status %d, %+v, want %d", test.Name, status, p, status0)
		}
	}
}

func TestVerifyFiles(t *testing.T) {
	vectors := readReceiptVectors(t)
	v := verifier{t, t.TempDir()}
	keys := v.file("keys.json", string(vectors.Keys))
	good, answer := v.file("good", vectors.Receipts[0].Receipt+"\n"), v.file("answer.json", vectors.Deliveries[0].Answer)
	photo, sheet, other := v.file("photo.jpg", "photo"), v.file("sheet.jpg", "sheet"), v.file("other.jpg", "another")
	for name, test := range map[string]struct {
		args   []string
		status int
		says   string // in the sentence, or what was compared
	}{
		"a receipt alone":           {[]string{good, "-keys", keys}, 0, ""},
		"an answer":                 {[]string{"-keys", keys, answer}, 0, "findings photo sheet"},
		"its photo as a file":       {[]string{answer, "-keys", keys, "-photo", photo}, 0, "findings photo sheet photo"},
		"its sheet as a file":       {[]string{answer, "-keys", keys, "-photo", sheet}, 0, "findings photo sheet sheet"},
		"another file":              {[]string{answer, "-keys", keys, "-photo", other}, notProven, "something else"},
		"a file that nobody named":  {[]string{good, "-keys", keys, "-photo", photo}, notProven, "hash=1"},
		"without keys":              {[]string{good}, notRead, "needs -keys"},
		"without a file":            {[]string{"-keys", keys}, 2, "takes FILE"},
		"a file that is not there":  {[]string{v.dir + "/none", "-keys", keys}, notRead, "no such file"},
		"keys that are not there":   {[]string{good, "-keys", v.dir + "/none"}, notRead, "no such file"},
		"keys that are none":        {[]string{good, "-keys", photo}, notRead, "not a set of keys"},
		"no keys among them":        {[]string{good, "-keys", v.file("empty.json", `{"keys":[]}`)}, notProven, "not among them"},
		"a photo that is not there": {[]string{answer, "-keys", keys, "-photo", v.dir + "/none"}, notRead, "no such file"},
		"a picture":                 {[]string{v.file("p.jpg", "\xff\xd8\xff\xe0.."), "-keys", keys}, notRead, "neither a receipt"},
		"an answer without one":     {[]string{v.file("x.json", `{"document":"x"}`), "-keys", keys}, notRead, "no receipt in it"},
	} {
		status, p, said := v.run(test.args...)
		if said == "" {
			said = strings.Join(p.Compared, " ")
		}
		if status != test.status || !strings.Contains(said, test.says) || test.status == 0 && said != test.says {
			t.Errorf("%s: status %d, %q, want %d and %q", name, status, said, test.status, test.says)
		}
	}
}

// A person reads what is proven, and what was not looked at.
func TestVerifyPrints(t *testing.T) {
	vectors := readReceiptVectors(t)
	keys, err := wire.ReadReceiptKeys(vectors.Keys)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := delivered([]byte(vectors.Deliveries[0].Answer))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	prove(answer, keys, nil, false).print(&out, answer)
	for _, want := range []string{
		"issued     2026-11-24 12:00:00 UTC\n", "by         node edge-1.eu of region eu, build v1.2.0-3-gabcdef0\n", "us-passport, by the rules of 2026-11-23\n",
		"made with  detector-320 2026.11.24\n           matte-512 2026.11.24\n", "findings   the 4 of this answer\n", ", which this file has\n",
		"gives to this node\n", "retained   nothing\nverified\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("a person does not read %q:\n%s", want, out.String())
		}
	}
	out.Reset()
	for _, test := range vectors.Receipts[:3] {
		alone := wire.Delivery{Receipt: test.Receipt}
		prove(alone, keys, nil, false).print(&out, alone)
	}
	for _, want := range []string{"preview    it carries a mark", "order      4503599627370495\n", "the receipt came alone\n", "photo      not named"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("a person does not read %q:\n%s", want, out.String())
		}
	}
}
