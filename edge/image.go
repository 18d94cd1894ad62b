package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/professionalaistudio/studio/edge/api"
	"github.com/professionalaistudio/studio/edge/portrait"
	"github.com/professionalaistudio/studio/edge/transform"
	"github.com/professionalaistudio/studio/edge/vips"
	"github.com/professionalaistudio/studio/edge/wire"
)

func imageCommand(c *console, args []string) error {
	fs := c.flags("image")
	out := fs.String("o", "", "where to write; its ending chooses the format, unless the options do; - is standard output")
	words, err := parse(fs, args, "FILE", "OPTIONS")
	if err != nil {
		return err
	}
	if *out == "" {
		return errors.New("image needs -o: where shall the picture go?")
	}
	cfg, err := c.settings()
	if err != nil {
		return err
	}
	o, err := wire.ParseOptions(words[1])
	if err != nil {
		return err
	}
	if o.Document != "" {
		return c.documentImage(words[0], *out, o)
	}
	f := o.Format
	if f == wire.FormatAuto {
		if f, err = endingFormat(*out); err != nil {
			return err
		}
	}
	data, err := os.ReadFile(words[0])
	if err != nil {
		return err
	}
	if err := vips.Start(vips.Config{}); err != nil {
		return err
	}
	defer vips.Stop()
	maker := transform.Maker{Limits: transform.Limits{MaxPixels: int64(cfg.MaxPixels), MaxFrames: cfg.MaxFrames}}
	if o.Matte { // the only option that thinks
		thinking, cutter, err := thinkOnce(cfg)
		if err != nil {
			return err
		}
		defer thinking.Close()
		maker.Cutter = cutter
	}
	result, err := maker.Run(context.Background(), data, o, f)
	if err != nil {
		return fmt.Errorf("%s: %w", words[0], err)
	}
	defer result.Buf.Close()
	return c.write(*out, result.Buf.Bytes())
}

// documentImage is `edge photo` by the options of a URL: it makes the same file, says the same of it and ends with the same status.
func (c *console) documentImage(file, out string, o wire.Options) error {
	result, err := c.documentPhoto(file, out, &o)
	if err != nil {
		return &exitError{notMade, err}
	}
	defer result.Wipe()
	data := finished(result).Data
	if o.Format == wire.JSON {
		if data, err = api.Findings(result, true); err != nil {
			return &exitError{notMade, err}
		}
		defer clear(data)
	}
	if err := c.write(out, data); err != nil {
		return &exitError{notMade, err}
	}
	if out == "-" || o.Format == wire.JSON { // what is judged went out already
		return status(result)
	}
	return c.tell(result, out, false)
}

// documentPhoto makes it. A format that the options do not name is that of the file's ending, json and pdf among them.
func (c *console) documentPhoto(file, out string, o *wire.Options) (*portrait.Result, error) {
	if o.Format == wire.FormatAuto {
		switch ending := strings.ToLower(filepath.Ext(out)); ending {
		case ".json", ".pdf":
			o.Format, _ = wire.ParseFormat(ending[1:])
		default:
			f, err := endingFormat(out)
			if err != nil {
				return nil, err
			}
			o.Format = f
		}
	}
	ask, err := api.PhotoRequest(*o)
	if err != nil {
		return nil, err
	}
	return (&portraitAsk{request: ask}).once(c, file, (*portrait.Pipeline).Photo)
}

// endingFormat is the format that a file's name promises; one without an ending promises none.
func endingFormat(path string) (wire.Format, error) {
	ending := strings.ToLower(strings.TrimPrefix(filepath.Ext(path), "."))
	if ending == "" {
		return wire.FormatAuto, nil
	}
	f, ok := wire.ParseFormat(ending)
	if !ok || !f.CanSave() {
		return f, fmt.Errorf("-o %s: .%s is not a format that can be made here: there are jpg, png, webp and avif", path, ending)
	}
	return f, nil
}
