package vips

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/jpeg"
	"testing"
	"time"
)

// spotted is a picture in which every block is different.
func spotted(width, height int) *image.NRGBA {
	img := corners(width, height)
	for i, v := range noise(width, height, 4) {
		if i%4 < 3 {
			img.Pix[i] = img.Pix[i]/2 + v/4
		}
	}
	return img
}

// jpegs are of every kind that a camera or an editor writes.
func jpegs(t *testing.T) map[string][]byte {
	t.Helper()
	odd := spotted(333, 251)
	all := map[string][]byte{"half colour": encodeJPEG(t, odd), "one pixel": encodeJPEG(t, spotted(1, 1)), "a line": encodeJPEG(t, spotted(700, 1)), "CMYK": cmyk(t)}
	all["turned"], all["profile"] = withOrientation(all["half colour"], 6), withProfile(all["half colour"], profile("P3-like", [3]float64{.51, .24, 0}, [3]float64{.29, .69, .04}, [3]float64{.16, .07, .78}))
	grey := image.NewGray(odd.Bounds())
	for y := range 251 {
		for x := range 333 {
			grey.Set(x, y, odd.At(x, y))
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, grey, nil); err != nil {
		t.Fatal(err)
	}
	all["grey"] = b.Bytes()
	img := fromPixels(t, opaque(odd.Pix), 333, 251, 3)
	defer img.Close()
	for name, cfg := range map[string]EncodeConfig{
		"full colour": {Quality: 95, Subsample444: true}, "progressive": {Progressive: true}, "progressive in full colour": {Progressive: true, Subsample444: true},
	} {
		cfg.Format = JPEG
		all[name] = encode(t, img, cfg)
	}
	return all
}

// A JPEG that is decoded into memory at once has the pixels that libvips reads line by line, to the bit, and says the same of itself.
func TestAtOnceIsLineByLine(t *testing.T) {
	for name, data := range jpegs(t) {
		for _, shrink := range []int{1, 2, 4, 8} {
			if info, err := Probe(data); err != nil || shrink > min(info.Width, info.Height) {
				continue
			}
			want, w, h, bands := pixels(t, data, LoadConfig{Shrink: shrink})
			img, err := Load(data, LoadConfig{Shrink: shrink})
			if err != nil {
				t.Fatal(err)
			}
			if err := img.CopyMemory(); err != nil {
				t.Fatal(err)
			}
			if img.jpeg != nil || img.lazy {
				t.Errorf("%s: still to be decoded", name)
			}
			r, err := img.Raster()
			if err != nil {
				t.Fatal(err)
			}
			if r.Width != w || r.Height != h || r.Bands != bands || !bytes.Equal(r.Pix, want) {
				t.Errorf("%s at 1/%d: %d x %d of %d, want %d x %d of %d; or not the same pixels", name, shrink, r.Width, r.Height, r.Bands, w, h, bands)
			}
			// What depends on what the file says of itself.
			both := []func(*Image) error{(*Image).AutoRotate, (*Image).ToSRGB}
			want, w, h, _ = pixels(t, data, LoadConfig{Shrink: shrink}, both...)
			got, gotW, gotH, _ := pixels(t, data, LoadConfig{Shrink: shrink}, append([]func(*Image) error{(*Image).CopyMemory}, both...)...)
			if gotW != w || gotH != h || !bytes.Equal(got, want) {
				t.Errorf("%s at 1/%d: upright and in sRGB it is another picture", name, shrink)
			}
			img.Close()
		}
	}
}

// Between the sizes that libvips knows a JPEG is the same picture, at its size; where libjpeg makes no RGB of it the next larger one.
func TestEighths(t *testing.T) {
	for name, data := range jpegs(t) {
		info, err := Probe(data)
		if err != nil {
			t.Fatal(err)
		}
		whole := func(e int) Raster {
			img, err := Load(data, LoadConfig{Eighths: e})
			if err != nil {
				t.Fatal(err)
			}
			defer img.Close()
			if err := errors.Join(img.CopyMemory(), img.ToSRGB()); err != nil {
				t.Fatal(err)
			}
			r, err := img.Raster()
			if err != nil {
				t.Fatal(err)
			}
			r.Pix = bytes.Clone(r.Pix)
			return r
		}
		for e := 1; e <= 8; e++ {
			if e*min(info.Width, info.Height) < 8 {
				continue
			}
			w, h := info.Width*e/8, info.Height*e/8
			if name == "CMYK" {
				step := map[int]int{1: 1, 2: 2, 3: 4, 4: 4}[e]
				if step == 0 {
					step = 8
				}
				w, h = info.Width*step/8, info.Height*step/8
			}
			r := whole(e)
			if r.Width != w || r.Height != h {
				t.Errorf("%s at %d/8 is %d x %d, want %d x %d", name, e, r.Width, r.Height, w, h)
				continue
			}
			if min(w, h) < 20 || r.Bands != 3 {
				continue
			}
			// The corners in their colours, where those of the whole picture are.
			for i, got := range quarters(r.Pix, w, h, 3) {
				all := whole(8)
				if want := quarters(all.Pix, all.Width, all.Height, 3)[i]; name != "CMYK" && !near(got, want, 60) {
					t.Errorf("%s at %d/8: %s is %v, want %v", name, e, names[i], got, want)
				}
			}
		}
	}
	data := encodeJPEG(t, spotted(40, 40))
	for _, cfg := range []LoadConfig{{Eighths: -1}, {Eighths: 9}, {Eighths: 3, Shrink: 2}} {
		if img, err := Load(data, cfg); err == nil {
			img.Close()
			t.Errorf("%+v is taken", cfg)
		}
	}
}

// A JPEG that is cut anywhere is broken, and none is where that is asked for; then it has the pixels that libvips finds in it.
func TestCutJPEG(t *testing.T) {
	for name, data := range jpegs(t) {
		if name == "one pixel" || name == "CMYK" {
			continue
		}
		for _, part := range []int{40, 70, 90} {
			cut := data[:len(data)*part/100]
			img, err := Load(cut, LoadConfig{})
			if err != nil { // its header is cut
				continue
			}
			if err := img.CopyMemory(); !errors.Is(err, ErrBroken) {
				t.Errorf("%s, %d %% of it: %v, want %v", name, part, err, ErrBroken)
			}
			if err := img.CopyMemory(); !errors.Is(err, ErrBroken) {
				t.Errorf("%s, %d %% of it, a second time: %v, want %v", name, part, err, ErrBroken)
			}
			img.Close()
			want, _, _, _ := pixels(t, cut, LoadConfig{FailOn: FailOnNone})
			got, _, _, _ := pixels(t, cut, LoadConfig{FailOn: FailOnNone}, (*Image).CopyMemory)
			if !bytes.Equal(got, want) {
				t.Errorf("%s, %d %% of it, taken as it is: not the pixels of libvips", name, part)
			}
		}
	}
}

// Decoding at once can be stopped: before it begins, and in the middle, where a progressive picture reads all its scans first.
func TestInterruptAtOnce(t *testing.T) {
	img := fromPixels(t, noise(3000, 2000, 3), 3000, 2000, 3)
	defer img.Close()
	for name, progressive := range map[string]bool{"baseline": false, "progressive": true} {
		file := encode(t, img, EncodeConfig{Format: JPEG, Quality: 95, Progressive: progressive})
		decode := func(after time.Duration) (time.Duration, error) {
			lazy, err := Load(file, LoadConfig{})
			if err != nil {
				t.Fatal(err)
			}
			defer lazy.Close()
			ctx, cancel := context.WithCancel(t.Context())
			stop := context.AfterFunc(ctx, lazy.Interrupter())
			defer stop()
			if after > 0 {
				time.AfterFunc(after, cancel)
			}
			begin := time.Now()
			err = lazy.CopyMemory()
			cancel()
			return time.Since(begin), err
		}
		whole, err := decode(0)
		if err != nil {
			t.Fatal(err)
		}
		took, err := decode(max(whole/10, time.Millisecond))
		if !errors.Is(err, ErrInterrupted) {
			t.Errorf("%s: %v after %v of %v, want %v", name, err, took, whole, ErrInterrupted)
		}
	}
}

// A JPEG of 12 megapixels into memory, at once and line by line.
func BenchmarkMemory(b *testing.B) {
	soft := fromPixels(b, noise(375, 500, 3), 375, 500, 3)
	defer soft.Close()
	if err := soft.ResizeTo(3000, 4000); err != nil {
		b.Fatal(err)
	}
	buf, err := soft.Encode(EncodeConfig{Format: JPEG, Quality: 95})
	if err != nil {
		b.Fatal(err)
	}
	defer buf.Close()
	for _, way := range []string{"at once", "line by line"} {
		for _, shrink := range []int{1, 2, 4} {
			b.Run(way+"/1 of "+string(rune('0'+shrink)), func(b *testing.B) {
				for b.Loop() {
					img, err := Load(buf.Bytes(), LoadConfig{Shrink: shrink})
					if err != nil {
						b.Fatal(err)
					}
					if way == "line by line" {
						img.jpeg = nil
					}
					if err := img.CopyMemory(); err != nil {
						b.Fatal(err)
					}
					img.Close()
				}
			})
		}
	}
}
