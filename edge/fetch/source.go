package fetch

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
)

// A Source is a picture as it came, and what its server said about keeping it. It owns Body until Wipe.
type Source struct {
	Body         []byte
	ETag         string
	LastModified string
	CacheControl string
	Expires      string
	NotModified  bool // the conditions held: there is no Body
}

// Wipe zeroes the picture, in all of the memory that Body was made with.
func (s *Source) Wipe() {
	if s != nil {
		wipe(s.Body)
		s.Body = nil
	}
}

func wipe(b []byte) { clear(b[:cap(b)]) }

func newSource(h http.Header) *Source {
	return &Source{
		ETag:         h.Get("ETag"),
		LastModified: h.Get("Last-Modified"),
		CacheControl: h.Get("Cache-Control"),
		Expires:      h.Get("Expires"),
	}
}

// readBody reads a body of at most limit bytes. Nothing of it is left anywhere but in what is returned.
func readBody(resp *http.Response, limit int64) ([]byte, error) {
	coding := strings.ToLower(strings.TrimSpace(resp.Header.Get("Content-Encoding")))
	gzipped := coding == "gzip" || coding == "x-gzip"
	if !gzipped && coding != "" && coding != "identity" {
		return nil, errCoding
	}
	body, err := readAll(resp.Body, resp.ContentLength, limit)
	if err != nil || !gzipped {
		return body, err
	}
	defer wipe(body)
	return gunzip(body, limit)
}

// errCoding: we asked for the picture as it is, and got it packed in a way we do not read.
var errCoding = errors.New("content coding that was not asked for")

// readAll reads r to its end, which comes after size bytes; -1 = not known. A buffer that grew too small is zeroed.
func readAll(r io.Reader, size, limit int64) ([]byte, error) {
	if size > limit {
		return nil, ErrTooLarge
	}
	if size >= 0 {
		buf := make([]byte, size)
		if _, err := io.ReadFull(r, buf); err != nil {
			wipe(buf)
			return nil, err
		}
		return buf, nil
	}
	buf := make([]byte, 0, min(64<<10, limit+1))
	for {
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		switch {
		case int64(len(buf)) > limit:
			wipe(buf)
			return nil, ErrTooLarge
		case err == io.EOF:
			return buf, nil
		case err != nil:
			wipe(buf)
			return nil, err
		}
		if len(buf) == cap(buf) {
			grown := make([]byte, len(buf), min(2*int64(cap(buf)), limit+1))
			copy(grown, buf)
			wipe(buf)
			buf = grown
		}
	}
}

// gunzip unpacks a body that was packed although we did not ask. The unpacker keeps the last 32 KiB it made; it is made
// to forget them by unpacking zeros.
func gunzip(packed []byte, limit int64) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	body, err := readAll(z, -1, limit)
	if z.Reset(bytes.NewReader(packedZeros)) == nil {
		io.Copy(io.Discard, z)
	}
	return body, err
}

var packedZeros = func() []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(make([]byte, 64<<10))
	z.Close()
	return b.Bytes()
}()
