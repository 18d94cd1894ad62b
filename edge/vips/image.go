package vips

/*
#include "bridge.h"
*/
import "C"

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"
)

// An Image is a picture under work. It owns one VipsImage until Close and belongs to one goroutine at a time; only
// Interrupt may be called from another. Its methods change it in place; after an error it is as it was before.
//
// Most steps are lazy: libvips strings them together, and the work is done when pixels are asked for (CopyMemory, Pixels,
// Encode, and the steps that say so). Until then the image reads the bytes given to Load, which must not change.
type Image struct {
	own  *owned
	leak runtime.Cleanup
	lazy bool    // pixels come from the decoder, once and from top to bottom
	jpeg *opened // how, while it is still as it was opened and a JPEG
}

// opened is what a decoder was told.
type opened struct {
	data            []byte
	eighths, failOn C.int
}

// owned is what an Image must give back. It is a value of its own so that a cleanup can hold it and not the Image.
type owned struct {
	ptr  *C.VipsImage
	pin  runtime.Pinner // keeps the source bytes where C reads them
	lock sync.Mutex     // between Interrupt and everything that replaces ptr or frees root
	root *C.VipsImage   // the decoder's end of the pipe, which Interrupt stops; ours to unref
	cut  C.int          // Interrupt was called; read by C as it decodes
}

func (o *owned) release() {
	o.lock.Lock()
	defer o.lock.Unlock()
	if o.ptr != nil {
		C.ev_unref(o.ptr)
		o.ptr = nil
	}
	if o.root != nil {
		C.ev_unref(o.root)
		o.root = nil
	}
	o.pin.Unpin()
}

func newImage(ptr *C.VipsImage, source []byte) *Image {
	own := &owned{ptr: ptr}
	if source != nil {
		own.pin.Pin(unsafe.SliceData(source))
		own.root = ptr
		C.ev_ref(ptr)
	}
	img := &Image{own: own, lazy: source != nil}
	img.leak = runtime.AddCleanup(img, (*owned).release, own) // catches a forgotten Close, nothing more
	return img
}

// FailOn says how broken a picture may be.
type FailOn int

// A truncated JPEG is grey below the cut and a damaged one has wrong blocks. Neither is a picture of anybody.
const (
	FailOnError     FailOn = iota // what decoders call an error, and any cut; what they call a warning passes
	FailOnTruncated               // only a cut
	FailOnNone                    // nothing: a picture comes out as far as it can be read
	FailOnWarning                 // everything
)

var failOn = map[FailOn]C.int{FailOnNone: 0, FailOnTruncated: 1, FailOnError: 2, FailOnWarning: 3} // VipsFailOn

// LoadConfig says how to open a picture.
type LoadConfig struct {
	Shrink    int     // JPEG: decode at 1/2, 1/4 or 1/8 of the size; 0 and 1 mean whole. Others ignore it
	Eighths   int     // JPEG: CopyMemory decodes at so many eighths of the size, 1 to 8; see there. 0 leaves it to Shrink
	Scale     float64 // WebP: decode at this scale, 0 < Scale <= 1; 0 means 1. Others ignore it
	MaxPixels int64   // refuse more than this, by the header; 0 means no limit
	FailOn    FailOn
}

// Load opens a picture: its first frame, as stored. The pixels are decoded later; data must stay as it is until Close.
func Load(data []byte, cfg LoadConfig) (*Image, error) {
	info, err := Probe(data)
	if err != nil {
		return nil, err
	}
	return LoadProbed(data, info, cfg)
}

// LoadProbed is Load for a caller that has called Probe on the same bytes.
func LoadProbed(data []byte, info Info, cfg LoadConfig) (*Image, error) {
	if err := running(); err != nil {
		return nil, err
	}
	if cfg.MaxPixels > 0 && info.Pixels() > cfg.MaxPixels {
		return nil, fmt.Errorf("%d x %d pixels, at most %d: %w", info.Width, info.Height, cfg.MaxPixels, ErrTooLarge)
	}
	shrink, eighths, scale := max(cfg.Shrink, 1), cfg.Eighths, cfg.Scale
	if eighths < 0 || eighths > 8 || eighths != 0 && cfg.Shrink != 0 {
		return nil, fmt.Errorf("vips: a JPEG cannot be opened at %d eighths and 1/%d", eighths, cfg.Shrink)
	}
	if eighths == 0 {
		eighths = 8 / shrink
	} else {
		for shrink < 8 && 8/(2*shrink) >= eighths {
			shrink *= 2
		}
	}
	if shrink != 1 && shrink != 2 && shrink != 4 && shrink != 8 {
		return nil, fmt.Errorf("vips: a JPEG cannot be opened at 1/%d", shrink)
	}
	if scale == 0 {
		scale = 1
	}
	if info.Format == JPEG && shrink > min(info.Width, info.Height) { // libvips would end the process over a side of no pixels
		return nil, fmt.Errorf("vips: a JPEG of %d x %d cannot be opened at 1/%d", info.Width, info.Height, shrink)
	}
	if !(scale > 0 && scale <= 1) {
		return nil, fmt.Errorf("vips: a WebP cannot be opened at scale %g", scale)
	}
	if len(data) == 0 || !info.Format.CanLoad() {
		return nil, fmt.Errorf("%s: %w", info.Format, ErrUnsupported)
	}
	var ptr *C.VipsImage
	var pin runtime.Pinner
	pin.Pin(unsafe.SliceData(data))
	defer pin.Unpin()
	if C.ev_load(C.int(info.Format), unsafe.Pointer(unsafe.SliceData(data)), C.size_t(len(data)), C.int(shrink),
		C.double(scale), failOn[cfg.FailOn], &ptr) != 0 {
		return nil, failure("load "+info.Format.String(), ErrBroken)
	}
	img := newImage(ptr, data)
	if info.Format == JPEG {
		img.jpeg = &opened{data, C.int(eighths), failOn[cfg.FailOn]}
	}
	// The header was read twice, and must have said the same: nothing larger than what was allowed is decoded.
	if int64(img.Width())*int64(img.Height()) > info.Pixels() {
		img.Close()
		return nil, &OpError{Op: "load " + info.Format.String(), Err: ErrBroken}
	}
	return img, nil
}

// FromPixels makes an image of rows of 8-bit samples, top to bottom: 1 band is grey, 2 grey and alpha, 3 sRGB, 4 sRGB and
// alpha. The samples are copied.
func FromPixels(pix []byte, width, height, bands int) (*Image, error) {
	if err := running(); err != nil {
		return nil, err
	}
	if width < 1 || height < 1 || bands < 1 || bands > 4 || width > 1<<20 || height > 1<<20 ||
		len(pix) != width*height*bands {
		return nil, fmt.Errorf("vips: %d bytes are not %d x %d pixels of %d bands", len(pix), width, height, bands)
	}
	var ptr *C.VipsImage
	failed := C.ev_from_pixels(unsafe.Pointer(unsafe.SliceData(pix)), C.size_t(len(pix)), C.int(width), C.int(height),
		C.int(bands), &ptr)
	runtime.KeepAlive(pix)
	if failed != 0 {
		return nil, failure("from pixels", nil)
	}
	return newImage(ptr, nil), nil
}

// Close gives everything back. Closing twice does nothing.
func (img *Image) Close() {
	if img == nil || img.own == nil {
		return
	}
	img.leak.Stop()
	img.own.release()
	img.own = nil
}

// Interrupt makes work in progress on the image fail with ErrInterrupted, soon. It may be called from any goroutine, and
// for an image that is closed.
func (o *owned) interrupt() {
	o.lock.Lock()
	defer o.lock.Unlock()
	atomic.StoreInt32((*int32)(unsafe.Pointer(&o.cut)), 1)
	if o.root != nil {
		C.ev_kill(o.root)
	}
}

// Interrupter returns a function that makes the decoding of the image fail with ErrInterrupted, soon. The function may be
// called from any goroutine, at any time, also after Close: context.AfterFunc wants just that.
func (img *Image) Interrupter() func() {
	if img.own == nil {
		return func() {}
	}
	return img.own.interrupt
}

// Width is in pixels. A closed image has none.
func (img *Image) Width() int {
	if img.own == nil {
		return 0
	}
	return int(C.ev_width(img.own.ptr))
}

// Height is in pixels. A closed image has none.
func (img *Image) Height() int {
	if img.own == nil {
		return 0
	}
	return int(C.ev_height(img.own.ptr))
}

// Bands is how many samples a pixel has, alpha included.
func (img *Image) Bands() int {
	if img.own == nil {
		return 0
	}
	return int(C.ev_bands(img.own.ptr))
}

// HasAlpha reports whether the last sample of a pixel is its opacity.
func (img *Image) HasAlpha() bool { return img.own != nil && C.ev_has_alpha(img.own.ptr) != 0 }

// Orientation is the EXIF orientation that is still to be applied, 1 to 8.
func (img *Image) Orientation() int {
	if img.own == nil {
		return 1
	}
	return int(C.ev_orientation(img.own.ptr))
}

// step runs one function of bridge.h and puts its result in the place of the image.
func (img *Image) step(op string, f func(in *C.VipsImage, out **C.VipsImage) C.int) error {
	if img.own == nil {
		return ErrClosed
	}
	var out *C.VipsImage
	if f(img.own.ptr, &out) != 0 {
		return img.failure(op)
	}
	img.own.lock.Lock()
	C.ev_unref(img.own.ptr)
	if out != img.own.ptr {
		img.jpeg = nil
	}
	img.own.ptr = out
	img.own.lock.Unlock()
	return nil
}

// failure is the error of a step on this image. While pixels still come from the decoder, a step that fails has met a
// broken file; afterwards the picture is not to blame.
func (img *Image) failure(op string) error {
	var cause error
	img.own.lock.Lock()
	cut := img.own.cut
	img.own.lock.Unlock()
	switch {
	case cut != 0:
		cause = ErrInterrupted
	case img.lazy:
		cause = ErrBroken
	}
	return failure(op, cause)
}
