package web_test

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/professionalaistudio/studio/control/region"
	"github.com/professionalaistudio/studio/control/store/storetest"
)

// shown are the documents that a page lists, in its order.
func (p page) shown() string {
	var ids []string
	for _, m := range regexp.MustCompile(`href="/documents/([^"]+)"`).FindAllStringSubmatch(p.body, -1) {
		ids = append(ids, m[1])
	}
	return strings.Join(ids, " ")
}

// text of a page, without its tags.
func (p page) text() string {
	text := html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(p.body, " "))
	text = strings.Join(strings.Fields(text), " ")
	return regexp.MustCompile(` ([.,;])`).ReplaceAllString(text, "$1")
}

// A search finds what it means in the words of whoever asks, and the best country first.
func TestSearch(t *testing.T) {
	r := newRig(t, storetest.SQLite(t), "")
	const all = "cn-passport cn-id-card fr-passport de-passport de-id-card jp-passport lb-passport nl-passport es-dni gb-passport-digital us-passport generic-icao-35x45 generic-2x2"
	for _, test := range []struct{ query, languages, want string }{
		{"", "", all},
		{"q=united+states+passport", "", "us-passport"},
		{"q=GERMANY", "", "de-passport de-id-card"},
		{"q=us-passport", "", "us-passport"},
		{"q=Reisepass+Deutschland", "", "de-passport"},
		{"q=passeport+allemagne", "fr-FR,fr;q=0.9,en;q=0.8", "de-passport"},
		{"q=Lib%C3%A1n", "es", "lb-passport"},
		{"q=N%C3%A9metorsz%C3%A1g", "hu", "de-passport de-id-card"}, // no row is in Hungarian
		{"q=DNI", "", "es-dni"},
		{"q=" + url.QueryEscape("身份证"), "zh-CN", "cn-id-card"},
		{"country=DE", "", "de-passport de-id-card"},
		{"country=DE&q=passport", "", "de-passport"},
		{"country=moon", "", ""},
		{"q=atlantis", "", ""},
		{"q=%ff%00", "\xff", ""},
		{"q=" + strings.Repeat("xq+", 3000), strings.Repeat("de-", 500), ""},
	} {
		p := r.get(t, "/documents?"+test.query, "Accept-Language", test.languages)
		if got := p.shown(); p.StatusCode != 200 || got != test.want {
			t.Errorf("%s in %q shows %d: %s, want %s", test.query, test.languages, p.StatusCode, got, test.want)
		}
	}
	if p := r.get(t, "/documents?q=passport", "Accept-Language", ""); !strings.HasPrefix(p.shown(), "us-passport gb-passport-digital") && !strings.Contains(p.shown(), "fr-passport") {
		t.Errorf("passport shows %s", p.shown())
	}
}

// Names stand in the language of the reader, and in that of the country.
func TestNamesOnTheList(t *testing.T) {
	r := newRig(t, storetest.SQLite(t), "")
	p := r.get(t, "/documents", "Accept-Language", "fr-CH, en;q=0.7")
	for _, want := range []string{`Germany <bdi class="soft" lang="fr-CH">Allemagne</bdi>`, `Passport <bdi class="soft" lang="fr">passeport</bdi>`,
		`Identity card (Personalausweis)</a>`, `<h2>France</h2>`, `<bdi class="soft" lang="zh">居民身份证</bdi>`} {
		if !strings.Contains(p.body, want) {
			t.Errorf("the list lacks %s", want)
		}
	}
	if p := r.get(t, "/documents?language=es", "Accept-Language", "fr"); !strings.Contains(p.body, `lang="es">Alemania</bdi>`) || strings.Contains(p.body, "Allemagne") {
		t.Error("a language that is asked for does not go before the browser's")
	}
	if p := r.get(t, "/documents/cn-id-card"); !strings.Contains(p.body, `<bdi lang="zh">居民身份证, 中国</bdi>`) {
		t.Error("the page of a document lacks what it is called")
	}
}

// A page says in the pack's own words, before any work, whether a photo made at home can be handed in and what may be
// done to it, then every number and on whose word.
func TestDocument(t *testing.T) {
	r := newRig(t, storetest.SQLite(t), "")
	for id, want := range map[string][]string{
		"us-passport": {
			"Can I hand in a photo I made myself? Yes This document takes a photo that you print or upload yourself; the authority forbids every digital change in so many words, filters and AI included, so the photo is only turned, scaled and cut, and the background stays as it was taken.",
			"It may be scaled and cut to size turned upright It may not be given another background given more of an even background beyond its edges retouched: nothing here smooths, lightens or reshapes a face",
			"Read in source 1 source 2 source 3 source 4 2026-03-19 high",
			"Print 50.8 × 50.8 mm source 1 source 2 2026-11-23 high",
			"Resolution 300 dpi source 1 source 2 source 3 source 4 2026-03-19 high",
			"File 600 × 600 pixels The print at 300 dpi.",
			"File format jpg or png Our default: no rule was found. ours – –",
			"Head, chin to top 25 to 35 mm. Measured to the top of the hair. source 1 source 2 2026-11-23 high",
			"Eyes above the lower edge 28 to 35 mm source 1",
			"Face beside the middle at most 2.54 mm Our default: no rule was found. ISO/IEC 19794-5 and ICAO Doc 9303, general knowledge 2026-11-23 low",
			"Background white, off-white source 1",
			"Eye line from bottom 54.9 to 68.63 % of the height source 1 source 2",
			"US Embassy Sofia",
		},
		"de-passport": {
			"Can I hand in a photo I made myself? No Only a certified provider may send the photo for this document",
			"Head height reject outside adult: 27 to 40, child 6 to 9: 17 to 40 mm source 2 source 3",
			"Measured to the top of the skull",
		},
		"cn-passport": {
			"the background stays as it was taken unless you ask for another, at your own risk.",
			"given another background if you ask for it, at your own risk",
			"File size 30 to 80 KB", "Space above the head 3 to 5 mm", "Space below the chin at least 7 mm", "Head, ear to ear 15 to 22 mm",
		},
		"nl-passport":        {"Read first Bring this photo to the counter as a print", "Vendor preset"},
		"lb-passport":        {"The rules do not agree with one another. Lebanon's numbers contradict each other"},
		"generic-icao-35x45": {"our sources say nothing of editing and nothing of the background, so one that fails its checks is replaced by light-grey, and you are told."},
	} {
		p := r.get(t, "/documents/"+id)
		text := p.text()
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s lacks %q in:\n%s", id, w, text)
			}
		}
		for _, no := range []string{"Do not make this one yourself", "we leave the background", "Cut to size only", "computed from head_height_mm"} {
			if strings.Contains(text, no) {
				t.Errorf("%s says %q, which the pack does not", id, no)
			}
		}
		for _, m := range regexp.MustCompile(`href="#(source-\d+)"`).FindAllStringSubmatch(p.body, -1) {
			if !strings.Contains(p.body, `id="`+m[1]+`"`) {
				t.Errorf("%s cites %s, which is not there", id, m[1])
			}
		}
	}
	if p := r.get(t, "/documents/none"); p.StatusCode != 404 || !strings.Contains(p.body, "We do not know this document.") {
		t.Errorf("an unknown document: %d, want 404 and a word", p.StatusCode)
	}
}

// An edge that serves neither route nor provenance nor local names is shown in the row's words.
func TestDocumentOfAnOlderEdge(t *testing.T) {
	r := newRig(t, storetest.SQLite(t), "")
	*r.docs = *readPack(t, "documents-older.json")
	for id, want := range map[string][]string{
		"us-passport": {"Cut to size only", "Print 50.8 × 50.8 mm source 1 source 2 source 3 source 4 2026-11-23 high", "25 to 35 mm. Measured to the top of the hair.", "28 to 35 mm",
			"Editing Prohibited in so many words, filters and AI included.", "Who takes it You may print or upload a photo you made yourself."},
		"de-passport": {"Do not make this one yourself. Only a photo sent in by a certified provider is accepted."},
		"cn-passport": {"30 to 80 KB", "3 to 5 mm", "at least 7 mm", "Replacing the background The authority has a general rule against editing."},
	} {
		text := r.get(t, "/documents/"+id).text()
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s lacks %q in:\n%s", id, w, text)
			}
		}
		if strings.Contains(text, "we leave the background") || strings.Contains(text, "Can I hand in") {
			t.Errorf("%s says what its pack does not:\n%s", id, text)
		}
	}
	if got := r.get(t, "/documents?q=germany").shown(); got != "de-passport" {
		t.Errorf("germany shows %s", got)
	}
	if got := r.get(t, "/documents?q=allemagne", "Accept-Language", "fr").shown(); got != "de-passport" {
		t.Errorf("allemagne shows %s", got)
	}
}

func TestNoPack(t *testing.T) {
	r := newRig(t, storetest.SQLite(t), "")
	r.docs.list, r.docs.err = nil, region.ErrNoPack
	for _, path := range []string{"/documents", "/documents/us-passport"} {
		if p := r.get(t, path); p.StatusCode != 503 || p.Header.Get("Retry-After") == "" || !strings.Contains(p.body, "No documents yet") {
			t.Errorf("%s without a pack: %d, want 503 and when to come again", path, p.StatusCode)
		}
	}
	if p := r.get(t, "/"); p.StatusCode != 200 {
		t.Errorf("the first page without a pack: %d, want 200", p.StatusCode)
	}
}

// A photo to scale: 1 mm of a 50.8 mm print is 1.97 of the drawing's 100.
func TestDrawing(t *testing.T) {
	r := newRig(t, storetest.SQLite(t), "")
	p := r.get(t, "/documents/us-passport")
	// Eyes 28 to 35 mm from the bottom: 31.10 from the top, 13.78 high. Head 25 to 35 mm: a band of 19.69.
	for _, want := range []string{`y="31.10" width="100.00" height="13.78"`, `width="100.00" height="19.69"`} {
		if !strings.Contains(p.body, want) {
			t.Errorf("the drawing lacks %q", want)
		}
	}
}
