package compliance

import (
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
