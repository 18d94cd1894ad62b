package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/professionalaistudio/studio/edge/api"
	"github.com/professionalaistudio/studio/edge/config"
	"github.com/professionalaistudio/studio/edge/portrait"
	"github.com/professionalaistudio/studio/edge/portrait/compliance"
	"github.com/professionalaistudio/studio/edge/portrait/document"
	"github.com/professionalaistudio/studio/edge/vips"
	"github.com/professionalaistudio/studio/edge/wire"
)

// The status of `edge photo`, `edge check` and `edge batch` beside 0: a rule is broken, or there is nothing to judge.
const (
	failing = 1
	notMade = 2
)

func photoCommand(c *console, args []string) error {
	fs := c.flags("photo")
	out := fs.String("o", "", "`file` for the photo, or the sheet where one is asked for; - is standard output")
	asJSON := fs.Bool("json", false, "print JSON")
	drawing := drawingFlag(fs)
	ask := portraitFlags(fs, true)
	file, err := ask.parse(args, "FILE")
	if err == nil {
		ask.request.Drawing, err = drawingKind(*drawing)
	}
	if err != nil {
		return &exitError{notMade, err}
	}
	if *out == "" {
		return &exitError{notMade, errors.New("photo needs -o: where shall the photo go?")}
	}
	if strings.EqualFold(filepath.Ext(*out), ".pdf") {
		ask.request.PDF = true
	}
	result, err := ask.once(c, file, (*portrait.Pipeline).Photo)
	if err != nil {
		return &exitError{notMade, err}
	}
	defer result.Wipe()
	made := finished(result)
	if err := c.write(*out, made.Data); err != nil {
		return &exitError{notMade, err}
	}
	if err := c.writeDrawing(*drawing, result); err != nil {
		return &exitError{notMade, err}
	}
	if *out == "-" { // what is judged went out already, and one stream cannot carry both
		return status(result)
	}
	return c.tell(result, *out, *asJSON)
}

// finished is the picture that is handed over where there is place for one: whoever asks for a sheet wants the sheet.
func finished(result *portrait.Result) *portrait.Photo {
	if result.Sheet != nil {
		return result.Sheet
	}
	return &result.Photo
}

func drawingFlag(fs *flag.FlagSet) *string {
	return fs.String("drawing", "", "`file` for the picture with the findings drawn on it; its ending, svg, png or jpg, says as what")
}

// drawingKind is what a file of this name is to be; none where there is no name.
func drawingKind(file string) (string, error) {
	switch ending := strings.ToLower(filepath.Ext(file)); {
	case file == "":
		return "", nil
	case ending == ".svg", ending == ".png":
		return ending[1:], nil
	case ending == ".jpg", ending == ".jpeg":
		return "jpeg", nil
	}
	return "", fmt.Errorf("-drawing %s: its name must end in svg, png or jpg", file)
}

// writeDrawing writes the drawing, if one was made.
func (c *console) writeDrawing(file string, result *portrait.Result) error {
	if result.Drawing == nil {
		return nil
	}
	return c.write(file, result.Drawing.Data)
}

// A portraitAsk is what `photo`, `check` and `batch` have in common: for which document, and what may be done.
type portraitAsk struct {
	fs                         *flag.FlagSet
	document, head, background *string
	mode, sheet, format        *string // nil where nothing is made
	copies, gap, with          *string

	request portrait.Request
}

// portraitFlags adds them to fs; making is whether a picture is made.
func portraitFlags(fs *flag.FlagSet, making bool) *portraitAsk {
	a := &portraitAsk{
		fs:         fs,
		document:   fs.String("document", "", "`id` of the document, as in us-passport"),
		head:       fs.String("head", "", "where the head is, `crownX,crownY,chinX,chinY` in pixels of the upright picture; without it the head is found"),
		background: fs.String("background", "", "colour behind the person, in `hex`; without it the background is replaced where it fails and the document allows it"),
	}
	if making {
		a.mode = fs.String("mode", "", "`crop` to turn, scale and cut, and keep the background whatever it is")
		a.sheet = fs.String("sheet", "", "`paper` to lay copies out on, e.g. 10x15, a4 or 89x127mm")
		a.copies = fs.String("copies", "", "`how many` on the sheet; without it the paper is filled")
		a.gap = fs.String("gap", "", "`mm` between copies; 0 puts them edge to edge")
		a.with = fs.String("with", "", "other `documents` on the sheet, as in de-passport:4,cn-visa")
		a.format = fs.String("format", "", "`jpeg, png or pdf`; a PDF has the sheet, or the photo, in its true size")
	}
	return a
}

// parse reads the arguments, between whose flags stands one word, and fills in the request.
func (a *portraitAsk) parse(args []string, want string) (word string, err error) {
	words, err := parse(a.fs, args, want)
	if err != nil {
		return "", err
	}
	if a.request.Document = *a.document; *a.document == "" {
		return "", fmt.Errorf("%s needs -document: for which one is the photo?", a.fs.Name())
	}
	if *a.head != "" {
		head, err := portrait.ParseHead(*a.head)
		if err != nil {
			return "", fmt.Errorf("-head: %w", err)
		}
		a.request.Head = &head
	}
	if *a.background != "" {
		colour, err := api.ParseBackground(*a.background)
		if err != nil {
			return "", fmt.Errorf("-background %s %w", *a.background, err)
		}
		a.request.Background = colour
	}
	if a.mode == nil {
		return words[0], nil
	}
	if a.request.Mode = portrait.Mode(*a.mode); !slices.Contains([]portrait.Mode{portrait.ModeAsAllowed, portrait.ModeCrop}, a.request.Mode) {
		return "", fmt.Errorf("-mode %s: write crop, or leave it out", *a.mode)
	}
	a.request.Sheet = *a.sheet
	for name, value := range map[string]string{"copies": *a.copies, "gap": *a.gap, "with": *a.with} {
		if value == "" {
			continue
		}
		if err := api.ParsePrint(&a.request, name, value); err != nil {
			return "", fmt.Errorf("-%s %s %w", name, value, err)
		}
	}
	switch f, ok := wire.ParseFormat(strings.ToLower(*a.format)); {
	case *a.format == "":
	case ok && (f == wire.JPEG || f == wire.PNG):
		a.request.Format = f
	case strings.EqualFold(*a.format, "pdf"):
		a.request.PDF = true
	default:
		return "", fmt.Errorf("-format %s: write jpeg, png or pdf", *a.format)
	}
	return words[0], nil
}

// once reads a file and does work on it, with all CPUs.
func (a *portraitAsk) once(c *console, file string, work portraitWork) (*portrait.Result, error) {
	cfg, err := c.settings()
	if err != nil {
		return nil, err
	}
	data, err := readCapture(file, cfg)
	if err != nil {
		return nil, err
	}
	defer clear(data)
	p, err := openPortraits(cfg, 1)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	result, err := work(p.Pipeline, context.Background(), data, a.request)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return result, nil
}

// portraitWork is (*portrait.Pipeline).Photo or (*portrait.Pipeline).Check.
type portraitWork func(*portrait.Pipeline, context.Context, []byte, portrait.Request) (*portrait.Result, error)

// portraits are a pipeline of a command's own, and what it runs on.
type portraits struct {
	*portrait.Pipeline
	pack *document.Pack
	nets *nets
}

// openPortraits starts libvips and the nets; slots is how many photos may be under work at once.
func openPortraits(cfg config.Config, slots int) (*portraits, error) {
	pack, err := openPack(cfg)
	if err != nil {
		return nil, err
	}
	if err := vips.Start(vips.Config{}); err != nil {
		return nil, err
	}
	p := &portraits{pack: pack}
	if p.nets, err = openNets(cfg, slots, nil); err != nil {
		vips.Stop()
		return nil, err
	}
	p.Pipeline = p.nets.photos(cfg, p.pack, slog.New(slog.DiscardHandler))
	return p, nil
}

// Close ends both; nothing may be under way.
func (p *portraits) Close() error {
	defer vips.Stop()
	return p.nets.Close()
}

// readCapture reads a picture of a person, as large as a node would take it.
func readCapture(path string, cfg config.Config) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err == nil && int64(len(data)) > int64(cfg.MaxBytes) {
		err = fmt.Errorf("%s has %d bytes, more than EDGE_MAX_BYTES", path, len(data))
	}
	return data, err
}

func status(result *portrait.Result) error {
	if len(compliance.Failed(result.Findings)) > 0 {
		return &exitError{status: failing}
	}
	return nil
}
