package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/edge/wire"
	"github.com/professionalaistudio/studio/models"
)

// keys is what a node publishes.
func (n *node) keys() []wire.ReceiptKey {
	n.t.Helper()
	list, err := wire.ReadReceiptKeys(get(n.t, n.public+"/.well-known/jwks.json").ok(n.t).body)
	if err != nil {
		n.t.Fatal(err)
	}
	return list
}

// receipt is what a node's receipt says, and the names of all its members.
func (n *node) receipt(raw string) (wire.Receipt, []string) {
	n.t.Helper()
	r, _, err := wire.VerifyReceipt(raw, n.keys())
	if err != nil {
		n.t.Fatalf("the receipt %.80q… does not verify: %v", raw, err)
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(raw, ".")[1])
	if err != nil {
		n.t.Fatal(err)
	}
	var members map[string]any
	if err := json.Unmarshal(payload, &members); err != nil {
		n.t.Fatal(err)
	}
	return r, slices.Sorted(maps.Keys(members))
}

// always is what every receipt says; there is no more in one that nobody asked more of.
var always = []string{"build", "document", "findings_sha256", "iat", "jti", "models", "node", "pack", "region", "retained"}

func hexSHA256(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// A receipt goes with every photo. It names the node, the rules, the nets and the verdicts, and nothing of the face; the file
// only for who asks for that.
func TestReceipts(t *testing.T) {
	n := start(t, "EDGE_REGION=eu-1", "EDGE_NODE=edge-7")
	const query = "/v1/photos?document=us-passport&head=" + portraitHead
	type answerJSON struct {
		Pack     string
		Receipt  string
		Findings []wire.Judged
		Photo    struct{ Data []byte }
		Sheet    *struct{ Data []byte }
	}
	read := func(a answer) (p answerJSON) {
		t.Helper()
		if err := json.Unmarshal(a.ok(t).body, &p); err != nil {
			t.Fatal(err)
		}
		return p
	}
	began := time.Now().Unix()
	asked := postPhoto(t, n, query, "Accept", "application/json")
	p := read(asked)
	if got := asked.Header.Get("X-Receipt"); got != "" {
		t.Errorf("the receipt is in the JSON and in the header: %.40s…", got)
	}
	r, members := n.receipt(p.Receipt)
	if !slices.Equal(members, always) {
		t.Errorf("the receipt says %v, want %v and no more", members, always)
	}
	var lines []string
	for _, f := range p.Findings {
		lines = append(lines, f.Rule+"="+f.Verdict+"\n")
	}
	slices.Sort(lines)
	var nets []wire.ReceiptModel
	for _, task := range []models.Task{models.Detector, models.Face, models.Matte} {
		for _, m := range models.Embedded().Models {
			if m.Task == task {
				nets = append(nets, wire.ReceiptModel{Name: m.Name, Version: m.Version})
			}
		}
	}
	if r.Region != "eu-1" || r.Node != "edge-7" || r.Build == "" || r.Document != "us-passport" || r.Pack != p.Pack || r.Retained != "nothing" ||
		r.Findings != hexSHA256([]byte(strings.Join(lines, ""))) || !slices.Equal(r.Models, nets) || r.IssuedAt < began || r.IssuedAt > time.Now().Unix() {
		t.Errorf("the receipt is %+v, and the answer has the pack %s, the nets %v and %d findings", r, p.Pack, nets, len(lines))
	}

	// The picture itself has it in a header; each receipt is another.
	picture := postPhoto(t, n, query, "Accept", "image/jpeg").ok(t)
	second, members := n.receipt(picture.Header.Get("X-Receipt"))
	if second.ID == r.ID || second.Findings != r.Findings || !slices.Equal(members, always) {
		t.Errorf("the receipt of the picture is %+v with %v, want another of the same findings than %+v", second, members, r)
	}

	// With hash=1 it names the files that are delivered, and no other.
	p = read(postPhoto(t, n, query+"&hash=1&sheet=10x15", "Accept", "application/json"))
	if r, _ := n.receipt(p.Receipt); p.Sheet == nil || r.Photo != hexSHA256(p.Photo.Data) || r.Sheet != hexSHA256(p.Sheet.Data) {
		t.Errorf("the receipt names %q and %q, want the hashes of photo and sheet", r.Photo, r.Sheet)
	}
	picture = postPhoto(t, n, query+"&hash=true", "Accept", "image/*").ok(t)
	if r, members := n.receipt(picture.Header.Get("X-Receipt")); r.Photo != hexSHA256(picture.body) || len(members) != len(always)+1 {
		t.Errorf("the receipt of the picture names %q of %v, want the hash of what came", r.Photo, members)
	}
	picture = postPhoto(t, n, query+"&hash=1&sheet=10x15", "Accept", "image/*").ok(t)
	if r, members := n.receipt(picture.Header.Get("X-Receipt")); r.Sheet != hexSHA256(picture.body) || len(members) != len(always)+1 {
		t.Errorf("the receipt of the sheet names %q of %v, want the hash of what came and not of the photo", r.Sheet, members)
	}
	off := postPhoto(t, n, query+"&hash=0", "Accept", "image/*").ok(t)
	if _, members := n.receipt(off.Header.Get("X-Receipt")); !slices.Equal(members, always) {
		t.Errorf("with hash=0 the receipt says %v", members)
	}
	postPhoto(t, n, query+"&hash=2").expect(t, "malformed", 400)
	postPhoto(t, n, query+"&hash=").expect(t, "malformed", 400)
	postPhoto(t, n, query+"&hash=1&hash=1").expect(t, "malformed", 400)

	// A check delivers nothing.
	check := postPhoto(t, n, strings.Replace(query, "photos", "checks", 1)).ok(t)
	if bytes.Contains(check.body, []byte(`"receipt"`)) || check.Header.Get("X-Receipt") != "" {
		t.Error("a check has a receipt")
	}
	postPhoto(t, n, strings.Replace(query, "photos", "checks", 1)+"&hash=1").expect(t, "malformed", 400)
	if strings.Contains(n.text(), r.ID) || strings.Contains(n.text(), picture.Header.Get("X-Receipt")) {
		t.Error("the log holds a receipt")
	}

	// The command verifies what came, as it came, and nothing that was altered.
	v := verifier{t, t.TempDir()}
	keys := v.file("jwks.json", string(get(t, n.public+"/.well-known/jwks.json").body))
	whole := postPhoto(t, n, query+"&hash=1", "Accept", "application/json").ok(t).body
	if status, proof, _ := v.run(v.file("answer.json", string(whole)), "-keys", keys); status != 0 || !slices.Equal(proof.Compared, []string{"findings", "photo"}) {
		t.Errorf("the answer is verified with %d, %+v", status, proof)
	}
	altered := strings.Replace(string(whole), `"rule":"head.size","verdict":"pass"`, `"rule":"head.size","verdict":"warn"`, 1)
	if status, proof, _ := v.run(v.file("answer.json", altered), "-keys", keys); status != notProven || altered == string(whole) {
		t.Errorf("an altered answer is verified with %d, %+v", status, proof)
	}
	if status, _, said := v.run(v.file("receipt", off.Header.Get("X-Receipt")), "-keys", keys, "-photo", v.file("p.jpg", string(off.body))); status != notProven {
		t.Errorf("a file that is not named is verified with %d, %s", status, said)
	}
}

// The key belongs to the process: anybody may read it for a minute, and the next process has another.
func TestReceiptKey(t *testing.T) {
	n := start(t, "EDGE_NODE=edge-7")
	a := get(t, n.public+"/.well-known/jwks.json", "Origin", "https://anyone.example").ok(t)
	if a.Header.Get("Cache-Control") != "max-age=60, public" || a.Header.Get("Access-Control-Allow-Origin") != "*" || a.Header.Get("Content-Type") != "application/json" {
		t.Errorf("the keys come with %v", a.Header)
	}
	if again := get(t, n.public+"/.well-known/jwks.json", "If-None-Match", a.Header.Get("ETag")); again.StatusCode != 304 {
		t.Errorf("the same keys are answered with %d, want 304", again.StatusCode)
	}
	keys := n.keys()
	if len(keys) != 1 {
		t.Fatalf("there are %d keys, want 1", len(keys))
	}
	public, err := keys[0].PublicKey()
	if err != nil || keys[0].ID != wire.Thumbprint(public) || keys[0].Node != "edge-7" || keys[0].Region != "local" || keys[0].NotBefore < time.Now().Unix()-60 {
		t.Errorf("the key is %+v, %v", keys[0], err)
	}
	if strings.Contains(string(a.body), `"d"`) {
		t.Errorf("the private half is among the keys: %s", a.body)
	}
	raw := postPhoto(t, n, "/v1/photos?document=us-passport&head="+portraitHead, "Accept", "image/*").ok(t).Header.Get("X-Receipt")
	n.stop(syscall.SIGTERM)
	next := start(t, "EDGE_NODE=edge-7")
	if _, _, err := wire.VerifyReceipt(raw, next.keys()); err == nil {
		t.Error("the receipt verifies with the key of the next process")
	}
	if _, _, err := wire.VerifyReceipt(raw, keys); err != nil {
		t.Errorf("with the key of its own process: %v", err)
	}
	if a := ask(t, http.MethodHead, next.public+"/.well-known/jwks.json", nil); a.StatusCode != 200 {
		t.Errorf("HEAD is answered with %d", a.StatusCode)
	}
}

// What a visitor gets is called a preview; what an order gets names it. The heartbeat carries the key.
func TestReceiptOfAnOrder(t *testing.T) {
	p := newPlane(t)
	n := start(t, p.settings()...)
	n.ready()
	photo := func(token string) wire.Receipt {
		t.Helper()
		a := ask(t, http.MethodPost, n.public+"/v1/photos?document=us-passport&head="+portraitHead, bytes.NewReader(sample(t)), "Authorization", "Bearer "+token).ok(t)
		r, _ := n.receipt(a.Header.Get("X-Receipt"))
		return r
	}
	visitor := photo(p.token(func(c *wire.Claims) {
		c.Org, c.OrgIndex, c.Scope, c.Entitlements = "", 0, "photos checks", &wire.Entitlements{Mark: true}
	}))
	if !visitor.Preview || visitor.Order != 0 {
		t.Errorf("the receipt of a marked photo says preview %v, order %d", visitor.Preview, visitor.Order)
	}
	paid := photo(p.token(func(c *wire.Claims) {
		c.Org, c.OrgIndex, c.Scope, c.Entitlements = "", 0, "photos", &wire.Entitlements{}
		c.Order, c.OrderNumber, c.Document, c.ID = "ord_1", 1<<52-1, "us-passport", "ord_ord_1"
	}))
	if paid.Preview || paid.Order != 1<<52-1 {
		t.Errorf("the receipt of a paid photo says preview %v, order %d", paid.Preview, paid.Order)
	}
	eventually(t, 10*time.Second, "the heartbeat carries the key", func() bool {
		b, ok := p.lastBeat()
		return ok && b.ReceiptKey == n.keys()[0]
	})
}

// Nothing of a receipt or its key is written anywhere.
func TestReceiptsAreNotKept(t *testing.T) {
	n := start(t)
	raw := postPhoto(t, n, "/v1/photos?document=us-passport&hash=1&head="+portraitHead, "Accept", "image/*").ok(t).Header.Get("X-Receipt")
	r, _ := n.receipt(raw)
	n.stop(syscall.SIGTERM)
	files, err := os.ReadDir(n.spool)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		data, err := os.ReadFile(n.spool + "/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{raw, r.ID, r.Findings, r.Photo} {
			if bytes.Contains(data, []byte(word)) {
				t.Errorf("%s holds %s", f.Name(), word)
			}
		}
	}
}

// The npm package jose, as it comes, takes every receipt that we take, from a running node too, and none that another key
// signed. (Of what our own key signed it takes more than we do: it reads any header, and what a claim means is not its business.)
func TestReceiptsWithJose(t *testing.T) {
	dir := os.Getenv("STUDIO_CLIENTS")
	if dir == "" {
		t.Skip("STUDIO_CLIENTS names no folder with the clients in it: `make test` makes one")
	}
	jose := func(stdin []byte, where string, into any) {
		t.Helper()
		cmd := exec.Command("node", "receipts.mjs", where)
		cmd.Dir, cmd.Stdin, cmd.Stderr = dir, bytes.NewReader(stdin), os.Stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(out, into); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}

	file, err := filepath.Abs("wire/testdata/receipts.json")
	if err != nil {
		t.Fatal(err)
	}
	var of struct {
		Taken   []string
		Digests []bool
	}
	jose(nil, file, &of)
	forged := []string{
		"HS256 with the public key as secret", "HS256 with the JWK's x as secret", "RS256", `alg "none" unsigned`, "alg none with a good signature",
		`header "crit":["exp"]`, "key in the header, signed with it", "kid unknown", "an access token", "truncated", "four parts", "letters behind",
	}
	known := 0
	for _, v := range readReceiptVectors(t).Receipts {
		taken := slices.Contains(of.Taken, v.Name)
		switch listed := slices.Contains(forged, v.Name); {
		case v.Refused == "" && !taken:
			t.Errorf("jose does not take the receipt %q", v.Name)
		case taken && (v.Refused == "signature" || listed):
			t.Errorf("jose takes the receipt %q, which our key did not sign as one", v.Name)
		case listed:
			known++
		}
	}
	if known != len(forged) || len(of.Digests) < 5 || slices.Contains(of.Digests, false) {
		t.Errorf("%d of %d forgeries are among the vectors; the digests are right: %v", known, len(forged), of.Digests)
	}

	n := start(t)
	answer := postPhoto(t, n, "/v1/photos?document=us-passport&hash=1&head="+portraitHead, "Accept", "application/json").ok(t).body
	var live struct {
		Says            wire.Receipt
		Findings, Photo string
	}
	jose(answer, n.public+"/.well-known/jwks.json", &live)
	if live.Says.Retained != "nothing" || live.Says.Document != "us-passport" || live.Findings != live.Says.Findings || live.Photo != live.Says.Photo {
		t.Errorf("jose reads %+v, and computes the findings %s and the photo %s", live.Says, live.Findings, live.Photo)
	}
}
