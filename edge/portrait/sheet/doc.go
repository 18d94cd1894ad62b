// Package sheet lays copies of photos out on printing paper: where each goes, where to cut, and a bar to prove that the
// printer kept the size; as pixels, or as a PDF. It knows millimetres and pixels of plain buffers and nothing of portraits,
// so that a layout is tested as arithmetic and drawn without a codec.
//
// A sheet may hold photos of several sizes, each as often as is said or as often as there is room. All stand upright, and
// long straight cuts take every sheet apart.
//
// With gaps of 2 mm copies start at multiples of 8 pixels from one another, and what lies within 8 pixels of a photo is the
// same around each of its copies. A JPEG is coded in blocks of 8 × 8: so all copies come out of it identical, whichever is
// cut out.
package sheet
