// Package transform does what the options of a signed URL ask: crop, resize, turn, filter, lay on a colour, write. It is
// imgproxy's order of work and imgproxy's arithmetic, as a list of small steps over package vips.
//
// It stands apart from the URL, which package wire parses, and from the pixels, which package vips moves. What is left is
// arithmetic: New works out a Plan from a header and the options, before anything is decoded, and its tests are tables.
// Run carries a plan out.
package transform
