package document

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/language"
)

func ids(rows []Spec) (all []string) {
	for _, s := range rows {
		all = append(all, s.ID)
	}
	return all
}

// What a person types, in whatever language, finds what they mean first.
func TestSearch(t *testing.T) {
	for text, first := range map[string]string{
		// the row's own words
		"germany": "de-passport", "us passport": "us-passport", "JP": "jp-passport", "visa china": "cn-visa", "fi": "fi-passport",
		"new zealand visa": "nz-visa", "us-visa": "us-visa", "Green Card": "us-green-card", "2x2": "us-ead-and-other-2x2", "uk": "gb-passport-print",
		"british passport": "gb-passport-print", "passports": "us-passport", "schengen": "de-visa", "e-visa vietnam": "vn-evisa",
		// names in the language of the country
		"Reisepass": "de-passport", "Personalausweis": "de-id-card", "passeport français": "fr-passport", "carte d'identité": "fr-id-card",
		"carte d’identite": "fr-id-card", "DNI": "es-dni", "carnet de identidad": "es-dni", "pasaporte español": "es-passport", "passaporto italiano": "it-passport",
		"Führerschein": "de-driving-licence", "FUHRERSCHEIN": "de-driving-licence", "fuehrerschein": "de-driving-licence", "permis de conduire": "fr-driving-licence",
		"dowód osobisty": "pl-id-card", "dowod": "pl-id-card", "ehliyet": "tr-id-card", "TÜRKİYE PASAPORT": "tr-passport", "kørekort danmark": "",
		"загранпаспорт": "ru-international-passport", "паспорт Україна": "ua-passport-child", "пашпарт": "by-passport", "hộ chiếu": "vn-passport", "ho chieu": "vn-passport",
		"여권": "kr-passport", "旅券": "jp-passport", "日本のパスポート": "jp-passport", "マイナンバー": "jp-my-number", "ﾊﾟｽﾎﾟｰﾄ": "jp-passport",
		"身份证": "cn-id-card", "中国护照": "cn-passport", "護照": "hk-passport", "香港护照": "hk-passport", "一寸": "cn-1-inch",
		"جواز سفر مصر": "eg-passport", "דרכון": "il-passport", "पासपोर्ट भारत": "in-passport-abroad", "หนังสือเดินทาง": "th-passport", "პასპორტი": "ge-passport",
		"Österreich": "at-passport", "oesterreich reisepass": "at-passport", "Schweizer Pass": "ch-passport", "suisse": "ch-passport",
		// names of a country elsewhere
		"Reisepass USA": "us-passport", "visa états-unis": "us-visa", "Deutschland Visum": "de-visa", "ドイツ パスポート": "de-passport",
		// nowhere
		"atlantis": "", "passport atlantis": "", "!!": "", "…": "",
	} {
		got := ids(Embedded().Search(Query{Words: text}))
		if first == "" && len(got) > 0 || first != "" && (len(got) == 0 || got[0] != first) {
			t.Errorf("%q finds %d rows, %.3v, want %q first", text, len(got), got[:min(3, len(got))], first)
		}
	}
	if got := len(Embedded().Search(Query{})); got != 146 {
		t.Errorf("no words find %d", got)
	}
}

func TestSearchByCountryAndLanguage(t *testing.T) {
	for name, test := range map[string]struct {
		query Query
		want  string // how the ids begin, as a whole if it does not end in …
	}{
		"a country":                      {Query{Country: "IT"}, "it-passport it-cie it-visa"},
		"a country and a word":           {Query{Country: "DE", Words: "pass"}, "de-passport"},
		"the issue's own":                {Query{Country: "DE", Language: language.German, Words: "pass"}, "de-passport"},
		"a language":                     {Query{Language: language.Italian}, "it-passport it-cie it-visa ch-passport ch-sbb-swisspass"},
		"a language and a word":          {Query{Language: language.German, Words: "pass"}, "de-passport ch-passport at-passport be-passport ch-sbb-swisspass …"},
		"a language nobody speaks there": {Query{Country: "JP", Language: language.German, Words: "reisepass"}, "jp-passport"},
		"a country without documents":    {Query{Country: "IS"}, ""},
	} {
		got := strings.Join(ids(Embedded().Search(test.query)), " ")
		if want, open := strings.CutSuffix(test.want, "…"); got != want && !(open && strings.HasPrefix(got, want)) {
			t.Errorf("%s finds %q, want %q", name, got, test.want)
		}
	}
	// A language puts rows first and hides none that a word finds.
	if a, b := len(Embedded().Search(Query{Words: "pass"})), len(Embedded().Search(Query{Words: "pass", Language: language.German})); a != b {
		t.Errorf("with a language %d rows, without %d", b, a)
	}
}

// Whatever a row is called where it is asked for finds it there.
func TestLocalNamesAreFound(t *testing.T) {
	for _, s := range All() {
		l := s.View().Local
		if l.Country == "" || l.Language == "" {
			t.Errorf("%s: %+v", s.ID, l)
		}
		if l.Document == "" {
			continue
		}
		if got := ids(Embedded().Search(Query{Words: l.Document, Country: s.Country})); !slices.Contains(got, s.ID) {
			t.Errorf("%s is called %q and not found by it: %v", s.ID, l.Document, got)
		}
		if got := ids(Embedded().Search(Query{Words: l.Country + " " + l.Document})); !slices.Contains(got, s.ID) {
			t.Errorf("%s is not found by %q %q: %v", s.ID, l.Country, l.Document, got)
		}
	}
	for id, want := range map[string]Local{
		"de-passport": {"de", "Deutschland", "Reisepass"}, "jp-passport": {"ja", "日本", "パスポート"}, "cn-id-card": {"zh", "中国", "居民身份证"},
		"gb-visa": {"en", "United Kingdom", "visa"}, "generic-2x2": {"en", "any country", ""}, "no-passport": {"nb", "Norge", "pass / ID-kort"},
	} {
		if got := mustFind(t, id).View().Local; got != want {
			t.Errorf("%s is called %+v, want %+v", id, got, want)
		}
	}
	if got, want := mustFind(t, "de-passport").ViewIn(language.French).Local, (Local{"fr", "Allemagne", "passeport"}); got != want {
		t.Errorf("in French %+v, want %+v", got, want)
	}
}

// Every language has a name for every kind, and each is found by itself.
func TestEveryKindHasANameInEveryLanguage(t *testing.T) {
	for tag, all := range names {
		for k, list := range all {
			for _, name := range list {
				if name == "" || len(words(name)) == 0 {
					t.Errorf("%v: kind %d is called %q", tag, k, list)
				}
			}
			if found := Embedded().Search(Query{Words: list[0]}); len(found) == 0 {
				t.Errorf("%v: %q finds nothing", tag, list[0])
			}
		}
	}
	for country := range spoken {
		for _, tag := range languagesOf(country) {
			if _, ok := names[tag]; !ok {
				t.Errorf("%s speaks %v, which has no names", country, tag)
			}
		}
	}
}

func TestParseCountryAndLanguage(t *testing.T) {
	for text, want := range map[string]string{
		"DE": "DE", "de": "DE", "DEU": "DE", "deu": "DE", "UK": "GB", "GB": "GB", "EU": "EU", "ZZ": "ZZ", "hk": "HK", "IS": "IS",
		"": "", "D": "", "XX": "", "QQ": "", "276": "", "Germany": "", "SU": "", "D€": "", "D E": "",
	} {
		got, err := ParseCountry(text)
		if got != want || (err == nil) != (want != "") || err != nil && !errors.Is(err, ErrCountry) {
			t.Errorf("country %q is %q, %v, want %q", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"de": "de", "de-CH": "de", "DE": "de", "no": "nb", "nb-NO": "nb", "zh": "zh", "zh-TW": "zh-Hant", "zh-Hans-CN": "zh", "pt-BR": "pt", "tl": "fil", "iw": "he",
		"": "", "und": "", "xx": "", "klingon": "", "d": "", "de_": "", "mul": "",
	} {
		got, err := ParseLanguage(text)
		if want == "" {
			want = "und"
		}
		if got.String() != want || (err == nil) != (want != "und") || err != nil && !errors.Is(err, ErrLanguage) {
			t.Errorf("language %q is %v, %v, want %s", text, got, err, want)
		}
	}
}

// FuzzSearch: the order of words, their case and the width of letters make no difference, no row is found twice, and one word
// more never finds more.
func FuzzSearch(f *testing.F) {
	for _, text := range []string{"Reisepass", "carte d'identité", "中国护照", "de", "TÜRKİYE ehliyet", "日本のパスポート", "ß ŉ ﬁ ǅ", "0 1", "जवाज", "\u202eabc", "護照 hk"} {
		f.Add(text)
	}
	p := Embedded()
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) || len(text) > 300 {
			t.Skip()
		}
		found := ids(p.Search(Query{Words: text}))
		seen := map[string]bool{}
		for _, id := range found {
			if seen[id] {
				t.Errorf("%q finds %s twice", text, id)
			}
			seen[id] = true
		}
		list := words(text)
		slices.Reverse(list)
		if again := ids(p.Search(Query{Words: strings.Join(list, " ")})); len(again) != len(found) && len(list) > 0 {
			t.Errorf("%q finds %d, the same words from behind %d", text, len(found), len(again))
		}
		if more := p.Search(Query{Words: text + " passport"}); len(list) > 1 && len(more) > len(found) {
			t.Errorf("%q finds %d, with a word more %d", text, len(found), len(more))
		}
	})
}

func BenchmarkSearch(b *testing.B) {
	p := Embedded()
	p.Search(Query{Words: "x"}) // which makes the index
	for _, text := range []string{"passport", "Führerschein Deutschland", "中国护照", "e e e e e e e e e e e e"} {
		b.Run(text, func(b *testing.B) {
			for b.Loop() {
				p.Search(Query{Words: text})
			}
		})
	}
}
