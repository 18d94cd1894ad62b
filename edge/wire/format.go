package wire

import (
	"fmt"
	"strconv"
	"strings"
)

// A Format is a picture format that a URL may name. Not all of them can be made here: see CanSave. Two are none and of
// document photos alone: JSON is the findings with the photo inside, PDF what is printed, in true millimetres.
type Format uint8

const (
	FormatAuto Format = iota
	JPEG
	PNG
	WebP
	AVIF
	GIF
	TIFF
	HEIC
	JXL
	BMP
	ICO
	SVG
	JSON
	PDF
)

var formats = [...]struct{ name, mime string }{
	{"", ""},
	{"jpeg", "image/jpeg"},
	{"png", "image/png"},
	{"webp", "image/webp"},
	{"avif", "image/avif"},
	{"gif", "image/gif"},
	{"tiff", "image/tiff"},
	{"heic", "image/heic"},
	{"jxl", "image/jxl"},
	{"bmp", "image/bmp"},
	{"ico", "image/x-icon"},
	{"svg", "image/svg+xml"},
	{"json", "application/json"},
	{"pdf", "application/pdf"},
}

// ParseFormat reads an extension as URLs write it.
func ParseFormat(s string) (Format, bool) {
	if s == "jpg" {
		return JPEG, true
	}
	for i, f := range formats {
		if i > 0 && f.name == s {
			return Format(i), true
		}
	}
	return FormatAuto, false
}

// String is the name that a URL gives it, and empty for FormatAuto.
func (f Format) String() string {
	if int(f) < len(formats) {
		return formats[f].name
	}
	return strconv.Itoa(int(f))
}

// MIME is the media type, and empty for FormatAuto.
func (f Format) MIME() string {
	if int(f) < len(formats) {
		return formats[f].mime
	}
	return ""
}

// Extension is what a file name ends in.
func (f Format) Extension() string {
	if f == JPEG {
		return "jpg"
	}
	return f.String()
}

// CanSave reports whether an edge makes this format; the others are only read, or only known by name.
func (f Format) CanSave() bool { return f >= JPEG && f <= AVIF }

func (f Format) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

func (f *Format) UnmarshalText(b []byte) error {
	got, ok := ParseFormat(string(b))
	if !ok && len(b) > 0 {
		return fmt.Errorf("%q is no picture format", b)
	}
	*f = got
	return nil
}

// RGB is a colour without transparency.
type RGB struct{ R, G, B uint8 }

// ParseRGB reads "fff", "ffffff" or "255:255:255".
func ParseRGB(s string) (RGB, error) {
	var c RGB
	if parts := strings.Split(s, ":"); len(parts) == 3 {
		for i, to := range []*uint8{&c.R, &c.G, &c.B} {
			n, err := strconv.ParseUint(parts[i], 10, 8)
			if err != nil {
				return RGB{}, fmt.Errorf("%q is not a number from 0 to 255", shorten(parts[i]))
			}
			*to = uint8(n)
		}
		return c, nil
	}
	n, err := strconv.ParseUint(s, 16, 32)
	if err != nil {
		return RGB{}, fmt.Errorf("%q is not a colour", shorten(s))
	}
	switch len(s) {
	case 6:
		return RGB{uint8(n >> 16), uint8(n >> 8), uint8(n)}, nil
	case 3:
		return RGB{uint8(n>>8) * 17, uint8(n>>4&15) * 17, uint8(n&15) * 17}, nil
	}
	return RGB{}, fmt.Errorf("%q is not a colour", shorten(s))
}

// String is the colour in six hexadecimal digits.
func (c RGB) String() string { return fmt.Sprintf("%02x%02x%02x", c.R, c.G, c.B) }

func (c RGB) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

func (c *RGB) UnmarshalText(b []byte) (err error) {
	*c, err = ParseRGB(string(b))
	return err
}
