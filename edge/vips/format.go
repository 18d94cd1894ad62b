package vips

// A Format is a kind of image file.
type Format uint8

// The formats we recognise. GIF and TIFF are only read; HEIC is only recognised, so that it can be refused by name.
const (
	Unknown Format = iota
	JPEG
	PNG
	WebP
	AVIF
	GIF
	TIFF
	HEIC
)

var formatNames = [...]string{"unknown", "jpeg", "png", "webp", "avif", "gif", "tiff", "heic"}

func (f Format) String() string {
	if int(f) < len(formatNames) {
		return formatNames[f]
	}
	return formatNames[Unknown]
}

// CanLoad reports whether Load opens this format.
func (f Format) CanLoad() bool { return f >= JPEG && f <= TIFF }

// CanSave reports whether Encode writes this format.
func (f Format) CanSave() bool { return f >= JPEG && f <= AVIF }

// HasAlpha reports whether this format can hold transparency.
func (f Format) HasAlpha() bool { return f != Unknown && f != JPEG }

// MaxSide is the longest side that the format can hold, in pixels.
func (f Format) MaxSide() int {
	switch f {
	case WebP:
		return 16383
	case AVIF, HEIC:
		return 16384
	case JPEG, GIF:
		return 65535
	}
	return 10_000_000 // libvips' own bound
}

// An RGB is an opaque sRGB colour.
type RGB struct{ R, G, B uint8 }

// White is the paper under a picture that has lost its transparency.
var White = RGB{255, 255, 255}
