// Package preview draws findings on the picture they were made from: where each is, its number, and beside it what was measured,
// what is asked and what to do. It judges nothing and asks nothing; a picture and findings go in, a drawing comes out.
//
// It stands apart because a drawing is a matter of its own: compliance does not know pixels, portrait does not know fonts, and
// libvips reads no SVG here, on purpose. So the page is laid out once, as a list of shapes and words (list.go), and that list is
// written as SVG (svg.go) or painted as pixels (paint.go): what the two show is the same because nothing is decided twice.
//
// # Units
//
// Findings speak in pixels of the capture or of the finished photo. The page is laid out in units of its own: the longer side of
// the picture is 1000 of them, whatever it has in pixels. So strokes and letters grow with the picture and need no case of their own.
//
// # What is drawn
//
// What fails comes first, then what is to be looked at again; each has a number on the picture and in the list. What passes is
// counted, and drawn faintly on request; what was not judged is counted, and listed on request with its reason. A verdict is never
// told by colour alone: what fails is a filled octagon and a full line, what is to be looked at a diamond and a dashed line, what
// passes a dotted line without a number.
//
// Numbers stand beside the picture, in the order of the places they belong to, with a line to each: so they hide no face and never
// lie on one another, however near the places are.
package preview
