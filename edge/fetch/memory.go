package fetch

import (
	"encoding/binary"
	"errors"
	"io"
)

// errHeader: an answer whose head never ends.
var errHeader = errors.New("the head of the answer is too long")

const maxHeader = 64 << 10

// A lens is the reader under a bufio.Reader. It remembers the one buffer that bufio reads into, which nobody else can
// reach, so that it can be zeroed; and it bounds what may be read while a head is awaited.
type lens struct {
	r      io.Reader
	buffer []byte // bufio's, from the first read on
	budget int    // bytes that may still come before the head must be there; below 0 = no bound
	bytes  int64  // seen so far
}

func (l *lens) Read(p []byte) (int, error) {
	if l.buffer == nil {
		l.buffer = p
	}
	if l.budget == 0 {
		return 0, errHeader
	}
	if l.budget > 0 && len(p) > l.budget {
		p = p[:l.budget]
	}
	n, err := l.r.Read(p)
	if l.budget > 0 {
		l.budget -= n
	}
	l.bytes += int64(n)
	return n, err
}

func (l *lens) wipe() { clear(l.buffer) }

// records is the reader under crypto/tls. It hands over one TLS record at a time, so that once a record is consumed
// nothing unread lies in the memory that crypto/tls decrypts in place; and it remembers that memory, to zero it.
type records struct {
	r     io.Reader
	seen  [][]byte // each array that was read into, up to its end
	head  []byte   // of the record being read: 5 bytes, of which two are the length
	body  int      // bytes of it still to come
	space [5]byte
}

func (r *records) Read(p []byte) (int, error) {
	r.remember(p)
	unit := r.body
	if unit == 0 {
		unit = len(r.space) - len(r.head)
	}
	n, err := r.r.Read(p[:min(len(p), unit)])
	if r.body > 0 {
		r.body -= n
		return n, err
	}
	r.head = append(r.head, p[:n]...)
	if len(r.head) == len(r.space) {
		r.body = int(binary.BigEndian.Uint16(r.head[3:]))
		r.head = r.space[:0]
	}
	return n, err
}

// remember notes the array of p once, in its longest form. Slices of one array end at one address.
func (r *records) remember(p []byte) {
	p = p[:cap(p)]
	if len(p) == 0 {
		return
	}
	for i, s := range r.seen {
		if &s[len(s)-1] == &p[len(p)-1] {
			if len(p) > len(s) {
				r.seen[i] = p
			}
			return
		}
	}
	r.seen = append(r.seen, p)
}

func (r *records) wipe() {
	for _, s := range r.seen {
		clear(s)
	}
	r.seen = r.seen[:0]
}
