package region

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// fold brings text into a form in which case, accents and the width of letters make no difference, as an edge's own search
// does.
func fold(text string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(unfolded.Replace(strings.ToLower(text))) {
		if !unicode.Is(unicode.Mn, r) && !unicode.Is(unicode.Cf, r) { // a mark on the letter before, or how letters join
			b.WriteRune(r)
		}
	}
	return b.String()
}

var (
	// unfolded are letters that are not a plain one with a mark, though people type them so.
	unfolded = strings.NewReplacer("ß", "ss", "ø", "o", "ł", "l", "đ", "d", "æ", "ae", "œ", "oe", "ı", "i", "ς", "σ", "'", "", "’", "")
	// spelled is text as people write it who have no ä, ö, ü, å and ø at hand.
	spelled = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "å", "aa", "ø", "oe", "Ä", "ae", "Ö", "oe", "Ü", "ue", "Å", "aa", "Ø", "oe")
)

// words of a text, folded, in order.
func words(text string) []string {
	return strings.FieldsFunc(fold(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mc, r) })
}

// spellings are the words of a text, and those of how else it is typed.
func spellings(text string) []string {
	list := words(text)
	if other := spelled.Replace(text); other != text {
		list = append(list, words(other)...)
	}
	return list
}

// unspaced says whether a word is of a script that writes words without a space between them.
func unspaced(word string) bool {
	for _, r := range word {
		if !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai) && r != 'ー' && !unicode.IsDigit(r) {
			return false
		}
	}
	return true
}
