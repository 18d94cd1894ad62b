package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/professionalaistudio/studio/edge/portrait/compliance"
	"github.com/professionalaistudio/studio/edge/wire"
)

// A resultLine is what a program reads of one picture: a line of JSON. Verdicts and what follows are those of a photo that was made (or
// judged, with -check); error and what follows, of one that was not.
type resultLine struct {
	File     string               `json:"file"`
	Output   string               `json:"output,omitempty"`
	Document string               `json:"document"`
	Pack     string               `json:"pack"`
	Skipped  bool                 `json:"skipped,omitempty"` // the output was there already
	Verdicts *verdicts            `json:"verdicts,omitempty"`
	Failed   []string             `json:"failed,omitzero"` // the rules that fail; empty: the photo passes
	Findings []compliance.Finding `json:"findings,omitzero"`
	Error    string               `json:"error,omitempty"` // a word: the type of problem that the API would answer with
	Detail   string               `json:"detail,omitempty"`
	Advice   string               `json:"advice,omitempty"`
	Took     float64              `json:"milliseconds"`
}

// remedy is the sentence for whoever took the photo; empty where there is nothing to be done. The API's own is taken where it does not
// speak of a request.
func remedy(word string) string {
	switch word {
	case "broken-image":
		return "Copy the file again from where it came from; if a program shows it, save it anew."
	case "not-an-image":
		return "Save it as JPEG, PNG, WebP, AVIF or TIFF."
	case "too-large":
		return "Make the picture smaller, or raise EDGE_MAX_PIXELS or EDGE_MAX_BYTES."
	case "no-face", "two-faces":
		page, _ := wire.FindProblem(word)
		return page.Remedy
	}
	return ""
}

// A report is what is said of a batch: a line for each picture on standard output, and progress and a summary for people beside it.
type report struct {
	b        *batch
	people   bool // standard output is read by one
	progress *progress

	mu                              sync.Mutex
	made, failing, notMade, skipped int
	rules, reasons                  map[string]int
}

func newReport(b *batch) *report {
	return &report{
		b: b, people: b.c.person() && !b.json, progress: newProgress(b.c.errors, len(b.items)),
		rules: map[string]int{}, reasons: map[string]int{},
	}
}

// add counts an outcome and prints its line. The error is that of standard output.
func (r *report) add(o outcome) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	failed := compliance.Failed(o.findings)
	switch {
	case o.err != nil:
		r.notMade++
		r.reasons[o.word()]++
	case o.skipped:
		r.skipped++
	default:
		r.made++
		if len(failed) > 0 {
			r.failing++
		}
		for _, rule := range failed {
			r.rules[rule]++
		}
	}
	var text []byte
	if r.people {
		text = r.sentence(o, failed)
	} else {
		text = r.json(o, failed)
	}
	var err error
	if len(text) > 0 {
		err = r.progress.print(r.b.c.out, text)
	}
	r.progress.step(r.note())
	return err
}

// note stands behind the bar.
func (r *report) note() string {
	var parts []string
	if r.failing > 0 {
		parts = append(parts, fmt.Sprintf("%d failing", r.failing))
	}
	if r.notMade > 0 {
		parts = append(parts, fmt.Sprintf("%d not %s", r.notMade, r.b.verb()))
	}
	return strings.Join(parts, ", ")
}

// verb is what happens to a picture.
func (b *batch) verb() string {
	if b.check {
		return "judged"
	}
	return "made"
}

// sentence is the line for a person, who wants to hear of what is not well.
func (r *report) sentence(o outcome, failed []string) []byte {
	switch {
	case o.err != nil:
		detail, _ := o.says()
		return fmt.Appendf(nil, "%-10s %s: %s\n", "not "+r.b.verb(), r.b.shown(o.name), printable(detail))
	case len(failed) > 0:
		return fmt.Appendf(nil, "%-10s %s: %s\n", "failing", r.b.shown(o.name), enumerate(failed))
	}
	return nil
}

func (r *report) json(o outcome, failed []string) []byte {
	line := resultLine{
		File: r.b.file(o.name), Output: o.path, Document: r.b.request.Document, Pack: r.b.portraits.pack.Name(), Skipped: o.skipped,
		Took: math.Round(o.took.Seconds()*1e4) / 10,
	}
	switch {
	case o.err != nil:
		line.Error = o.word()
		line.Detail, line.Advice = o.says()
	case !o.skipped:
		line.Verdicts, line.Failed = new(tally(o.findings)), append([]string{}, failed...)
		if r.b.findings {
			line.Findings = o.findings
		}
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // a file may be called "Anna & Ben.jpg"
	if err := encoder.Encode(line); err != nil {
		panic(err) // numbers and strings of ours: one picture is lost, and it is heard of
	}
	return text.Bytes()
}

// end prints the summary and says how the program ends. stopped is why not everything was done; nil: it was.
func (r *report) end(stopped error) error {
	took := r.progress.end()
	fmt.Fprint(r.b.c.errors, r.summary(took))
	left := len(r.b.items) - r.made - r.notMade - r.skipped
	end := &exitError{err: stopped}
	switch {
	case r.made+r.skipped == 0:
		end.status = notMade
	case r.failing+r.notMade+left > 0:
		end.status = failing
	default:
		return nil // a signal that came when all was done stopped nothing
	}
	return end
}

// summary is the table for people.
func (r *report) summary(took time.Duration) string {
	var text strings.Builder
	did := r.made + r.notMade
	fmt.Fprintf(&text, "%s, pack %s: %s of %s in %s", r.b.request.Document, r.b.portraits.pack.Name(), strconv.Itoa(did), count(len(r.b.items), "picture"), seconds(took))
	if did > 0 && took > 0 {
		fmt.Fprintf(&text, ", %s a second", figure(float64(did)/took.Seconds()))
	}
	text.WriteString("\n")
	row := func(name string, n int, of string) {
		fmt.Fprintf(&text, "%s\n", strings.TrimRight(fmt.Sprintf("  %-16s%6d   %s", name, n, of), " "))
	}
	where := ""
	if !r.b.check {
		where = "in " + printable(r.b.out)
	}
	row(r.b.verb(), r.made, where)
	row("  pass", r.made-r.failing, "")
	row("  failing", r.failing, most(r.rules, 5))
	row("not "+r.b.verb(), r.notMade, most(r.reasons, len(r.reasons)))
	if r.skipped > 0 {
		row("there already", r.skipped, "")
	}
	if left := len(r.b.items) - did - r.skipped; left > 0 {
		row("not begun", left, "")
	}
	if left := r.b.left.String(); left != "" {
		fmt.Fprintf(&text, "Not read: %s.\n", left)
	}
	return text.String()
}

// seconds is a time as a person reads it: 0.8 s, 42 s, 3:05 min.
func seconds(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	}
	d = d.Round(time.Second)
	return fmt.Sprintf("%d:%02d min", int(d.Minutes()), int(d.Seconds())%60)
}

// most lists the n largest counts: "bg.colour 3, head.size 1".
func most(counts map[string]int, n int) string {
	type entry struct {
		name string
		n    int
	}
	var all []entry
	for name, n := range counts {
		all = append(all, entry{name, n})
	}
	slices.SortFunc(all, func(a, b entry) int { return cmp.Or(b.n-a.n, strings.Compare(a.name, b.name)) })
	var parts []string
	for _, e := range all[:min(n, len(all))] {
		parts = append(parts, fmt.Sprintf("%s %d", e.name, e.n))
	}
	if len(all) > n {
		parts = append(parts, "…")
	}
	return strings.Join(parts, ", ")
}

// printable is a name as a terminal may be shown it: one with control characters in it could move the cursor.
func printable(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return fmt.Sprintf("%q", s)
	}
	return s
}

// sentence makes one of a clause.
func sentence(clause string) string {
	if clause == "" {
		return ""
	}
	return strings.ToUpper(clause[:1]) + strings.TrimSuffix(clause[1:], ".") + "."
}
