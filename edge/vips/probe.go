package vips

/*
#include "bridge.h"
*/
import "C"

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"unsafe"
)

// Info is what the header of a file says. Nothing has been decoded to learn it, so it may be a lie; Load holds the
// decoder to it.
type Info struct {
	Format        Format
	Width, Height int // as stored, before Orientation is applied
	Orientation   int // EXIF, 1 to 8; 1 when the file says nothing
	Bands, Bits   int // samples of a pixel, alpha included, and bits of a sample once decoded
	Alpha, CMYK   bool
	Pages         int // frames of an animation, pages of a TIFF
	ICC           bool
	DPI           float64 // 0 when the file says nothing
}

// Pixels is how many there are in the first frame.
func (i Info) Pixels() int64 { return int64(i.Width) * int64(i.Height) }

// Upright is the size after Orientation has been applied.
func (i Info) Upright() (width, height int) {
	if i.Orientation >= 5 {
		return i.Height, i.Width
	}
	return i.Width, i.Height
}

// Sniff says what a file claims to be by its first dozen bytes. They are looked at here and nowhere else: bimg's own
// sniffing would hand what it does not know to every loader of libvips, ImageMagick's among them.
func Sniff(data []byte) Format {
	if len(data) < 12 {
		return Unknown
	}
	switch head := string(data[:12]); {
	case head[:3] == "\xff\xd8\xff":
		return JPEG
	case head[:8] == "\x89PNG\r\n\x1a\n":
		return PNG
	case head[:4] == "RIFF" && head[8:] == "WEBP":
		return WebP
	case head[:6] == "GIF87a" || head[:6] == "GIF89a":
		return GIF
	case head[:4] == "II*\x00" || head[:4] == "MM\x00*":
		return TIFF
	case head[4:8] == "ftyp":
		return brand(data)
	}
	return Unknown
}

// brand tells AVIF from HEIC: both are HEIF files, and many of either kind say only "mif1" up front and the truth in the
// list of brands behind it. Other ISO files, videos for the most part, are none of ours.
func brand(data []byte) Format {
	size := int(min(binary.BigEndian.Uint32(data), 256))
	found := Unknown
	for at := 8; at+4 <= len(data) && (at == 8 || at+4 <= size); at += 4 {
		switch string(data[at : at+4]) {
		case "avif", "avis":
			return AVIF
		case "heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1":
			found = HEIC
		}
	}
	return found
}

// Probe reads the header of a picture and decodes nothing.
func Probe(data []byte) (Info, error) {
	if err := running(); err != nil {
		return Info{}, err
	}
	format := Sniff(data)
	switch {
	case format == Unknown:
		return Info{}, ErrUnknown
	case !format.CanLoad():
		return Info{}, fmt.Errorf("%s: %w", format, ErrUnsupported)
	}
	if err := screen(format, data); err != nil {
		return Info{}, err
	}
	var c C.ev_info
	failed := C.ev_probe(C.int(format), unsafe.Pointer(unsafe.SliceData(data)), C.size_t(len(data)), &c)
	runtime.KeepAlive(data)
	if failed != 0 {
		return Info{}, failure("probe "+format.String(), ErrBroken)
	}
	info := Info{
		Format: format, Width: int(c.width), Height: int(c.height), Orientation: int(c.orientation),
		Bands: int(c.bands), Bits: int(c.bits), Alpha: c.alpha != 0, CMYK: c.cmyk != 0,
		Pages: int(c.pages), ICC: c.icc > 0, DPI: float64(c.dpi),
	}
	if info.Width < 1 || info.Height < 1 || info.Bands < 1 {
		return Info{}, &OpError{Op: "probe " + format.String(), Err: ErrBroken}
	}
	if info.Bands > maxBands {
		return Info{}, fmt.Errorf("%s: %d samples a pixel: %w", format, info.Bands, ErrUnsupported)
	}
	return info, nil
}
