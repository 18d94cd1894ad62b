package api

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"
)

// A malformedError names the part of a request that cannot be read.
type malformedError struct{ part, reason string }

func malformed(part, reason string) error {
	if len(part) > 64 || !utf8.ValidString(part) {
		part = "a field"
	}
	return &malformedError{part, reason}
}

func (e *malformedError) Error() string { return fmt.Sprintf("%s %s", e.part, e.reason) }

var _ = context.Canceled
var _ = errors.New
