package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"text/tabwriter"

	"github.com/professionalaistudio/studio/edge/api"
	"github.com/professionalaistudio/studio/edge/config"
	"github.com/professionalaistudio/studio/edge/portrait"
	"github.com/professionalaistudio/studio/edge/portrait/compliance"
	"github.com/professionalaistudio/studio/edge/vips"
	"github.com/professionalaistudio/studio/edge/wire"
)

// The status of `edge photo` and `edge check` beside 0: a rule is broken, or there is nothing to judge.
const (
	failing = 1
	notMade = 2
)

func photoCommand(c *console, args []string) error {
	fs := c.flags("photo")
	out := fs.String("o", "", "where to write the photo, or the sheet where one is asked for")
	paper := fs.String("sheet", "", "paper to lay copies out on, e.g. 10x15 or a4")
	format := fs.String("format", "", "jpeg or png, where the document takes both")
	ask := c.portraitFlags(fs)
	if err := ask.parse(args); err != nil {
		return &exitError{notMade, err}
	}
	if *out == "" {
		return &exitError{notMade, errors.New("photo needs -o: where shall the photo go?")}
	}
	ask.request.Sheet = *paper
	if *format != "" {
		f, ok := wire.ParseFormat(*format)
		if !ok {
			return &exitError{notMade, fmt.Errorf("-format %s: write jpeg or png", *format)}
		}
		ask.request.Format = f
	}
	result, err := ask.run((*portrait.Pipeline).Photo)
	if err != nil {
		return &exitError{notMade, err}
	}
	defer result.Wipe()
	made := &result.Photo
	if result.Sheet != nil {
		made = result.Sheet
	}
	if err := c.write(*out, made.Data); err != nil {
		return &exitError{notMade, err}
	}
	if *out == "-" { // what is judged went out already, and one stream cannot carry both
		return status(result)
	}
	return ask.tell(result, true)
}

// A portraitAsk is what `photo` and `check` have in common: a file, a document, and where the head is.
type portraitAsk struct {
	c          *console
	fs         *flag.FlagSet
	document   *string
	head       *string
	background *string
	json       *bool

	file    string
	request portrait.Request
}

func (c *console) portraitFlags(fs *flag.FlagSet) *portraitAsk {
	return &portraitAsk{
		c: c, fs: fs,
		document:   fs.String("document", "", "id of the document, as in us-passport"),
		head:       fs.String("head", "", "crownX,crownY,chinX,chinY in pixels of the upright picture"),
		background: fs.String("background", "", "colour behind the person, in hex"),
		json:       fs.Bool("json", false, "print JSON"),
	}
}

func (a *portraitAsk) parse(args []string) error {
	words, err := parse(a.fs, args, "FILE")
	if err != nil {
		return err
	}
	a.file = words[0]
	if a.request.Document = *a.document; *a.document == "" {
		return fmt.Errorf("%s needs -document: for which one is the photo?", a.fs.Name())
	}
	if *a.head != "" {
		head, err := portrait.ParseHead(*a.head)
		if err != nil {
			return fmt.Errorf("-head: %w", err)
		}
		a.request.Head = &head
	}
	if *a.background != "" {
		colour, err := api.ParseBackground(*a.background)
		if err != nil {
			return fmt.Errorf("-background: %w", err)
		}
		a.request.Background = colour
	}
	return nil
}

func (a *portraitAsk) run(work func(*portrait.Pipeline, context.Context, []byte, portrait.Request) (*portrait.Result, error)) (*portrait.Result, error) {
	cfg, err := a.c.settings()
	if err != nil {
		return nil, err
	}
	data, err := readCapture(a.file, cfg)
	if err != nil {
		return nil, err
	}
	if err := vips.Start(vips.Config{}); err != nil {
		return nil, err
	}
	defer vips.Stop()
	thinking, err := openNets(cfg, 1, 0)
	if err != nil {
		return nil, err
	}
	defer thinking.Close()
	pipeline, err := thinking.photos(cfg, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	result, err := work(pipeline, context.Background(), data, a.request)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.file, err)
	}
	return result, nil
}

// readCapture reads a picture of a person, as large as a node would take it.
func readCapture(path string, cfg config.Config) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err == nil && int64(len(data)) > int64(cfg.MaxBytes) {
		err = fmt.Errorf("%s has %d bytes, more than EDGE_MAX_BYTES", path, len(data))
	}
	return data, err
}

// tell prints the findings, JSON for programs and a table for people, and ends in the status.
func (a *portraitAsk) tell(result *portrait.Result, made bool) error {
	if *a.json || !a.c.person() {
		doc, err := api.Findings(result, made && *a.json) // the photo itself only if asked: it is in its file
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(a.c.out, "%s\n", doc); err != nil {
			return err
		}
		return status(result)
	}
	counts := map[compliance.Verdict]int{}
	w := tabwriter.NewWriter(a.c.out, 0, 0, 2, ' ', 0)
	for _, f := range result.Findings {
		counts[f.Verdict]++
		if f.Verdict != compliance.NotAssessed {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", f.Verdict, f.Rule, measured(f), f.Advice)
		}
	}
	w.Flush()
	fmt.Fprintf(a.c.out, "%s: %d pass, %d warn, %d fail, %d not assessed\n",
		result.Document, counts[compliance.Pass], counts[compliance.Warn], counts[compliance.Fail], counts[compliance.NotAssessed])
	return status(result)
}

// measured is the value of a finding beside its limits: "33.1 mm (25 to 35)".
func measured(f compliance.Finding) string {
	number := func(v *float64) string {
		if v == nil {
			return ""
		}
		return strconv.FormatFloat(*v, 'g', 4, 64)
	}
	if f.Value == nil {
		return ""
	}
	text := number(f.Value)
	if f.Unit != "" {
		text += " " + f.Unit
	}
	switch low, high := number(f.Min), number(f.Max); {
	case low != "" && high != "":
		text += " (" + low + " to " + high + ")"
	case low != "":
		text += " (at least " + low + ")"
	case high != "":
		text += " (at most " + high + ")"
	}
	return text
}

func status(result *portrait.Result) error {
	if len(compliance.Failed(result.Findings)) > 0 {
		return &exitError{status: failing}
	}
	return nil
}
