// Package portrait turns a photo of a person into the photo that a document asks for: it finds the head, solves the crop, resamples
// once, puts the background that the document allows, encodes into the bytes that the form takes, lays out the sheet, and judges what
// came out. It is where the stages meet; each of them (document, face, matte, measure, compliance, sheet) is a package that knows none
// of the others' trade.
//
// A person is moved, turned and scaled in one resampling, and the face is never anything else. DESIGN.md has the reasons.
package portrait
