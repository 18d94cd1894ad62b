package api

import (
	"bufio"
	"bytes"
	"fmt"
	"mime"
	"net/textproto"
	"unicode/utf8"
)

// A form is a multipart/form-data body taken apart where it lies: the photo is a part of the body's own memory, so there
// is one copy of it and one thing to wipe. Go's mime/multipart would copy it through buffers of its own, and fasthttp's
// form writes temporary files.
type form struct {
	fields map[string]string
	photo  []byte // nil: the form has none
}

// photoField is the field that holds the picture.
const photoField = "photo"

// Limits of a form beside its photo.
const (
	maxParts      = 32
	maxPartHeader = 4 << 10
	maxField      = 4 << 10
	maxFormExtra  = 64 << 10 // what a form may be longer than its photo
)

// boundary is what parts a form's body, as its Content-Type announces it; empty where the body is no form.
func boundary(contentType string) (string, error) {
	kind, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || kind != "multipart/form-data" {
		return "", nil
	}
	b := parameters["boundary"]
	if b == "" || len(b) > 70 { // RFC 2046, 5.1.1
		return "", malformed("Content-Type", "names no boundary of 1 to 70 characters")
	}
	return b, nil
}

// parseForm takes a body apart that holds a photo.
func parseForm(data []byte, boundary string) (form, error) {
	f := form{fields: map[string]string{}}
	if err := eachPart(data, boundary, f.put); err != nil {
		return form{}, err
	}
	return f, nil
}

// eachPart takes a body apart (RFC 2046, RFC 7578). What put is given is the body's own memory.
func eachPart(data []byte, boundary string, put func(name string, value []byte) error) error {
	delimiter := []byte("\r\n--" + boundary)
	// Whatever stands before the first boundary is a preamble, which nobody sends and a stranger might.
	rest, ok := bytes.CutPrefix(data, delimiter[2:])
	if !ok {
		_, rest, ok = cut(data, delimiter)
	}
	if !ok {
		return malformed("form", "has no first boundary")
	}
	for range maxParts {
		after, last := bytes.CutPrefix(rest, []byte("--"))
		padding, after, ended := bytes.Cut(after, []byte("\r\n"))
		if len(bytes.Trim(padding, " \t")) > 0 || !ended && !last {
			return malformed("form", "is cut off after a boundary")
		}
		if last {
			return nil // whatever follows is an epilogue
		}
		rest = after
		name, body, after, err := part(rest, delimiter)
		if err != nil {
			return err
		}
		rest = after
		if err := put(name, body); err != nil {
			return err
		}
	}
	return malformed("form", fmt.Sprintf("has more than %d parts", maxParts))
}

// part reads one part: its headers, an empty line, and what is in it up to the next delimiter.
func part(data, delimiter []byte) (name string, body, after []byte, err error) {
	header, _, ok := bytes.Cut(data[:min(len(data), maxPartHeader)], []byte("\r\n\r\n"))
	if !ok {
		return "", nil, nil, malformed("form", "has a part whose header is cut off or too long")
	}
	end := len(header) + 4
	// What a header may be is the library's to say; what it leaves lay behind an empty line of another kind.
	lines := bufio.NewReader(bytes.NewReader(data[:end]))
	fields, err := textproto.NewReader(lines).ReadMIMEHeader()
	if err != nil || lines.Buffered() > 0 {
		return "", nil, nil, malformed("form", "has a part whose header is not one")
	}
	kind, parameters, err := mime.ParseMediaType(fields.Get("Content-Disposition"))
	if err != nil || kind != "form-data" || parameters["name"] == "" {
		return "", nil, nil, malformed("form", "has a part without a name")
	}
	name, data = parameters["name"], data[end:]
	// An empty part may end in the line break that ended its header.
	if rest, ok := bytes.CutPrefix(data, delimiter[2:]); ok && ends(rest) {
		return name, nil, rest, nil
	}
	body, after, ok = cut(data, delimiter)
	if !ok {
		return "", nil, nil, malformed("form", "has no last boundary")
	}
	return name, body, after, nil
}

// cut is bytes.Cut at a delimiter that is not merely the beginning of a longer word: a photo may hold any bytes.
func cut(data, delimiter []byte) (before, after []byte, found bool) {
	for from := 0; ; {
		i := bytes.Index(data[from:], delimiter)
		if i < 0 {
			return data, nil, false
		}
		if after := data[from+i+len(delimiter):]; ends(after) {
			return data[:from+i], after, true
		}
		from += i + len(delimiter)
	}
}

// ends tells whether what follows a boundary lets it be one.
func ends(after []byte) bool {
	return len(after) == 0 || bytes.IndexByte([]byte(" \t\r\n"), after[0]) >= 0 || bytes.HasPrefix(after, []byte("--"))
}

func (f *form) put(name string, value []byte) error {
	if name == photoField {
		if f.photo != nil {
			return malformed(photoField, "is there twice")
		}
		f.photo = value[:len(value):len(value)]
		if f.photo == nil {
			f.photo = []byte{}
		}
		return nil
	}
	switch _, twice := f.fields[name]; {
	case twice:
		return malformed(name, "is there twice")
	case len(value) > maxField || !utf8.Valid(value):
		return malformed(name, fmt.Sprintf("is not a text of up to %d bytes", maxField))
	}
	f.fields[name] = string(value)
	return nil
}
