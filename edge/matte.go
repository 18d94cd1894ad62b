package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/professionalaistudio/studio/edge/api"
	"github.com/professionalaistudio/studio/edge/config"
	"github.com/professionalaistudio/studio/edge/portrait"
	"github.com/professionalaistudio/studio/edge/vips"
)

// matteCommand takes the background away. Its status is 2 where nothing was made, as that of `edge photo`.
func matteCommand(c *console, args []string) error {
	fs := c.flags("matte")
	out := fs.String("o", "", "where to write; its ending chooses the format; - is standard output, a PNG")
	alone := fs.Bool("alpha", false, "the matte alone, 8 bits a pixel")
	background := fs.String("background", "", "colour behind the person, in hex; without one it is transparent")
	words, err := parse(fs, args, "FILE")
	if err != nil {
		return err
	}
	ask := portrait.CutoutRequest{Alpha: *alone}
	if *background != "" {
		if ask.Background, err = api.ParseBackground(*background); err != nil {
			return &exitError{notMade, fmt.Errorf("-background: %w", err)}
		}
	}
	if *out == "" {
		return &exitError{notMade, errors.New("matte needs -o: where shall the picture go?")}
	}
	if *out != "-" {
		if ask.Format, err = endingFormat(*out); err != nil {
			return &exitError{notMade, err}
		}
	}
	if err := c.cutout(words[0], *out, ask); err != nil {
		return &exitError{notMade, err}
	}
	return nil
}

// cutout makes one file out of another.
func (c *console) cutout(from, to string, ask portrait.CutoutRequest) error {
	cfg, err := c.settings()
	if err != nil {
		return err
	}
	data, err := readCapture(from, cfg)
	if err != nil {
		return err
	}
	if err := vips.Start(vips.Config{}); err != nil {
		return err
	}
	defer vips.Stop()
	thinking, cutter, err := thinkOnce(cfg)
	if err != nil {
		return err
	}
	defer thinking.Close()
	made, err := cutter.Cutout(context.Background(), data, ask)
	if errors.Is(err, portrait.ErrNoPerson) {
		return fmt.Errorf("%s: %w, or nobody large enough to be seen", from, err)
	} else if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	defer made.Buf.Close()
	return c.write(to, made.Buf.Bytes())
}

// thinkOnce opens the nets for a command that makes one picture and ends.
func thinkOnce(cfg config.Config) (*nets, *portrait.Cutter, error) {
	thinking, err := openNets(cfg, 1, nil)
	if err != nil {
		return nil, nil, err
	}
	return thinking, thinking.cutter(cfg), nil
}
