// Package portrait turns a photo of a person into the photo that a document asks for: it solves the crop, resamples once,
// encodes into the bytes that the form takes, lays out the sheet, and judges what came out. It is where the stages meet;
// each of them (document, compliance, measure, sheet) is a package that knows none of the others' trade.
//
// The head is given by hand, as two points: the crown and the chin. They tell size, place and tilt, which is all that a
// crop needs; whatever needs eyes or an outline is a finding that is not assessed.
//
// A photo is moved, turned and scaled in one resampling, and nothing else is done to it. DESIGN.md has the reasons.
package portrait
