package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/professionalaistudio/studio/edge/api"
	"github.com/professionalaistudio/studio/edge/portrait"
	"github.com/professionalaistudio/studio/edge/portrait/compliance"
)

// tell prints what was found, JSON for programs and a table for people, and ends in the status. path is where the photo was written;
// empty: none was made.
func (c *console) tell(result *portrait.Result, path string, asJSON bool) error {
	if asJSON || !c.person() {
		doc, err := api.Findings(result, path != "" && asJSON) // the photo itself only if asked: it is in its file
		if err != nil {
			return err
		}
		defer clear(doc)
		if _, err := fmt.Fprintf(c.out, "%s\n", doc); err != nil {
			return err
		}
		return status(result)
	}
	width := columns(c.out)
	table(c.out, result.Findings, width)
	fmt.Fprintln(c.out)
	for _, line := range wrap(conclusion(result, path), width) {
		fmt.Fprintln(c.out, line)
	}
	return status(result)
}

// severity is the order in which people are told: what keeps the photo from being used first.
var severity = []compliance.Verdict{compliance.Fail, compliance.Warn, compliance.Pass}

// table prints the findings: what fails, what to look at again, what passes. Only the first two come with advice; what passes needs none,
// and its number stands beside its limits. What is not assessed is counted in the conclusion.
func table(w io.Writer, findings []compliance.Finding, width int) {
	const gap = "  "
	column := 0
	for _, f := range findings {
		if f.Verdict != compliance.NotAssessed {
			column = max(column, len(f.Rule))
		}
	}
	first := len(compliance.Fail) + len(gap)
	for _, verdict := range severity {
		for _, f := range findings {
			if f.Verdict != verdict {
				continue
			}
			start := fmt.Sprintf("%-*s%-*s%s", first, verdict, column, f.Rule, gap)
			for _, line := range wrap(measured(f), width-len(start)) {
				fmt.Fprintln(w, strings.TrimRight(start+line, " "))
				start = strings.Repeat(" ", len(start))
			}
			if verdict == compliance.Pass {
				continue
			}
			for _, line := range wrap(f.Advice, width-first) {
				fmt.Fprintf(w, "%*s%s\n", first, "", line)
			}
		}
	}
}

// conclusion says whether the photo can be used and where it is, what was done to the background, and how much of it was judged.
func conclusion(result *portrait.Result, path string) string {
	failed := compliance.Failed(result.Findings)
	counts := tally(result.Findings)
	var text strings.Builder
	switch {
	case len(failed) > 0:
		fmt.Fprintf(&text, "The photo cannot be used for %s as it is, because of %s", result.Document, enumerate(failed))
	case counts.Warn > 0:
		fmt.Fprintf(&text, "The photo can be used for %s; look at %s first", result.Document, count(counts.Warn, "warning"))
	default:
		fmt.Fprintf(&text, "The photo can be used for %s", result.Document)
	}
	if path != "" {
		what := "it"
		if result.Sheet != nil {
			what = "a sheet of it"
		}
		fmt.Fprintf(&text, "; %s is in %s", what, path)
	}
	text.WriteString(".")
	if i := slices.IndexFunc(result.Findings, func(f compliance.Finding) bool {
		return f.Rule == "edit.background" && f.Verdict != compliance.NotAssessed
	}); i >= 0 {
		text.WriteString(" " + result.Findings[i].Advice)
	}
	fmt.Fprintf(&text, " Judged: %d pass, %d warn, %d fail; not judged: %d (-json says what to look at yourself).",
		counts.Pass, counts.Warn, counts.Fail, counts.NotAssessed)
	return text.String()
}

// verdicts are how many findings have which.
type verdicts struct {
	Pass        int `json:"pass"`
	Warn        int `json:"warn"`
	Fail        int `json:"fail"`
	NotAssessed int `json:"not_assessed"`
}

func tally(findings []compliance.Finding) (v verdicts) {
	for _, f := range findings {
		switch f.Verdict {
		case compliance.Pass:
			v.Pass++
		case compliance.Warn:
			v.Warn++
		case compliance.Fail:
			v.Fail++
		case compliance.NotAssessed:
			v.NotAssessed++
		}
	}
	return v
}

// measured is the value of a finding beside its limits: "33.1 mm (25 to 35)".
func measured(f compliance.Finding) string {
	if f.Value == nil {
		return ""
	}
	text := number(f.Value)
	if f.Unit != "" {
		text += " " + f.Unit
	}
	switch low, high := number(f.Min), number(f.Max); {
	case low != "" && low == high:
		text += " (" + low + ")"
	case low != "" && high != "":
		text += " (" + low + " to " + high + ")"
	case low != "":
		text += " (at least " + low + ")"
	case high != "":
		text += " (at most " + high + ")"
	}
	return text
}

// number writes four digits, and never an exponent: nobody reads 1.929e+05 bytes.
func number(v *float64) string {
	if v == nil {
		return ""
	}
	decimals := 0
	for size := max(*v, -*v); size < 1000 && decimals < 4; size *= 10 {
		decimals++
	}
	text := strconv.FormatFloat(*v, 'f', decimals, 64)
	if decimals > 0 {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	if text == "-0" {
		return "0"
	}
	return text
}

// enumerate is "a", "a and b", "a, b and c"; of more than five the rest is counted.
func enumerate(words []string) string {
	if len(words) > 5 {
		words = append(slices.Clone(words[:4]), fmt.Sprintf("%d more", len(words)-4))
	}
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// count is "1 photo", "2 photos".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// wrap breaks a text at spaces into lines of at most width columns; a word that is longer stands alone, and nothing
// is one empty line. A number keeps its %.
func wrap(text string, width int) []string {
	const glue = "\x00"
	width = max(width, 20)
	var lines []string
	line, used := "", 0
	for word := range strings.FieldsSeq(strings.ReplaceAll(text, " %", glue+"%")) {
		word = strings.ReplaceAll(word, glue, " ")
		size := utf8.RuneCountInString(word)
		if used > 0 && used+1+size > width {
			lines = append(lines, line)
			line, used = "", 0
		}
		if used > 0 {
			line, used = line+" ", used+1
		}
		line, used = line+word, used+size
	}
	return append(lines, line)
}
