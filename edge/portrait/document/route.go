package document

import "strings"

// A Route says, before any work, whether a photo made at home can be filed for a document and what may be done to it.
type Route struct {
	Verdict string   // of the filing: "pass", "warn" (ask first) or "fail" (do not file one)
	Advice  string   // one sentence for the person: how it is filed, and what may be edited
	May     []string // what is done to the photo, or can be: "turned upright"
	MayNot  []string
	Said    Provenance
}

// Route of the row, from how its photo is handed in, what its authority says of editing, and whether the background may be
// replaced.
func (s Spec) Route() Route {
	r := Route{Said: s.Said("submission", "alteration_rule", "background_replacement")}
	f := filings[s.Submission]
	r.Verdict = f.verdict
	r.Advice = f.says + "; " + s.editing() + "."

	may := func(yes bool, what string) {
		if yes {
			r.May = append(r.May, what)
		} else {
			r.MayNot = append(r.MayNot, what)
		}
	}
	may(true, "scaled and cut to size")
	may(s.MayStraighten(), "turned upright")
	switch s.BackgroundReplacement {
	case Prohibited:
		may(false, "given another background")
	case Risky:
		may(true, "given another background if you ask for it, at your own risk")
	case Unknown:
		may(true, "given another background where the one taken fails its checks")
	case Allowed:
		may(true, "given another background")
	}
	may(s.MayExtend(), "given more of an even background beyond its edges")
	may(false, "retouched: nothing here smooths, lightens or reshapes a face")
	return r
}

// filings is how each way of handing a photo in is said to a person, as far as a photo of their own is concerned.
var filings = map[Submission]struct{ verdict, says string }{
	SelfPrintOrUpload: {"pass", "This document takes a photo that you print or upload yourself"},
	PrintAtCounter:    {"warn", "Bring this photo to the counter as a print, for a file is not taken"},
	CapturedMostly:    {"warn", "Most offices take the photo themselves for this document, so ask yours before you use this one"},
	CapturedOnly:      {"fail", "The authority takes the photo itself for this document and accepts no other: do not file this one"},
	CertifiedOnly:     {"fail", "Only a certified provider may send the photo for this document, or the office takes it: do not file this one"},
	StudioWithStamp:   {"fail", "This document wants a print from a studio, with its stamp and address on the back: do not file this one"},
	ApprovedBooth:     {"fail", "This document wants a photo from an approved photographer or booth: do not file this one"},
	ProfessionalOnly:  {"fail", "This document wants a photo from a professional studio: do not file this one"},
}

// editing is the rule on edits and what it means for the background, as clauses.
func (s Spec) editing() string {
	rule := s.Alteration()
	switch s.BackgroundReplacement {
	case Prohibited:
		if s.MayStraighten() {
			return rule + ", so the photo is only turned, scaled and cut, and the background stays as it was taken"
		}
		return rule + ", so the photo is only scaled and cut, and the background stays as it was taken"
	case Risky:
		return rule + ", so the background stays as it was taken unless you ask for another, at your own risk"
	case Allowed:
		return rule + ", and a background that fails its checks is replaced by " + s.Background[0].Name
	}
	return rule + " and nothing of the background, so one that fails its checks is replaced by " + s.Background[0].Name + ", and you are told"
}

// Alteration is what the authority says of editing, as a clause.
func (s Spec) Alteration() string {
	if says, ok := alterations[s.AlterationRule]; ok {
		return says
	}
	word := strings.ReplaceAll(s.AlterationRule, "_", " ")
	if what, ok := strings.CutPrefix(word, "prohibited "); ok {
		return "the authority forbids editing (" + what + ")"
	}
	return "the authority says of editing: " + word
}

// alterations says the rules on editing in words. A newer pack may have others, which are shown as they are written.
var alterations = map[string]string{
	"not_found": "our sources say nothing of editing",
	"none":      "nobody has a rule on editing here",

	"prohibited_explicit_incl_ai_and_filters":        "the authority forbids every digital change in so many words, filters and AI included",
	"prohibited_any_editing_incl_background_removal": "the authority forbids any editing, removing the background included",
	"prohibited_no_cutout_no_deskew_no_retouch":      "the authority forbids cutting the person out, straightening and retouching",
	"prohibited_no_post_editing_no_composite":        "the authority forbids editing afterwards and putting pictures together",
	"prohibited_via_certified_chain":                 "the photo reaches the authority through a certified chain that leaves no room for changes",
	"prohibited_by_several_missions":                 "several missions of the country forbid editing",
	"prohibited_original_only":                       "the authority wants the photo as it was taken",
	"prohibited_unprocessed":                         "the authority wants an unprocessed photo",
	"prohibited_unaltered":                           "the authority wants an unaltered photo",
	"prohibited_digitally_altered":                   "the authority refuses digitally altered photos",
	"prohibited_digital_post_processing":             "the authority forbids digital processing afterwards",
	"prohibited_electronic_correction":               "the authority forbids electronic correction",
	"prohibited_editing":                             "the authority forbids editing",
	"prohibited_not_edited":                          "the authority forbids editing",
	"prohibited_editing_software":                    "the authority forbids editing software",
	"prohibited_no_editing_software":                 "the authority forbids editing software",
	"prohibited_enhancement":                         "the authority forbids enhancing the photo",
	"prohibited_no_filters_no_enhancement":           "the authority forbids filters and enhancement",
	"prohibited_filters_and_processing":              "the authority forbids filters and processing",
	"prohibited_retouch":                             "the authority forbids retouching",
	"prohibited_no_retouch":                          "the authority forbids retouching",
	"no_retouch":                                     "the authority forbids retouching",
	"technical_retouch_only":                         "the authority allows technical retouching and nothing more",
	"red_eye_removal_by_software_forbidden":          "the authority forbids removing red eyes by software",
	"marks_may_not_be_edited_out":                    "the authority forbids editing out moles, scars and other marks",
}
