package vips

/*
#include "bridge.h"
*/
import "C"

import (
	"fmt"
	"unsafe"
)

// maxSide bounds what a step may make, so that no sum of a caller's overflows in C.
const maxSide = 1 << 20

// CopyMemory decodes and does everything that is still to be done, into memory. Later steps may then read the pixels in
// any order and as often as they like. A JPEG that was opened at a number of eighths between those that Shrink knows has that size now; one
// with four inks, which libjpeg does not make RGB of, keeps the next larger that Shrink knows.
func (img *Image) CopyMemory() error { return img.decode(false) }

// CopyUpright is CopyMemory and AutoRotate at once: a JPEG is turned as it is decoded.
func (img *Image) CopyUpright() error {
	if err := img.decode(true); err != nil {
		return err
	}
	return img.AutoRotate()
}

func (img *Image) decode(upright bool) error {
	err := img.step("decode", func(in *C.VipsImage, out **C.VipsImage) C.int {
		if j := img.jpeg; j != nil {
			// Not for us is 1, and then libvips does it.
			if r := C.ev_jpeg_memory(in, unsafe.Pointer(unsafe.SliceData(j.data)), C.size_t(len(j.data)), j.eighths, flag(upright), j.failOn, &img.own.cut, out); r <= 0 {
				return r
			}
		}
		return C.ev_copy_memory(in, out)
	})
	if err == nil {
		img.lazy = false
	}
	return err
}

// settle is CopyMemory for steps that cannot read from top to bottom.
func (img *Image) settle() error {
	if img.own != nil && img.lazy {
		return img.CopyMemory()
	}
	return nil
}

// AutoRotate turns the picture upright, as its EXIF orientation says, and forgets the orientation.
func (img *Image) AutoRotate() error {
	if img.Orientation() == 1 {
		return nil
	}
	if err := img.settle(); err != nil {
		return err
	}
	return img.step("autorotate", func(in *C.VipsImage, out **C.VipsImage) C.int { return C.ev_autorotate(in, out) })
}

// Rotate turns the picture clockwise by a multiple of 90 degrees.
func (img *Image) Rotate(degrees int) error {
	if degrees%90 != 0 {
		return fmt.Errorf("vips: %d degrees are no quarter turns", degrees)
	}
	degrees = (degrees%360 + 360) % 360
	if degrees == 0 {
		return nil
	}
	if err := img.settle(); err != nil {
		return err
	}
	return img.step("rotate", func(in *C.VipsImage, out **C.VipsImage) C.int {
		return C.ev_rotate(in, out, C.int(degrees))
	})
}

// FlipHorizontal mirrors left and right.
func (img *Image) FlipHorizontal() error {
	if err := img.settle(); err != nil {
		return err
	}
	return img.step("flip", func(in *C.VipsImage, out **C.VipsImage) C.int { return C.ev_flip(in, out, 0) })
}

// ToSRGB makes 8-bit sRGB of whatever there is (CMYK, 16 bit, grey, a wide gamut by its profile): 3 bands, or 4 where
// there is alpha.
func (img *Image) ToSRGB() error {
	return img.step("to sRGB", func(in *C.VipsImage, out **C.VipsImage) C.int { return C.ev_to_srgb(in, out, 0) })
}

// ToDisplay is ToSRGB, but leaves grey pictures grey: 1 to 4 bands.
func (img *Image) ToDisplay() error {
	return img.step("to display", func(in *C.VipsImage, out **C.VipsImage) C.int { return C.ev_to_srgb(in, out, 1) })
}

// Resize scales by two factors; the new size is rounded half away from zero, and at least 1.
func (img *Image) Resize(hscale, vscale float64) error {
	if !(hscale > 0 && vscale > 0 && hscale <= maxSide && vscale <= maxSide) {
		return fmt.Errorf("vips: cannot scale by %g and %g", hscale, vscale)
	}
	return img.ResizeTo(scaled(img.Width(), hscale), scaled(img.Height(), vscale))
}

func scaled(side int, factor float64) int { return max(int(float64(side)*factor+0.5), 1) }

// ResizeTo scales to exactly this size with a Lanczos-3 kernel, in the colours as they are. It decodes as it goes, so that
// a large picture is never in memory as a whole; what comes out is.
func (img *Image) ResizeTo(width, height int) error {
	if img.own == nil {
		return ErrClosed
	}
	if width < 1 || height < 1 || width > maxSide || height > maxSide {
		return fmt.Errorf("vips: cannot scale to %d x %d", width, height)
	}
	if width == img.Width() && height == img.Height() {
		return nil
	}
	err := img.step("resize", func(in *C.VipsImage, out **C.VipsImage) C.int {
		return C.ev_resize(in, out, C.int(width), C.int(height))
	})
	if err == nil {
		img.lazy = false
	}
	return err
}

// Crop keeps width x height pixels, the first of which is at (x, y).
func (img *Image) Crop(x, y, width, height int) error {
	if img.own == nil {
		return ErrClosed
	}
	if x < 0 || y < 0 || width < 1 || height < 1 || width > img.Width()-x || height > img.Height()-y {
		return fmt.Errorf("vips: %d x %d at %d,%d does not lie in %d x %d", width, height, x, y, img.Width(), img.Height())
	}
	if x == 0 && y == 0 && width == img.Width() && height == img.Height() {
		return nil
	}
	return img.step("crop", func(in *C.VipsImage, out **C.VipsImage) C.int {
		return C.ev_crop(in, out, C.int(x), C.int(y), C.int(width), C.int(height))
	})
}

// SmartCrop keeps the width x height pixels that a person would look at: libvips' attention (edges, skin, saturation).
func (img *Image) SmartCrop(width, height int) error {
	if img.own == nil {
		return ErrClosed
	}
	if width < 1 || height < 1 || width > img.Width() || height > img.Height() {
		return fmt.Errorf("vips: %d x %d does not lie in %d x %d", width, height, img.Width(), img.Height())
	}
	if err := img.settle(); err != nil {
		return err
	}
	return img.step("smartcrop", func(in *C.VipsImage, out **C.VipsImage) C.int {
		return C.ev_smartcrop(in, out, C.int(width), C.int(height))
	})
}

// Embed puts the picture at (x, y) of a canvas of width x height and fills what is left with an opaque colour. Parts
// outside the canvas are lost.
func (img *Image) Embed(x, y, width, height int, background RGB) error {
	return img.embed(x, y, width, height, false, background)
}

// EmbedClear is Embed with nothing around the picture: what is left is transparent, and the image gets alpha.
func (img *Image) EmbedClear(x, y, width, height int) error {
	return img.embed(x, y, width, height, true, RGB{})
}

func (img *Image) embed(x, y, width, height int, clear bool, bg RGB) error {
	if width < 1 || height < 1 || width > maxSide || height > maxSide ||
		x < -maxSide || y < -maxSide || x > maxSide || y > maxSide {
		return fmt.Errorf("vips: no canvas of %d x %d, or no place %d,%d on it", width, height, x, y)
	}
	transparent := C.int(0)
	if clear {
		transparent = 1
	}
	return img.step("embed", func(in *C.VipsImage, out **C.VipsImage) C.int {
		return C.ev_embed(in, out, C.int(x), C.int(y), C.int(width), C.int(height), transparent,
			C.int(bg.R), C.int(bg.G), C.int(bg.B))
	})
}

// Insert lays sub over the picture with its top left corner at (x, y); sub stays its owner's, who may close it at once.
// Both must be in memory (CopyMemory) and have the same bands.
func (img *Image) Insert(sub *Image, x, y int) error {
	if img.own == nil || sub.own == nil {
		return ErrClosed
	}
	if sub.lazy || img.lazy || sub.Bands() != img.Bands() {
		return fmt.Errorf("vips: insert wants two images in memory and of as many bands, not %d and %d",
			img.Bands(), sub.Bands())
	}
	return img.step("insert", func(in *C.VipsImage, out **C.VipsImage) C.int {
		return C.ev_insert(in, sub.own.ptr, out, C.int(x), C.int(y))
	})
}

// Clone is a second image of the same pixels, with an owner of its own. It decodes first, so both are in memory.
func (img *Image) Clone() (*Image, error) {
	if img.own == nil {
		return nil, ErrClosed
	}
	if err := img.settle(); err != nil {
		return nil, err
	}
	C.ev_ref(img.own.ptr)
	return newImage(img.own.ptr, nil), nil
}

// Flatten lays the picture on an opaque colour; one without alpha stays as it is.
func (img *Image) Flatten(background RGB) error {
	return img.step("flatten", func(in *C.VipsImage, out **C.VipsImage) C.int {
		return C.ev_flatten(in, out, C.int(background.R), C.int(background.G), C.int(background.B))
	})
}

// Blur is a Gaussian of this standard deviation in pixels.
func (img *Image) Blur(sigma float64) error {
	return img.filter("blur", sigma, MaxBlur, func(in *C.VipsImage, out **C.VipsImage) C.int {
		return C.ev_blur(in, out, C.double(sigma))
	})
}

// Sharpen is libvips' sharpening of lightness with this standard deviation in pixels.
func (img *Image) Sharpen(sigma float64) error {
	return img.filter("sharpen", sigma, MaxSharpen, func(in *C.VipsImage, out **C.VipsImage) C.int {
		return C.ev_sharpen(in, out, C.double(sigma))
	})
}

// What libvips takes at most, as a standard deviation in pixels.
const (
	MaxBlur    = 1000
	MaxSharpen = 10
)

func (img *Image) filter(op string, sigma, most float64, f func(in *C.VipsImage, out **C.VipsImage) C.int) error {
	if sigma == 0 {
		return nil
	}
	if !(sigma > 0 && sigma <= most) {
		return fmt.Errorf("vips: %s of %g pixels, at most %g", op, sigma, most)
	}
	if err := img.settle(); err != nil {
		return err
	}
	return img.step(op, f)
}

// StripMetadata forgets everything that is not pixels (EXIF, XMP, IPTC, profiles, comments) and says the density is 72 dpi.
func (img *Image) StripMetadata() error {
	return img.step("strip", func(in *C.VipsImage, out **C.VipsImage) C.int { return C.ev_strip(in, out, 72) })
}

// Pixels does everything that is still to be done and returns the samples, top to bottom, Bands of them a pixel, 8 bits
// each. They are a copy on Go's heap: a photo's owner wipes it with clear when done.
func (img *Image) Pixels() (pix []byte, width, height int, err error) {
	if img.own == nil {
		return nil, 0, 0, ErrClosed
	}
	width, height = img.Width(), img.Height()
	pix = make([]byte, width*height*img.Bands())
	if C.ev_pixels(img.own.ptr, unsafe.Pointer(unsafe.SliceData(pix)), C.size_t(len(pix))) != 0 {
		clear(pix)
		return nil, 0, 0, img.failure("pixels")
	}
	return pix, width, height, nil
}
