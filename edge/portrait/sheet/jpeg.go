package sheet

import (
	"encoding/binary"
	"errors"
)

// errJPEG is a file that cannot be put into a PDF as it is.
var errJPEG = errors.New("not a JPEG of 8 bits in grey or YCbCr")

// jpegHeader reads the size of a JPEG and its number of colours, 1 or 3. image/jpeg could, but would leave the first 4 KB of
// the photo behind in a buffer of its own that nobody wipes.
func jpegHeader(data []byte) (width, height, colours int, err error) {
	const start, frame, progressive, scan = 0xd8, 0xc0, 0xc2, 0xda
	if len(data) < 4 || data[0] != 0xff || data[1] != start {
		return 0, 0, 0, errJPEG
	}
	for rest := data[2:]; len(rest) >= 4 && rest[0] == 0xff; {
		marker, size := rest[1], int(binary.BigEndian.Uint16(rest[2:]))
		if marker == 0xff { // what fills up before a marker
			rest = rest[1:]
			continue
		}
		if size < 2 || 2+size > len(rest) || marker == scan {
			break
		}
		if body := rest[4 : 2+size]; marker >= frame && marker <= progressive { // baseline, extended, progressive
			if len(body) < 6 || body[0] != 8 {
				break
			}
			height, width, colours = int(binary.BigEndian.Uint16(body[1:])), int(binary.BigEndian.Uint16(body[3:])), int(body[5])
			if width == 0 || height == 0 || colours != 1 && colours != 3 || len(body) != 6+3*colours {
				break
			}
			return width, height, colours, nil
		}
		rest = rest[2+size:]
	}
	return 0, 0, 0, errJPEG
}
