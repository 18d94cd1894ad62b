package auth

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/professionalaistudio/studio/edge/wire"
)

var (
	// ErrToken says that a token or a secret is not accepted. What it wraps or says besides is why.
	ErrToken = errors.New("the token is not accepted")
	// ErrRevoked is an ErrToken of something that was good before it was taken back.
	ErrRevoked = fmt.Errorf("%w: it has been revoked", ErrToken)
	// ErrStale is an ErrToken of an edge that has not heard from control for so long that it trusts no key any more.
	ErrStale = fmt.Errorf("%w: this edge has not heard from its control plane for %d days", ErrToken, int(trust/(24*time.Hour)))
	// ErrRegion says that a photo may not be processed here; *RegionError names where it may.
	ErrRegion = errors.New("the photo may not be processed in this region")
)

// A RegionError names the regions that are right.
type RegionError struct{ Regions []string }

func (e *RegionError) Error() string {
	return ErrRegion.Error() + ", but in " + strings.Join(e.Regions, ", ")
}

func (e *RegionError) Is(target error) bool { return target == ErrRegion }

// A Caller is who a request comes from, and what it may do.
type Caller struct {
	Org         wire.OrgID
	OrgIndex    uint32     // the organisation in usage records
	Key         wire.KeyID // the API key, where one was shown
	Subject     string
	Session     string
	Scopes      []string
	Regions     []string // where its photos may be; empty on an API key: everywhere
	Mark        bool     // what is made for it carries a watermark
	Order       string   // of an order token: full size, once
	OrderNumber uint64
	Document    string // the only document of an order token
	TokenID     string
	Expires     time.Time // zero on an API key
}

// Can reports whether the caller has a scope.
func (c Caller) Can(scope string) bool { return slices.Contains(c.Scopes, scope) }
