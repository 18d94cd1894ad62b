package config

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"net"
	"reflect"
	"strings"
	"testing"
	"time"
)

// home is the least an environment must hold.
var home = []string{"HOME=/home/someone"}

func TestEverySettingHasADefaultThatPasses(t *testing.T) {
	cfg, err := Load(home)
	if err != nil {
		t.Fatalf("an empty environment is refused: %v", err)
	}
	if cfg.Listen != ":8081" || cfg.Timeout != 15*time.Second || cfg.MaxBytes != 32<<20 || cfg.MaxPixels != 50_000_000 {
		t.Errorf("defaults are %q %s %d %d, want :8081 15s 33554432 50000000", cfg.Listen, cfg.Timeout, cfg.MaxBytes, cfg.MaxPixels)
	}
	if want := "/home/someone/.local/state/studio/spool"; cfg.Spool != want {
		t.Errorf("the spool is %q, want %q", cfg.Spool, want)
	}
	if cfg.Slots < 1 || cfg.Queue != 10*cfg.Slots {
		t.Errorf("%d slots and a queue of %d, want a slot per CPU and ten places each", cfg.Slots, cfg.Queue)
	}
	if cfg.Node == "" {
		t.Error("a node without EDGE_NODE has no name, want the host's")
	}
}

func TestEveryFaultIsNamed(t *testing.T) {
	bad := map[string]string{
		"EDGE_LISTEN":          "nowhere",
		"EDGE_REGION":          "here and there",
		"EDGE_NODE":            "a/b",
		"EDGE_SLOTS":           "-1",
		"EDGE_QUEUE":           "many",
		"EDGE_TIMEOUT":         "15",
		"EDGE_DRAIN":           "-1s",
		"EDGE_MAX_PIXELS":      "0",
		"EDGE_MAX_BYTES":       "big",
		"EDGE_MAX_FRAMES":      "0",
		"EDGE_KEYS":            "one:zz:00",
		"EDGE_SOURCE_CIDRS":    "127.0.0.1",
		"EDGE_ORIGINS":         "studio.example",
		"EDGE_PUBLIC_URL":      "ftp://x",
		"EDGE_CONTROL_URL":     "control",
		"EDGE_ALLOWED_SOURCES": "example.com/",
		"EDGE_SIGNATURE_SIZE":  "33",
		"EDGE_GOSSIP_JOIN":     "neighbour",
		"EDGE_GOSSIP_KEYS":     "short",
		"EDGE_TLS_CERT":        "/nonexistent/cert.pem",
		"EDGE_SPOOL":           "/dev/null",
		"EDGE_MODELS":          "/nonexistent",
		"EDGE_ONNXRUNTIME":     "/nonexistent/libonnxruntime.so.1",
		"EDGE_DOCUMENTS":       "/nonexistent/documents.json",
		"EDGE_DOCUMENTS_KEY":   "-----BEGIN PUBLIC KEY-----",
	}
	environ := home
	for name, value := range bad {
		environ = append(environ, name+"="+value)
	}
	_, err := Load(environ)
	if err == nil {
		t.Fatal("nothing is refused")
	}
	for name := range bad {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is wrong and not named in:\n%v", name, err)
		}
	}
	for line := range strings.Lines(err.Error()) {
		if !strings.HasPrefix(line, "settings: EDGE_") {
			t.Errorf("%q does not begin with the setting it is about", line)
		}
	}
}

func TestSettingsThatBelongTogether(t *testing.T) {
	for name, test := range map[string]struct{ environ, says string }{
		"a token without a control plane":   {"EDGE_NODE_TOKEN=pasn.x", "EDGE_CONTROL_URL is not"},
		"a control plane without a token":   {"EDGE_CONTROL_URL=https://c.example", "EDGE_NODE_TOKEN is not"},
		"a certificate without its key":     {"EDGE_TLS_CERT=/dev/null", "go together"},
		"gossip beyond loopback, no key":    {"EDGE_GOSSIP_LISTEN=0.0.0.0:7946", "EDGE_GOSSIP_KEYS must be set"},
		"gossip on every address, no key":   {"EDGE_GOSSIP_LISTEN=:7946", "EDGE_GOSSIP_KEYS must be set"},
		"one id twice":                      {"EDGE_KEYS=a:00:00,a:01:01", "the id a twice"},
		"a secret that can be guessed":      {"EDGE_KEYS=a:00:00:short", "16 characters"},
		"a control plane's address is odd":  {"EDGE_CONTROL_URL=https://c.example/?q", "EDGE_CONTROL_URL must be"},
		"no home and no state directory":    {"HOME=", "EDGE_SPOOL must be set"},
		"a key without an id":               {"EDGE_KEYS=:00:00", "begin with an id"},
		"a number that no counter can hold": {"EDGE_MAX_PIXELS=1e300", "EDGE_MAX_PIXELS must be a number"},
		"a size that is no number":          {"EDGE_MAX_BYTES=NaN", "EDGE_MAX_BYTES must be a size"},
		"a file for a folder of nets":       {"EDGE_MODELS=/dev/null", "EDGE_MODELS must be a folder, but /dev/null"},
		"a folder for a library":            {"EDGE_ONNXRUNTIME=/dev", "EDGE_ONNXRUNTIME must be a file, but /dev"},
		"rules without the key":             {"EDGE_DOCUMENTS=/etc/passwd", "EDGE_DOCUMENTS is set, but EDGE_DOCUMENTS_KEY is not"},
		"the key without rules":             {"EDGE_DOCUMENTS_KEY=" + strings.Repeat("00", 32), "EDGE_DOCUMENTS_KEY is set, but EDGE_DOCUMENTS is not"},
		"a folder for rules":                {"EDGE_DOCUMENTS=/etc", "EDGE_DOCUMENTS must be a file, but /etc"},
		"a device for a library":            {"EDGE_ONNXRUNTIME=/dev/null", "EDGE_ONNXRUNTIME must be a file, but /dev/null"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(append(home, test.environ))
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%s says %v, want %q in it", test.environ, err, test.says)
			}
		})
	}
}

func TestASecretIsNotPrinted(t *testing.T) {
	_, err := Load(append(home, "EDGE_KEYS=one:00:00:hunter2", "EDGE_GOSSIP_KEYS=hunter2", "EDGE_NODE_TOKEN=hunter2", "EDGE_DOCUMENTS_KEY=hunter2"))
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the faults are %v, want some, and no secret in them", err)
	}
}

func TestValues(t *testing.T) {
	cfg, err := Load(append(home,
		"EDGE_KEYS=one:736563726574:68656c6c6f, two:00::a-secret-of-some-length",
		"EDGE_SOURCE_CIDRS=127.0.0.1/8,fd00::/8",
		"EDGE_ORIGINS=https://Studio.Example:443/, http://127.0.0.1:8080",
		"EDGE_MAX_BYTES=1.5 MiB", "EDGE_MAX_PIXELS=2.5M", "EDGE_TIMEOUT= 3s ",
		"EDGE_CONTROL_URL=https://control.example/", "EDGE_NODE_TOKEN=pasn.a.b.c",
		"EDGE_GOSSIP_KEYS=000102030405060708090a0b0c0d0e0f,AAECAwQFBgcICQoLDA0ODw==",
		"STATE_DIRECTORY=/var/lib/edge:/var/lib/other",
	))
	if err != nil {
		t.Fatal(err)
	}
	want := []Key{{"one", []byte("secret"), []byte("hello"), ""}, {"two", []byte{0}, []byte{}, "a-secret-of-some-length"}}
	if !reflect.DeepEqual(cfg.Keys, want) {
		t.Errorf("keys are %v, want %v", cfg.Keys, want)
	}
	if got := cfg.SourceCIDRs[0].String(); got != "127.0.0.0/8" {
		t.Errorf("the first range is %s, want 127.0.0.0/8", got)
	}
	if want := []string{"https://studio.example", "http://127.0.0.1:8080"}; !reflect.DeepEqual(cfg.Origins, want) {
		t.Errorf("origins are %v, want %v", cfg.Origins, want)
	}
	if cfg.MaxBytes != 1572864 || cfg.MaxPixels != 2_500_000 || cfg.Timeout != 3*time.Second {
		t.Errorf("sizes are %d %d %s, want 1572864 2500000 3s", cfg.MaxBytes, cfg.MaxPixels, cfg.Timeout)
	}
	if cfg.ControlURL != "https://control.example" {
		t.Errorf("control is %q, want it without the slash at its end", cfg.ControlURL)
	}
	if len(cfg.GossipKeys) != 2 || string(cfg.GossipKeys[0]) != string(cfg.GossipKeys[1]) {
		t.Errorf("keys in hex and base64 are %x, want the same twice", cfg.GossipKeys)
	}
	if cfg.Spool != "/var/lib/edge/spool" {
		t.Errorf("the spool is %q, want it in systemd's first state directory", cfg.Spool)
	}
}

// One key in every form that is taken, and what is none.
func TestPublicKeys(t *testing.T) {
	key := make(ed25519.PublicKey, ed25519.PublicKeySize)
	for i := range key {
		key[i] = byte(250 + i) // whose base64 has + and /
	}
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	pemOf := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	for name, text := range map[string]string{
		"base64":                base64.StdEncoding.EncodeToString(key),
		"base64 without =":      base64.RawStdEncoding.EncodeToString(key),
		"base64 of URLs":        base64.URLEncoding.EncodeToString(key),
		"hex":                   hex.EncodeToString(key),
		"PEM":                   pemOf("PUBLIC KEY", der),
		"PEM without its lines": base64.StdEncoding.EncodeToString(der),
	} {
		cfg, err := Load(append(home, "EDGE_DOCUMENTS=/etc/passwd", "EDGE_DOCUMENTS_KEY="+text))
		if err != nil || !cfg.DocumentsKey.Equal(key) {
			t.Errorf("%s: %x, %v, want %x", name, []byte(cfg.DocumentsKey), err, []byte(key))
		}
	}
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ text, says string }{
		"31 bytes":       {base64.StdEncoding.EncodeToString(key[1:]), "must be an Ed25519 public key"},
		"no key":         {"key.pem", "must be an Ed25519 public key"},
		"a private key":  {pemOf("PRIVATE KEY", secret), "must be a public key, and is a private one"},
		"PEM of nothing": {pemOf("PUBLIC KEY", nil), "must be an Ed25519 public key"},
		"two keys":       {pemOf("PUBLIC KEY", der) + pemOf("PUBLIC KEY", der), "must be an Ed25519 public key"},
	} {
		_, err := Load(append(home, "EDGE_DOCUMENTS=/etc/passwd", "EDGE_DOCUMENTS_KEY="+test.text))
		if err == nil || !strings.Contains(err.Error(), "EDGE_DOCUMENTS_KEY "+test.says) || strings.Contains(err.Error(), "is not: ") {
			t.Errorf("%s: %v, want %q and nothing else", name, err, test.says)
		}
	}
}

func TestOriginsAreControlsUnlessSet(t *testing.T) {
	cfg, err := Load(append(home, "EDGE_CONTROL_URL=https://Control.example/base", "EDGE_NODE_TOKEN=pasn.a.b.c"))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"https://control.example"}; !reflect.DeepEqual(cfg.Origins, want) {
		t.Errorf("origins are %v, want %v", cfg.Origins, want)
	}
}

func TestUnknownVariablesAreNamed(t *testing.T) {
	cfg, err := Load(append(home, "EDGE_SLOT=3", "EDGE_DOCUMENT=/x", "OTHER=1"))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"EDGE_DOCUMENT", "EDGE_SLOT"}; !reflect.DeepEqual(cfg.Unknown, want) {
		t.Errorf("unknown are %v, want %v", cfg.Unknown, want)
	}
}

func TestPublic(t *testing.T) {
	for listen, want := range map[string]string{
		":8081":            "http://127.0.0.1:8081",
		"0.0.0.0:80":       "http://127.0.0.1:80",
		"[::]:80":          "http://127.0.0.1:80",
		"192.0.2.1:8081":   "http://192.0.2.1:8081",
		"[2001:db8::1]:81": "http://[2001:db8::1]:81",
	} {
		cfg := Config{Listen: listen}
		if got := cfg.Public(nil); got != want {
			t.Errorf("listening on %s, clients reach %s, want %s", listen, got, want)
		}
	}
	cfg := Config{Listen: "127.0.0.1:0", TLSCert: "x"}
	if got := cfg.Public(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1234}); got != "https://127.0.0.1:1234" {
		t.Errorf("listening on a port of the kernel's choice, clients reach %s", got)
	}
	cfg.PublicURL = "https://eu.example"
	if got := cfg.Public(nil); got != "https://eu.example" {
		t.Errorf("clients reach %s, want what was set", got)
	}
}

func TestEverySettingIsDocumented(t *testing.T) {
	for _, s := range Settings() {
		if s.Meaning == "" {
			t.Errorf("%s has no meaning in the manual", s.Name)
		}
	}
}
