package wire

import (
	"errors"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"
)

var (
	// ErrOptions says that options or source of a URL cannot be taken; *OptionError names which, and why.
	ErrOptions = errors.New("the options cannot be taken")
	// ErrExpired says that a signed URL was good once.
	ErrExpired = errors.New("the link has expired")
)

// An OptionError names the option, as it was written, that cannot be taken. Option is "source" where the fault
// is in the source, whose text an error never repeats: addresses can be private.
type OptionError struct {
	Option, Value, Reason string
}

func (e *OptionError) Error() string {
	if e.Value == "" {
		return fmt.Sprintf("option %s %s", strconv.Quote(e.Option), e.Reason)
	}
	return fmt.Sprintf("option %s: %s %s", strconv.Quote(e.Option), strconv.Quote(e.Value), e.Reason)
}

func (e *OptionError) Is(target error) bool { return target == ErrOptions }

// shorten keeps a stranger's text short enough to be repeated to them.
func shorten(s string) string {
	const most = 64
	if len(s) <= most {
		return s
	}
	s = s[:most]
	for len(s) > 0 && !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s + "…"
}

// What an option may ask for at most. MaxDimension is the longest side that JPEG can hold; libvips knows no
// blur or sharpening beyond the other two.
const (
	MaxDimension = 65535
	MaxBlur      = 1000
	MaxSharpen   = 10
)

// Options are the options of a signed URL with its source. Zero sizes follow from the other side.
type Options struct {
	Resize        ResizeType `json:"resize"`
	Width         int        `json:"width"`
	Height        int        `json:"height"`
	Enlarge       bool       `json:"enlarge"`
	Extend        bool       `json:"extend"`
	ExtendGravity Gravity    `json:"extend_gravity"`
	Gravity       Gravity    `json:"gravity"`
	Crop          *Crop      `json:"crop"`   // nil: none
	Rotate        int        `json:"rotate"` // clockwise after AutoRotate: 0, 90, 180 or 270
	Quality       int        `json:"quality"`
	Format        Format     `json:"format"`             // FormatAuto: by Accept and source
	Matte         bool       `json:"matte,omitempty"`    // people alone: what is behind them is taken away
	Document      string     `json:"document,omitempty"` // the photo for this document, by an id of the rule pack; see photo.go
	Mode          string     `json:"mode,omitempty"`     // of that photo: ModeCrop, or empty for all that the document allows
	Head          *Head      `json:"head,omitempty"`     // where it is; nil: it is found
	Sheet         string     `json:"sheet,omitempty"`    // paper that the photo is laid out on; empty: none
	Copies        int        `json:"copies,omitempty"`   // on the sheet; 0: as many as it holds
	Gap           *float64   `json:"gap,omitempty"`      // between copies in mm, 0 or MinGap to MaxGap; nil: as usual
	Background    *RGB       `json:"background"`         // nil: stay transparent where the format can; of a document photo, as its rules say
	Blur          float64    `json:"blur"`               // sigma in pixels
	Sharpen       float64    `json:"sharpen"`            // sigma in pixels
	StripMetadata bool       `json:"strip_metadata"`
	AutoRotate    bool       `json:"auto_rotate"`
	CacheBuster   string     `json:"cachebuster"`
	Expires       int64      `json:"expires"` // unix seconds, 0: never
	Filename      string     `json:"filename"`
	Source        string     `json:"source"` // decoded URL; empty where the picture is the body
}

// DefaultOptions is what holds where a URL is silent.
func DefaultOptions() Options { return Options{StripMetadata: true, AutoRotate: true} }

// Expired reports whether the URL was good until before now.
func (o Options) Expired(now time.Time) bool { return o.Expires != 0 && o.Expires < now.Unix() }

// A ResizeType says how a picture meets its box.
type ResizeType uint8

const (
	Fit      ResizeType = iota // inside the box
	Fill                       // covers the box and is cut to it
	FillDown                   // as Fill, but a source that is too small is cut to the ratio of the box
	Force                      // takes the box's ratio
	Auto                       // Fill when source and box have the same orientation, else Fit
)

var resizeTypes = [...]string{"fit", "fill", "fill-down", "force", "auto"}

func (r ResizeType) String() string                { return name(resizeTypes[:], r) }
func (r ResizeType) MarshalText() ([]byte, error)  { return []byte(r.String()), nil }
func (r *ResizeType) UnmarshalText(b []byte) error { return unname(r, resizeTypes[:], b) }

// A GravityKind is where a cut holds on to.
type GravityKind uint8

const (
	Center GravityKind = iota
	North
	South
	East
	West
	NorthEast
	NorthWest
	SouthEast
	SouthWest
	Smart      // where libvips thinks that a person would look
	FocusPoint // X and Y are the centre of the cut, as parts of the picture
)

var gravityKinds = [...]string{"ce", "no", "so", "ea", "we", "noea", "nowe", "soea", "sowe", "sm", "fp"}

func (k GravityKind) String() string                { return name(gravityKinds[:], k) }
func (k GravityKind) MarshalText() ([]byte, error)  { return []byte(k.String()), nil }
func (k *GravityKind) UnmarshalText(b []byte) error { return unname(k, gravityKinds[:], b) }

// Gravity is a place with offsets inward from the edges it names: pixels from 1 on, else parts of the picture.
type Gravity struct {
	Kind GravityKind `json:"kind"`
	X    float64     `json:"x"`
	Y    float64     `json:"y"`
}

// A Crop is cut out before anything is resized: pixels from 1 on, below that parts of the source, 0 the whole side.
type Crop struct {
	W       float64  `json:"w"`
	H       float64  `json:"h"`
	Gravity *Gravity `json:"gravity"` // nil: Options.Gravity
}

// name and unname turn a small number into its word and back.
func name[T ~uint8](words []string, n T) string {
	if int(n) < len(words) {
		return words[n]
	}
	return strconv.Itoa(int(n))
}

func unname[T ~uint8](n *T, words []string, b []byte) error {
	for i, word := range words {
		if word == string(b) {
			*n = T(i)
			return nil
		}
	}
	return fmt.Errorf("%q is none of %q", b, words)
}
