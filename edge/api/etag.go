package api

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/professionalaistudio/studio/edge/wire"
)

// A variant's ETag is strong: it names one sequence of bytes. It is a hash of the source (its own strong ETag, or its
// bytes), the options and the format, so two sizes of one source never share one, which a cache would take for leave to
// answer the one with the other. Where the source has an ETag, ours carries it behind a dot, and a client that comes
// back with it lets us ask the source the same question instead of fetching it again.

// rendering counts changes of what we make of the same source and options; a new libvips is one as well.
const rendering = "1"

const tagBytes = 15 // 120 bits, 20 letters

// longestCarried bounds the source's ETag inside ours.
const longestCarried = 256

// variant is what an ETag depends on beside the source.
type variant struct {
	libvips string
	with    string // digests of what else had a part in it: nets, rules
	options wire.Options
	format  wire.Format
}

func (v variant) hash(source string) string {
	o := v.options
	// These do not change the bytes.
	o.CacheBuster, o.Expires, o.Filename, o.Format = "", 0, "", v.format
	h := sha256.New()
	parts := []string{rendering, v.libvips, o.String(), o.Source, source}
	if v.with != "" { // what neither nets nor rules had a part in keeps the tag it has
		parts = append(parts, v.with)
	}
	for _, part := range parts {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:tagBytes])
}

// etag makes the tag out of what the source sent.
func (v variant) etag(sourceTag string, body []byte) string {
	if strong(sourceTag) && len(sourceTag) <= longestCarried {
		return `"` + v.hash(sourceTag) + "." + base64.RawURLEncoding.EncodeToString([]byte(sourceTag)) + `"`
	}
	sum := sha256.Sum256(body)
	return `"` + v.hash(string(sum[:])) + `"`
}

// header is a tag as it is sent. Findings say when they were made, so of them the same tag promises the same photo and the same
// verdicts, and not the same bytes: it is a weak one.
func (v variant) header(tag string) string {
	if v.format == wire.JSON {
		return "W/" + tag
	}
	return tag
}

// sourceTag is the source's ETag that one of ours carries, if it is of this variant: the question "do you still have
// this one?" may then be passed on.
func (v variant) sourceTag(ours string) (string, bool) {
	hash, carried, ok := strings.Cut(strings.Trim(ours, `"`), ".")
	if !ok {
		return "", false
	}
	tag, err := base64.RawURLEncoding.Strict().DecodeString(carried)
	if err != nil || !strong(string(tag)) || v.hash(string(tag)) != hash {
		return "", false
	}
	return string(tag), true
}

// strong tells whether s is an ETag that promises equal bytes, and one that may stand in a header.
func strong(s string) bool {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return false
	}
	for _, c := range []byte(s[1 : len(s)-1]) {
		if c <= ' ' || c == '"' || c >= 0x7f {
			return false
		}
	}
	return true
}

// tags splits an If-None-Match header; "*" stands for itself, and weak marks are dropped, since If-None-Match compares
// weakly (RFC 9110, 13.1.2).
func tags(header string) (list []string) {
	for item := range strings.SplitSeq(header, ",") {
		if item = strings.TrimPrefix(strings.TrimSpace(item), "W/"); item != "" {
			list = append(list, item)
		}
	}
	return list
}
