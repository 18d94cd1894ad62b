package portrait

import (
	"errors"
	"fmt"
)

// What can keep a photo from being made. The errors of Photo and Check are one of these, or a context's, or a fault of
// ours.
var (
	ErrDocumentUnknown       = errors.New("no such document")
	ErrNoHead                = errors.New("the head was not given, and there is no net that finds it")
	ErrNoFace                = errors.New("there is no face in the picture")
	ErrTwoFaces              = errors.New("there is more than one face in the picture")
	ErrHead                  = errors.New("the head cannot be used") // a *HeadError says why
	ErrEditBarred            = errors.New("this document forbids editing the photo")
	ErrBackgroundUnavailable = errors.New("the background cannot be replaced: nothing here tells the person from it")
	ErrBackgroundKept        = errors.New("a photo that is only cut keeps its background")
	ErrFormat                = errors.New("this document does not take files of that format")
	ErrPaper                 = errors.New("no such paper")
	ErrNotImage              = errors.New("not an image of a kind that is opened")
	ErrHEIC                  = fmt.Errorf("%w: HEIC is not decoded", ErrNotImage)
	ErrBroken                = errors.New("the image is broken or cut short")
	ErrTooLarge              = errors.New("the image has too many pixels")
)

// A HeadReason is why a given head cannot be used.
type HeadReason string

const (
	HeadMalformed  HeadReason = "malformed"   // not four numbers
	HeadNotFinite  HeadReason = "not-finite"  // a number that is none, or infinite
	HeadOutside    HeadReason = "outside"     // crown or chin is not in the picture
	HeadUpsideDown HeadReason = "upside-down" // the crown is not above the chin
	HeadSmall      HeadReason = "small"       // too few pixels to make a photo of
)

// A HeadError says what is wrong with the head that was given. It is ErrHead.
type HeadError struct {
	Reason HeadReason
	Detail string // one clause
}

func (e *HeadError) Error() string        { return fmt.Sprintf("%v: %s", ErrHead, e.Detail) }
func (e *HeadError) Is(target error) bool { return target == ErrHead }

func badHead(reason HeadReason, format string, args ...any) error {
	return &HeadError{reason, fmt.Sprintf(format, args...)}
}

// A Short is what there is too little of.
type Short string

const (
	ShortAbove  Short = "above"
	ShortBelow  Short = "below"
	ShortBeside Short = "beside"
	ShortAround Short = "around" // more than one side
	ShortBytes  Short = "bytes"  // the file does not fit into the document's limit
	ShortPaper  Short = "paper"  // the photo is larger than the paper
)

// ErrCannotFit says what the capture lacks, and what to do about it.
type ErrCannotFit struct {
	Short  Short
	Pixels float64 // of the capture that are missing on that side
	MM     float64 // the same in millimetres of the photo
	Reason string  // one clause
	Advice string  // one sentence for the person in the photo
}

func (e *ErrCannotFit) Error() string {
	if e.Advice == "" {
		return "this photo cannot be made to fit: " + e.Reason
	}
	return "this photo cannot be made to fit: " + e.Reason + ". " + e.Advice
}
