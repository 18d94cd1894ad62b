package preview

import (
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"io"
)

// encodePNG writes opaque pixels, eight bits each of red, green and blue. Go's own encoder would do, but keeps rows of the picture
// in buffers that cannot be reached; here all of them are ours and are overwritten.
func encodePNG(out *buffer, img *image.RGBA) error {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	out.WriteString("\x89PNG\r\n\x1a\n")
	head := binary.BigEndian.AppendUint32(nil, uint32(w))
	head = binary.BigEndian.AppendUint32(head, uint32(h))
	chunk(out, "IHDR", append(head, 8, 2, 0, 0, 0))
	chunk(out, "sRGB", []byte{0})

	data := &buffer{make([]byte, 0, len(img.Pix)/4)}
	defer data.wipe()
	z, err := zlib.NewWriterLevel(data, zlib.BestSpeed)
	if err != nil {
		return err
	}
	f := newFilter(3 * w)
	defer f.wipe()
	for y := range h {
		if _, err := z.Write(f.row(img.Pix[img.PixOffset(0, y):][:4*w])); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	forget(z)
	chunk(out, "IDAT", data.data)
	chunk(out, "IEND", nil)
	return nil
}

func chunk(out *buffer, kind string, body []byte) {
	var n [4]byte
	binary.BigEndian.PutUint32(n[:], uint32(len(body)))
	out.Write(n[:])
	from := len(out.data)
	out.WriteString(kind)
	out.Write(body)
	binary.BigEndian.PutUint32(n[:], crc32.ChecksumIEEE(out.data[from:]))
	out.Write(n[:])
}

// forget has a compressor overwrite the end of the picture, which it keeps: nothing tells it to, but noughts go the same way.
func forget(z *zlib.Writer) {
	z.Reset(io.Discard)
	z.Write(make([]byte, 256<<10))
	z.Close()
}

// A filter takes what is alike out of a row, by Paeth's guess (PNG, 9.4). On these pages it leaves as little as trying every method
// on every row does, in half of the time.
type filter struct {
	now, above, out []byte // out has the method's number in front
}

func newFilter(n int) *filter {
	f := &filter{make([]byte, n), make([]byte, n), make([]byte, n+1)}
	f.out[0] = 4
	return f
}

// row is the next row, filtered; valid until the one after it.
func (f *filter) row(rgba []byte) []byte {
	f.now, f.above = f.above, f.now
	for i, k := 0, 0; i < len(f.now); i, k = i+3, k+4 {
		f.now[i], f.now[i+1], f.now[i+2] = rgba[k], rgba[k+1], rgba[k+2]
	}
	for i, v := range f.now {
		var left, corner byte
		if i >= 3 {
			left, corner = f.now[i-3], f.above[i-3]
		}
		f.out[i+1] = v - paeth(left, f.above[i], corner)
	}
	return f.out
}

func paeth(a, b, c byte) byte {
	p := int(a) + int(b) - int(c)
	da, db, dc := abs(p-int(a)), abs(p-int(b)), abs(p-int(c))
	switch {
	case da <= db && da <= dc:
		return a
	case db <= dc:
		return b
	}
	return c
}

func abs(v int) int { return max(v, -v) }

func (f *filter) wipe() {
	clear(f.now)
	clear(f.above)
	clear(f.out)
}
