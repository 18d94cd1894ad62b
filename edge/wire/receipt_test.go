package wire

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

// receiptVectors is testdata/receipts.json: what whoever holds Keys says of each receipt, which digest each list of findings
// has, and whether each answer of /v1/photos is what its receipt was issued for.
type receiptVectors struct {
	Keys       ReceiptKeys      `json:"keys"`
	Receipts   []receiptVector  `json:"receipts"`
	Digests    []digestVector   `json:"digests"`
	Deliveries []deliveryVector `json:"deliveries"`
}

type receiptVector struct {
	Name    string   `json:"name"`
	Receipt string   `json:"receipt"`
	Refused string   `json:"refused,omitempty"` // form, signature or key; empty: taken
	Says    *Receipt `json:"says,omitempty"`    // of a receipt that is taken
}

type digestVector struct {
	Findings []Judged `json:"findings"`
	SHA256   string   `json:"sha256,omitempty"` // none: such a list has no digest
}

type deliveryVector struct {
	Name    string `json:"name"`
	Answer  string `json:"answer"`
	Refused string `json:"refused,omitempty"` // answer (it cannot be read) or fit; empty: it is
}

// receiptRefusal is the word by which the vectors call an error.
func receiptRefusal(err error) string {
	for word, is := range map[string]error{
		"form": ErrReceipt, "signature": ErrReceiptSignature, "key": ErrReceiptKey, "answer": ErrDelivery, "fit": ErrReceiptFit,
	} {
		if errors.Is(err, is) {
			return word
		}
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

var testFindings = []Judged{{"head.size", "pass"}, {"eyes.open", "not_assessed"}, {"background.uniform", "warn"}, {"eyes.open.left", "fail"}}

func testReceipt() Receipt {
	digest, err := FindingsDigest(testFindings)
	if err != nil {
		panic(err)
	}
	return Receipt{
		ID: "3ZQ7VJ5H2M4KX6WC8RPT9NBDFA", IssuedAt: testNow, Region: "eu", Node: "edge-1.eu", Build: "v1.2.0-3-gabcdef0",
		Document: "us-passport", Pack: "2026-11-23", Models: []ReceiptModel{{"detector-320", "2026.11.24"}, {"matte-512", "2026.11.24"}},
		Findings: digest, Retained: "nothing",
	}
}

func makeReceiptVectors() receiptVectors {
	mine, other, old, thief := testKey("node"), testKey("another node"), testKey("node of last year"), testKey("thief")
	made := time.Unix(testNow-3600, 0)
	key := NewReceiptKey("eu", "edge-1.eu", public(mine), made)
	elsewhere := NewReceiptKey("us", "edge-1.us", public(other), made)
	gone := NewReceiptKey("eu", "edge-1.eu", public(old), made.AddDate(-1, 0, 0))
	gone.Expires = testNow - 86400
	anyones := NewReceiptKey("", "", public(testKey("node alone")), time.Time{})
	anyones.NotBefore = 0
	v := receiptVectors{Keys: ReceiptKeys{Keys: []ReceiptKey{elsewhere, gone, key, anyones}}}

	header := receiptHead + key.ID + receiptTail
	good := testReceipt()
	with := func(change func(*Receipt)) Receipt {
		r := good
		change(&r)
		return r
	}
	text := func(r any) string {
		b, err := json.Marshal(r)
		if err != nil {
			panic(err)
		}
		return string(b)
	}
	taken := func(name string, r Receipt) {
		raw, err := SignReceipt(r, key.ID, mine)
		if err != nil {
			panic(err)
		}
		v.Receipts = append(v.Receipts, receiptVector{Name: name, Receipt: raw, Says: &r})
	}
	refused := func(why, name, raw string) {
		v.Receipts = append(v.Receipts, receiptVector{Name: name, Receipt: raw, Refused: why})
	}
	forged := func(why, name, header string, sign func([]byte) []byte) {
		refused(why, name, compact(header, text(good), sign))
	}
	says := func(why, name, payload string) { refused(why, name, compact(header, payload, by(mine))) }

	taken("good", good)
	taken("preview", with(func(r *Receipt) { r.Preview = true }))
	taken("of an order", with(func(r *Receipt) { r.Order = 1<<52 - 1 }))
	taken("with the hash of the file", with(func(r *Receipt) { r.Photo, r.Sheet = FileDigest([]byte("photo")), FileDigest([]byte("sheet")) }))
	taken("without nets", with(func(r *Receipt) { r.Models = []ReceiptModel{} }))
	taken("issued when the key was made", with(func(r *Receipt) { r.IssuedAt = made.Unix() }))
	newer := strings.Replace(text(good), `{`, `{"photo_id":[{"a":1},{"a":2}],`, 1)
	v.Receipts = append(v.Receipts, receiptVector{Name: "of a newer node", Receipt: compact(header, newer, by(mine)), Says: &good})
	alone, err := SignReceipt(good, anyones.ID, testKey("node alone"))
	if err != nil {
		panic(err)
	}
	v.Receipts = append(v.Receipts, receiptVector{Name: "by a key that is said to be nobody's", Receipt: alone, Says: &good})

	// The algorithm, and the rest of the header.
	kid := `"kid":"` + key.ID + `"`
	unsigned := func([]byte) []byte { return nil }
	forged("form", "HS256 with the public key as secret", `{"alg":"HS256","typ":"receipt+jwt",`+kid+`}`, hs256(public(mine)))
	forged("form", "HS256 with the JWK's x as secret", `{"alg":"HS256","typ":"receipt+jwt",`+kid+`}`, hs256([]byte(key.X)))
	forged("form", "RS256", `{"alg":"RS256","typ":"receipt+jwt",`+kid+`}`, rs256)
	for _, none := range []string{"none", "None", "NONE", "nOnE", ""} {
		forged("form", "alg "+fmt.Sprintf("%q", none)+" unsigned", `{"alg":"`+none+`","typ":"receipt+jwt",`+kid+`}`, unsigned)
	}
	forged("form", "alg none with a good signature", `{"alg":"none","typ":"receipt+jwt",`+kid+`}`, by(mine))
	forged("form", "alg named Ed25519", `{"alg":"Ed25519","typ":"receipt+jwt",`+kid+`}`, by(mine))
	forged("form", "alg missing", `{"typ":"receipt+jwt",`+kid+`}`, by(mine))
	for _, typ := range []string{`"typ":"JWT",`, `"typ":"at+jwt",`, `"typ":"receipt+JWT",`, `"typ":"application/receipt+jwt",`, `"typ":["receipt+jwt"],`, ``} {
		forged("form", "typ: "+typ, `{"alg":"EdDSA",`+typ+kid+`}`, by(mine))
	}
	for _, extra := range []string{
		`"crit":["exp"]`, `"crit":[]`, `"crit":["b64"],"b64":false`, `"b64":false`, `"cty":"JWT"`,
		`"jku":"https://thief.example/jwks.json"`, `"x5u":"https://thief.example/cert.pem"`, `"x5c":["MIIB"]`,
	} {
		forged("form", "header "+extra, `{"alg":"EdDSA","typ":"receipt+jwt",`+kid+`,`+extra+`}`, by(mine))
	}
	forged("form", "key in the header, signed with it", `{"alg":"EdDSA","typ":"receipt+jwt",`+kid+`,"jwk":`+text(NewJWK(key.ID, public(thief)))+`}`, by(thief))
	forged("form", "our key in the header", `{"alg":"EdDSA","typ":"receipt+jwt",`+kid+`,"jwk":`+text(key.JWK)+`}`, by(mine))
	forged("form", "alg twice", `{"alg":"none","alg":"EdDSA","typ":"receipt+jwt",`+kid+`}`, by(mine))
	forged("form", "kid twice", `{"alg":"EdDSA","typ":"receipt+jwt","kid":"x",`+kid+`}`, by(mine))
	forged("form", "kid missing", `{"alg":"EdDSA","typ":"receipt+jwt"}`, by(mine))
	forged("form", "kid empty", `{"alg":"EdDSA","typ":"receipt+jwt","kid":""}`, by(mine))
	forged("form", "kid a path", `{"alg":"EdDSA","typ":"receipt+jwt","kid":"../../dev/null"}`, by(mine))
	forged("form", "kid a number", `{"alg":"EdDSA","typ":"receipt+jwt","kid":1}`, by(mine))
	forged("form", "header no object", `["EdDSA","receipt+jwt"]`, by(mine))
	forged("form", "header with a space", `{"alg":"EdDSA", "typ":"receipt+jwt",`+kid+`}`, by(mine))
	forged("key", "kid unknown", receiptHead+Thumbprint(public(thief))+receiptTail, by(thief))
	// The signature.
	forged("signature", "kid of another key", receiptHead+elsewhere.ID+receiptTail, by(mine))
	forged("signature", "another's signature", header, by(thief))
	forged("signature", "signature of nothing", header, func([]byte) []byte { return by(mine)(nil) })
	forged("signature", "signature altered", header, func(text []byte) []byte { s := by(mine)(text); s[10] ^= 1; return s })
	forged("signature", "signature of zeros", header, func([]byte) []byte { return make([]byte, 64) })
	forged("form", "signature cut", header, func(text []byte) []byte { return by(mine)(text)[:63] })
	forged("form", "signature longer", header, func(text []byte) []byte { return append(by(mine)(text), 0) })
	whole := compact(header, text(good), by(mine))
	parts := strings.Split(whole, ".")
	refused("signature", "payload altered", parts[0]+"."+base64.RawURLEncoding.EncodeToString([]byte(text(with(func(r *Receipt) { r.Document = "de-passport" }))))+"."+parts[2])
	refused("form", "header altered", base64.RawURLEncoding.EncodeToString([]byte(header+" "))+"."+parts[1]+"."+parts[2])
	refused("form", "signature missing", parts[0]+"."+parts[1]+".")
	refused("form", "two parts", parts[0]+"."+parts[1])
	refused("form", "four parts", whole+"."+parts[2])
	refused("form", "five parts, as an encrypted one has", whole+".."+parts[2])
	refused("form", "truncated", whole[:len(whole)-10])
	refused("form", "padded", whole+"==")
	refused("form", "payload padded", parts[0]+"."+parts[1]+"=."+parts[2])
	refused("form", "in base64 of another alphabet", parts[0]+"."+parts[1]+"."+base64.RawStdEncoding.EncodeToString(append(by(mine)([]byte(parts[0] + "." + parts[1]))[:63], 0xff)))
	refused("form", "spare bits set", whole[:len(whole)-1]+string(sibling(whole[len(whole)-1])))
	refused("form", "a line break", whole[:20]+"\n"+whole[20:])
	refused("form", "a line break in the signature", whole[:len(whole)-20]+"\r\n"+whole[len(whole)-20:])
	refused("form", "a space behind", whole+" ")
	refused("form", "letters behind", whole+"AAAA")
	refused("form", "nothing", "")
	refused("form", "dots", "..")
	refused("form", "too long", compact(header, `{"more":"`+strings.Repeat("a", MaxReceipt)+`",`+text(good)[1:], by(mine)))
	// What it says, signed by the node itself.
	replaced := func(old, new string) string {
		if !strings.Contains(text(good), old) {
			panic(old + " is not in " + text(good))
		}
		return strings.Replace(text(good), old, new, 1)
	}
	says("form", "a member twice", replaced(`"retained":"nothing"`, `"retained":"nothing","retained":"nothing"`))
	says("form", "a member twice, once escaped", replaced(`"retained":"nothing"`, `"retained":"nothing","r\u0065tained":"all"`))
	says("form", "a member in capitals", replaced(`"retained":"nothing"`, `"retained":"nothing","RETAINED":"all"`))
	says("form", "a member in letters that fold to ours", replaced(`"findings_sha256"`, `"finding\u017f_sha256"`))
	says("form", "an unknown member that has one twice", replaced(`{`, `{"more":{"a":1,"a":2},`))
	says("form", "too deep", replaced(`{`, `{"more":`+strings.Repeat("[", 40)+strings.Repeat("]", 40)+`,`))
	says("form", "something behind the object", text(good)+`{}`)
	says("form", "payload no object", `[`+text(good)+`]`)
	says("form", "payload no JSON", `{`)
	says("form", "payload empty", ``)
	says("form", "payload not UTF-8", replaced(`edge-1.eu`, "edge-\xff"))
	says("form", "an unknown member not UTF-8", replaced("{", "{\"more\":\"\xff\","))
	says("form", "half a letter", replaced(`edge-1.eu`, `edge-\ud800`))
	says("form", "a name that moves the cursor", replaced(`edge-1.eu`, `\u001b[2Jedge`))
	says("form", "retained all", replaced(`"retained":"nothing"`, `"retained":"all"`))
	says("form", "retained missing", replaced(`"retained":"nothing"`, `"more":1`))
	says("form", "retained null", replaced(`"retained":"nothing"`, `"retained":null`))
	says("form", "jti missing", replaced(`"jti":`, `"id":`))
	says("form", "iat missing", replaced(`"iat":`, `"at":`))
	says("form", "iat a text", replaced(fmt.Sprint(testNow), fmt.Sprintf("%q", fmt.Sprint(testNow))))
	says("form", "iat with a fraction", replaced(fmt.Sprint(testNow), fmt.Sprint(testNow)+".5"))
	says("form", "region missing", replaced(`"region":"eu",`, ``))
	says("form", "models null", replaced(`"models":[`, `"models":null,"more":[`))
	says("form", "models of texts", replaced(`"models":[`, `"models":["x",`))
	says("form", "findings of another size", replaced(good.Findings, good.Findings[:62]))
	says("form", "findings in capitals", replaced(good.Findings, strings.ToUpper(good.Findings)))
	says("form", "photo no hash", replaced(`{`, `{"photo_sha256":"yes",`))
	// Whose key it is.
	says("key", "of another node", text(with(func(r *Receipt) { r.Node = "edge-2.eu" })))
	says("key", "of another region", text(with(func(r *Receipt) { r.Region = "us" })))
	says("key", "issued before the key was made", text(with(func(r *Receipt) { r.IssuedAt = made.Unix() - 1 })))
	late, err := SignReceipt(good, gone.ID, old)
	if err != nil {
		panic(err)
	}
	refused("key", "by a key that had expired", late)
	// An access token with our key, and a receipt's payload where a token is wanted.
	forged("form", "an access token", `{"alg":"EdDSA","typ":"at+jwt",`+kid+`}`, by(mine))

	for _, list := range [][]Judged{
		testFindings,
		{testFindings[3], testFindings[1], testFindings[0], testFindings[2]}, // order does not count
		{{"a", "pass"}, {"a-b", "pass"}, {"a.b", "pass"}, {"ab", "pass"}},    // bytes do: "-" and "." stand before "="
		{{"a", "pass"}, {"a", "pass"}},                                       // and so does how many
		{{"a", "pass"}},
		{},
		{{"a", "pass\nb=fail"}},
		{{"a=pass\nb", "fail"}},
		{{"a", ""}},
		{{"Head.Size", "pass"}},
	} {
		digest, err := FindingsDigest(list)
		if err != nil {
			digest = ""
		}
		v.Digests = append(v.Digests, digestVector{list, digest})
	}

	hashed, err := SignReceipt(with(func(r *Receipt) {
		r.Photo, r.Sheet = FileDigest([]byte("photo")), FileDigest([]byte("sheet"))
	}), key.ID, mine)
	if err != nil {
		panic(err)
	}
	answer := `{"document":"us-passport","pack":"2026-11-23","findings":[` +
		`{"rule":"head.size","verdict":"pass","value":31.2},{"rule":"eyes.open","verdict":"not_assessed","value":null},` +
		`{"rule":"background.uniform","verdict":"warn","value":1},{"rule":"eyes.open.left","verdict":"fail","value":0.1}],` +
		`"photo":{"type":"image/jpeg","data":"` + base64.StdEncoding.EncodeToString([]byte("photo")) + `"},` +
		`"sheet":{"data":"` + base64.StdEncoding.EncodeToString([]byte("sheet")) + `"},"receipt":"` + hashed + `"}`
	deliver := func(why, name, old, new string) {
		if !strings.Contains(answer, old) {
			panic(old)
		}
		v.Deliveries = append(v.Deliveries, deliveryVector{name, strings.Replace(answer, old, new, 1), why})
	}
	deliver("", "as it came", `{`, `{`)
	deliver("", "findings in another order", `{"rule":"eyes.open","verdict":"not_assessed","value":null},`, ``)
	v.Deliveries[1].Answer = strings.Replace(v.Deliveries[1].Answer, `"findings":[`, `"findings":[{"verdict":"not_assessed","rule":"eyes.open"},`, 1)
	deliver("", "measurements altered", `31.2`, `30.0`)
	deliver("", "without the photo", `"photo":`, `"preview":`)
	deliver("fit", "a verdict altered", `"verdict":"fail"`, `"verdict":"pass"`)
	deliver("fit", "a finding taken out", `{"rule":"eyes.open","verdict":"not_assessed","value":null},`, ``)
	deliver("fit", "a finding twice", `"findings":[`, `"findings":[{"rule":"head.size","verdict":"pass"},`)
	deliver("fit", "two findings in the name of one", `"rule":"head.size","verdict":"pass"`, `"rule":"head.size=pass\nx","verdict":"fail"`)
	deliver("fit", "no findings", `"findings":`, `"found":`)
	deliver("fit", "another document", `"us-passport"`, `"de-passport"`)
	deliver("fit", "another pack", `"2026-11-23"`, `"2026-11-22"`)
	deliver("fit", "another photo", base64.StdEncoding.EncodeToString([]byte("photo")), base64.StdEncoding.EncodeToString([]byte("phot0")))
	deliver("fit", "another sheet", base64.StdEncoding.EncodeToString([]byte("sheet")), base64.StdEncoding.EncodeToString([]byte("shoot")))
	deliver("answer", "findings twice", `"findings":[`, `"findings":[],"findings":[`)
	deliver("answer", "a verdict twice", `"verdict":"fail"`, `"verdict":"pass","verdict":"fail"`)
	deliver("answer", "findings in capitals", `"findings":[`, `"FINDINGS":[],"findings":[`)
	deliver("answer", "no receipt", `"receipt":`, `"ticket":`)
	deliver("answer", "something behind it", hashed+`"}`, hashed+`"}}`)
	deliver("answer", "findings a text", `"findings":[`, `"findings":"x","more":[`)
	deliver("form", "a receipt that is none", hashed, "x.y.z")
	deliver("signature", "a receipt altered", hashed[:200], hashed[:199]+string(sibling(hashed[199])))
	return v
}

func TestReceiptVectors(t *testing.T) {
	v := vectors(t, "receipts.json", makeReceiptVectors())
	seen := map[string]bool{}
	for _, test := range v.Receipts {
		if seen[test.Name] {
			t.Errorf("two vectors are called %q", test.Name)
		}
		seen[test.Name] = true
		got, key, err := VerifyReceipt(test.Receipt, v.Keys.Keys)
		if receiptRefusal(err) != test.Refused {
			t.Errorf("%s: %v, want it refused for %q", test.Name, err, test.Refused)
		}
		if err == nil && !reflect.DeepEqual(&got, test.Says) {
			t.Errorf("%s: it says %+v, want %+v", test.Name, got, test.Says)
		}
		if err != nil && (got.ID != "" || key.ID != "") {
			t.Errorf("%s: refused, and still it says %+v", test.Name, got)
		}
	}
	for _, test := range v.Digests {
		if got, err := FindingsDigest(test.Findings); got != test.SHA256 || (err == nil) != (test.SHA256 != "") {
			t.Errorf("%v has the digest %q (%v), want %q", test.Findings, got, err, test.SHA256)
		}
	}
	for _, test := range v.Deliveries {
		d, err := ReadDelivery([]byte(test.Answer))
		if err == nil {
			var r Receipt
			if r, _, err = VerifyReceipt(d.Receipt, v.Keys.Keys); err == nil {
				err = r.Fits(d)
			}
		}
		if receiptRefusal(err) != test.Refused {
			t.Errorf("%s: %v, want it refused for %q", test.Name, err, test.Refused)
		}
	}
	// sha256sum of "background.uniform=warn\neyes.open.left=fail\neyes.open=not_assessed\nhead.size=pass\n".
	if want := "9668efa15a51a17b"; !strings.HasPrefix(v.Digests[0].SHA256, want) {
		t.Errorf("the digest is %s, and sha256sum says %s…", v.Digests[0].SHA256, want)
	}
}

// A node cannot sign what nobody would take.
func TestSignReceiptRefuses(t *testing.T) {
	key := testKey("node")
	for name, change := range map[string]func(*Receipt){
		"no id":           func(r *Receipt) { r.ID = "" },
		"kept something":  func(r *Receipt) { r.Retained = "a thumbnail" },
		"no digest":       func(r *Receipt) { r.Findings = "" },
		"a line break":    func(r *Receipt) { r.Build = "v1\nv2" },
		"a long name":     func(r *Receipt) { r.Node = strings.Repeat("n", 257) },
		"a nameless net":  func(r *Receipt) { r.Models = []ReceiptModel{{}} },
		"before the time": func(r *Receipt) { r.IssuedAt = 0 },
	} {
		r := testReceipt()
		change(&r)
		if raw, err := SignReceipt(r, "kid", key); !errors.Is(err, ErrReceipt) || raw != "" {
			t.Errorf("%s: signed as %q, %v; want ErrReceipt", name, raw, err)
		}
	}
	if _, err := SignReceipt(testReceipt(), `"`, key); !errors.Is(err, ErrReceipt) {
		t.Errorf("a key id that would end the header: %v, want ErrReceipt", err)
	}
	if _, err := SignReceipt(testReceipt(), "kid", nil); err == nil {
		t.Error("signed without a key")
	}
}

func TestReadReceiptKeys(t *testing.T) {
	good, err := json.Marshal(NewReceiptKey("eu", "n", public(testKey("node")), time.Unix(testNow, 0)))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]int{
		`{"keys":[]}`:                                            0,
		`{"keys":[` + string(good) + `]}`:                        1,
		`{"keys":[{"kty":"RSA","n":1},1,{}]}`:                    0,
		`{"keys":[{"kty":"RSA"},` + string(good) + `],"more":1}`: 1,
	} {
		keys, err := ReadReceiptKeys([]byte(text))
		if err != nil || len(keys) != want || want > 0 && (keys[0].Node != "n" || keys[0].NotBefore != testNow) {
			t.Errorf("%s is read as %+v, %v; want %d keys", text, keys, err, want)
		}
	}
	for _, text := range []string{``, `{}`, `[]`, `{"keys":{}}`, string(good)} {
		if _, err := ReadReceiptKeys([]byte(text)); !errors.Is(err, ErrReceiptKeys) {
			t.Errorf("%q: %v, want ErrReceiptKeys", text, err)
		}
	}
}

// RFC 8037, appendix A.3, has the thumbprint of its example key.
func TestThumbprint(t *testing.T) {
	key, err := JWK{KeyType: "OKP", Curve: "Ed25519", X: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := Thumbprint(key), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"; got != want {
		t.Errorf("the thumbprint is %s, want %s", got, want)
	}
}

// A receipt that verifies is, letter by letter, the one that was signed.
func FuzzVerifyReceipt(f *testing.F) {
	v := makeReceiptVectors()
	genuine := map[string]bool{}
	for _, test := range v.Receipts {
		if f.Add(test.Receipt); test.Refused == "" {
			genuine[test.Receipt] = true
		}
	}
	f.Fuzz(func(t *testing.T, raw string) {
		if r, _, err := VerifyReceipt(raw, v.Keys.Keys); err == nil && !genuine[raw] {
			t.Errorf("%q verifies as %+v, and nobody signed it", raw, r)
		}
	})
}

// Whatever a node signs: what is taken says the same to a reader that knows capitals, and is taken again when it is written
// anew.
func FuzzReceiptPayload(f *testing.F) {
	key := testKey("node")
	public := NewReceiptKey("", "", public(key), time.Time{})
	public.NotBefore = 0
	keys := []ReceiptKey{public}
	for _, test := range makeReceiptVectors().Receipts {
		if parts := strings.Split(test.Receipt, "."); len(parts) == 3 && len(test.Receipt) < MaxReceipt {
			payload, _ := base64.RawURLEncoding.DecodeString(parts[1])
			f.Add(string(payload))
		}
	}
	f.Fuzz(func(t *testing.T, payload string) {
		r, _, err := VerifyReceipt(compact(receiptHead+public.ID+receiptTail, payload, by(key)), keys)
		if err != nil {
			return
		}
		var exact map[string]any
		if err := json.Unmarshal([]byte(payload), &exact); err != nil {
			t.Fatalf("%q is taken, and is no object: %v", payload, err)
		}
		for name, said := range map[string]string{
			"jti": r.ID, "region": r.Region, "node": r.Node, "build": r.Build, "document": r.Document, "pack": r.Pack,
			"retained": r.Retained, "findings_sha256": r.Findings,
		} {
			if exact[name] != said {
				t.Errorf("%q: %s is %q to us and %v to others", payload, name, said, exact[name])
			}
		}
		again, err := SignReceipt(r, public.ID, key)
		if err != nil {
			t.Fatalf("%q is taken, and not written again: %v", payload, err)
		}
		if same, _, err := VerifyReceipt(again, keys); err != nil || !reflect.DeepEqual(same, r) {
			t.Errorf("%q is %+v, and written again %+v, %v", payload, r, same, err)
		}
	})
}

// Two answers with one digest of findings have the same rules with the same verdicts, to anybody who counts them.
func FuzzDelivery(f *testing.F) {
	for _, test := range makeReceiptVectors().Deliveries {
		f.Add(test.Answer)
	}
	f.Fuzz(func(t *testing.T, answer string) {
		d, err := ReadDelivery([]byte(answer))
		if err != nil {
			return
		}
		if _, err := FindingsDigest(d.Findings); err != nil {
			return
		}
		var exact map[string]any
		if err := json.Unmarshal([]byte(answer), &exact); err != nil {
			t.Fatalf("%q is read, and is no object: %v", answer, err)
		}
		list, _ := exact["findings"].([]any)
		if len(list) != len(d.Findings) {
			t.Fatalf("%q has %d findings to us and %d to others", answer, len(d.Findings), len(list))
		}
		for i, f := range list {
			one := f.(map[string]any)
			if one["rule"] != d.Findings[i].Rule || one["verdict"] != d.Findings[i].Verdict {
				t.Errorf("%q: finding %d is %+v to us and %v to others", answer, i, d.Findings[i], one)
			}
		}
	})
}

// What a receipt costs the photo that it goes with, and whoever checks it.
func BenchmarkReceipt(b *testing.B) {
	key := testKey("node")
	public := NewReceiptKey("eu", "edge-1.eu", public(key), time.Unix(testNow, 0))
	raw, err := SignReceipt(testReceipt(), public.ID, key)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("sign", func(b *testing.B) {
		for b.Loop() {
			if _, err := SignReceipt(testReceipt(), public.ID, key); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("verify", func(b *testing.B) {
		keys := []ReceiptKey{public}
		for b.Loop() {
			if _, _, err := VerifyReceipt(raw, keys); err != nil {
				b.Fatal(err)
			}
		}
	})
}
