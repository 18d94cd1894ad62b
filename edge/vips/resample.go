package vips

/*
#include "bridge.h"
*/
import "C"

import (
	"fmt"
	"math"
	"unsafe"
)

// Resample cuts, turns and scales the picture in one resampling, to width x height pixels. It wants 8-bit sRGB without
// alpha (ToSRGB, Flatten), upright (AutoRotate), and gives the same.
//
// m takes a point of the source to a point of the output:
//
//	x' = m[0]·x + m[1]·y + m[2]
//	y' = m[3]·x + m[4]·y + m[5]
//
// Points are measured from the top left corner of the picture, in pixels, and pixel i covers [i, i+1): its centre is at
// i + 0.5, and the right edge of a picture w pixels wide is at w. So scaling a picture by s is m = {s, 0, 0, 0, s, 0}, with
// no half pixels to think of, and points of landmarks measured in that convention go through the same six numbers.
//
// The kernel is Lanczos-3, widened where the picture shrinks, so that what the output cannot show does not alias. Light
// is added as light: samples go through the sRGB curve first. Beyond the source lies background; a pixel that the edge
// crosses gets its share of both.
func (img *Image) Resample(m [6]float64, width, height int, background RGB) error {
	if img.own == nil {
		return ErrClosed
	}
	det := m[0]*m[4] - m[1]*m[3]
	for _, v := range m {
		if math.IsNaN(v) || math.Abs(v) > 1e7 {
			return fmt.Errorf("vips: %v is no affine map", m)
		}
	}
	if math.Abs(det) < 1e-9 {
		return fmt.Errorf("vips: %v flattens the picture", m)
	}
	if width < 1 || height < 1 || width > maxSide || height > maxSide || int64(width)*int64(height) > 1<<28 {
		return fmt.Errorf("vips: cannot resample to %d x %d", width, height)
	}
	if img.Bands() != 3 {
		return fmt.Errorf("vips: resample wants 3 bands, not %d", img.Bands())
	}
	var c [6]C.double
	for i, v := range m {
		c[i] = C.double(v)
	}
	err := img.step("resample", func(in *C.VipsImage, out **C.VipsImage) C.int {
		return C.ev_resample(in, out, &c[0], C.int(width), C.int(height),
			C.int(background.R), C.int(background.G), C.int(background.B))
	})
	if err == nil {
		img.lazy = false
	}
	return err
}

// resamplePixels is Resample on plain samples. direct asks for the slow way, which takes any map and is the measure of
// the others.
func resamplePixels(pix []byte, width, height int, m [6]float64, outWidth, outHeight int, bg RGB, direct bool) []byte {
	out := make([]byte, 3*outWidth*outHeight)
	var c [6]C.double
	for i, v := range m {
		c[i] = C.double(v)
	}
	background := [3]C.uint8_t{C.uint8_t(bg.R), C.uint8_t(bg.G), C.uint8_t(bg.B)}
	if C.ev_resample_pixels((*C.uint8_t)(unsafe.SliceData(pix)), C.int(width), C.int(height),
		(*C.uint8_t)(unsafe.SliceData(out)), C.int(outWidth), C.int(outHeight), &c[0], &background[0], flag(direct)) != 0 {
		return nil
	}
	return out
}

// useWideVectors chooses between the processor's widest vectors and the ones every processor has, and reports which are
// used now.
func useWideVectors(on bool) bool { return C.ev_wide(flag(on)) != 0 }
