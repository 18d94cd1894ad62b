package fetch

import (
	"errors"
	"fmt"
)

// What can go wrong, as the caller has to tell it apart. Errors of Get wrap one of these or a *StatusError, or the cause
// for which the caller's own context ended.
var (
	ErrRefused     = errors.New("source is not allowed")                // its scheme, form, port, or the allow-list
	ErrPrivate     = errors.New("source has an address we may not use") // loopback, private, link-local, metadata …
	ErrUnreachable = errors.New("source is unreachable")                // DNS, connection, TLS, not HTTP
	ErrTimeout     = errors.New("source is too slow")
	ErrTooLarge    = errors.New("source is too large")
	ErrIncomplete  = errors.New("source response is incomplete")
	ErrRedirects   = errors.New("source redirects too often")
)

// A StatusError is an answer that is neither the picture nor a redirect. 206 is one: part of a picture is no picture.
type StatusError struct{ Code int }

func (e *StatusError) Error() string { return fmt.Sprintf("source answered %d", e.Code) }
