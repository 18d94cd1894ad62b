// Package region knows where photos may be processed: the regions, the edges that serve them now, and the node tokens
// that edges prove themselves with. Edges are known by their heartbeats and forgotten without them, so the directory
// needs no one to keep it. It also holds the rule pack, which it takes from an edge: what documents there are is the
// edges' to say, and control only shows and sells them. And it keeps the keys that edges sign receipts with, for the time
// when an edge is gone and its receipt is still to be checked.
package region
