package vips

import (
	"errors"
	"fmt"
	"strings"
)

// What can go wrong with a stranger's picture. Everything else that fails here is a fault of ours or of the machine.
var (
	ErrUnknown     = errors.New("not an image we know")              // the first bytes name no format of ours
	ErrUnsupported = errors.New("image format is not supported")     // we know what it is, and do not open or write it
	ErrBroken      = errors.New("image is broken or cut short")      // the header or the pixels cannot be decoded
	ErrTooLarge    = errors.New("image has too many pixels")         // said by the header, before anything is decoded
	ErrInterrupted = errors.New("work on the image was interrupted") // Image.Interrupt was called
	ErrClosed      = errors.New("image is closed")
	ErrStopped     = errors.New("libvips has been stopped")
)

// An OpError is a step of libvips that failed. Text is libvips' own and is for our log, never for a client.
type OpError struct {
	Op   string // what we were doing: "resize"
	Text string // what libvips said, printable ASCII, cut short
	Err  error  // ErrBroken and its like, or nil when the picture is not to blame
}

func (e *OpError) Error() string {
	switch {
	case e.Err == nil:
		return fmt.Sprintf("vips %s: %s", e.Op, e.Text)
	case e.Text == "":
		return fmt.Sprintf("vips %s: %v", e.Op, e.Err)
	}
	return fmt.Sprintf("vips %s: %v: %s", e.Op, e.Err, e.Text)
}

func (e *OpError) Unwrap() error { return e.Err }

// printable keeps what a log line can bear of a text that a broken file may have shaped. The last lines say what failed,
// the first ones what was odd before.
func printable(s string) string {
	const most = 200
	s = strings.TrimSpace(s)
	if len(s) > most {
		s = s[len(s)-most:]
	}
	out := make([]byte, 0, len(s))
	for _, c := range []byte(s) {
		switch {
		case c == '\n':
			out = append(out, "; "...)
		case c >= ' ' && c < 0x7f:
			out = append(out, c)
		}
	}
	return string(out)
}
