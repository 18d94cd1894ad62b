package document

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// A kind is what sort of paper a document is. Its names are what people call it, by language.
type kind int

const (
	passport kind = iota
	identityCard
	visa
	residence
	licence
	kinds
)

// kindWords tell a kind by the row's own English.
var kindWords = [kinds]*regexp.Regexp{
	passport:     regexp.MustCompile(`(?i)\bpassports?\b`),
	identityCard: regexp.MustCompile(`(?i)\b(identity cards?|id|nric|cnic|dni|cie|cni|my number card)\b`),
	visa:         regexp.MustCompile(`(?i)\b(e-?)?visas?\b|\beta\b`),
	residence:    regexp.MustCompile(`(?i)\b(residence|resident|alien card|green card|foreigner identity card)\b`),
	licence:      regexp.MustCompile(`(?i)\bdriving licences?\b`),
}

// kindsOf a row, in the order of kinds.
func (s Spec) kindsOf() (all []kind) {
	for k, words := range kindWords {
		if words.MatchString(s.Document) {
			all = append(all, kind(k))
		}
	}
	return all
}

// called is what each kind is called, by language: kinds in their order parted by "|", names of one by ",", the first being
// the one that is shown.
var called = map[string]string{
	"en":      "passport | identity card, ID card, national ID | visa | residence permit, residence card | driving licence, driver's license, driving license",
	"de":      "Reisepass, Pass | Personalausweis, Ausweis, Identitätskarte | Visum | Aufenthaltstitel, Aufenthaltserlaubnis | Führerschein, Führerausweis",
	"fr":      "passeport | carte d'identité, carte nationale d'identité, CNI | visa | titre de séjour, carte de séjour, permis de séjour | permis de conduire",
	"es":      "pasaporte | documento de identidad, DNI, cédula de identidad, carnet de identidad, carné de identidad | visado, visa | permiso de residencia, tarjeta de residencia | permiso de conducir, carné de conducir, licencia de conducir",
	"it":      "passaporto | carta d'identità | visto | permesso di soggiorno | patente di guida",
	"pt":      "passaporte | bilhete de identidade, cartão de cidadão, carteira de identidade | visto | autorização de residência, título de residência | carta de condução, carteira de motorista",
	"ca":      "passaport | document d'identitat, DNI, carnet d'identitat | visat | permís de residència | permís de conduir",
	"nl":      "paspoort | identiteitskaart, ID-kaart | visum | verblijfsvergunning | rijbewijs",
	"da":      "pas | identitetskort, ID-kort | visum | opholdstilladelse | kørekort",
	"sv":      "pass | identitetskort, ID-kort, legitimation | visum | uppehållstillstånd | körkort",
	"nb":      "pass | ID-kort, identitetskort | visum | oppholdstillatelse | førerkort",
	"fi":      "passi | henkilökortti | viisumi | oleskelulupa | ajokortti",
	"et":      "pass | ID-kaart, isikutunnistus | viisa | elamisluba | juhiluba",
	"lv":      "pase | personas apliecība, ID karte | vīza | uzturēšanās atļauja | vadītāja apliecība",
	"lt":      "pasas | asmens tapatybės kortelė | viza | leidimas gyventi | vairuotojo pažymėjimas",
	"pl":      "paszport | dowód osobisty | wiza | karta pobytu | prawo jazdy",
	"cs":      "cestovní pas, pas | občanský průkaz, občanka | vízum | povolení k pobytu | řidičský průkaz",
	"sk":      "cestovný pas, pas | občiansky preukaz | vízum | povolenie na pobyt | vodičský preukaz",
	"sl":      "potni list | osebna izkaznica | vizum | dovoljenje za prebivanje | vozniško dovoljenje",
	"hu":      "útlevél | személyi igazolvány | vízum | tartózkodási engedély | vezetői engedély, jogosítvány",
	"ro":      "pașaport | carte de identitate, buletin | viză | permis de ședere | permis de conducere",
	"bg":      "паспорт, задграничен паспорт | лична карта | виза | разрешение за пребиваване | шофьорска книжка",
	"hr":      "putovnica | osobna iskaznica | viza | boravišna iskaznica, dozvola boravka | vozačka dozvola",
	"sr":      "пасош, pasoš | лична карта, lična karta | виза, viza | боравишна дозвола | возачка дозвола, vozačka dozvola",
	"el":      "διαβατήριο | ταυτότητα, δελτίο ταυτότητας | βίζα, θεώρηση | άδεια διαμονής | άδεια οδήγησης, δίπλωμα οδήγησης",
	"be":      "пашпарт | пасведчанне асобы | віза | від на жыхарства | вадзіцельскае пасведчанне",
	"ru":      "паспорт, загранпаспорт | удостоверение личности | виза | вид на жительство | водительское удостоверение, водительские права",
	"uk":      "паспорт, закордонний паспорт | посвідчення особи | віза | посвідка на проживання | посвідчення водія, водійські права",
	"kk":      "төлқұжат, паспорт | жеке куәлік | виза | тұруға ықтиярхат | жүргізуші куәлігі",
	"ka":      "პასპორტი | პირადობის მოწმობა | ვიზა | ბინადრობის ნებართვა | მართვის მოწმობა",
	"tr":      "pasaport | kimlik kartı, nüfus cüzdanı | vize | ikamet izni, oturma izni | sürücü belgesi, ehliyet",
	"ar":      "جواز السفر, جواز سفر | بطاقة الهوية, بطاقة هوية | تأشيرة, فيزا | تصريح إقامة, الإقامة | رخصة قيادة, رخصة القيادة",
	"he":      "דרכון | תעודת זהות | אשרה, ויזה | אישור תושבות | רישיון נהיגה",
	"fa":      "گذرنامه, پاسپورت | کارت شناسایی, کارت ملی | ویزا, روادید | اجازه اقامت | گواهینامه رانندگی",
	"ur":      "پاسپورٹ | شناختی کارڈ | ویزا | رہائشی اجازت نامہ | ڈرائیونگ لائسنس",
	"hi":      "पासपोर्ट | पहचान पत्र | वीज़ा, वीजा | निवास परमिट | ड्राइविंग लाइसेंस",
	"bn":      "পাসপোর্ট | জাতীয় পরিচয়পত্র, পরিচয়পত্র | ভিসা | বসবাসের অনুমতি | ড্রাইভিং লাইসেন্স",
	"ne":      "राहदानी, पासपोर्ट | राष्ट्रिय परिचयपत्र, नागरिकता | भिसा | आवास अनुमति | सवारी चालक अनुमतिपत्र",
	"si":      "විදේශ ගමන් බලපත්\u200dරය, ගමන් බලපත්\u200dරය | ජාතික හැඳුනුම්පත, හැඳුනුම්පත | වීසා | නේවාසික බලපත්\u200dරය | රියදුරු බලපත්\u200dරය",
	"ta":      "கடவுச்சீட்டு, பாஸ்போர்ட் | அடையாள அட்டை | விசா | குடியிருப்பு அனுமதி | ஓட்டுநர் உரிமம்",
	"zh":      "护照 | 身份证 | 签证 | 居留许可, 居留证 | 驾驶证, 驾照",
	"zh-Hant": "護照 | 身份證, 身分證 | 簽證 | 居留證, 居留許可 | 駕駛執照, 駕照",
	"ja":      "パスポート, 旅券 | 身分証明書, 身分証 | ビザ, 査証 | 在留許可, 在留カード | 運転免許証, 免許証",
	"ko":      "여권 | 신분증, 주민등록증 | 비자, 사증 | 체류허가, 거류증 | 운전면허증",
	"ms":      "pasport | kad pengenalan, MyKad | visa | permit pemastautin | lesen memandu",
	"id":      "paspor | kartu tanda penduduk, KTP, kartu identitas | visa | izin tinggal, KITAS | surat izin mengemudi, SIM",
	"th":      "หนังสือเดินทาง, พาสปอร์ต | บัตรประจำตัวประชาชน, บัตรประชาชน | วีซ่า | ใบอนุญาตพำนัก | ใบขับขี่",
	"vi":      "hộ chiếu | căn cước, thẻ căn cước, chứng minh nhân dân | thị thực, visa | thẻ cư trú, thẻ tạm trú | giấy phép lái xe, bằng lái xe",
	"fil":     "pasaporte | ID, pambansang ID | visa | permit sa paninirahan | lisensya sa pagmamaneho",
	"sw":      "pasipoti | kitambulisho | viza | kibali cha ukaazi | leseni ya udereva",
	"af":      "paspoort | identiteitskaart, ID-kaart | visum | verblyfpermit | rybewys",
	"ga":      "pas | cárta aitheantais | víosa | cead cónaithe | ceadúnas tiomána",
}

// tongues are the languages of called, and names what each kind is called in them.
var tongues, names = func() (tags []language.Tag, by map[language.Tag][kinds][]string) {
	by = map[language.Tag][kinds][]string{}
	for word, list := range called {
		tag := language.MustParse(word)
		tags = append(tags, tag)
		var all [kinds][]string
		for k, names := range strings.Split(list, "|") {
			for name := range strings.SplitSeq(names, ",") {
				all[k] = append(all[k], strings.TrimSpace(name))
			}
		}
		by[tag] = all
	}
	slices.SortFunc(tags, func(a, b language.Tag) int { return strings.Compare(a.String(), b.String()) })
	return tags, by
}()

var matcher = language.NewMatcher(append([]language.Tag{}, tongues...))

// Local is what a document is called where it is asked for, or in the language of whoever asks.
type Local struct {
	Language string `json:"language"`
	Country  string `json:"country"`            // the country's name
	Document string `json:"document,omitempty"` // what such a document is called there; empty where there is no name
}

// local names the row in a language; language.Und means the first of its country, or English.
func (s Spec) local(lang language.Tag) Local {
	if lang == language.Und {
		lang = language.English
		if own := languagesOf(s.Country); len(own) > 0 {
			lang = own[0]
		}
	}
	l := Local{Language: lang.String(), Country: countryName(s.Country, lang)}
	if own := s.Names[lang.String()]; len(own) > 0 {
		l.Document = own[0]
		return l
	}
	var parts []string
	for _, k := range s.kindsOf() {
		if all, ok := names[lang]; ok {
			parts = append(parts, all[k][0])
		}
	}
	l.Document = strings.Join(parts, " / ")
	return l
}
