// Package devidp is an OpenID Connect issuer for one machine: discovery, keys, a page to choose a person on, tokens.
// With it, `make run` and the tests sign people in without an account anywhere, and the relying party in package
// identity is the very code that talks to Google in production.
//
// Anybody may be anyone here, so it answers on loopback and nowhere else: Listen refuses other addresses, requests
// under another name are refused, and every page says in red what it is. It stands apart and imports nothing of
// ours, as a stranger's issuer would. Its fields Now, Mangle and Forge are levers for tests: what a relying party has
// to refuse can be had from it.
package devidp
