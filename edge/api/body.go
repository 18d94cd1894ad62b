package api

import (
	"errors"
	"fmt"
	"io"
	"time"
)

var (
	errTooLarge = errors.New("the body is larger than may be sent")
	errSlow     = errors.New("the body comes too slowly")
	errCutShort = errors.New("the body ends before its length")
)

// A body is what a client sent, in one piece of memory of ours.
type body struct {
	data  []byte
	taken int64
	from  *budget
}

// wipe overwrites the body and gives its memory back. It is harmless twice, and on a body that is nil.
func (b *body) wipe() {
	if b == nil || b.from == nil {
		return
	}
	clear(b.data[:cap(b.data)])
	b.from.give(b.taken)
	b.data, b.from = nil, nil
}

// pace is how slowly a body may come: grace, and for every byte that has arrived as much time again as it takes at
// rate. A phone on a bad line passes (12 MB at 1 Mbit/s take 96 s); a client that sends a byte a second does not.
type pace struct {
	grace time.Duration
	rate  int64 // bytes a second
}

func (p pace) until(start time.Time, received int64) time.Time {
	return start.Add(p.grace + time.Duration(received)*time.Second/time.Duration(p.rate))
}

// firstPiece is what a body may take before it has sent anything: a length is only a promise.
const firstPiece = 256 << 10

// readBody reads a body whose announced length is known, or -1, into memory that is taken from the budget as it
// arrives. deadline sets when the next read gives up.
func readBody(r io.Reader, length, limit int64, p pace, from *budget, deadline func(time.Time) error) (_ *body, err error) {
	if length > limit {
		return nil, errTooLarge
	}
	b := &body{from: from}
	defer func() {
		if err != nil {
			b.wipe()
		}
	}()
	size := min(limit+1, firstPiece) // one more than allowed, so that too much is seen
	if length >= 0 {
		size = min(length+1, firstPiece)
	}
	if err := b.grow(size); err != nil {
		return nil, err
	}
	for start := time.Now(); ; {
		if err := deadline(p.until(start, int64(len(b.data)))); err != nil {
			return nil, err
		}
		n, err := r.Read(b.data[len(b.data):cap(b.data)])
		b.data = b.data[:len(b.data)+n]
		bodyBytes.Add(float64(n))
		received := int64(len(b.data))
		switch {
		case received > limit:
			return nil, errTooLarge
		case errors.Is(err, io.EOF) && received < length:
			return nil, errCutShort
		case errors.Is(err, io.EOF):
			return b, nil
		case err != nil:
			return nil, readError(err)
		}
		if len(b.data) == cap(b.data) {
			size := min(2*received, limit+1)
			if length >= 0 {
				size = length + 1
			}
			if err := b.grow(size); err != nil {
				return nil, err
			}
		}
	}
}

// grow moves the body to a larger piece of memory and wipes the old one.
func (b *body) grow(size int64) error {
	if err := b.from.take(size); err != nil {
		return err
	}
	larger := make([]byte, len(b.data), size)
	copy(larger, b.data)
	clear(b.data[:cap(b.data)])
	b.from.give(b.taken)
	b.data, b.taken = larger, size
	return nil
}

// readError tells a client that was too slow from one that is gone.
func readError(err error) error {
	var timeout interface{ Timeout() bool }
	if errors.As(err, &timeout) && timeout.Timeout() {
		return errSlow
	}
	return fmt.Errorf("%w: %w", errCutShort, err)
}
