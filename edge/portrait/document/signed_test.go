package document

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// edited is the embedded pack as another edition.
func edited(t *testing.T, version string) []byte {
	t.Helper()
	data := bytes.Replace(embedded, []byte(`"version": "`+Version()+`"`), []byte(`"version": "`+version+`"`), 1)
	if bytes.Equal(data, embedded) && version != Version() {
		t.Fatal("the version is not in the pack")
	}
	return data
}

func TestLoad(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	sign := func(data []byte) []byte { return ed25519.Sign(private, data) }
	folded := func(data []byte) []byte { // as base64(1) writes it
		text := base64.StdEncoding.EncodeToString(sign(data))
		return []byte(text[:76] + "\n" + text[76:] + "\n")
	}
	next := edited(t, "2099-01-01.1")
	for name, test := range map[string]struct {
		pack []byte
		sign func([]byte) []byte
		key  ed25519.PublicKey
		want error
		says string
	}{
		"a newer one":                     {next, sign, public, nil, ""},
		"its signature in base64":         {next, folded, public, nil, ""},
		"the one built in":                {embedded, sign, public, nil, ""},
		"a count higher":                  {edited(t, strings.TrimSuffix(Version(), ".1")+".2"), sign, public, nil, ""},
		"another key":                     {next, sign, other, ErrSignature, "another key"},
		"no key":                          {next, sign, nil, ErrSignature, "no key"},
		"a byte changed":                  {bytes.Replace(next, []byte("50.8"), []byte("50.9"), 1), func([]byte) []byte { return sign(next) }, public, ErrSignature, "changed"},
		"a signature of other bytes":      {next, func([]byte) []byte { return sign(nil) }, public, ErrSignature, "changed"},
		"a signature that is none":        {next, func([]byte) []byte { return []byte("signed, me") }, public, ErrSignature, "64 bytes"},
		"a signature in hex":              {next, func(d []byte) []byte { return []byte(strings.Repeat("0f", 64)) }, public, ErrSignature, "64 bytes"},
		"an empty signature":              {next, func([]byte) []byte { return nil }, public, ErrSignature, "64 bytes"},
		"a signature of a picture's size": {next, func([]byte) []byte { return make([]byte, 1<<20) }, public, nil, "more than"},
		"an older one":                    {edited(t, "2026-11-23.9"), sign, public, ErrOlder, "2026-11-23.9"},
		"the same edition, other rows":    {bytes.Replace(embedded, []byte(`"no uniform"`), []byte(`"a uniform"`), 1), sign, public, ErrOlder, "a version of its own"},
		"one that is broken":              {next[:len(next)/2], sign, public, ErrPack, "unexpected EOF"},
		"an empty one":                    {nil, sign, public, ErrPack, "EOF"},
		"one that is no pack":             {[]byte(`{"meta":{}}`), sign, public, ErrPack, "no rows"},
		"one beyond any size":             {bytes.Repeat([]byte(" "), maxPack+1), sign, public, nil, "more than"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "documents.json")
			write(t, path, test.pack)
			write(t, path+SignatureSuffix, test.sign(test.pack))
			p, err := Load(path, test.key)
			if test.want == nil && test.says == "" {
				if err != nil || p.Digest == "" || len(p.All()) != 146 {
					t.Errorf("it is refused: %v", err)
				}
				return
			}
			if err == nil || test.want != nil && !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), path) {
				t.Errorf("error %v is no %v that says %q and names the file", err, test.want, test.says)
			}
		})
	}
	path := filepath.Join(t.TempDir(), "documents.json")
	if _, err := Load(path, public); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	write(t, path, next)
	if _, err := Load(path, public); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), SignatureSuffix) {
		t.Errorf("no signature: %v", err)
	}
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestEditions(t *testing.T) {
	in := []string{"2025-12-31.999999", "2026-01-01.1", "2026-01-01.2", "2026-01-01.10", "2026-01-02.1"}
	for i, a := range in {
		for j, b := range in {
			x, err := parseEdition(a)
			y, err2 := parseEdition(b)
			if err != nil || err2 != nil {
				t.Fatal(err, err2)
			}
			if got, want := x.compare(y), i-j; (got < 0) != (want < 0) || (got > 0) != (want > 0) {
				t.Errorf("%s against %s is %d", a, b, got)
			}
		}
	}
	for _, bad := range []string{"", "1", "2026-01-01", "2026-01-01.0", "2026-01-01.01", "2026-02-30.1", "2026-01-01.1000000", "2026-01-01.1 ", "v2026-01-01.1"} {
		if _, err := parseEdition(bad); err == nil {
			t.Errorf("%q is an edition", bad)
		}
	}
}

// What is served of the pack is no more than a control plane takes, by far.
func TestServedSize(t *testing.T) {
	data, err := Embedded().MarshalJSON()
	if err != nil || len(data) > MaxServed/4 {
		t.Errorf("%d bytes are served of at most %d: %v", len(data), MaxServed, err)
	}
}
