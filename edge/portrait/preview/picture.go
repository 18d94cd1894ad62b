package preview

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"

	"github.com/professionalaistudio/studio/edge/portrait/compliance"
)

// ErrPicture is a picture that cannot be drawn on: bytes that are not those of its size, or no picture at all.
var ErrPicture = errors.New("no picture to draw on")

// A Picture is what is drawn on: its pixels, or a file of them. Either belongs to the caller, and nothing here changes or keeps it.
//
// Give pixels where they are there: Go's decoders leave pieces of a picture behind in memory that nobody can wipe. A file has to be
// one as this program makes them, upright and sRGB; one with a camera's notes, which may say otherwise, is refused.
type Picture struct {
	On            string  // compliance.Capture or compliance.Output: which findings point into it
	Pix           []byte  // 8-bit sRGB, [Height][Width][3]
	Data          []byte  // in place of Pix: a JPEG or a PNG
	Width, Height int     // of these pixels, or of this file
	Scale         float64 // pixels of what findings speak of per pixel of this; 0 means 1. A capture that was decoded at a fourth has 4.
}

const (
	mostPixels = 100 << 20
	mostSide   = 1600
	leastSide  = 320
	greatSide  = 8000
	textSide   = 640 // what the longer side is enlarged to at least when pixels are painted: letters need as many
)

func (p Picture) scale() float64 {
	if p.Scale == 0 {
		return 1
	}
	return p.Scale
}

func (p Picture) check() error {
	switch {
	case p.On != compliance.Capture && p.On != compliance.Output:
		return fmt.Errorf("%w: it is neither the capture nor the output but %.20q", ErrPicture, p.On)
	case p.Width < 1 || p.Height < 1 || p.Width > mostPixels || p.Height > mostPixels/p.Width:
		return fmt.Errorf("%w: %d × %d pixels", ErrPicture, p.Width, p.Height)
	case p.Scale < 0 || math.IsNaN(p.Scale) || p.Scale != 0 && (p.Scale < 1e-3 || p.Scale > 1e3):
		return fmt.Errorf("%w: a scale of %g", ErrPicture, p.Scale)
	case (p.Pix == nil) == (p.Data == nil):
		return fmt.Errorf("%w: either pixels or a file are needed", ErrPicture)
	case p.Pix != nil && len(p.Pix) != 3*p.Width*p.Height:
		return fmt.Errorf("%w: %d × %d pixels in %d bytes", ErrPicture, p.Width, p.Height, len(p.Pix))
	}
	return nil
}

// mostOf is how many pixels the longer side may have.
func (o Options) mostOf() int {
	switch {
	case o.MaxSide <= 0:
		return mostSide
	case o.MaxSide < leastSide:
		return leastSide
	}
	return min(o.MaxSide, greatSide)
}

// pixels are the picture's own, decoded where it is a file. own says that they are a copy, which the caller has to wipe.
func (p Picture) pixels() (pix []byte, own bool, err error) {
	if p.Pix != nil {
		return p.Pix, false, nil
	}
	cfg, format, err := image.DecodeConfig(bytes.NewReader(p.Data))
	switch {
	case err != nil:
		return nil, false, fmt.Errorf("%w: %w", ErrPicture, err)
	case cfg.Width != p.Width || cfg.Height != p.Height:
		return nil, false, fmt.Errorf("%w: the file has %d × %d pixels and not %d × %d", ErrPicture, cfg.Width, cfg.Height, p.Width, p.Height)
	case format == "jpeg" && noted(p.Data):
		return nil, false, fmt.Errorf("%w: the file carries a camera's notes; give its pixels, upright", ErrPicture)
	}
	decode := jpeg.Decode
	if format == "png" {
		decode = png.Decode
	}
	img, err := decode(bytes.NewReader(p.Data))
	if err != nil {
		return nil, false, fmt.Errorf("%w: %w", ErrPicture, err)
	}
	defer wipe(img)
	b := img.Bounds()
	if b.Dx() != p.Width || b.Dy() != p.Height {
		return nil, false, fmt.Errorf("%w: the file has %d × %d pixels and not %d × %d", ErrPicture, b.Dx(), b.Dy(), p.Width, p.Height)
	}
	pix = make([]byte, 3*p.Width*p.Height)
	i := 0
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, bl := onWhite(img, x, y)
			pix[i], pix[i+1], pix[i+2] = r, g, bl
			i += 3
		}
	}
	return pix, true, nil
}

// onWhite is a pixel before white, where the picture lets something through.
func onWhite(img image.Image, x, y int) (r, g, b uint8) {
	if c, ok := img.(*image.YCbCr); ok {
		i, k := c.YOffset(x, y), c.COffset(x, y)
		return color.YCbCrToRGB(c.Y[i], c.Cb[k], c.Cr[k])
	}
	r16, g16, b16, a16 := img.At(x, y).RGBA()
	rest := 0xffff - a16
	return uint8((r16 + rest) >> 8), uint8((g16 + rest) >> 8), uint8((b16 + rest) >> 8)
}

// wipe overwrites what a decoder has made.
func wipe(img image.Image) {
	switch m := img.(type) {
	case *image.YCbCr:
		clear(m.Y)
		clear(m.Cb)
		clear(m.Cr)
	case *image.Gray:
		clear(m.Pix)
	case *image.Gray16:
		clear(m.Pix)
	case *image.CMYK:
		clear(m.Pix)
	case *image.RGBA:
		clear(m.Pix)
	case *image.RGBA64:
		clear(m.Pix)
	case *image.NRGBA:
		clear(m.Pix)
	case *image.NRGBA64:
		clear(m.Pix)
	case *image.Paletted:
		clear(m.Pix)
	}
}

// noted says whether a JPEG has a camera's notes, which may say that it has to be turned.
func noted(data []byte) bool {
	for at := 2; at+4 <= len(data) && data[at] == 0xff && data[at+1] != 0xda; {
		body := data[at+4:]
		if data[at+1] == 0xe1 && bytes.HasPrefix(body, []byte("Exif\x00")) {
			return true
		}
		at += 2 + int(data[at+2])<<8 + int(data[at+3])
	}
	return false
}
