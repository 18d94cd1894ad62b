package document

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/language"
)

// A Query says which rows are looked for. Its zero value finds all.
type Query struct {
	Words    string       // each must be found in the row's id, its country or its document's name, in whatever language; case and accents do not count
	Country  string       // only rows of this country, as ParseCountry gives it
	Language language.Tag // rows of countries that speak it come first; with neither words nor country, only those are found
}

// How well a word fits: the row's own words before names in other languages, and the whole of one before a part. A name in a
// language that is neither spoken there nor asked for weighs as much as two others, for a short word begins many.
const (
	ownWhole = iota
	ownStart
	ownPart
	namedWhole // a name of this document alone
	namedPart
	localWhole // in a language of the row's country
	localPart
	askedWhole // in the language that is asked for
	askedPart
	foreignWhole = 2 * askedPart
	foreignPart  = foreignWhole + 1
)

// unfit is beyond any sum of the above.
const unfit = math.MaxInt

// An entry is what a row is found by.
type entry struct {
	own    []string // words of the row itself
	called []string // words of its own names
	named  []tongue
}

// A tongue is what a row is called in one language.
type tongue struct {
	tag   language.Tag
	local bool // a language of the row's country
	words []string
}

// index is every row's entry, made when somebody searches first.
type index struct {
	once    sync.Once
	entries []entry
}

func (p *Pack) entries() []entry {
	p.index.once.Do(func() {
		shared := map[string][]tongue{} // rows of one country and of the same kinds are called the same
		for _, s := range p.specs {
			var called []string
			for _, list := range s.Names {
				called = append(called, list...)
			}
			slices.Sort(called)
			key := fmt.Sprint(s.Country, s.kindsOf())
			if shared[key] == nil {
				shared[key] = s.tongues()
			}
			p.index.entries = append(p.index.entries, entry{
				spellings(strings.Join([]string{s.ID, s.Country, s.CountryName(), otherNames[s.Country], s.Document}, " ")),
				telling(spellings(strings.Join(called, " "))), shared[key],
			})
		}
	})
	return p.index.entries
}

// tongues are the names of the row's country and of its kinds, in every language.
func (s Spec) tongues() []tongue {
	local := languagesOf(s.Country)
	all := make([]tongue, len(tongues))
	for i, tag := range tongues {
		text := []string{countryName(s.Country, tag), demonym(s.Country, tag)}
		for _, k := range s.kindsOf() {
			text = append(text, names[tag][k]...)
		}
		list := telling(spellings(strings.Join(text, " ")))
		slices.Sort(list)
		all[i] = tongue{tag, slices.Contains(local, tag), slices.Compact(list)}
	}
	return all
}

// spellings are the words of a text, and those of how else it is typed.
func spellings(text string) []string {
	list := words(text)
	if other := spelled.Replace(text); other != text {
		list = append(list, words(other)...)
	}
	return list
}

// joining are words that only join others: they name nothing, but "de" is also Germany.
var joining = map[string]bool{}

func init() {
	for w := range strings.FieldsSeq("a an and the of for my d l la le les de du des del della di da do dos das der die das den für fur для и y e el en et und von van het") {
		joining[w] = true
	}
}

// telling are the words that name something.
func telling(list []string) []string {
	return slices.DeleteFunc(list, func(w string) bool { return joining[w] })
}

// fit says how well a word fits a row.
func (e *entry) fit(word string, asked language.Tag) int {
	best := within(e.own, word, ownWhole, ownStart, ownPart)
	best = min(best, within(e.called, word, namedWhole, namedPart, namedPart))
	for i := range e.named {
		if t := &e.named[i]; best > namedPart {
			whole, part := t.fits(asked)
			best = min(best, within(t.words, word, whole, part, part))
		}
	}
	if best == unfit && unspaced(word) {
		best = e.parts(word, asked)
	}
	return best
}

// fits says how well a whole name in the language fits, and a part of one.
func (t *tongue) fits(asked language.Tag) (whole, part int) {
	switch {
	case t.local:
		return localWhole, localPart
	case t.tag == asked:
		return askedWhole, askedPart
	}
	return foreignWhole, foreignPart
}

// parts fits a word that is several, written without a space.
func (e *entry) parts(word string, asked language.Tag) int {
	best := unfit
	if utf8.RuneCountInString(word) > 24 {
		return best
	}
	for i, r := range word {
		if i == 0 {
			continue
		}
		rest := word[i:]
		if r == 'の' || r == '的' { // which only join
			rest = rest[utf8.RuneLen(r):]
		}
		if rest == "" {
			continue
		}
		if head := e.begins(word[:i], asked); head < best {
			if tail := e.fit(rest, asked); tail < unfit {
				best = min(best, max(head, tail))
			}
		}
	}
	return best
}

// begins is fit for a name that stands at the beginning of a word that is several: the whole of it, or two letters at least.
func (e *entry) begins(word string, asked language.Tag) int {
	best := unfit
	for i := range e.named {
		t := &e.named[i]
		whole, part := t.fits(asked)
		if utf8.RuneCountInString(word) < 2 {
			part = unfit
		}
		best = min(best, within(t.words, word, whole, part, part))
	}
	return best
}

// within finds a word in a list: the whole of one, its start, or a part. A part of few letters is in everything.
func within(list []string, word string, whole, start, part int) int {
	best := unfit
	for _, w := range list {
		switch i := strings.Index(w, word); {
		case w == word:
			return whole
		case i < 0: // an ending more: passports, deutscher, italienische
			if more, ok := strings.CutPrefix(word, w); ok && len(w) >= 4 && len(more) <= 4 && !unspaced(w) {
				best = min(best, part)
			}
		case i == 0 && (len(word) > 2 || start == ownStart):
			best = min(best, start)
		case len(word) >= 3: // of Latin letters; one of Chinese has three bytes
			best = min(best, part)
		}
	}
	return best
}

// Search finds rows, the best first. Rows that fit alike stay in the order of the pack.
func (p *Pack) Search(q Query) []Spec {
	text := strings.TrimSpace(q.Words)
	asked := words(text)
	if text != "" && len(asked) == 0 { // signs alone are nowhere
		return nil
	}
	entries := p.entries()
	type hit struct {
		row, order, fit int
	}
	var hits []hit
	for i, s := range p.specs {
		h := hit{row: i, order: 2}
		if slices.ContainsFunc(entries[i].named, func(t tongue) bool { return t.local && t.tag == q.Language }) {
			h.order = 1
		}
		if q.Country != "" && s.Country != q.Country {
			continue
		}
		if q.Language != language.Und && q.Country == "" && text == "" && h.order != 1 {
			continue
		}
		if h.fit = entries[i].fitAll(asked, q.Language); h.fit == unfit {
			continue
		}
		if strings.EqualFold(s.ID, text) { // who types an id wants that row
			h.order = 0
		}
		hits = append(hits, h)
	}
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.fit, b.fit))
	})
	found := make([]Spec, len(hits))
	for i, h := range hits {
		found[i] = p.specs[h.row]
	}
	return found
}

// fitAll says how well all words fit a row together: one that does not spoils it. What only joins others decides between equals.
func (e *entry) fitAll(words []string, asked language.Tag) int {
	sum := 0
	for _, w := range words {
		fit := e.fit(w, asked)
		if joining[w] && len(words) > 1 {
			fit = min(fit, 1)
		}
		if fit == unfit {
			return unfit
		}
		sum += fit
	}
	return sum
}
