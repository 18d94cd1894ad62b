package vips

/*
#include "bridge.h"
*/
import "C"

import (
	"fmt"
	"runtime"
	"unsafe"
)

// EncodeConfig says how to write a picture.
type EncodeConfig struct {
	Format        Format
	Quality       int     // 1 to 100, of JPEG, WebP and AVIF; 0 means DefaultQuality
	Subsample444  bool    // full colour resolution (JPEG, AVIF); otherwise half in both directions
	DPI           float64 // density to write into JPEG and PNG; 0 means what the image says, or 72
	StripMetadata bool    // no EXIF, XMP, IPTC or profile; a JPEG then carries its density in JFIF
	Background    *RGB    // what lies under transparent parts, for JPEG; nil means White
	Effort        int     // WebP 0 to 6, AVIF 0 to 9; 0 means DefaultEffort, less than 0 means none
	Progressive   bool    // JPEG only
	Quick         bool    // JPEG: in half the time, and 3 % larger
	Compression   int     // PNG, 1 to 9, 1 being several times as fast; 0 means 6
}

// DefaultQuality is what a format is written with when nobody says: imgproxy's numbers, so that its users' pictures weigh
// what they did.
func (f Format) DefaultQuality() int {
	switch f {
	case WebP:
		return 79
	case AVIF:
		return 63
	}
	return 80
}

// defaultEffort is imgproxy's too: method 4 of WebP, speed 8 (of 9, the fastest) of AVIF.
func (f Format) defaultEffort() int {
	switch f {
	case WebP:
		return 4
	case AVIF:
		return 1
	}
	return 0
}

// A Buffer is a finished file in C memory, which Close overwrites and frees. One owner; Bytes must not be kept.
type Buffer struct {
	own  *memory
	leak runtime.Cleanup
}

type memory struct {
	data unsafe.Pointer
	size C.size_t
}

func (m *memory) release() {
	C.ev_wipe_free(m.data, m.size)
	m.data, m.size = nil, 0
}

// Bytes is the file, valid until Close.
func (b *Buffer) Bytes() []byte {
	if b == nil || b.own == nil || b.own.data == nil {
		return nil
	}
	return unsafe.Slice((*byte)(b.own.data), int(b.own.size))
}

// Len is the length of the file in bytes.
func (b *Buffer) Len() int { return len(b.Bytes()) }

// Close overwrites the file and gives its memory back. Closing twice does nothing.
func (b *Buffer) Close() {
	if b == nil || b.own == nil {
		return
	}
	b.leak.Stop()
	b.own.release()
	b.own = nil
}

// Encode does everything that is still to be done and writes the picture. The image stays what it was. The same pixels
// and the same configuration make the same bytes.
func (img *Image) Encode(cfg EncodeConfig) (*Buffer, error) {
	if img.own == nil {
		return nil, ErrClosed
	}
	f := cfg.Format
	if !f.CanSave() {
		return nil, fmt.Errorf("%s: %w", f, ErrUnsupported)
	}
	if img.Width() > f.MaxSide() || img.Height() > f.MaxSide() {
		return nil, fmt.Errorf("%d x %d does not fit into %s: %w", img.Width(), img.Height(), f, ErrUnsupported)
	}
	if cfg.Quality < 0 || cfg.Quality > 100 || cfg.DPI < 0 || cfg.DPI > 65535 || cfg.Compression < 0 || cfg.Compression > 9 {
		return nil, fmt.Errorf("vips: quality %d, density %g or compression %d is out of range",
			cfg.Quality, cfg.DPI, cfg.Compression)
	}
	if !f.HasAlpha() && img.HasAlpha() {
		background := White
		if cfg.Background != nil {
			background = *cfg.Background
		}
		if err := img.Flatten(background); err != nil {
			return nil, err
		}
	}
	o := C.ev_save_options{
		format: C.int(f), quality: C.int(cfg.Quality), effort: C.int(cfg.Effort), dpi: C.double(cfg.DPI),
		compression: C.int(cfg.Compression),
		strip:       flag(cfg.StripMetadata), subsample444: flag(cfg.Subsample444), progressive: flag(cfg.Progressive), quick: flag(cfg.Quick),
	}
	if cfg.Quality == 0 {
		o.quality = C.int(f.DefaultQuality())
	}
	switch {
	case cfg.Effort == 0:
		o.effort = C.int(f.defaultEffort())
	case cfg.Effort < 0:
		o.effort = 0
	}
	if cfg.Compression == 0 {
		o.compression = 6
	}
	own := &memory{}
	if C.ev_save(img.own.ptr, &o, &own.data, &own.size) != 0 {
		return nil, img.failure("encode " + f.String())
	}
	b := &Buffer{own: own}
	b.leak = runtime.AddCleanup(b, (*memory).release, own) // catches a forgotten Close, nothing more
	return b, nil
}

func flag(b bool) C.int {
	if b {
		return 1
	}
	return 0
}
