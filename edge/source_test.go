package main

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/tiff"
)

// The pictures of these tests are drawn here, so that every expected pixel follows from a rule and none from what we made
// before.

const slopeWidth, slopeHeight = 200, 100

// slope is a picture whose colour tells the place: red grows to the right, green downwards. A straight line stays one
// under every kernel, so a scaled slope tells the place as well.
func slope(w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetNRGBA(x, y, slopeAt(float64(x)+.5, float64(y)+.5, w, h))
		}
	}
	return img
}

func slopeAt(x, y float64, w, h int) color.NRGBA {
	return color.NRGBA{uint8(255*x/float64(w) + .5), uint8(255*y/float64(h) + .5), 128, 255}
}

// glass is half transparent, half blue.
func glass() *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for y := range 64 {
		for x := range 32 {
			img.SetNRGBA(x, y, color.NRGBA{0, 0, 255, 255})
		}
	}
	return img
}

// edge is dark on the left and light on the right.
func edge(w, h int, dark, light uint8) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			v := dark
			if x >= w/2 {
				v = light
			}
			img.SetGray(x, y, color.Gray{v})
		}
	}
	return img
}

// patch is flat but for one place that catches the eye.
func patch(at image.Point) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, 300, 100))
	for y := range 100 {
		for x := range 300 {
			c := color.NRGBA{120, 120, 120, 255}
			if p := image.Pt(x, y); p.In(image.Rect(at.X-15, at.Y-15, at.X+15, at.Y+15)) {
				c = color.NRGBA{230, 60, 40, 255}
				if (x/3+y/3)%2 == 0 {
					c = color.NRGBA{255, 240, 60, 255}
				}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

func asPNG(img image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func asJPEG(img image.Image) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func asGIF(img image.Image) []byte {
	var b bytes.Buffer
	if err := gif.Encode(&b, img, nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func asTIFF(img image.Image) []byte {
	var b bytes.Buffer
	if err := tiff.Encode(&b, img, nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// withEXIF puts an EXIF block into a JPEG: how it is turned, and an artist to be found again.
func withEXIF(data []byte, orientation uint16, artist string) []byte {
	var b bytes.Buffer
	le := binary.LittleEndian
	text := artist + "\x00"
	b.WriteString("Exif\x00\x00II*\x00")
	b.Write(le.AppendUint32(nil, 8))
	b.Write(le.AppendUint16(nil, 2)) // two entries
	entry := func(tag, kind uint16, count, value uint32) {
		b.Write(le.AppendUint16(nil, tag))
		b.Write(le.AppendUint16(nil, kind))
		b.Write(le.AppendUint32(nil, count))
		b.Write(le.AppendUint32(nil, value))
	}
	entry(0x0112, 3, 1, uint32(orientation))
	entry(0x013B, 2, uint32(len(text)), 8+2+2*12+4)
	b.Write(le.AppendUint32(nil, 0))
	b.WriteString(text)

	segment := append([]byte{0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(b.Len()+2))...)
	segment = append(segment, b.Bytes()...)
	return append(append(append([]byte{}, data[:2]...), segment...), data[2:]...)
}

// bomb is a PNG of a few bytes whose header announces w × h pixels.
func bomb(w, h uint32) []byte {
	data := append([]byte{}, asPNG(image.NewGray(image.Rect(0, 0, 1, 1)))...)
	binary.BigEndian.PutUint32(data[16:], w)
	binary.BigEndian.PutUint32(data[20:], h)
	binary.BigEndian.PutUint32(data[29:], crc32.ChecksumIEEE(data[12:29]))
	return data
}

// A source is a web server that nobody of ours wrote, with pictures on it.
type source struct {
	*httptest.Server
	files map[string][]byte
}

// sources serves the pictures that all of the tests know.
func sources(t *testing.T) *source {
	t.Helper()
	s := &source{files: map[string][]byte{
		"/slope.png":    asPNG(slope(slopeWidth, slopeHeight)),
		"/slope.jpg":    asJPEG(slope(slopeWidth, slopeHeight)),
		"/slope.gif":    asGIF(slope(slopeWidth, slopeHeight)),
		"/slope.tiff":   asTIFF(slope(slopeWidth, slopeHeight)),
		"/glass.png":    asPNG(glass()),
		"/edge.png":     asPNG(edge(64, 32, 0, 255)),
		"/soft.png":     asPNG(edge(64, 32, 100, 150)),
		"/patch-l.png":  asPNG(patch(image.Pt(40, 50))),
		"/patch-r.png":  asPNG(patch(image.Pt(250, 50))),
		"/turned.jpg":   withEXIF(asJPEG(slope(slopeWidth, slopeHeight)), 6, "An-Artist-To-Be-Found"),
		"/bomb.png":     bomb(50_000, 50_000),
		"/cut.jpg":      asJPEG(slope(slopeWidth, slopeHeight))[:1500],
		"/cut.png":      asPNG(slope(slopeWidth, slopeHeight))[:300],
		"/person.jpg":   sample(t),
		"/text.jpg":     []byte(strings.Repeat("This is no picture. ", 100)),
		"/empty.jpg":    {},
		"/drawing.svg":  []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="10" height="10"/></svg>`),
		"/großes Ü.png": asPNG(slope(20, 10)),
	}}
	changed := time.Now().Add(-time.Hour).UTC().Truncate(time.Second)
	mux := http.NewServeMux()
	mux.HandleFunc("/status/404", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusNotFound) })
	mux.HandleFunc("/status/410", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusGone) })
	mux.HandleFunc("/status/500", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusInternalServerError) })
	mux.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) })
	mux.HandleFunc("/away", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusFound)
	})
	mux.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000")
		w.Write([]byte("\xff\xd8\xff"))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	mux.HandleFunc("/short", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100000")
		w.Write(s.files["/slope.jpg"])
		panic(http.ErrAbortHandler)
	})
	mux.HandleFunc("/large", func(w http.ResponseWriter, _ *http.Request) {
		w.Write(s.files["/slope.jpg"])
		w.Write(make([]byte, 4<<20))
	})
	mux.HandleFunc("/tagged/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"source-1"`)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(s.files[strings.TrimPrefix(r.URL.Path, "/tagged")]))
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		data, ok := s.files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		http.ServeContent(w, r, r.URL.Path, changed, bytes.NewReader(data))
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s
}
