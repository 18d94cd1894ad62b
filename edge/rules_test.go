package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// newerPack writes a newer edition of the pack with a key and a signature of openssl's, and returns the settings that make a node
// use it, and its digest.
func newerPack(t *testing.T) (settings []string, digest string) {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl makes the key and the signature")
	}
	dir := t.TempDir()
	run := func(args ...string) []byte {
		t.Helper()
		cmd := exec.Command("openssl", args...)
		cmd.Dir = dir
		var says bytes.Buffer
		cmd.Stderr = &says
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("openssl %v: %v\n%s", args, err, says.Bytes())
		}
		return out
	}
	pack, err := os.ReadFile("portrait/document/documents.json")
	if err != nil {
		t.Fatal(err)
	}
	pack = regexp.MustCompile(`"version": "[^"]*"`).ReplaceAll(pack, []byte(`"version": "2099-01-01.1"`))
	pack = bytes.Replace(pack, []byte(`"id": "us-passport"`), []byte(`"id": "us-passport-2099"`), 1)
	path := filepath.Join(dir, "documents.json")
	if err := os.WriteFile(path, pack, 0o600); err != nil {
		t.Fatal(err)
	}
	run("genpkey", "-algorithm", "ed25519", "-out", "key.pem")
	run("pkeyutl", "-sign", "-rawin", "-inkey", "key.pem", "-in", "documents.json", "-out", "documents.json.sig")
	key := run("pkey", "-in", "key.pem", "-pubout")
	sum := sha256.Sum256(pack)
	return []string{"EDGE_DOCUMENTS=" + path, "EDGE_DOCUMENTS_KEY=" + string(key)}, hex.EncodeToString(sum[:])
}

// A node judges by a pack that took the place of the one built in, serves it, and tells control its digest: what control then
// fetches is that pack.
func TestANewerPackIsUsedServedAndTold(t *testing.T) {
	p := newPlane(t)
	settings, digest := newerPack(t)
	n := start(t, append(p.settings(), settings...)...)
	if !strings.Contains(n.text(), `"documents":"2099-01-01.1+`+digest[:12]) {
		t.Errorf("the log does not name the pack %s in use:\n%.600s", digest, n.text())
	}
	eventually(t, 10*time.Second, "control hears the digest of the pack in use", func() bool {
		b, ok := p.lastBeat()
		return ok && b.Documents == digest
	})

	// As a control plane fetches it, at the address of the heartbeat.
	b, _ := p.lastBeat()
	all := get(t, b.Address+"/v1/documents").ok(t)
	var served struct {
		Version, Digest string
		Documents       []struct{ ID, Country, Document string }
	}
	if err := json.Unmarshal(all.body, &served); err != nil {
		t.Fatal(err)
	}
	if served.Digest != digest || served.Version != "2099-01-01.1" || len(served.Documents) != 146 || served.Documents[0].ID != "us-passport-2099" {
		t.Errorf("%s of %s with %d documents, first %+v, want %s of 2099", served.Digest, served.Version, len(served.Documents), served.Documents[0], digest)
	}

	get(t, n.public+"/v1/documents/us-passport-2099").ok(t)
	get(t, n.public+"/v1/documents/us-passport").expect(t, "document-unknown", 404)
	found := get(t, n.public+"/v1/documents?country=US&q=passport").ok(t)
	if !strings.Contains(string(found.body), `"documents":[{"id":"us-passport-2099"`) || !strings.Contains(string(found.body), digest) {
		t.Errorf("the search does not see the pack in use: %.300s", found.body)
	}
}

// Documents are found by country, language and name, and what is not known of a search is refused and named.
func TestDocumentsAreSearched(t *testing.T) {
	n := start(t)
	ids := func(query string) string {
		t.Helper()
		var list struct {
			Documents []struct {
				ID    string
				Local struct{ Language, Country, Document string }
			}
		}
		a := get(t, n.public+"/v1/documents"+query).ok(t)
		if err := json.Unmarshal(a.body, &list); err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, d := range list.Documents {
			ids = append(ids, d.ID)
		}
		return strings.Join(ids, " ") + " "
	}
	for query, want := range map[string]string{
		"?country=DE&language=de&q=pass":            "de-passport ",
		"?country=it":                               "it-passport it-cie it-visa ",
		"?language=it":                              "it-passport it-cie it-visa ch-passport ch-sbb-swisspass ",
		"?q=carte+d%27identit%C3%A9&country=FR":     "fr-id-card ",
		"?q=%E8%BA%AB%E4%BB%BD%E8%AF%81&country=CN": "cn-id-card ",
		"?q=atlantis":                               " ",
	} {
		if got := ids(query); got != want {
			t.Errorf("%s finds %q, want %q", query, got, want)
		}
	}
	if got := ids("?q="); strings.Count(got, " ") != 146 {
		t.Errorf("an empty search finds %d", strings.Count(got, " "))
	}
	for query, named := range map[string]string{
		"?qq=pass": "qq", "?country=Germany": "country", "?language=klingon": "language", "?q=a&q=b": "q", "?q=" + strings.Repeat("a", 201): "q", "?%zz": "query",
	} {
		if p := get(t, n.public+"/v1/documents"+query).expect(t, "malformed", 400); !strings.Contains(p.Detail, named) {
			t.Errorf("%.40s: %q does not name %s", query, p.Detail, named)
		}
	}
	get(t, n.public+"/v1/documents/de-passport?colour=red").expect(t, "malformed", 400)
	one := get(t, n.public+"/v1/documents/de-passport?language=ja").ok(t)
	if !strings.Contains(string(one.body), `"local":{"language":"ja","country":"ドイツ","document":"パスポート"}`) {
		t.Errorf("in Japanese it is %.0s%s", one.body, regexp.MustCompile(`"local":\{[^}]*\}`).Find(one.body))
	}
	schema := get(t, n.public+"/v1/documents/schema.json").ok(t)
	if schema.Header.Get("Content-Type") != "application/schema+json" || !json.Valid(schema.body) {
		t.Errorf("the schema is %s: %.80q", schema.Header.Get("Content-Type"), schema.body)
	}
	again := get(t, n.public+"/v1/documents?country=DE", "If-None-Match", get(t, n.public+"/v1/documents?country=DE").Header.Get("ETag"))
	if again.StatusCode != 304 {
		t.Errorf("a search that is asked again is %d, want 304", again.StatusCode)
	}
}
