// Package measure takes numbers from bytes and pixels: what goes in is a picture or a file, what comes out are facts that
// compliance can judge. It decides nothing and knows no document, so a fact is tested against a file made for it.
//
// Facts reads what a JPEG or a PNG says of itself: size, density, colour, and what it tells of the person who sent it.
package measure
