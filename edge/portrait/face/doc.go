// Package face finds faces in a picture and says what is to be seen of one: where its features are, which way it looks, whether eyes
// and mouth are open, what covers it. Pixels in, numbers out; it judges nothing, and whose face it is nobody asks.
//
// It runs two nets. The detector sees the whole picture at 320 pixels and finds boxes with five points; the face net sees one face,
// brought upright to 128 pixels by those five points. What they were shown is zeroed after each run.
//
// # Units
//
// Places are in pixels of the picture as it is seen upright, from its top left corner: the first pixel covers 0 to 1 and has its
// centre at 0.5, as everywhere in package portrait. (The nets count from the centre of the first pixel; that stays in here.)
//
// Left and right are those of the picture: the left eye is the one on the left of the picture, which is the person's right eye unless
// the picture is mirrored.
package face
