// Package vips is the edge's hand on libvips: it opens a stranger's picture, reshapes it and writes it out again, and it
// is one of the two packages that import "C". It stands apart so that everything above it is ordinary Go, and so that
// what touches raw memory can be read, tested and fuzzed alone.
//
// Three rules hold everywhere here. Nothing is decoded before its header has been read and its size allowed (Probe, and
// again in Load). Nothing spills to disk, is cached or stays readable in freed memory (Start). And an Image or a Buffer
// has one owner, who closes it; a cleanup catches what an owner forgot.
//
// DESIGN.md says which parts are bimg's and which are ours, and why.
package vips
