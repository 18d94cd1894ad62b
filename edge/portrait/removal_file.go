package portrait

import (
	"encoding/binary"
	"hash/crc32"

	"github.com/professionalaistudio/studio/edge/vips"
	"github.com/professionalaistudio/studio/edge/wire"
)

// file writes a picture.
func (w *work) file(img *vips.Image, format wire.Format) (*Removed, error) {
	buf, err := encoded(img, map[wire.Format]vips.Format{wire.JPEG: vips.JPEG, wire.PNG: vips.PNG, wire.WebP: vips.WebP}[format])
	if err != nil {
		return nil, err
	}
	w.clock.end("encode")
	return &Removed{Data: buf.Bytes(), Type: format.MIME(), wipe: buf.Close}, nil
}

// archive writes colours and alpha as two pictures in a ZIP file.
func (w *work) archive(p *people) (*Removed, error) {
	colour, err := encoded(p.img, vips.JPEG)
	if err != nil {
		return nil, err
	}
	defer colour.Close()
	alpha, err := encoded(p.alpha, vips.PNG)
	if err != nil {
		return nil, err
	}
	defer alpha.Close()
	data := zipped([]zipEntry{{"color.jpg", colour.Bytes()}, {"alpha.png", alpha.Bytes()}})
	w.clock.end("encode")
	return &Removed{Data: data, Type: "application/zip", wipe: func() { clear(data) }}, nil
}

type zipEntry struct {
	name string
	data []byte
}

// zipped is a ZIP file of entries as they are, since pictures are packed already (APPNOTE 6.3.10, 4.3). It is one piece of memory that can
// be wiped; archive/zip writes through a buffer that cannot.
func zipped(entries []zipEntry) []byte {
	const local, central, end = 30, 46, 22
	const version, day = 20, 1<<5 | 1 // 2.0; the first day of 1980: the same pictures make the same file
	size := end
	for _, e := range entries {
		size += local + central + 2*len(e.name) + len(e.data)
	}
	le := binary.LittleEndian
	out := make([]byte, 0, size)
	var directory []byte
	for _, e := range entries {
		about := le.AppendUint16(nil, version)
		about = le.AppendUint32(about, 0) // no flags; stored
		about = le.AppendUint16(about, 0) // midnight
		about = le.AppendUint16(about, day)
		about = le.AppendUint32(about, crc32.ChecksumIEEE(e.data))
		about = le.AppendUint32(about, uint32(len(e.data)))
		about = le.AppendUint32(about, uint32(len(e.data)))
		about = le.AppendUint16(about, uint16(len(e.name)))
		about = le.AppendUint16(about, 0) // nothing extra

		directory = append(directory, "PK\x01\x02"...)
		directory = le.AppendUint16(directory, version)
		directory = append(directory, about...)
		directory = append(directory, make([]byte, 10)...) // no comment, first disk, no attributes
		directory = le.AppendUint32(directory, uint32(len(out)))
		directory = append(directory, e.name...)

		out = append(out, "PK\x03\x04"...)
		out = append(out, about...)
		out = append(out, e.name...)
		out = append(out, e.data...)
	}
	at := len(out)
	out = append(out, directory...)
	out = append(out, "PK\x05\x06\x00\x00\x00\x00"...)
	out = le.AppendUint16(out, uint16(len(entries)))
	out = le.AppendUint16(out, uint16(len(entries)))
	out = le.AppendUint32(out, uint32(len(directory)))
	out = le.AppendUint32(out, uint32(at))
	return le.AppendUint16(out, 0)
}
