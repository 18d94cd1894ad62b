package measure

import (
	"bytes"
	"encoding/binary"
	"time"
)

// The tags of EXIF 2.32 and TIFF 6 that tell something about the picture or its owner.
const (
	tagOrientation    = 0x0112
	tagXResolution    = 0x011a
	tagYResolution    = 0x011b
	tagResolutionUnit = 0x0128
	tagSoftware       = 0x0131
	tagXMP            = 0x02bc
	tagExifIFD        = 0x8769
	tagTaken          = 0x9003 // DateTimeOriginal
	tagFocal35        = 0xa405 // FocalLengthIn35mmFilm
	tagGPSIFD         = 0x8825
	tagMakerNote      = 0x927c
	tagOwner          = 0xa430
	tagBodySerial     = 0xa431
	tagLensSerial     = 0xa435
	tagCameraSerial   = 0xc62f
)

// exif reads a TIFF structure as far as it makes sense. What does not is passed over: a broken note in a file is no reason
// to refuse its picture.
func (f *Facts) exif(tiff []byte) {
	f.EXIF = true
	if len(tiff) < 8 {
		return
	}
	var order binary.ByteOrder = binary.LittleEndian
	switch string(tiff[:2]) {
	case "II":
	case "MM":
		order = binary.BigEndian
	default:
		return
	}
	r := exifReader{f, tiff, order, 0, 0, 2}
	next := r.directory(order.Uint32(tiff[4:]), 0)
	if next != 0 && int64(next)+2 <= int64(len(tiff)) {
		f.Thumbnail = true // the second directory is there for nothing else
	}
	if r.x == r.y && r.x > 0 {
		f.EXIFDPI = r.x
		if r.unit == 3 {
			f.EXIFDPI *= 2.54
		}
	}
}

type exifReader struct {
	f     *Facts
	tiff  []byte
	order binary.ByteOrder
	x, y  float64
	unit  uint16
}

// directory reads one directory and says where the next is. Nesting is bounded: a directory may name itself.
func (r *exifReader) directory(offset uint32, depth int) (next uint32) {
	if depth > 2 || int64(offset)+2 > int64(len(r.tiff)) {
		return 0
	}
	entries := r.tiff[offset+2:]
	count := int(r.order.Uint16(r.tiff[offset:]))
	for ; count > 0 && len(entries) >= 12; count, entries = count-1, entries[12:] {
		e := entries[:12]
		value := r.order.Uint32(e[8:])
		switch r.order.Uint16(e) {
		case tagOrientation:
			if v := r.order.Uint16(e[8:]); v >= 1 && v <= 8 {
				r.f.Orientation = int(v)
			}
		case tagXResolution:
			r.x = r.rational(value)
		case tagYResolution:
			r.y = r.rational(value)
		case tagResolutionUnit:
			r.unit = r.order.Uint16(e[8:])
		case tagSoftware:
			r.f.Software = r.text(r.order.Uint32(e[4:]), value, e[8:])
		case tagTaken:
			// As the camera's clock had it: no zone is meant. 0000:00:00 is a clock that was never set.
			if t, err := time.Parse("2006:01:02 15:04:05", r.text(r.order.Uint32(e[4:]), value, e[8:])); err == nil && t.Year() > 1990 {
				r.f.Taken = t
			}
		case tagFocal35:
			r.f.Focal35 = float64(r.order.Uint16(e[8:]))
		case tagXMP:
			r.f.XMP = true
		case tagExifIFD:
			r.directory(value, depth+1)
		case tagGPSIFD:
			if int64(value)+2 <= int64(len(r.tiff)) && r.order.Uint16(r.tiff[value:]) > 0 {
				r.f.GPS = true
			}
		case tagMakerNote:
			r.f.MakerNote = true
		case tagOwner, tagBodySerial, tagLensSerial, tagCameraSerial:
			r.f.Serial = true
		}
	}
	if count > 0 || len(entries) < 4 {
		return 0
	}
	return r.order.Uint32(entries)
}

func (r *exifReader) rational(offset uint32) float64 {
	if int64(offset)+8 > int64(len(r.tiff)) {
		return 0
	}
	num, den := r.order.Uint32(r.tiff[offset:]), r.order.Uint32(r.tiff[offset+4:])
	if den == 0 {
		return 0
	}
	return float64(num) / float64(den)
}

// text reads a string of up to 64 printable characters.
func (r *exifReader) text(count, offset uint32, inline []byte) string {
	raw := inline
	if count > 4 {
		if int64(offset) >= int64(len(r.tiff)) {
			return ""
		}
		raw = r.tiff[offset:]
	}
	raw = raw[:min(int64(len(raw)), int64(count), 64)]
	if i := bytes.IndexByte(raw, 0); i >= 0 {
		raw = raw[:i]
	}
	return string(bytes.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return -1
		}
		return c
	}, raw))
}
