package billing

import (
	"time"

	"github.com/professionalaistudio/studio/edge/wire"
)

// claims is what an order's token lets its holder do: make this one document, in one region, unmarked, once. The id
// is the order's and not the token's, so that an edge which spends ids spends the order.
func claims(o Order, region string, now time.Time) wire.Claims {
	return wire.Claims{
		Subject:      "ord_" + o.ID,
		Session:      "ord_" + o.ID, // what a refund would revoke
		Regions:      []string{region},
		Scope:        wire.ScopePhotos + " " + wire.ScopeChecks,
		Entitlements: &wire.Entitlements{Mark: false},
		Order:        o.ID,
		OrderNumber:  o.Number,
		Document:     o.Document,
		IssuedAt:     now.Unix(),
		ExpiresAt:    now.Add(tokenLife).Unix(),
		ID:           "ord_" + o.ID,
	}
}
