package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/professionalaistudio/studio/edge/portrait/document"
)

// documentsCommand finds documents in the rule pack: a table for people, the answer of GET /v1/documents for programs.
func documentsCommand(c *console, args []string) error {
	fs := c.flags("documents")
	country := fs.String("country", "", "only documents of this `country`, as in DE")
	lang := fs.String("language", "", "names in this `language`, and documents of countries that speak it first; alone, only those")
	asJSON := fs.Bool("json", false, "print JSON")
	words, err := parseWords(fs, args)
	if err != nil {
		return err
	}
	query := document.Query{Words: strings.Join(words, " ")}
	if *country != "" {
		if query.Country, err = document.ParseCountry(*country); err != nil {
			return &exitError{2, fmt.Errorf("-country %q %w", *country, err)}
		}
	}
	if *lang != "" {
		if query.Language, err = document.ParseLanguage(*lang); err != nil {
			return &exitError{2, fmt.Errorf("-language %q %w", *lang, err)}
		}
	}
	cfg, err := c.settings()
	if err != nil {
		return err
	}
	pack, err := openPack(cfg)
	if err != nil {
		return err
	}
	found := pack.Search(query)
	if len(words) == 1 { // who types an id wants that one
		if s, ok := pack.Find(words[0]); ok && (query.Country == "" || query.Country == s.Country) {
			found = []document.Spec{s}
		}
	}
	switch {
	case *asJSON || !c.person():
		body, err := pack.Listing(found, query.Language)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.out, "%s\n", body)
		return err
	case len(found) == 0:
		return fmt.Errorf("no document fits; `edge documents` without words lists all %d", len(pack.All()))
	case len(found) == 1:
		describe(c.out, found[0].ViewIn(query.Language), columns(c.out))
	default:
		listDocuments(c.out, found, columns(c.out))
		fmt.Fprintf(c.out, "\n%d of %d documents in pack %s; `edge documents ID` tells all of one.\n", len(found), len(pack.All()), pack.Name())
	}
	return nil
}

// What a table says of a route and of the background, in a word or two.
var (
	filed     = map[string]string{"pass": "yes", "warn": "ask first", "fail": "no"}
	backdrops = map[document.Replacement]string{document.Prohibited: "stays", document.Risky: "at your risk", document.Unknown: "if it fails", document.Allowed: "free"}
)

// listDocuments prints a line for each row.
func listDocuments(w io.Writer, rows []document.Spec, width int) {
	const form = "%-26s  %-9s  %-12s  %-14s  "
	head := fmt.Sprintf(form, "ID", "SELF-MADE", "BACKGROUND", "SIZE")
	fmt.Fprintln(w, head+"DOCUMENT")
	for _, s := range rows {
		wide, high := s.Size()
		line := fmt.Sprintf(form, s.ID, filed[s.Route().Verdict], backdrops[s.BackgroundReplacement], fmt.Sprintf("%g × %g mm", wide, high))
		name := s.CountryName() + ", " + s.Document
		if room := max(width-len(head), 20); utf8.RuneCountInString(name) > room {
			name = string([]rune(name)[:room-1]) + "…"
		}
		fmt.Fprintln(w, line+name)
	}
}

// describe prints all of one row.
func describe(w io.Writer, v document.View, width int) {
	const column = 12
	say := func(what, text string) {
		for i, line := range wrap(text, width-column) {
			if i > 0 {
				what = ""
			}
			fmt.Fprintf(w, "%-*s%s\n", column, what, line)
		}
	}
	rule := func(what, where string, r *document.RuleView) {
		if r == nil {
			return
		}
		text := span(r.Min, r.Max) + " mm" + where
		if r.Default {
			text += "; the authority publishes none: " + r.Why
		}
		say(what, text)
	}
	e := v.Effective
	title := v.ID + ": " + v.CountryName + ", " + v.Document
	if v.Local.Document != "" && v.Local.Language != "en" && !strings.Contains(v.Document, v.Local.Document) {
		title += " (" + v.Local.Country + ", " + v.Local.Document + ")"
	}
	fmt.Fprintln(w, title)
	say("print", fmt.Sprintf("%g × %g mm at %d dpi", e.WidthMM, e.HeightMM, e.DPI))
	file := fmt.Sprintf("%d × %d px, %s", e.WidthPX, e.HeightPX, strings.Join(e.Formats, " or "))
	if kb := v.FileSizeKB; kb != nil {
		low, high := kb.Ends()
		file += ", " + span(low, high) + " KB"
	}
	say("file", file)
	rule("head", ", "+heads[v.HeadTop], &e.HeadMM)
	rule("eyes", " above the bottom edge", e.EyeMM)
	rule("top", " above the head", e.TopMM)
	rule("chin", " below the chin", e.ChinMM)
	rule("width", " from ear to ear", e.HeadWidthMM)
	var colours []string
	for _, b := range v.Background {
		colours = append(colours, b.Name)
	}
	say("background", strings.Join(colours, " or "))
	say("self-made", e.Route.Advice)
	say("may be", strings.Join(e.Route.May, ", "))
	say("may not be", strings.Join(e.Route.MayNot, ", "))
	if e.Contradiction != "" {
		say("but", e.Contradiction)
	}
	for i, note := range v.Other {
		say(map[bool]string{true: "also"}[i == 0], note)
	}
	number := map[string]string{}
	for i, title := range v.Source {
		number[title] = strconv.Itoa(i + 1)
		date := ""
		if d := v.SourceDates[i]; d != nil {
			date = ", " + *d
		}
		say(map[bool]string{true: "sources"}[i == 0], number[title]+" "+title+date)
	}
	for i, p := range v.Provenance {
		var from []string
		for _, s := range p.Sources {
			from = append(from, number[s.Title])
		}
		text := fmt.Sprintf("%s: by %s, trusted %s", strings.Join(p.Of, ", "), strings.Join(from, " "), p.Confidence)
		if p.Note != "" {
			text += "; " + p.Note
		}
		say(map[bool]string{true: "numbers"}[i == 0], text)
	}
	say("compiled", v.Checked)
}

var heads = map[document.HeadTop]string{
	document.HairTop: "chin to the top of the hair", document.SkullCrown: "chin to the crown as if there were no hair",
	document.Unspecified: "chin to the top; nobody says whether hair counts",
}

// span is two limits, either of which may be missing.
func span(low, high *float64) string {
	number := func(v *float64) string { return strconv.FormatFloat(*v, 'g', 4, 64) }
	switch {
	case low != nil && high != nil:
		return number(low) + " to " + number(high)
	case low != nil:
		return "at least " + number(low)
	case high != nil:
		return "at most " + number(high)
	}
	return "any"
}
