// Package models says what the edge thinks with: every net, described only by manifest.json, which is embedded. It
// stands apart from the code that runs nets, so that a better net changes a data file and nothing else, and so that
// what was measured of a net is kept beside its digest.
//
// There are no nets yet: the list is empty, and `edge doctor` says so. Until there are, the head is given by hand and
// what a net would have judged is not_assessed.
package models
