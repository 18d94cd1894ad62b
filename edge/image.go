package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

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
