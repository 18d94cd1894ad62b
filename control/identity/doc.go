// Package identity knows people and how they sign in: OpenID Connect with whatever issuers are configured, and a
// session cookie afterwards. It stands apart because it is the only part of the system that holds a name or an
// e-mail address; everything else, edges above all, is given an opaque id.
//
// A person is an issuer and a subject, never an e-mail address: addresses change hands. The issuer's tokens are
// read once, at sign-in, and not kept.
package identity
