package region_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/language"

	"github.com/professionalaistudio/studio/control/region"
)

// names are rows as an edge serves them, of which only what they are called is left.
func names(t testing.TB) []region.Document {
	t.Helper()
	data, err := os.ReadFile("testdata/names.json")
	if err != nil {
		t.Fatal(err)
	}
	list, err := region.ReadDocuments(data)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// What people type, in whatever language, finds what they mean, the best first.
func TestSearch(t *testing.T) {
	x := region.NewIndex(names(t))
	for _, test := range []struct {
		words, languages string
		want             string // the first rows; "…" that others may follow, "" none
	}{
		{"us-passport", "", "us-passport"},
		{"united states passport", "", "us-passport"},
		{"Reisepass", "", "de-passport at-passport ch-passport …"},
		{"REISEPASS", "de", "de-passport at-passport ch-passport …"},
		{"personalausweis", "", "de-id-card ch-passport …"},
		{"fuhrerschein", "", "de-driving-licence"},
		{"Fuehrerschein", "", "de-driving-licence"},
		{"passeport", "fr", "fr-passport …"},
		{"passeport allemagne", "fr", "de-passport"},
		{"visa états-unis", "fr-CA, en", "us-visa"},
		{"visa etats unis", "", "us-visa"}, // by a browser that speaks English alone
		{"titre de séjour", "", "fr-residence-permit"},
		{"Reisepass USA", "", "us-passport"}, // as Swedish calls them
		{"Reisepass Vereinigte Staaten", "", "us-passport"},
		{"pasaporte alemania", "es-MX", "de-passport"},
		{"visado estados unidos", "es", "us-visa"},
		{"DNI", "es", "es-dni"},
		{"документ", "", ""},
		{"загранпаспорт", "ru", "ru-international-passport"},
		{"德国护照", "", "de-passport"},
		{"中国护照", "zh-CN", "cn-passport"},
		{"身份证", "", "cn-id-card"},
		{"パスポート", "ja", "jp-passport …"},
		{"日本のパスポート", "ja", "jp-passport"},
		{"österreich", "", "at-passport"},
		{"Oesterreich", "", "at-passport"},
		{"Ausztria", "hu", "at-passport"}, // no row is in Hungarian
		{"passports germany", "", "de-passport"},
		{"de", "", "de-passport de-id-card de-driving-licence …"},
		{"de-", "", "de-passport de-id-card de-driving-licence …"},
		{"uk passport", "", "gb-passport-digital …"},
		{"DEU visa", "", ""},
		{"passport deu", "", "de-passport"},
		{"atlantis", "", ""},
		{"?!", "", ""},
	} {
		tags, _, err := language.ParseAcceptLanguage(test.languages)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range x.Search(region.Query{Words: test.words, Languages: tags}) {
			got = append(got, d.ID)
		}
		want, more := strings.CutSuffix(test.want, " …")
		first := got
		if n := len(strings.Fields(want)); more && len(got) > n {
			first = got[:n]
		}
		if strings.Join(first, " ") != want {
			t.Errorf("%q in %q finds %v, want %s", test.words, test.languages, got, test.want)
		}
	}
}

func TestSearchByCountry(t *testing.T) {
	x := region.NewIndex(names(t))
	if got := x.Search(region.Query{Country: "ES"}); len(got) != 3 {
		t.Errorf("Spain has %d documents, want 3", len(got))
	}
	if got := x.Search(region.Query{Country: "ES", Words: "passport"}); len(got) != 1 || got[0].ID != "es-passport" {
		t.Errorf("Spain's passport is %v", got)
	}
	if got := x.Search(region.Query{}); len(got) != 26 {
		t.Errorf("nothing asked finds %d documents, want all 26", len(got))
	}
}

func TestCountryName(t *testing.T) {
	for _, test := range []struct{ code, tag, want string }{
		{"DE", "fr", "Allemagne"}, {"DE", "pt-BR", "Alemanha"}, {"JP", "ja", "日本"}, {"ZZ", "fr", ""}, {"moon", "fr", ""},
	} {
		if got := region.CountryName(test.code, language.MustParse(test.tag)); got != test.want {
			t.Errorf("%s in %s is %q, want %q", test.code, test.tag, got, test.want)
		}
	}
}

// Rows of an edge that serves no names yet are found by their own words, and by their country's in any language.
func TestSearchWithoutLocalNames(t *testing.T) {
	rows := names(t)
	for i := range rows {
		rows[i].Local, rows[i].Names = region.Local{}, nil
	}
	x := region.NewIndex(rows)
	for words, want := range map[string]string{"germany passport": "de-passport", "allemagne passport": "de-passport", "reisepass allemagne": "de-passport"} {
		got := x.Search(region.Query{Words: words, Languages: []language.Tag{language.French}})
		if !slices.ContainsFunc(got, func(d region.Document) bool { return d.ID == want }) {
			t.Errorf("%q finds %v, want %s", words, got, want)
		}
	}
}

// What is found is in the pack, once, and narrowing a search never adds to it.
func FuzzSearch(f *testing.F) {
	x := region.NewIndex(names(f))
	f.Add("reisepass", "de")
	f.Add("中国护照", "zh-Hant, *;q=0.1")
	f.Add("\xff visa", "-")
	f.Fuzz(func(t *testing.T, words, languages string) {
		tags, _, _ := language.ParseAcceptLanguage(languages)
		tags = tags[:min(len(tags), 4)]
		all := map[string]bool{}
		for _, d := range x.Search(region.Query{Words: words, Languages: tags}) {
			if all[d.ID] {
				t.Errorf("%q finds %s twice", words, d.ID)
			}
			all[d.ID] = true
		}
		for _, d := range x.Search(region.Query{Words: words, Languages: tags, Country: "DE"}) {
			if !all[d.ID] || d.Country != "DE" {
				t.Errorf("%q finds %s in Germany alone", words, d.ID)
			}
		}
	})
}

func BenchmarkSearch(b *testing.B) {
	x := region.NewIndex(names(b))
	for b.Loop() {
		x.Search(region.Query{Words: "passeport allemagne", Languages: []language.Tag{language.French, language.Hungarian}})
	}
}
