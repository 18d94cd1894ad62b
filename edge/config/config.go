package config

import (
	"crypto/ed25519"
	"net/netip"
	"time"
)

// Config is a node's settings. The tags are the manual: `edge serve --help` prints them.
type Config struct {
	Listen        string   `env:"EDGE_LISTEN" envDefault:":8081" doc:"the public server's address"`
	PrivateListen string   `env:"EDGE_PRIVATE_LISTEN" envDefault:"127.0.0.1:9081" doc:"metrics, readiness, cluster, profiles"`
	TLSCert       string   `env:"EDGE_TLS_CERT" doc:"certificate file, read again when it changes; empty = plain HTTP"`
	TLSKey        string   `env:"EDGE_TLS_KEY" doc:"its private key"`
	PublicURL     string   `env:"EDGE_PUBLIC_URL" doc:"how clients reach this node; empty = worked out from EDGE_LISTEN"`
	Origins       []string `env:"EDGE_ORIGINS" doc:"web origins that may call /v1, comma separated; empty = control's"`

	Region string `env:"EDGE_REGION" envDefault:"local" doc:"the region this node serves"`
	Node   string `env:"EDGE_NODE" doc:"this node's name; empty = the host's"`

	ControlURL string `env:"EDGE_CONTROL_URL" doc:"the control plane; empty = stands alone on EDGE_KEYS"`
	NodeToken  string `env:"EDGE_NODE_TOKEN" secret:"yes" doc:"what this node shows the control plane"`
	Keys       []Key  `env:"EDGE_KEYS" secret:"yes" doc:"static keys id:hexkey:hexsalt[:secret], comma separated"`

	SignatureSize int `env:"EDGE_SIGNATURE_SIZE" envDefault:"32" doc:"bytes of a URL signature, 1 to 32"`

	AllowedSources []string       `env:"EDGE_ALLOWED_SOURCES" doc:"URL prefixes that may be fetched, * matches within a segment; empty = any public host"`
	SourceCIDRs    []netip.Prefix `env:"EDGE_SOURCE_CIDRS" doc:"non-public ranges that may be fetched from, e.g. 127.0.0.0/8"`

	Slots   int           `env:"EDGE_SLOTS" envDefault:"0" doc:"photos worked on at once; 0 = one per CPU"`
	Queue   int           `env:"EDGE_QUEUE" envDefault:"0" doc:"requests that may wait for a slot; 0 = 10 per slot"`
	Timeout time.Duration `env:"EDGE_TIMEOUT" envDefault:"15s" doc:"from a request's last byte to its answer's first"`

	MaxPixels Count `env:"EDGE_MAX_PIXELS" envDefault:"50M" doc:"pixels of a source, judged before it is decoded"`
	MaxBytes  Bytes `env:"EDGE_MAX_BYTES" envDefault:"32MiB" doc:"bytes of a source"`
	MaxFrames int   `env:"EDGE_MAX_FRAMES" envDefault:"1" doc:"frames of an animation that are decoded"`

	GossipListen string   `env:"EDGE_GOSSIP_LISTEN" envDefault:"127.0.0.1:7946" doc:"this node's address in the region's pool"`
	GossipJoin   []string `env:"EDGE_GOSSIP_JOIN" doc:"neighbours to join, host:port, comma separated"`
	GossipKeys   [][]byte `env:"EDGE_GOSSIP_KEYS" secret:"yes" doc:"keyring, hex or base64 of 16, 24 or 32 bytes, the first encrypts; required beyond loopback"`

	Models      string `env:"EDGE_MODELS" doc:"a folder with a manifest of an operator's own nets; empty = ours alone"`
	ONNXRuntime string `env:"EDGE_ONNXRUNTIME" doc:"libonnxruntime; empty = beside the program, else where the system has it"`

	Documents    string            `env:"EDGE_DOCUMENTS" doc:"a newer rule pack, its signature beside it in FILE.sig; empty = the one built in"`
	DocumentsKey ed25519.PublicKey `env:"EDGE_DOCUMENTS_KEY" secret:"yes" doc:"the Ed25519 public key that signed it: base64, hex or PEM"`

	Spool string        `env:"EDGE_SPOOL" doc:"usage records, the only thing ever written; empty = under the state directory"`
	Drain time.Duration `env:"EDGE_DRAIN" envDefault:"20s" doc:"how long a stop may take"`

	// Unknown are variables that begin with EDGE_ and name no setting: a misspelling would else be silent.
	Unknown []string
}

// A Key is one static credential: what signs URLs, and the secret that serves as a bearer on a node that stands alone.
type Key struct {
	ID        string
	Key, Salt []byte
	Secret    string
}

// Bytes is a size. 33554432, 32MiB and 32 MiB are the same; kB, MB and GB are powers of ten.
type Bytes int64

// Count is a large number: 50000000 and 50M are the same.
type Count int64
