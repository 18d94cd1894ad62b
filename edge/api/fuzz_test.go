package api

import (
	"strings"
	"testing"

	"github.com/professionalaistudio/studio/edge/wire"
)

// A raw target falls into a path and a query that make it again, but for a scheme and a host in front.
func FuzzTarget(f *testing.F) {
	for _, seed := range []string{"/", "/i/k/s/plain/http://a?b", "http://h/p?q?r", "//x//y?", "*", "x://", "?"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		path, query := target(raw)
		if strings.Contains(path, "?") {
			t.Errorf("%q has the path %q, which holds a query", raw, path)
		}
		again := path
		if strings.Contains(raw, "?") {
			again += "?" + query
		}
		if strings.HasPrefix(raw, "/") && again != raw {
			t.Errorf("%q became %q and %q", raw, path, query)
		}
		find(path)
	})
}

// A format is chosen only by a client that names its type and does not put it at zero.
func FuzzAccept(f *testing.F) {
	for _, seed := range []string{"", "*/*", "image/avif", "image/webp;q=0", "image/webp ; q=0.5,image/avif;q=0.0", ",;=,"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		got := newest(accept)
		if got != wire.FormatAuto && !strings.Contains(strings.ToLower(accept), got.MIME()) {
			t.Errorf("Accept %q gets %v, which it does not name", accept, got)
		}
		if got != wire.FormatAuto && newest(got.MIME()+";q=0,"+strings.ReplaceAll(strings.ToLower(accept), got.MIME(), "x/y")) == got {
			t.Errorf("a type at zero is chosen with %q behind it", accept)
		}
		prefersJSON(accept)
	})
}

// A client's tag is passed on to a source only if it is the one that we would make of what it carries.
func FuzzTag(f *testing.F) {
	v := variant{libvips: "8", options: wire.Options{Width: 50, Source: "https://a.example/x"}, format: wire.WebP}
	f.Add(v.etag(`"source"`, nil), `"source"`)
	f.Add(`"a.b", W/"c", *`, `W/"weak"`)
	f.Fuzz(func(t *testing.T, header, source string) {
		for _, tag := range tags(header) {
			if carried, ok := v.sourceTag(tag); ok && strings.Trim(v.etag(carried, nil), `"`) != strings.Trim(tag, `"`) {
				t.Errorf("%q is taken to carry %q, of which we make %s", tag, carried, v.etag(carried, nil))
			}
		}
		tag := v.etag(source, []byte("body"))
		if strings.ContainsAny(tag[1:len(tag)-1], "\"\r\n ,") {
			t.Errorf("the source's tag %q makes the header %q", source, tag)
		}
		if carried, ok := v.sourceTag(tag); ok != (strong(source) && len(source) <= longestCarried) || ok && carried != source {
			t.Errorf("the source's tag %q came back as %q (%v)", source, carried, ok)
		}
	})
}

// What is asked of a photo is read or refused with the name of a part, whatever the query.
func FuzzParameters(f *testing.F) {
	for _, seed := range []string{"document=us-passport&head=1,2,3,4&sheet=a4&background=fff&format=png", "document", "%zz", "a=1&a=2", "document=x;y", "head=NaN,Inf,0,1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		given, err := parameters(query)
		if err == nil {
			_, err = photoRequest(given, wire.OpPhoto)
		}
		if err == nil {
			return
		}
		a := &API{}
		if p := a.problem(err, false); p.Type != "malformed" || p.Extra["part"] == nil || len(p.Detail) > 400 {
			t.Errorf("%q is the problem %+v, want malformed and the name of a part", query, p)
		}
	})
}
