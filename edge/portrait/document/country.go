package document

// countries names the codes of the pack, for search and for pages.
var countries = map[string]string{
	"AE": "United Arab Emirates", "AR": "Argentina", "AT": "Austria", "AU": "Australia", "BD": "Bangladesh", "BE": "Belgium",
	"BG": "Bulgaria", "BR": "Brazil", "BY": "Belarus", "CA": "Canada", "CH": "Switzerland", "CL": "Chile", "CN": "China",
	"CO": "Colombia", "CZ": "Czechia", "DE": "Germany", "DK": "Denmark", "DZ": "Algeria", "EE": "Estonia", "EG": "Egypt",
	"ES": "Spain", "EU": "European Union", "FI": "Finland", "FR": "France", "GB": "United Kingdom", "GE": "Georgia",
	"HK": "Hong Kong", "HR": "Croatia", "HU": "Hungary", "ID": "Indonesia", "IE": "Ireland", "IL": "Israel", "IN": "India",
	"IT": "Italy", "JP": "Japan", "KE": "Kenya", "KR": "South Korea", "KW": "Kuwait", "KZ": "Kazakhstan", "LB": "Lebanon",
	"LK": "Sri Lanka", "LS": "Lesotho", "LT": "Lithuania", "LV": "Latvia", "MX": "Mexico", "MY": "Malaysia", "NG": "Nigeria",
	"NL": "Netherlands", "NO": "Norway", "NP": "Nepal", "NZ": "New Zealand", "PE": "Peru", "PH": "Philippines",
	"PK": "Pakistan", "PL": "Poland", "PS": "Palestine", "PT": "Portugal", "QA": "Qatar", "RO": "Romania", "RU": "Russia",
	"SA": "Saudi Arabia", "SE": "Sweden", "SG": "Singapore", "TH": "Thailand", "TR": "Turkey", "TW": "Taiwan", "UA": "Ukraine",
	"US": "United States", "VN": "Vietnam", "ZA": "South Africa", "ZZ": "any country",
}

// CountryName of the row, in English.
func (s Spec) CountryName() string { return countries[s.Country] }
