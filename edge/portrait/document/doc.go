// Package document knows what each authority asks of a photo: the rule pack. It is data with a type, and stands apart so
// that another country's passport, or a number an authority has changed, is an edit of documents.json and of nothing else:
// of the one built in, or of a newer one that an operator has signed (Load). README.md says how.
//
// Every number keeps where it was read, when, and how far it is to be trusted (Spec.Said); a rule that is handed out
// (Spec.Head, Spec.Eye …) carries that with it, so that whatever is judged by it can say on whose word. Where a row is
// silent and a photo must be made all the same, the rule that steps in says that it is ours (default.go).
//
// Rows are found by what people call their documents, in whatever language (Pack.Search), and each says before any work
// whether a photo made at home can be filed and what may be done to it (Spec.Route).
//
// Units are exact: millimetres on paper and pixels in files are never derived from one another but by the row's dpi, and
// the 51 mm that tables print for the American square is the 2 inches that the law asks: 50.8 mm.
package document
