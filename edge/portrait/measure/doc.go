// Package measure takes numbers from bytes and pixels: what goes in is a picture or a file, what comes out are facts that
// compliance can judge. It decides nothing and knows no document, so a fact is tested against a file or a picture made for it.
//
// Read tells what a JPEG or a PNG says of itself: size, density, colour, and what it tells of the person who sent it.
//
// Look prepares a picture in which nets have found a face and a person; what they found comes as plain values, the Points of
// the face and the Alpha of the person, so that this package needs no net. A Scene then gives groups of numbers:
//
//	Points.Measure          Features  from the points alone: eyes, mouth, brows, gaze
//	Scene.Light, Tone,      of the face, in a view of it: upright, at no more than 113 pixels from eye to eye, as OFIQ
//	Detail, Eyes              aligns it
//	Scene.Hair              of the view and the matte: what covers the face
//	Scene.Ground, Figure    of the frame, at no more than 256 cells along its longer side, and the matte: background, shape
//	Scene.Grain             of the pixels as they are: levels, blocks, repetition
//	Fringe, Changed         of a finished photo
//
// Every Number is known or says why it is not. No camera's pixel is read more than a few times: a capture of 12 megapixels
// takes a dozen milliseconds. What is copied of a picture is overwritten by Scene.Wipe, or before the measure returns.
package measure
