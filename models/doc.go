// Package models says what the edge thinks with: every net, described only by manifest.json, which is embedded. It
// stands apart from the code that runs nets, so that a better net changes a data file and nothing else, and so that
// what was measured of a net is kept beside its digest.
//
// The nets themselves are embedded too. An operator's folder (EDGE_MODELS) has a manifest of the same form, and a net in it
// takes the place of ours for its task.
package models
