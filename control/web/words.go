package web

import (
	"fmt"
	"strings"
)

// words that the pack uses and that it has no sentence for, as sentences. One that is not here is shown as it is, with
// spaces. How a photo is handed in and what may be edited is said in the pack's own words (route); the words here for
// those are for an older edge, which serves none.
var words = map[string]string{
	"self_print_or_upload":           "You may print or upload a photo you made yourself.",
	"print_at_counter":               "The office prints the photo itself.",
	"professional_only":              "Only a photo taken by a professional is accepted.",
	"professional_or_approved_booth": "Only a photo by a professional or an approved booth is accepted.",
	"professional_studio_with_stamp": "Only a photo by a studio that stamps it is accepted.",
	"certified_provider_only":        "Only a photo sent in by a certified provider is accepted.",
	"authority_captures_only":        "The office takes the photo itself.",
	"authority_captures_mostly":      "The office takes the photo itself in most cases.",

	"not_found":   "Our sources do not say.",
	"unknown":     "Our sources do not say.",
	"unspecified": "Our sources do not say whether hair counts.",
	"hair_top":    "Measured to the top of the hair.",
	"skull_crown": "Measured to the top of the skull; hair does not count.",
	"not_allowed": "Not allowed.",
	"allowed":     "Allowed.",
	"risky":       "The authority has a general rule against editing.",
	"prohibited":  "Prohibited.",

	"allowed_if_no_glare_and_eyes_visible": "Allowed if there is no glare and both eyes can be seen.",
	"no_dark_lenses":                       "No dark lenses.",
	"allowed_thin_frame_no_tint":           "Allowed with a thin frame and clear lenses.",
	"wear_if_usual":                        "To be worn if you usually do.",
	"religious_or_medical_only":            "For religious or medical reasons only.",
	"religious_only":                       "For religious reasons only.",
	"medical_only":                         "For medical reasons only.",

	"prohibited_explicit_incl_ai_and_filters": "Prohibited in so many words, filters and AI included.",
	"prohibited_original_only":                "Prohibited: the original is wanted.",
	"prohibited_editing_software":             "Prohibited: no editing software.",
	"prohibited_via_certified_chain":          "Prohibited: the photo must come through a certified chain.",
	"prohibited_retouch":                      "Retouching is prohibited.",
	"prohibited_enhancement":                  "Enhancement is prohibited.",

	"high":   "A page of the authority, or a close copy of its text, was read.",
	"medium": "Restated once by somebody else, or the authority's own page with gaps.",
	"low":    "A community's table or general knowledge. Compare with the authority before you pay.",
}

// Word is the sentence for a word of the pack.
func (r row) Word(word string) string {
	if sentence, ok := words[word]; ok || word == "" {
		return sentence
	}
	return capital(plain(word)) + "."
}

// plain is a name of the pack with spaces.
func plain(name string) string { return strings.ReplaceAll(name, "_", " ") }

// String is a span as people write it: "32 to 36", "at least 32".
func (s span) String() string {
	switch {
	case s.Min != nil && s.Max != nil && *s.Min == *s.Max:
		return number(*s.Min)
	case s.Min != nil && s.Max != nil:
		return number(*s.Min) + " to " + number(*s.Max)
	case s.Min != nil:
		return "at least " + number(*s.Min)
	case s.Max != nil:
		return "at most " + number(*s.Max)
	}
	return ""
}

func number(f float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", f), "0"), ".")
}
