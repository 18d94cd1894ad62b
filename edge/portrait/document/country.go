package document

import (
	"errors"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Two codes are no country's: documents of the European Union's countries together, and those of no country.
const (
	europe   = "EU"
	noRegion = "ZZ"
)

// English names where the table of the language says something else than a page of ours does.
var countryNames = map[string]string{"HK": "Hong Kong", "PS": "Palestine", noRegion: "any country"}

// otherNames are what people also type for a country, and what they call what is of it where its language is not called so.
var otherNames = map[string]string{
	"AE": "UAE Emirates Dubai Emirati", "AR": "Argentine Argentinian", "AT": "Austrian", "AU": "Australian", "BD": "Bangladeshi", "BE": "Belgian",
	"BR": "Brazilian", "CA": "Canadian", "CH": "Swiss", "CL": "Chilean", "CN": "PRC", "CO": "Colombian", "CZ": "Czech Republic", "DE": "BRD",
	"DZ": "Algerian", "EG": "Egyptian", "EU": "Schengen", "GB": "UK Great Britain England Scotland Wales Northern Ireland British English",
	"IE": "Irish", "IL": "Israeli", "IN": "Indian", "KE": "Kenyan", "KR": "Republic of Korea", "KW": "Kuwaiti", "LB": "Lebanese", "MX": "Mexican",
	"MY": "Malaysian", "NG": "Nigerian", "NL": "Holland", "NO": "Norwegian", "NZ": "Kiwi", "PE": "Peruvian", "PH": "Filipino Philippine",
	"PK": "Pakistani", "PS": "Palestinian", "QA": "Qatari", "RU": "Russian Federation", "SA": "KSA Saudi", "SG": "Singaporean", "TR": "Türkiye",
	"TW": "Taiwanese", "US": "USA America United States of America American", "VN": "Viet Nam", "ZA": "South African", "ZZ": "generic",
}

// demonym is what is of a country called in a language, if the country's own language is called so: deutsch, italiano.
func demonym(country string, in language.Tag) string {
	own := languagesOf(country)
	if len(own) == 0 {
		return ""
	}
	if home, _ := own[0].Region(); home.String() != country && own[0].String()+"-"+country != "pt-PT" || own[0] == language.English {
		return ""
	}
	if names := display.Languages(in); names != nil {
		return names.Name(own[0])
	}
	return ""
}

// spoken are the languages in which the authorities of a country write, the first being what most people there read. A
// country that is not here speaks what is most likely (language.Tag).
var spoken = map[string]string{
	"AE": "ar en", "AR": "es", "AT": "de", "AU": "en", "BD": "bn en", "BE": "nl fr de", "BG": "bg", "BR": "pt", "BY": "be ru", "CA": "en fr",
	"CH": "de fr it", "CL": "es", "CN": "zh", "CO": "es", "CY": "el tr", "CZ": "cs", "DE": "de", "DK": "da", "DZ": "ar fr", "EE": "et",
	"EG": "ar", "ES": "es ca", "FI": "fi sv", "FR": "fr", "GB": "en", "GE": "ka", "GR": "el", "HK": "zh-Hant en", "HR": "hr", "HU": "hu",
	"ID": "id", "IE": "en ga", "IL": "he ar", "IN": "en hi bn ta ur", "IT": "it", "JP": "ja", "KE": "en sw", "KR": "ko", "KW": "ar",
	"KZ": "kk ru", "LB": "ar fr", "LK": "si ta en", "LS": "en", "LT": "lt", "LU": "fr de", "LV": "lv", "MA": "ar fr", "MT": "en", "MX": "es",
	"MY": "ms en", "NG": "en", "NL": "nl", "NO": "nb", "NP": "ne", "NZ": "en", "PE": "es", "PH": "en fil", "PK": "ur en", "PL": "pl",
	"PS": "ar", "PT": "pt", "QA": "ar en", "RO": "ro", "RS": "sr", "RU": "ru", "SA": "ar", "SE": "sv", "SG": "en zh ms ta", "SI": "sl",
	"SK": "sk", "TH": "th", "TN": "ar fr", "TR": "tr", "TW": "zh-Hant", "UA": "uk", "US": "en es", "VN": "vi", "ZA": "en af",
	europe: "", noRegion: "",
}

// languagesOf a country, the first being what most people there read; none for what is no country.
func languagesOf(country string) []language.Tag {
	if list, ok := spoken[country]; ok {
		var tags []language.Tag
		for word := range strings.FieldsSeq(list) {
			tags = append(tags, language.MustParse(word))
		}
		return tags
	}
	if t, err := language.Compose(language.Und, language.MustParseRegion(country)); err == nil {
		if base, sure := t.Base(); sure != language.No {
			return []language.Tag{language.Make(base.String())}
		}
	}
	return nil
}

// CountryName of the row, in English.
func (s Spec) CountryName() string { return countryName(s.Country, language.English) }

// countryName in a language, or in English where the language has no name for it.
func countryName(code string, lang language.Tag) string {
	english := lang == language.English
	if name := countryNames[code]; name != "" && (english || code == noRegion) {
		return name
	}
	region, err := language.ParseRegion(code)
	if err != nil {
		return ""
	}
	if names := display.Regions(lang); names != nil {
		if name := names.Name(region); name != "" || english {
			return name
		}
	}
	if english {
		return ""
	}
	return countryName(code, language.English)
}

// isCountry says whether a row may bear the code.
func isCountry(code string) bool {
	if code == europe || code == noRegion {
		return true
	}
	region, err := language.ParseRegion(code)
	return err == nil && region.IsCountry() && region.String() == code && countryName(code, language.English) != ""
}

var (
	// ErrCountry means that a word is no country's code.
	ErrCountry = errors.New("is no country: write its two letters, as in DE")
	// ErrLanguage means that a word is no language's tag, or one in which nothing here has a name.
	ErrLanguage = errors.New("is no language that is known here: write its tag, as in de or zh-Hant")
)

// ParseCountry reads a code of two or three letters, in either case: de, DEU.
func ParseCountry(text string) (string, error) {
	code := strings.ToUpper(text)
	if code == "UK" {
		code = "GB"
	}
	if region, err := language.ParseRegion(code); err == nil && len(code) == 3 && code[0] >= 'A' {
		code = region.String()
	}
	if len(code) != 2 || !isCountry(code) {
		return "", ErrCountry
	}
	return code, nil
}

// ParseLanguage reads the tag of a language (BCP 47) in which documents have names here: de-CH is German.
func ParseLanguage(text string) (language.Tag, error) {
	tag, err := language.Parse(text)
	if err != nil || tag == language.Und {
		return language.Und, ErrLanguage
	}
	_, i, sure := matcher.Match(tag)
	if sure == language.No {
		return language.Und, ErrLanguage
	}
	return tongues[i], nil
}
