package wire

import "slices"

type (
	// An OrgID is an organisation as control knows it.
	OrgID string
	// A KeyID is an API key's public half: in signed URLs, and as the client of a token exchange.
	KeyID string
)

// What a token may allow.
const (
	ScopeImages = "images"
	ScopePhotos = "photos"
	ScopeChecks = "checks"
	ScopeMattes = "mattes"
)

// Scopes lists all there are.
var Scopes = []string{ScopeImages, ScopePhotos, ScopeChecks, ScopeMattes}

// What every access token says of itself. An edge refuses one that says anything else.
const (
	TokenType      = "at+jwt" // RFC 9068
	TokenAlgorithm = "EdDSA"
	TokenAudience  = "edge"
	MaxTokenLife   = 3600 // seconds from iat to exp
)

// Claims are what an access token says. Ids are opaque: no claim names a person.
type Claims struct {
	Issuer       string        `json:"iss"`
	Audience     string        `json:"aud"`
	Subject      string        `json:"sub,omitempty"`
	Org          OrgID         `json:"org,omitempty"`
	OrgIndex     uint32        `json:"ox,omitempty"` // the organisation in usage records
	Session      string        `json:"sid,omitempty"`
	Regions      []string      `json:"rg"`              // residency: where the photo may be; "*" is everywhere
	Scope        string        `json:"scope,omitempty"` // words parted by spaces
	Entitlements *Entitlements `json:"ent,omitempty"`
	Order        string        `json:"ord,omitempty"`  // on an order token: full size, no mark, once
	OrderNumber  uint64        `json:"ordn,omitempty"` // the order in usage records
	Document     string        `json:"doc,omitempty"`  // the only document an order token is good for
	IssuedAt     int64         `json:"iat"`            // unix seconds, as ExpiresAt
	ExpiresAt    int64         `json:"exp"`
	ID           string        `json:"jti,omitempty"`
}

// Entitlements are the limits of a token, inline so that an edge need not ask.
type Entitlements struct {
	Plan string   `json:"plan,omitempty"`
	MPx  int      `json:"mpx,omitempty"` // megapixels of a source, 0: the edge's own limit
	RPS  int      `json:"rps,omitempty"` // requests a second, 0: the edge's own limit
	Ops  []string `json:"ops,omitempty"`
	Mark bool     `json:"mark"` // what is made carries a watermark
}

// Everywhere, among regions, means that photos may be in all of them.
const Everywhere = "*"

// Resident reports whether a photo that may be in regions may be in region.
func Resident(regions []string, region string) bool {
	return slices.Contains(regions, region) || slices.Contains(regions, Everywhere)
}
