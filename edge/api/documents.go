package api

import (
	"encoding/json"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/professionalaistudio/studio/edge/portrait"
	"github.com/professionalaistudio/studio/edge/portrait/document"
)

// Search words are bounded: every one of them is looked for in every name of every document.
const maxSearch = 200 // characters

// A listing is the pack that this node judges by, and the page on which all of it is: the answer of most who ask, a control
// plane among them, and so made once.
type listing struct {
	pack *document.Pack
	once sync.Once
	page page
	err  error
}

func (d *listing) all() (page, error) {
	d.once.Do(func() {
		var body []byte
		if body, d.err = d.pack.MarshalJSON(); d.err == nil {
			d.page = newPage("application/json", body)
		}
	})
	return d.page, d.err
}

// documents serves GET /v1/documents: all of the pack, or the rows that are looked for.
func (a *API) documents(r *request) error {
	given, err := parameters(r.query)
	if err != nil {
		return err
	}
	query, err := documentQuery(given)
	if err != nil {
		return err
	}
	if len(given) == 0 {
		p, err := a.listing.all()
		if err != nil {
			return err
		}
		r.page(p)
		return nil
	}
	body, err := a.listing.pack.Listing(a.listing.pack.Search(query), query.Language)
	if err != nil {
		return err
	}
	r.page(passingPage("application/json", body))
	return nil
}

// documentQuery reads what is looked for.
func documentQuery(given map[string]string) (q document.Query, err error) {
	for name, value := range given {
		switch name {
		case "q":
			if !utf8.ValidString(value) || utf8.RuneCountInString(value) > maxSearch {
				return q, malformed(name, "is more than 200 characters, or none")
			}
			q.Words = value
		case "country":
			if q.Country, err = document.ParseCountry(value); err != nil {
				return q, malformed(name, err.Error())
			}
		case "language":
			if q.Language, err = document.ParseLanguage(value); err != nil {
				return q, malformed(name, err.Error())
			}
		default:
			return q, malformed(name, "is not one that we know: there are q, country and language")
		}
	}
	return q, nil
}

// document serves GET /v1/documents/{id}: one row.
func (a *API) document(r *request) error {
	given, err := parameters(r.query)
	if err != nil {
		return err
	}
	lang := language.Und
	for name, value := range given {
		if name != "language" {
			return malformed(name, "is not one that we know: there is language")
		}
		if lang, err = document.ParseLanguage(value); err != nil {
			return malformed(name, err.Error())
		}
	}
	spec, ok := a.listing.pack.Find(r.rest)
	if !ok {
		return portrait.ErrDocumentUnknown
	}
	body, err := json.Marshal(spec.ViewIn(lang))
	if err != nil {
		return err
	}
	r.page(passingPage("application/json", body))
	return nil
}

// documentSchema serves the JSON Schema of a pack's file.
func (a *API) documentSchema(r *request) error {
	r.page(passingPage("application/schema+json", document.Schema()))
	return nil
}
