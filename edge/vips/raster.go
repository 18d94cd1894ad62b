package vips

/*
#include "bridge.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"image"
	"math"
	"runtime"
	"unsafe"
)

// A Raster is pixels in plain memory: 8-bit samples, Bands of them a pixel, rows from top to bottom without padding. It is a
// value that any code can read, and that a test can make without libvips.
type Raster struct {
	Pix                  []byte
	Width, Height, Bands int
}

// Check tells whether this is an opaque sRGB picture: three bands, and as many bytes as its size says.
func (r Raster) Check() error {
	if r.Width < 1 || r.Height < 1 || r.Width > maxSide || r.Height > maxSide || r.Bands != 3 || len(r.Pix) != 3*r.Width*r.Height {
		return fmt.Errorf("vips: %d bytes in %d bands are no picture of %d x %d", len(r.Pix), r.Bands, r.Width, r.Height)
	}
	return nil
}

// Raster does everything that is still to be done and shows where the pixels are. They are the image's own and no copy: good
// until its next step or Close, and not to be written while a Clone shares them.
func (img *Image) Raster() (Raster, error) {
	if img.own == nil {
		return Raster{}, ErrClosed
	}
	if img.lazy || C.ev_data(img.own.ptr) == nil { // libvips would copy what is in memory already
		if err := img.CopyMemory(); err != nil {
			return Raster{}, err
		}
	}
	r := Raster{Width: img.Width(), Height: img.Height(), Bands: img.Bands()}
	data := C.ev_data(img.own.ptr)
	if data == nil {
		return Raster{}, &OpError{Op: "raster", Text: "samples are not of 8 bits"}
	}
	r.Pix = unsafe.Slice((*byte)(data), r.Width*r.Height*r.Bands)
	return r, nil
}

// NewGrey makes a black picture of one band, whose Raster is there to be written.
func NewGrey(width, height int) (*Image, error) {
	if err := running(); err != nil {
		return nil, err
	}
	if width < 1 || height < 1 || width > maxSide || height > maxSide {
		return nil, fmt.Errorf("vips: no picture of %d x %d", width, height)
	}
	var ptr *C.VipsImage
	if C.ev_grey(C.int(width), C.int(height), &ptr) != 0 {
		return nil, failure("grey", nil)
	}
	return newImage(ptr, nil), nil
}

// AddAlpha makes a picture of one band and the same size the opacity of one that has none. It is read when pixels are asked for, so it
// must stay as it is; its owner may close it at once.
func (img *Image) AddAlpha(alpha *Image) error {
	if img.own == nil || alpha.own == nil {
		return ErrClosed
	}
	if img.HasAlpha() || alpha.lazy || alpha.Bands() != 1 || alpha.Width() != img.Width() || alpha.Height() != img.Height() {
		return fmt.Errorf("vips: %d x %d in %d bands is no alpha for a picture of %d x %d in %d bands",
			alpha.Width(), alpha.Height(), alpha.Bands(), img.Width(), img.Height(), img.Bands())
	}
	return img.step("add alpha", func(in *C.VipsImage, out **C.VipsImage) C.int { return C.ev_add_alpha(in, alpha.own.ptr, out) })
}

// Average scales a part of an opaque picture to another, as nets see pictures: shrinking is the mean of what lies under a pixel,
// enlarging blends the neighbours, each axis for itself.
func (r Raster) Average(part image.Rectangle, to Raster) error {
	return r.AverageInto(part, to, image.Rect(0, 0, to.Width, to.Height))
}

// AverageInto is Average into a part of the other picture; what lies around it is left as it is.
func (r Raster) AverageInto(part image.Rectangle, to Raster, into image.Rectangle) error {
	if err := errors.Join(r.Check(), to.Check()); err != nil {
		return err
	}
	if part.Empty() || !part.In(image.Rect(0, 0, r.Width, r.Height)) {
		return fmt.Errorf("vips: %v is no part of %d x %d", part, r.Width, r.Height)
	}
	if into.Empty() || !into.In(image.Rect(0, 0, to.Width, to.Height)) {
		return fmt.Errorf("vips: %v is no part of %d x %d", into, to.Width, to.Height)
	}
	failed := C.ev_average(r.at(part.Min), C.size_t(3*r.Width), C.int(part.Dx()), C.int(part.Dy()),
		to.at(into.Min), C.size_t(3*to.Width), C.int(into.Dx()), C.int(into.Dy()))
	runtime.KeepAlive(r.Pix)
	if failed != 0 {
		return errors.New("vips: out of memory")
	}
	return nil
}

// at is where the first sample of a pixel of three lies.
func (r Raster) at(p image.Point) *C.uint8_t { return (*C.uint8_t)(&r.Pix[3*(p.Y*r.Width+p.X)]) }

// Warp reads an opaque picture between its pixels: to gets what lies where m puts the middle of each of its own. m takes a point of to
// to one of r,
//
//	x' = m[0]·x + m[1]·y + m[2]
//	y' = m[3]·x + m[4]·y + m[5]
//
// both counted from their corners. Beyond the edge the edge goes on.
func (r Raster) Warp(m [6]float64, to Raster) error {
	if err := errors.Join(r.Check(), to.Check()); err != nil {
		return err
	}
	for _, v := range m {
		if !(math.Abs(v) < 1e9) { // which is false for NaN
			return fmt.Errorf("vips: %v is no affine map", m)
		}
	}
	C.ev_warp(r.at(image.Point{}), C.int(r.Width), C.int(r.Height), (*C.double)(&m[0]), to.at(image.Point{}), C.int(to.Width), C.int(to.Height))
	runtime.KeepAlive(r.Pix)
	return nil
}
