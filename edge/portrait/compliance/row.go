package compliance

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/professionalaistudio/studio/edge/portrait/document"
)

// What a row says in its own words about things that have no field of their own.

// How much a document wants something.
type wish int

const (
	silent wish = iota
	liked       // "preferably", "if possible"
	asked
)

// wants looks for a remark about something, and for a word that softens it.
func wants(s document.Spec, about *regexp.Regexp) wish {
	most := silent
	for _, note := range s.Other {
		if !about.MatchString(note) {
			continue
		}
		if soft.MatchString(note) {
			most = max(most, liked)
		} else {
			most = max(most, asked)
		}
	}
	return most
}

var (
	soft       = regexp.MustCompile(`prefer|if possible|ideal`)
	aboutEars  = regexp.MustCompile(`\bears?\b.*(visible|clear|preferred|covered)`)
	aboutBrows = regexp.MustCompile(`\bbrows?\b`)
	aboutSmile = regexp.MustCompile(`natural smile`)
	aboutGrey  = regexp.MustCompile(`black and white`)
	aboutWall  = regexp.MustCompile(`no background colour prescribed`)
	aboutAge   = regexp.MustCompile(`(?:older than|taken in the last) (?:(\d+)-)?(\d*) ?months?`)
)

// months is how old the photo may be, and whether the row says so. Of a range the longer: "depending on office".
func months(s document.Spec) (int, bool) {
	for _, note := range s.Other {
		if m := aboutAge.FindStringSubmatch(note); m != nil {
			if m[2] == "" {
				return 1, true
			}
			if n, err := strconv.Atoi(m[2]); err == nil && n > 0 {
				return n, true
			}
		}
	}
	return 6, false
}

// allowsHat says whether a row names a case in which the head may be covered.
func allowsHat(s document.Spec) bool {
	return slices.ContainsFunc([]string{"religi", "medical", "national", "exceptions", "face_oval"}, func(word string) bool {
		return strings.Contains(s.HeadCovering, word)
	})
}

// editBackground says what was done to the background, and what the document says of that. Its number is the share of the background
// that is new.
func editBackground(f *Finding, m Measurements, s document.Spec) {
	byRow(f, s, "background_replacement", "alteration_rule")
	f.Unit = "%"
	b := m.Backdrop
	if b.Colour == "" {
		f.Verdict, f.Value = Pass, new(0.0)
		f.Advice = "The background is as it was taken: 0 % of it was changed."
		switch {
		case !b.Fails:
		case b.Crop:
			f.Advice = "The background fails a check and was kept all the same, because only cutting was asked for: 0 % of it was changed."
		case s.EditBarred():
			f.Advice = "The background fails a check, and this document forbids replacing it, so 0 % of it was changed: take the photo again before the right wall."
		case s.BackgroundReplacement == document.Risky:
			f.Advice = "The background fails a check; a rule against editing makes a new one risky, so 0 % of it was changed: take the photo again before the right wall, or ask for a new colour."
		}
		return
	}
	f.Value = new(100.0)
	why := "because the old one failed a check"
	switch {
	case b.Asked:
		why = "as was asked"
	case b.Beyond:
		why = "because the capture ends too near the head"
	}
	switch s.BackgroundReplacement {
	case document.Allowed:
		f.Verdict, f.Advice = Pass, fmt.Sprintf("All of the background was replaced with %s, %s; this document allows it.", b.Colour, why)
	case document.Unknown:
		f.Verdict, f.Advice = Warn, fmt.Sprintf("All of the background was replaced with %s, %s; the authority says nothing of that, so a photo taken before the right wall is safer.", b.Colour, why)
	default:
		f.Verdict, f.Advice = Warn, fmt.Sprintf("All of the background was replaced with %s, %s; a rule against editing makes that risky: take the photo before the right wall if you can.", b.Colour, why)
	}
}
