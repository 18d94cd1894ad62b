package vips

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// maxScans bounds the passes of a progressive JPEG. Encoders make about ten; every pass costs a decoder the whole
// picture again, so a file of a few kilobytes with thousands of empty ones would hold a CPU for minutes.
const maxScans = 100

// maxBands bounds the samples of a pixel: CMYK, alpha and a few spot colours. A TIFF may have thousands, and the pixel cap
// would count them as one.
const maxBands = 8

// screen refuses what costs more to open than its size in pixels tells. It reads markers, not pixels.
func screen(format Format, data []byte) error {
	if format == JPEG {
		return screenJPEG(data)
	}
	return nil
}

// screenJPEG counts the scans of a progressive JPEG.
func screenJPEG(data []byte) error {
	scans, progressive := 0, false
	for at := 2; at+4 <= len(data); {
		if data[at] != 0xFF { // inside a scan, or rubbish: on to the next marker
			next := bytes.IndexByte(data[at:], 0xFF)
			if next < 0 {
				return nil
			}
			at += next
			continue
		}
		switch marker := data[at+1]; {
		case marker == 0xFF: // fill byte
			at++
		case marker == 0x00, marker == 0x01, marker >= 0xD0 && marker <= 0xD8: // no length follows
			at += 2
		case marker == 0xD9: // end of image
			return nil
		default:
			length := int(binary.BigEndian.Uint16(data[at+2:]))
			switch {
			case marker == 0xC2 || marker == 0xC6 || marker == 0xCA || marker == 0xCE:
				progressive = true
			case marker == 0xDA && !progressive:
				return nil // a baseline picture is read once
			case marker == 0xDA:
				if scans++; scans > maxScans {
					return fmt.Errorf("jpeg: more than %d scans: %w", maxScans, ErrTooLarge)
				}
			}
			at += 2 + max(length, 2)
		}
	}
	return nil
}
