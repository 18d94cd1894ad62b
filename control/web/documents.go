package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"github.com/professionalaistudio/studio/control/region"
)

// A country groups documents on the list.
type country struct {
	Code      string
	Name      string
	Asked     string // its name in the reader's language; empty where that is English, or it has none
	Language  string // of that name
	Documents []found
}

// A found is a document on the list, with what it is called where it is asked for.
type found struct {
	region.Document
	Called string // empty where its English name says it already
}

// maxQuery bounds what is looked for, in letters: every word of it is compared with every name.
const maxQuery = 100

// documents lists what photos are for; q narrows it down, and country, and language is what the reader reads, if not what
// their browser says.
func (s *Site) documents(w http.ResponseWriter, r *http.Request) {
	w.Header().Add("Vary", "Accept-Language")
	list, err := s.parts.Documents.Documents(r.Context())
	if s.noPack(w, r, err) {
		return
	}
	given := r.URL.Query()
	letters := []rune(strings.Join(strings.Fields(given.Get("q")), " "))
	q := region.Query{Words: string(letters[:min(len(letters), maxQuery)]), Country: given.Get("country"), Languages: readers(r)}
	rows, err := s.parts.Documents.Search(r.Context(), q)
	if s.noPack(w, r, err) {
		return
	}
	var in string
	if i := slices.IndexFunc(list, func(d region.Document) bool { return d.Country == q.Country }); i >= 0 {
		in = cmp.Or(capital(list[i].CountryName), list[i].Country)
	}
	s.Render(w, r, http.StatusOK, View{Title: "Documents", Template: s.pages["documents.html"],
		Description: "What passports, visas and identity cards ask of their photo, with sources.",
		Data: map[string]any{"Countries": byCountry(rows, q), "Found": len(rows), "All": len(list), "Query": q.Words,
			"Country": q.Country, "In": in, "Language": given.Get("language")}})
}

// readers are the languages that whoever asks reads, the best first, and no more than anybody does.
func readers(r *http.Request) []language.Tag {
	said := r.Header.Get("Accept-Language")
	if own := r.URL.Query().Get("language"); own != "" {
		said = own
	}
	if len(said) > 500 {
		return nil
	}
	tags, _, err := language.ParseAcceptLanguage(said)
	if err != nil {
		return nil
	}
	tags = slices.DeleteFunc(tags, func(t language.Tag) bool { b, _ := t.Base(); return t == language.Und || b.String() == "mul" })
	return tags[:min(len(tags), 4)]
}

// byCountry groups what was found. Countries stand in the order of their names, those for any country last; of a search, in
// the order in which they fit.
func byCountry(list []region.Document, q region.Query) []country {
	at := map[string]int{}
	var all []country
	for _, d := range list {
		i, ok := at[d.Country]
		if !ok {
			i = len(all)
			at[d.Country] = i
			c := country{Code: d.Country, Name: cmp.Or(capital(d.CountryName), d.Country)}
			if len(q.Languages) > 0 {
				c.Asked, c.Language = foreign(c.Name, region.CountryName(d.Country, q.Languages[0])), q.Languages[0].String()
			}
			all = append(all, c)
		}
		all[i].Documents = append(all[i].Documents, found{d, foreign(d.Name, d.Local.Document)})
	}
	if q.Words == "" {
		slices.SortFunc(all, func(a, b country) int {
			last := func(c country) int {
				if c.Code == "ZZ" {
					return 1
				}
				return 0
			}
			return cmp.Or(last(a)-last(b), strings.Compare(a.Name, b.Name))
		})
	}
	return all
}

// foreign is a name that says more than the English one.
func foreign(english, name string) string {
	if strings.Contains(strings.ToLower(english), strings.ToLower(name)) {
		return ""
	}
	return name
}
