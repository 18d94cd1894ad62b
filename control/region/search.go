package region

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// A Query says which documents are looked for. Its zero value finds all.
type Query struct {
	Words     string         // each must be found in the row: its id, its country or its names, in whatever language; case and accents do not count
	Country   string         // only rows of this country: "DE"
	Languages []language.Tag // of who asks, the first being what they read best: names in these come before those in others
}

// How well a word fits a row: the whole of its own words before names in other languages. A name in a language that is
// neither the country's nor the reader's weighs as much as two others, for a short word begins many.
const (
	ownWhole = iota
	ownStart
	ownPart
	localWhole // in the language of the country
	localPart
	askedWhole // in a language of who asks
	askedPart
	foreignWhole = 2 * askedPart
	foreignPart  = foreignWhole + 1

	unfit = math.MaxInt
)

// An Index finds rows of a pack by what people call them. It knows no names but those that the rows carry, and those of
// countries that everybody has (CLDR).
type Index struct {
	rows     []Document
	own      [][]string // of each row, the words of its id and of its English names
	local    [][]string // and those of its local names
	kinds    [][]called // and what its kinds are called elsewhere
	tongues  []language.Tag
	foreign  map[language.Tag][][]string // of each row, the words of its names in a language of the pack
	regional map[string]language.Region
}

// NewIndex reads the rows' names.
func NewIndex(rows []Document) *Index {
	x := &Index{rows: rows, foreign: map[language.Tag][][]string{}, regional: map[string]language.Region{}}
	terms := glossary(rows)
	for _, d := range rows {
		x.own = append(x.own, spellings(strings.Join([]string{d.ID, d.Country, d.CountryName, d.Name}, " ")))
		text := []string{d.Local.Country, d.Local.Document}
		for _, names := range d.Names {
			text = append(text, names...)
		}
		x.local = append(x.local, spellings(strings.Join(text, " ")))
		var kinds []called
		said := " " + strings.Join(words(d.Name), " ") + " "
		for _, t := range terms {
			if strings.Contains(said, " "+t.kind+" ") {
				kinds = append(kinds, t)
			}
		}
		x.kinds = append(x.kinds, kinds)
		if r, err := language.ParseRegion(d.Country); err == nil && d.Country != "ZZ" {
			x.regional[d.Country] = r
		}
		if tag, err := language.Parse(d.Local.Language); err == nil && !slices.Contains(x.tongues, tag) {
			x.tongues = append(x.tongues, tag)
		}
	}
	for _, tag := range x.tongues {
		x.foreign[tag] = x.namesIn(tag)
	}
	return x
}

// namesIn are the words of each row's country and kinds in a language.
func (x *Index) namesIn(tag language.Tag) [][]string {
	all := make([][]string, len(x.rows))
	countries := display.Regions(tag)
	for i, d := range x.rows {
		var text []string
		if r, ok := x.regional[d.Country]; ok && countries != nil {
			text = append(text, countries.Name(r))
		}
		for _, t := range x.kinds[i] {
			if t.tag == tag {
				text = append(text, t.name)
			}
		}
		all[i] = spellings(strings.Join(text, " "))
	}
	return all
}

// tongue is the language of the pack that is nearest to one, or that one: de-AT is German. Names of countries there are in
// many languages of which the pack has no name of a document.
func (x *Index) tongue(tag language.Tag) language.Tag {
	if _, ok := x.foreign[tag]; ok {
		return tag
	}
	for t := tag; t != language.Und; t = t.Parent() {
		if _, ok := x.foreign[t]; ok {
			return t
		}
	}
	return tag
}

// CountryName is what a country is called in a language; empty where that language has no name for it.
func CountryName(code string, tag language.Tag) string {
	r, err := language.ParseRegion(code)
	names := display.Regions(tag)
	if err != nil || names == nil || code == "ZZ" {
		return ""
	}
	return names.Name(r)
}

// Search finds rows, the best first. Rows that fit alike stay in the order of the pack.
func (x *Index) Search(q Query) []Document {
	text := strings.TrimSpace(q.Words)
	asked := words(text)
	if text != "" && len(asked) == 0 { // signs alone are nowhere
		return nil
	}
	mine := map[language.Tag][][]string{} // languages of who asks
	for _, tag := range q.Languages {
		tag = x.tongue(tag)
		if names, ok := x.foreign[tag]; ok {
			mine[tag] = names
		} else {
			mine[tag] = x.namesIn(tag)
		}
	}
	type hit struct{ row, fit int }
	var hits []hit
	for i, d := range x.rows {
		if q.Country != "" && d.Country != q.Country {
			continue
		}
		fit := 0
		for _, w := range asked {
			one := x.fit(i, w, mine, len(asked) == 1)
			if one == unfit {
				fit = unfit
				break
			}
			fit += one
		}
		if strings.EqualFold(d.ID, text) { // who types an id wants that row
			fit = -1
		}
		if fit < unfit {
			hits = append(hits, hit{i, fit})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(a.fit, b.fit) })
	found := make([]Document, len(hits))
	for i, h := range hits {
		found[i] = x.rows[h.row]
	}
	return found
}

// fit says how well a word fits a row. A short word that stands alone is no name: "de" joins others in half of all
// languages, and is also Germany.
func (x *Index) fit(row int, word string, mine map[language.Tag][][]string, alone bool) int {
	best := among(x.own[row], word, ownWhole, ownStart, ownPart)
	if r, err := language.ParseRegion(word); err == nil && len(word) < 4 && r.Canonicalize() == x.regional[x.rows[row].Country] {
		best = ownWhole // USA, DEU, UK
	}
	if letters := utf8.RuneCountInString(word); alone && letters < 3 && !unspaced(word) {
		return best
	}
	best = min(best, among(x.local[row], word, localWhole, localPart, localPart))
	for _, names := range mine {
		best = min(best, among(names[row], word, askedWhole, askedPart, askedPart))
	}
	if best == unfit {
		for _, tag := range x.tongues {
			best = min(best, among(x.foreign[tag][row], word, foreignWhole, foreignPart, foreignPart))
		}
	}
	if best == unfit && unspaced(word) && utf8.RuneCountInString(word) <= 24 {
		best = x.parts(row, word, mine)
	}
	return best
}

// parts fits a word that is two, written without a space: 中国护照.
func (x *Index) parts(row int, word string, mine map[language.Tag][][]string) int {
	best := unfit
	letters := []rune(word)
	for i := 2; i < len(letters); i++ {
		rest := letters[i:]
		if rest[0] == 'の' || rest[0] == '的' { // which only join
			rest = rest[1:]
		}
		if len(rest) < 2 {
			break
		}
		if head := x.fit(row, string(letters[:i]), mine, false); head < best {
			best = min(best, max(head, x.fit(row, string(rest), mine, false)))
		}
	}
	return best
}

// among finds a word in a list: the whole of one, its start, or a part. A part of few letters is in everything.
func among(list []string, word string, whole, start, part int) int {
	best := unfit
	letters, spaced := utf8.RuneCountInString(word), !unspaced(word)
	for _, w := range list {
		switch i := strings.Index(w, word); {
		case w == word:
			return whole
		case i < 0: // an ending more: passports, deutscher
			if more, ok := strings.CutPrefix(word, w); ok && spaced && utf8.RuneCountInString(w) >= 4 && utf8.RuneCountInString(more) <= 3 {
				best = min(best, part)
			}
		case i == 0 && (letters > 2 || start == ownStart):
			best = min(best, start)
		case letters >= 3 || !spaced && letters == 2:
			best = min(best, part)
		}
	}
	return best
}
