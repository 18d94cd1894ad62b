package api

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"mime"
	"net/url"
	"strconv"
	"unicode/utf8"
)

// A removalForm is a request for a removal, read from any of the three kinds of body. Pictures lie in the body's own memory; what came as
// base64 has been decoded where it lay.
type removalForm struct {
	fields        map[string]string // those we know, as text; an empty one counts as none
	image, behind []byte
	encoded       []byte // image_file_b64
	seen          map[string]bool
	faults        removalFaults
}

// removalFields are the ones we know beside the pictures; others are ignored, as remove.bg does.
var removalFields = map[string]bool{
	"image_url": true, "size": true, "type": true, "type_level": true, "format": true, "channels": true, "roi": true, "crop": true,
	"crop_margin": true, "scale": true, "position": true, "bg_color": true, "bg_image_url": true, "add_shadow": true, "shadow_method": true,
	"shadow_type": true, "shadow_type[person]": true, "shadow_opacity": true, "semitransparency": true,
}

const (
	fieldImage   = "image_file"
	fieldEncoded = "image_file_b64"
	fieldBehind  = "bg_image_file"
)

// longestField is in bytes: an address may be as long.
const longestField = 8 << 10

// removalForm receives the body.
func (r *request) removalForm() (*removalForm, error) {
	if r.Request.BodyStream() == nil {
		return nil, removalFaults{noSource}
	}
	contentType := string(r.Request.Header.ContentType())
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind = ""
	}
	edge, err := boundary(contentType)
	if err != nil {
		return nil, err
	}
	limit := r.api.cfg.MaxBytes*3/2 + maxFormExtra // base64, and what becomes of it in an address or in JSON
	if edge != "" {
		limit = 2*r.api.cfg.MaxBytes + maxFormExtra // two pictures
	}
	if err := r.read(limit); err != nil {
		return nil, err
	}
	return readRemoval(r.body.data, kind, edge)
}

// readRemoval reads a body of a kind; edge is the boundary of a form. It changes data.
func readRemoval(data []byte, kind, edge string) (*removalForm, error) {
	f := &removalForm{fields: map[string]string{}, seen: map[string]bool{}}
	var err error
	switch kind {
	case "multipart/form-data":
		err = eachPart(data, edge, f.part)
	case "application/x-www-form-urlencoded":
		err = f.pairs(data)
	case "application/json":
		err = f.object(data)
	}
	if err == nil {
		err = f.decode()
	}
	return f, err
}

// part takes a field of a form.
func (f *removalForm) part(name string, value []byte) error {
	switch name {
	case fieldImage, fieldBehind:
		if len(value) == 0 || f.again(name) {
			return nil
		}
		if name == fieldImage {
			f.image = value[:len(value):len(value)]
		} else {
			f.behind = value[:len(value):len(value)]
		}
	case fieldEncoded:
		if len(value) > 0 && !f.again(name) {
			f.encoded = value[:len(value):len(value)]
		}
	default:
		f.text(name, value)
	}
	return nil
}

// text takes a field that is not a picture.
func (f *removalForm) text(name string, value []byte) {
	switch {
	case !removalFields[name], len(value) == 0, f.again(name):
	case len(value) > longestField || !utf8.Valid(value):
		f.fault(name, "It is not a text of up to "+strconv.Itoa(longestField)+" bytes.")
	default:
		f.fields[name] = string(value)
	}
}

// again notes a field, and refuses one that is there twice: which counts would be a guess.
func (f *removalForm) again(name string) bool {
	twice := f.seen[name]
	f.seen[name] = true
	switch {
	case !twice:
	case name == fieldImage || name == fieldEncoded || name == "image_url":
		f.faults = append(f.faults, manySources)
	case name == fieldBehind || name == "bg_image_url" || name == "bg_color":
		f.faults = append(f.faults, manyBackgrounds)
	default:
		f.fault(name, "It is there twice.")
	}
	return twice
}

// fault notes that a field is wrong.
func (f *removalForm) fault(name, detail string) {
	f.faults = append(f.faults, removalFault{"invalid_" + fieldCode(name), removalTitle(name), detail})
}

// fieldCode is how a field stands in a code: "shadow_type[person]" is one of shadow_type.
func fieldCode(name string) string {
	if i := bytes.IndexByte([]byte(name), '['); i > 0 {
		return name[:i]
	}
	return name
}

func removalTitle(name string) string {
	switch name {
	case "size", "channels":
		return "Invalid value for parameter '" + name + "'"
	case "image_url", "bg_image_url":
		return "Invalid " + name + ": Please provide a valid URL."
	}
	return "Invalid " + name + " parameter given"
}

// pairs reads application/x-www-form-urlencoded. A plus in base64 stays one: who forgets to encode it means itself, since there is no space.
func (f *removalForm) pairs(data []byte) error {
	if bytes.Count(data, []byte("&")) >= maxFields {
		return errFields
	}
	for pair := range bytes.SplitSeq(data, []byte("&")) {
		name, value, _ := bytes.Cut(pair, []byte("="))
		if string(name) == fieldEncoded {
			decoded, ok := unpercent(value)
			if !ok {
				return errPairs
			}
			f.part(fieldEncoded, decoded)
			continue
		}
		if len(name) > 3*longestField || len(value) > 3*longestField {
			if name := string(name); removalFields[name] {
				f.text(name, value)
			}
			continue
		}
		n, err := url.QueryUnescape(string(name))
		if err != nil {
			return errPairs
		}
		v, err := url.QueryUnescape(string(value))
		if err != nil {
			return errPairs
		}
		f.text(n, []byte(v))
	}
	return nil
}

var (
	errPairs  = malformed("body", "is not written as application/x-www-form-urlencoded")
	errObject = malformed("body", "is not a JSON object")
	errFields = malformed("body", fmt.Sprintf("has more than %d fields", maxFields))
)

// maxFields bounds those we do not know.
const maxFields = 64

// unpercent decodes %XX where it stands.
func unpercent(data []byte) ([]byte, bool) {
	at := bytes.IndexByte(data, '%')
	if at < 0 {
		return data, true
	}
	out := data[:at]
	for i := at; i < len(data); i++ {
		c := data[i]
		if c == '%' {
			if i+2 >= len(data) {
				return nil, false
			}
			n, err := strconv.ParseUint(string(data[i+1:i+3]), 16, 8)
			if err != nil {
				return nil, false
			}
			c, i = byte(n), i+2
		}
		out = append(out, c)
	}
	return out, true
}

// object reads a JSON object, of which only the values at its top are looked at. encoding/json would leave a copy of the picture behind.
func (f *removalForm) object(data []byte) error {
	rest := bytes.TrimLeft(data, jsonSpace)
	if len(rest) == 0 || rest[0] != '{' {
		return errObject
	}
	rest = bytes.TrimLeft(rest[1:], jsonSpace)
	for fields := 0; ; fields++ {
		if fields == 0 && len(rest) > 0 && rest[0] == '}' {
			break
		}
		if fields == maxFields {
			return errFields
		}
		quoted, after, ok := jsonString(rest)
		if !ok {
			return errObject
		}
		var name string
		if len(quoted) > longestField || json.Unmarshal(quoted, &name) != nil {
			return errObject
		}
		if after = bytes.TrimLeft(after, jsonSpace); len(after) == 0 || after[0] != ':' {
			return errObject
		}
		if rest, ok = f.member(name, bytes.TrimLeft(after[1:], jsonSpace)); !ok {
			return errObject
		}
		if rest = bytes.TrimLeft(rest, jsonSpace); len(rest) == 0 {
			return errObject
		}
		if rest[0] == '}' {
			break
		}
		if rest[0] != ',' {
			return errObject
		}
		rest = bytes.TrimLeft(rest[1:], jsonSpace)
	}
	if len(bytes.TrimLeft(rest[1:], jsonSpace)) > 0 {
		return errObject
	}
	return nil
}

const jsonSpace = " \t\r\n"

// member takes one value and returns what follows it.
func (f *removalForm) member(name string, data []byte) (rest []byte, ok bool) {
	if len(data) == 0 {
		return nil, false
	}
	if data[0] == '"' {
		quoted, rest, ok := jsonString(data)
		switch {
		case !ok:
			return nil, false
		case name == fieldEncoded:
			text, ok := unescape(quoted[1 : len(quoted)-1])
			if !ok {
				return nil, false
			}
			f.part(name, text)
		case len(quoted) > 6*longestField:
			f.text(name, quoted)
		default:
			var text string
			if json.Unmarshal(quoted, &text) != nil {
				return nil, false
			}
			f.text(name, []byte(text))
		}
		return rest, true
	}
	if data[0] == '{' || data[0] == '[' {
		if rest, ok = jsonSkip(data); ok && (removalFields[name] || name == fieldEncoded) {
			f.fault(name, "It is neither a text nor a number.")
		}
		return rest, ok
	}
	end := bytes.IndexAny(data, ",}"+jsonSpace)
	if end < 0 || end > 64 || !json.Valid(data[:end]) {
		return nil, false
	}
	if literal := data[:end]; string(literal) != "null" {
		f.text(name, literal)
	}
	return data[end:], true
}

// jsonString is the string that data begins with, in its quotes.
func jsonString(data []byte) (quoted, rest []byte, ok bool) {
	if len(data) == 0 || data[0] != '"' {
		return nil, nil, false
	}
	for at := 1; ; {
		end := bytes.IndexByte(data[at:], '"')
		if end < 0 {
			return nil, nil, false
		}
		slashes := 0
		for i := at + end - 1; i > 0 && data[i] == '\\'; i-- {
			slashes++
		}
		at += end + 1
		if slashes%2 == 0 {
			return data[:at], data[at:], true
		}
	}
}

// jsonSkip passes over an object or an array of whatever depth.
func jsonSkip(data []byte) (rest []byte, ok bool) {
	var open []byte
	for len(data) > 0 {
		switch c := data[0]; c {
		case '"':
			if _, data, ok = jsonString(data); !ok {
				return nil, false
			}
			continue
		case '{', '[':
			open = append(open, c+2) // what closes it
			if len(open) > deepest {
				return nil, false
			}
		case '}', ']':
			if len(open) == 0 || open[len(open)-1] != c {
				return nil, false
			}
			if open = open[:len(open)-1]; len(open) == 0 {
				return data[1:], true
			}
		}
		data = data[1:]
	}
	return nil, false
}

// deepest is how deep a value that nobody looks at may be.
const deepest = 64

// unescape undoes a JSON string's escapes where they stand. Whatever is not ASCII is no base64.
func unescape(data []byte) ([]byte, bool) {
	at := bytes.IndexByte(data, '\\')
	if at < 0 {
		return data, true
	}
	out := data[:at]
	for i := at; i < len(data); i++ {
		c := data[i]
		if c != '\\' {
			out = append(out, c)
			continue
		}
		if i++; i == len(data) {
			return nil, false
		}
		switch c = data[i]; c {
		case '/', '\\', '"':
		case 'n', 'r', 't':
			c = '\n'
		case 'u':
			if i+4 >= len(data) {
				return nil, false
			}
			n, err := strconv.ParseUint(string(data[i+1:i+5]), 16, 16)
			if err != nil || n >= utf8.RuneSelf {
				return nil, false
			}
			c, i = byte(n), i+4
		default:
			return nil, false
		}
		out = append(out, c)
	}
	return out, true
}

// decode makes of base64 what it stands for, where it lies: three bytes are written after four have been read.
func (f *removalForm) decode() error {
	data := f.encoded
	if len(data) == 0 {
		return nil
	}
	if bytes.HasPrefix(data, []byte("data:")) {
		_, data, _ = bytes.Cut(data, []byte(","))
	}
	data = bytes.TrimRight(bytes.TrimSpace(data), "=\r\n")
	alphabet := base64.RawStdEncoding
	if bytes.IndexByte(data, '-') >= 0 || bytes.IndexByte(data, '_') >= 0 {
		alphabet = base64.RawURLEncoding
	}
	n, err := alphabet.Decode(data, data)
	if err != nil || n == 0 {
		f.faults = append(f.faults, removalFault{"failed_to_read_image", "There was an error reading the image.", "image_file_b64 is not base64."})
		return nil
	}
	f.encoded = data[:n]
	return nil
}
