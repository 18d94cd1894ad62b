package measure

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// ErrFacts is a file whose structure cannot be followed to where its picture begins.
var ErrFacts = errors.New("the file's structure cannot be read")

// Facts are what a file says of itself.
type Facts struct {
	Format        string // jpg, png
	Width, Height int    // as stored
	Bytes         int
	Bits          int // of a sample
	Samples       int // of a pixel, as stored
	Progressive   bool
	Subsampled    bool // colour is kept at a lower resolution than light

	DPIX, DPIY float64 // of JFIF or pHYs; 0 when it does not say
	EXIFDPI    float64 // of EXIF, in either direction the same; 0 when it does not say

	EXIF, GPS, Thumbnail, MakerNote, Serial, XMP, IPTC, Credentials bool // Credentials: a C2PA manifest
	Orientation                                                     int  // EXIF; 0 when it does not say
	Software                                                        string
	EditorNotes                                                     bool      // XMP in which an editor keeps its history or its settings
	Taken                                                           time.Time // EXIF DateTimeOriginal, taken for UTC; zero when it does not say
	Focal35                                                         float64   // mm, as for 35 mm film; 0 when it does not say
	Profile                                                         string    // "", "srgb", "other"
	Comment                                                         int       // bytes of comments

	picture int // where a JPEG's first scan begins, and a PNG's picture ends
}

// DPI is the density the file says, when all that say one agree: programs differ in which they read.
func (f Facts) DPI() float64 {
	switch {
	case f.DPIX != f.DPIY:
		return 0
	case f.DPIX == 0:
		return f.EXIFDPI
	case f.EXIFDPI != 0 && (f.EXIFDPI < f.DPIX-0.5 || f.EXIFDPI > f.DPIX+0.5):
		return 0
	}
	return f.DPIX
}

// Private names what the file tells beyond its picture.
func (f Facts) Private() []string {
	var told []string
	for _, t := range []struct {
		there bool
		what  string
	}{
		{f.GPS, "a GPS position"}, {f.Serial, "a serial number"}, {f.MakerNote, "a maker note"}, {f.Thumbnail, "a thumbnail"},
		{f.XMP, "an XMP history"}, {f.IPTC, "IPTC data"}, {f.Credentials, "content credentials"},
	} {
		if t.there {
			told = append(told, t.what)
		}
	}
	return told
}

// Read follows the structure of a JPEG or a PNG. It decodes no pixel.
func Read(data []byte) (Facts, error) {
	switch {
	case bytes.HasPrefix(data, []byte{0xff, 0xd8}):
		return readJPEG(data)
	case bytes.HasPrefix(data, pngSignature):
		return readPNG(data)
	}
	return Facts{}, fmt.Errorf("%w: neither JPEG nor PNG", ErrFacts)
}

func broken(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrFacts, fmt.Sprintf(format, args...))
}

// The markers of ISO/IEC 10918-1, table B.1, that we know by name.
const (
	markSOF0 = 0xc0
	markSOF2 = 0xc2
	markDHT  = 0xc4
	markJPG  = 0xc8
	markDAC  = 0xcc
	markEOI  = 0xd9
	markSOS  = 0xda
	markAPP0 = 0xe0
	markCOM  = 0xfe
)

func readJPEG(data []byte) (Facts, error) {
	f := Facts{Format: "jpg", Bytes: len(data)}
	framed := false
	for at := 2; ; {
		for at < len(data) && data[at] == 0xff && at+1 < len(data) && data[at+1] == 0xff {
			at++ // any marker may be preceded by fill bytes
		}
		if at+4 > len(data) || data[at] != 0xff {
			return f, broken("no marker at byte %d", at)
		}
		mark := data[at+1]
		if mark == markEOI || mark >= 0xd0 && mark <= 0xd8 || mark == 0x01 {
			return f, broken("marker %#x before the picture", mark)
		}
		size := int(binary.BigEndian.Uint16(data[at+2:]))
		if size < 2 || at+2+size > len(data) {
			return f, broken("segment %#x of %d bytes at byte %d", mark, size, at)
		}
		body := data[at+4 : at+2+size]
		at += 2 + size
		switch {
		case mark == markSOS:
			if !framed {
				return f, broken("a scan without a frame")
			}
			f.picture = at
			return f, nil
		case mark >= markSOF0 && mark <= 0xcf && mark != markDHT && mark != markJPG && mark != markDAC:
			if len(body) < 6 || len(body) < 6+3*int(body[5]) {
				return f, broken("frame of %d bytes", len(body))
			}
			framed = true
			f.Progressive = mark != markSOF0
			f.Bits, f.Samples = int(body[0]), int(body[5])
			f.Height, f.Width = int(binary.BigEndian.Uint16(body[1:])), int(binary.BigEndian.Uint16(body[3:]))
			for i := range f.Samples {
				f.Subsampled = f.Subsampled || body[6+3*i+1] != body[6+1]
			}
		case mark == markCOM:
			f.Comment += len(body)
		case mark >= markAPP0 && mark <= 0xef:
			f.application(mark-markAPP0, body)
		}
	}
}

// application reads one APPn segment.
func (f *Facts) application(n byte, body []byte) {
	switch {
	case n == 0 && bytes.HasPrefix(body, []byte("JFIF\x00")) && len(body) >= 12:
		x, y := float64(binary.BigEndian.Uint16(body[8:])), float64(binary.BigEndian.Uint16(body[10:]))
		switch body[7] {
		case 1:
			f.DPIX, f.DPIY = x, y
		case 2: // per centimetre
			f.DPIX, f.DPIY = x*2.54, y*2.54
		}
		f.Thumbnail = f.Thumbnail || len(body) >= 14 && body[12] > 0 && body[13] > 0
	case n == 0 && bytes.HasPrefix(body, []byte("JFXX\x00")):
		f.Thumbnail = true
	case n == 1 && bytes.HasPrefix(body, []byte("Exif\x00")) && len(body) > 6:
		f.exif(body[6:])
	case n == 1 && bytes.HasPrefix(body, []byte("http://ns.adobe.com/")):
		f.xmp(body)
	case n == 2 && bytes.HasPrefix(body, []byte("ICC_PROFILE\x00")) && len(body) > 14:
		if f.Profile == "" || body[12] == 1 {
			f.Profile = profile(body[14:])
		}
	case n == 11:
		f.Credentials = true
	case n == 13:
		f.IPTC = true
	}
}

// editorMarks are names that editors, and no cameras, use in XMP: the history of Adobe's programs, the settings of their raw
// converter, and what GIMP calls its own. Telephones write some of Photoshop's names too.
var editorMarks = [][]byte{[]byte("xmpMM:History"), []byte("crs:"), []byte("GIMP:")}

func (f *Facts) xmp(body []byte) {
	f.XMP = true
	for _, mark := range editorMarks {
		f.EditorNotes = f.EditorNotes || bytes.Contains(body, mark)
	}
}

// Trailing is how many bytes of the file that Read has read lie behind the end of its picture. All of a JPEG is searched for that. In
// entropy-coded data an 0xff is followed by 0 or by a marker, so the first end marker is the end.
func (f Facts) Trailing(data []byte) int {
	rest := data[min(f.picture, len(data)):]
	if f.Format == "png" {
		return len(rest)
	}
	if i := bytes.Index(rest, []byte{0xff, markEOI}); i >= 0 {
		return len(rest) - i - 2
	}
	return 0
}

// profile tells sRGB from everything else by its name, which every profile carries in its description.
func profile(icc []byte) string {
	head := icc[:min(len(icc), 2048)]
	if bytes.Contains(head, []byte("sRGB")) || bytes.Contains(head, []byte("s\x00R\x00G\x00B")) {
		return "srgb"
	}
	return "other"
}

var pngSignature = []byte("\x89PNG\r\n\x1a\n")

func readPNG(data []byte) (Facts, error) {
	f := Facts{Format: "png", Bytes: len(data)}
	const most = 1 << 31
	for at := len(pngSignature); ; {
		if at+12 > len(data) {
			return f, broken("no chunk at byte %d", at)
		}
		size := int64(binary.BigEndian.Uint32(data[at:]))
		kind := string(data[at+4 : at+8])
		if size >= most || int64(at)+12+size > int64(len(data)) {
			return f, broken("chunk %q of %d bytes at byte %d", kind, size, at)
		}
		body := data[at+8 : at+8+int(size)]
		if (at == len(pngSignature)) != (kind == "IHDR") {
			return f, broken("chunk %q where the header belongs, or a second header", kind)
		}
		at += 12 + int(size)
		switch kind {
		case "IHDR":
			if len(body) != 13 {
				return f, broken("header of %d bytes", len(body))
			}
			w, h := binary.BigEndian.Uint32(body), binary.BigEndian.Uint32(body[4:])
			if w >= most || h >= most {
				return f, broken("%d × %d pixels", w, h)
			}
			f.Width, f.Height, f.Bits = int(w), int(h), int(body[8])
			f.Samples = map[byte]int{0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[body[9]]
			f.Progressive = body[12] != 0
		case "pHYs":
			if len(body) == 9 && body[8] == 1 {
				f.DPIX = float64(binary.BigEndian.Uint32(body)) * 0.0254
				f.DPIY = float64(binary.BigEndian.Uint32(body[4:])) * 0.0254
			}
		case "eXIf":
			f.exif(body)
		case "iCCP":
			f.Profile = "other"
			if i := bytes.IndexByte(body, 0); i >= 0 && bytes.Contains(body[:i], []byte("sRGB")) {
				f.Profile = "srgb"
			}
		case "sRGB":
			f.Profile = "srgb"
		case "tEXt", "zTXt", "iTXt":
			f.Comment += len(body)
			if bytes.HasPrefix(body, []byte("XML:com.adobe.xmp")) {
				f.xmp(body)
			}
		case "caBX":
			f.Credentials = true
		case "IEND":
			f.picture = at
			return f, nil
		}
	}
}
