// Package fakepay is a payment provider that takes no money: a server of its own with an API, a page to pay on and
// signed webhooks, and the billing.Provider that talks to it. `make run` sells documents with it and no account
// anywhere, and the tests make it repeat, delay and disorder its webhooks as real providers do.
//
// The server listens on loopback and nowhere else, because whoever reaches its page has paid.
package fakepay
