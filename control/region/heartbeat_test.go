package region

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/professionalaistudio/studio/edge/wire"
)

const good = `{"node":"edge-1","region":"local","address":"http://127.0.0.1:8081","build":"v1","documents":"ab12","load":0.25,"draining":false,"bundle":7,"jwks":{"keys":[]}}`

func TestReadHeartbeat(t *testing.T) {
	h, err := ReadHeartbeat([]byte(good))
	want := Heartbeat{"edge-1", "local", "http://127.0.0.1:8081", "v1", "ab12", 0.25, false, 7, wire.ReceiptKey{}}
	if err != nil || h != want {
		t.Errorf("read %+v, error %v; want %+v", h, err, want)
	}
	for name, change := range map[string][2]string{
		"no node":             {`"edge-1"`, `""`},
		"a node with a slash": {`"edge-1"`, `"a/b"`},
		"a region in capital": {`"local"`, `"LOCAL"`},
		"an address of files": {`http://127.0.0.1:8081`, `file:///etc/passwd`},
		"a path in it":        {`http://127.0.0.1:8081`, `http://127.0.0.1:8081/x?y`},
		"a password in it":    {`http://127.0.0.1:8081`, `http://a:b@127.0.0.1:8081`},
		"load below zero":     {`0.25`, `-1`},
		"load beyond numbers": {`0.25`, `1e999`},
		"a digest of words":   {`"ab12"`, `"<script>"`},
		"a build of a page":   {`"v1"`, `"` + strings.Repeat("v", 200) + `"`},
		"not JSON":            {`{`, ``},
	} {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(good, change[0], change[1], 1)
			if _, err := ReadHeartbeat([]byte(changed)); !errors.Is(err, ErrHeartbeat) {
				t.Errorf("%s: error %v, want ErrHeartbeat", changed, err)
			}
		})
	}
}

// The key of an edge is taken as it is: with the id that is computed from it, under the edge's own name. One of another kind is a
// newer edge's.
func TestReadHeartbeatKey(t *testing.T) {
	const x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" // RFC 8037, appendix A, and its thumbprint
	key := wire.ReceiptKey{JWK: wire.JWK{
		KeyType: "OKP", Curve: "Ed25519", ID: "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", X: x, Algorithm: "EdDSA", Use: "sig", NotBefore: 1_790_000_000,
	}, Region: "local", Node: "edge-1"}
	read := func(change func(*wire.ReceiptKey)) (wire.ReceiptKey, error) {
		t.Helper()
		k := key
		change(&k)
		text, err := json.Marshal(k)
		if err != nil {
			t.Fatal(err)
		}
		h, err := ReadHeartbeat([]byte(strings.Replace(good, `{`, `{"receipt_key":`+string(text)+`,`, 1)))
		return h.ReceiptKey, err
	}
	for name, change := range map[string]func(*wire.ReceiptKey){
		"as it is":       func(*wire.ReceiptKey) {},
		"another's name": func(k *wire.ReceiptKey) { k.Region, k.Node = "eu", "edge-2" },
		"an end":         func(k *wire.ReceiptKey) { k.Expires = 1 },
		"without alg":    func(k *wire.ReceiptKey) { k.Algorithm = "" },
	} {
		if got, err := read(change); got != key || err != nil {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, key)
		}
	}
	for name, change := range map[string]func(*wire.ReceiptKey){
		"another id":     func(k *wire.ReceiptKey) { k.ID = "mine" },
		"no id":          func(k *wire.ReceiptKey) { k.ID = "" },
		"a short key":    func(k *wire.ReceiptKey) { k.X = k.X[1:] },
		"for encryption": func(k *wire.ReceiptKey) { k.Use = "enc" },
		"never made":     func(k *wire.ReceiptKey) { k.NotBefore = 0 },
		"made too late":  func(k *wire.ReceiptKey) { k.NotBefore = 1 << 60 },
	} {
		if got, err := read(change); !errors.Is(err, ErrHeartbeat) {
			t.Errorf("%s: %+v, %v; want ErrHeartbeat", name, got, err)
		}
	}
	for name, change := range map[string]func(*wire.ReceiptKey){
		"none":          func(k *wire.ReceiptKey) { *k = wire.ReceiptKey{} },
		"another kind":  func(k *wire.ReceiptKey) { k.KeyType = "AKP" },
		"another curve": func(k *wire.ReceiptKey) { k.Curve = "Ed448" },
	} {
		if got, err := read(change); got != (wire.ReceiptKey{}) || err != nil {
			t.Errorf("%s: %+v, %v; want no key and no error", name, got, err)
		}
	}
}

// What is accepted can be shown on a page and put before a path.
func FuzzReadHeartbeat(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte(`{"node":"n","region":"r","address":"https://[::1]:1/"}`))
	f.Add([]byte(`{"node":"n","region":"r","address":"http://h\u0000:1"}`))
	f.Add([]byte(`{"node":"n","region":"r","address":"http://h","receipt_key":{"kty":"OKP","crv":"Ed25519","kid":"k","x":"AA"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := ReadHeartbeat(data)
		if err != nil {
			return
		}
		if k := h.ReceiptKey; k.ID != "" && (k.Node != h.Node || k.Region != h.Region) {
			t.Errorf("%s of %s brings the key of %s of %s", h.Node, h.Region, k.Node, k.Region)
		}
		if again, err := ReadHeartbeat([]byte(`{"node":"` + h.Node + `","region":"` + h.Region + `","address":"` + h.Address + `"}`)); err != nil || again.Address != h.Address {
			t.Errorf("%q is accepted, but not as plain text: %+v, %v", h.Address, again, err)
		}
	})
}
