package region

import (
	"cmp"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// A called is what one kind of document is called in a language: "identity card" is "Personalausweis" in German.
type called struct {
	kind string // in English, folded
	tag  language.Tag
	name string
}

// glossary reads out of the rows themselves how kinds of documents are called, for a person looks for the passport of
// another country under the name that their own has. The rows of countries that speak English say what the kinds are; a
// row that names as many of them as it has local names says what those mean. Names of one document alone say nothing.
func glossary(rows []Document) []called {
	var kinds []string
	for _, d := range rows {
		if d.Local.Language == "en" {
			for _, name := range d.Local.names() {
				kinds = append(kinds, fold(name))
			}
		}
	}
	slices.Sort(kinds)
	kinds = slices.Compact(kinds)
	var all []called
	for _, d := range rows {
		tag, err := language.Parse(d.Local.Language)
		if err != nil || len(d.Names[d.Local.Language]) > 0 {
			continue
		}
		names, said := d.Local.names(), within(fold(d.Name), kinds)
		if len(names) != len(said) {
			continue
		}
		for i, name := range names {
			all = append(all, called{said[i], tag, name})
		}
	}
	slices.SortFunc(all, func(a, b called) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.tag.String(), b.tag.String()), cmp.Compare(a.name, b.name))
	})
	return slices.Compact(all)
}

// within lists the kinds that a text names as whole words, in its order.
func within(text string, kinds []string) []string {
	text = " " + strings.Join(words(text), " ") + " "
	var found []string
	for _, k := range kinds {
		if strings.Contains(text, " "+k+" ") {
			found = append(found, k)
		}
	}
	slices.SortFunc(found, func(a, b string) int { return cmp.Compare(strings.Index(text, a), strings.Index(text, b)) })
	return found
}

// names of a row that is of several kinds are parted by a stroke.
func (l Local) names() []string {
	if l.Document == "" {
		return nil
	}
	return strings.Split(l.Document, " / ")
}
