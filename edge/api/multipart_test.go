package api

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"strconv"
	"strings"
	"testing"
)

const photoForm = "--b\r\nContent-Disposition: form-data; name=\"document\"\r\n\r\nus-passport\r\n" +
	"--b\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"me.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8\r\n-- b\r\n--bc\xff\xd9\r\n--b--\r\n"

func TestParseForm(t *testing.T) {
	f, err := parseForm([]byte(photoForm), "b")
	if err != nil {
		t.Fatal(err)
	}
	if want := "\xff\xd8\r\n-- b\r\n--bc\xff\xd9"; string(f.photo) != want {
		t.Errorf("the photo is %q, want %q", f.photo, want)
	}
	if f.fields["document"] != "us-passport" || len(f.fields) != 1 {
		t.Errorf("the fields are %q, want the document alone", f.fields)
	}
}

func TestAFormThatCannotBeRead(t *testing.T) {
	head := "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n"
	for name, test := range map[string]struct{ in, says string }{
		"nothing":                  {"", "no first boundary"},
		"another boundary":         {strings.ReplaceAll(photoForm, "--b", "--x"), "no first boundary"},
		"no end":                   {head + "value", "no last boundary"},
		"cut in a header":          {"--b\r\nContent-Disposition: form-da", "header is cut off"},
		"cut after a boundary":     {"--b", "cut off after a boundary"},
		"text beside a boundary":   {"--b sees\r\n", "cut off after a boundary"},
		"text after the last":      {"--b--0", "cut off after a boundary"},
		"a header without an end":  {"--b\r\nX: " + strings.Repeat("x", maxPartHeader) + "\r\n\r\n\r\n--b--", "too long"},
		"a part without a name":    {"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--", "without a name"},
		"a part that is no field":  {"--b\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nx\r\n--b--", "without a name"},
		"a field twice":            {head + "1\r\n" + head + "2\r\n--b--", "a is there twice"},
		"a photo twice":            {strings.TrimSuffix(photoForm, "--b--\r\n") + photoForm[strings.LastIndex(photoForm[:80], "--b"):], "is there twice"},
		"a field that is too long": {head + strings.Repeat("x", maxField+1) + "\r\n--b--", "a text of up to"},
		"a field that is no text":  {head + "\xff\r\n--b--", "a text of up to"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseForm([]byte(test.in), "b")
			var wrong *malformedError
			if !errors.As(err, &wrong) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("the error is %v, want %q in it", err, test.says)
			}
		})
	}
}

func TestAFormOfManyParts(t *testing.T) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := range maxParts + 1 {
		w.WriteField("field"+strconv.Itoa(i), "x")
	}
	w.Close()
	if _, err := parseForm(b.Bytes(), w.Boundary()); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("%d parts are answered %v, want a refusal", maxParts+1, err)
	}
}

// Whatever we accept, Go's own reader accepts, and finds the same fields and the same photo in it.
func FuzzForm(f *testing.F) {
	f.Add([]byte(photoForm), "b")
	f.Add([]byte("preamble\r\n"+photoForm+"epilogue"), "b")
	f.Add([]byte("--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n--b--"), "b")
	f.Add([]byte("--b \t\r\ncontent-disposition: form-data; name=photo\r\n\r\n\r\n--b--"), "b")
	f.Fuzz(func(t *testing.T, data []byte, b string) {
		if b == "" || len(b) > 70 || strings.ContainsAny(b, "\r\n") {
			return
		}
		ours, err := parseForm(data, b)
		if err != nil {
			return
		}
		theirs := form{fields: map[string]string{}}
		r := multipart.NewReader(bytes.NewReader(data), b)
		for {
			p, err := r.NextRawPart()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%q: Go's reader says %v, and we took it", data, err)
			}
			value, err := io.ReadAll(p)
			if err != nil {
				t.Fatalf("%q: Go's reader says %v of a part, and we took it", data, err)
			}
			if p.FormName() == photoField {
				theirs.photo = value
			} else {
				theirs.fields[p.FormName()] = string(value)
			}
		}
		if !bytes.Equal(ours.photo, theirs.photo) || len(ours.fields) != len(theirs.fields) {
			t.Fatalf("%q: we read %q, Go's reader %q", data, ours, theirs)
		}
		for name, value := range ours.fields {
			if theirs.fields[name] != value {
				t.Errorf("%q: field %q is %q for us and %q for Go's reader", data, name, value, theirs.fields[name])
			}
		}
	})
}
