// Package wire is what crosses a wire: the signed URL that a customer makes, the token that control mints, the
// bundle by which control tells edges what they must know, the usage record an edge sends back, and the problem
// document both answer with. It stands apart, and imports the standard library only, because control imports this
// package and nothing else of edge: whatever is named here is a promise between versions and between languages.
//
// Fields are added and never repurposed, unknown JSON fields are ignored, and testdata keeps a vector of every
// version ever released, to be read by any language. An old vector that fails is a failed build.
//
// Changes, newest last:
//
//	2026-11-24  signature, target, options and source of signed URLs (imgproxy's grammar)
//	2026-11-24  claims and JWK set of access tokens; bundle; node token; secret of an API key
//	2026-11-24  usage record, version 1
//	2026-11-24  problem document and the table of its types
//	2026-11-24  the option matte, and its two problems
//	2026-11-24  the options document, mode, head and sheet, and the formats json and pdf
//	2026-11-24  receipt of a photo, the keys of nodes, and the digest of findings
package wire
