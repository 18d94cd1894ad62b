// Package sheet lays copies of a photo out on printing paper: where each goes, where to cut, and a bar to prove that the
// printer kept the size. It knows millimetres and pixels of plain buffers and nothing of portraits, so that a layout is
// tested as arithmetic and drawn without a codec.
//
// Every copy starts at a pixel that is a multiple of 8 both ways, and what lies within 8 pixels of it is the same around
// each. A JPEG is coded in blocks of 8 × 8: so all copies come out of it identical, whichever is cut out.
package sheet
