// Package token makes what edges believe: access tokens, the keys that sign them, what has been revoked, and the
// bundle that carries it all to them, signed and numbered. It stands apart because it is the only part of control
// that could let a stranger in everywhere, and the less is beside it the better it can be read.
//
// A signing key is published as next before it signs as active, and stays published as retiring after: whoever
// fetches the keys now and then never meets a token signed by one they have not heard of. The key that signs bundles
// is another, is never rotated, and is in every node token: it is what an edge trusts when it knows nothing else.
package token
