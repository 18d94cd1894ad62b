// Package billing sells documents. An order goes
//
//	draft > open > authorised > delivered > captured
//
// and draft, open and authorised may end as expired. Only a webhook that the payment provider has signed makes an
// order authorised; only an edge's usage record makes it delivered; only then is the money taken. So nobody pays for
// a photo that was not made, and nothing that a browser says (a return address, a parameter, a page that closed) moves
// an order.
//
// It stands apart from usage because a person who buys one document and an organisation that is metered share no rule.
package billing
