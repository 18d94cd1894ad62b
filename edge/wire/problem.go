package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
)

// ProblemType is the media type of a problem document (RFC 9457).
const ProblemType = "application/problem+json"

// ProblemPath is where both planes serve the page of a problem: a type on the wire is a relative reference to it.
const ProblemPath = "/problems/"

// ErrProblem says that bytes are not a problem document.
var ErrProblem = errors.New("not a problem document")

// A Problem is what a client is told. Type is the word alone, one of Problems; Extra are further members, such as
// "option" or "limit".
type Problem struct {
	Type   string
	Title  string
	Status int
	Detail string         // of this occurrence
	Advice string         // what to do, where the caller can do something
	Extra  map[string]any // merged into the document; cannot replace the members above
}

// NewProblem is the problem of a type with the title, status and advice of its page. A word that is no type is an
// error of ours and becomes "internal".
func NewProblem(word, detail string) Problem {
	page, ok := FindProblem(word)
	if !ok {
		page, _ = FindProblem("internal")
	}
	return Problem{Type: page.Type, Title: page.Title, Status: page.Status, Detail: detail, Advice: page.Remedy}
}

func (p Problem) Error() string {
	if p.Detail == "" {
		return p.Title
	}
	return strings.TrimSuffix(p.Title, ".") + ": " + p.Detail
}

type problemJSON struct {
	Type   string `json:"type"`
	Title  string `json:"title,omitempty"`
	Status int    `json:"status,omitempty"`
	Detail string `json:"detail,omitempty"`
	Advice string `json:"advice,omitempty"`
}

// MarshalJSON writes the document.
func (p Problem) MarshalJSON() ([]byte, error) {
	doc := problemJSON{ProblemPath + p.Type, p.Title, p.Status, p.Detail, p.Advice}
	if p.Type == "" {
		doc.Type = "about:blank"
	}
	b, err := json.Marshal(doc)
	extra := maps.Clone(p.Extra)
	maps.DeleteFunc(extra, func(name string, _ any) bool { return isMember(name) })
	if err != nil || len(extra) == 0 {
		return b, err
	}
	more, err := json.Marshal(extra)
	if err != nil {
		return nil, err
	}
	b[len(b)-1] = ','
	return append(b, more[1:]...), nil
}

// UnmarshalJSON reads a document of ours; of another's type, the word after the last slash is kept.
func (p *Problem) UnmarshalJSON(b []byte) error {
	var doc problemJSON
	var extra map[string]any
	if json.Unmarshal(b, &doc) != nil || json.Unmarshal(b, &extra) != nil || extra == nil {
		return ErrProblem
	}
	maps.DeleteFunc(extra, func(name string, _ any) bool { return isMember(name) })
	if len(extra) == 0 {
		extra = nil
	}
	word := doc.Type[strings.LastIndexByte(doc.Type, '/')+1:]
	if doc.Type == "about:blank" {
		word = ""
	}
	*p = Problem{word, doc.Title, doc.Status, doc.Detail, doc.Advice, extra}
	return nil
}

// isMember reports whether a name is one that encoding/json would take for ours, in whatever case.
func isMember(name string) bool {
	for _, member := range []string{"type", "title", "status", "detail", "advice"} {
		if strings.EqualFold(name, member) {
			return true
		}
	}
	return false
}

// A ProblemPage explains a type of problem to the person who met it.
type ProblemPage struct {
	Type    string // the word; its meaning never changes
	Title   string
	Status  int    // on /v1 and at control
	Signed  int    // on /i where imgproxy's differs, else 0
	Meaning string // what happened
	Remedy  string // what to do; empty where nothing can be done
}

// StatusOn is the status of the problem: on a signed URL where signed is true, else on the rest of the API.
func (p ProblemPage) StatusOn(signed bool) int {
	if signed && p.Signed != 0 {
		return p.Signed
	}
	return p.Status
}

// FindProblem returns the page of a type.
func FindProblem(word string) (ProblemPage, bool) {
	for _, page := range Problems {
		if page.Type == word {
			return page, true
		}
	}
	return ProblemPage{}, false
}

// String is the address of the page with its title.
func (p ProblemPage) String() string { return fmt.Sprintf("%s%s: %s", ProblemPath, p.Type, p.Title) }
