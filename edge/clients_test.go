package main

import (
	"encoding/hex"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Stock imgproxy clients, as npm and PyPI give them, sign URLs that this edge takes. `make test` installs them and names
// the folder; without it there is nothing to run.
func TestStockClients(t *testing.T) {
	dir := os.Getenv("STUDIO_CLIENTS")
	if dir == "" {
		t.Skip("STUDIO_CLIENTS names no folder with the clients in it: `make test` makes one")
	}
	n, src := start(t), sources(t)
	source, person := src.URL+"/slope.png", src.URL+"/person.jpg"
	whole := image.Pt(slopeWidth, slopeHeight)
	shows := map[string]struct {
		size image.Point
		kind string
	}{
		"fit":                   {image.Pt(50, 25), "png"},
		"fill":                  {image.Pt(60, 60), "webp"},
		"enlarged":              {image.Pt(400, 200), "jpeg"},
		"focus":                 {image.Pt(40, 30), "png"},
		"offset":                {image.Pt(50, 25), "png"},
		"background":            {whole, "png"},
		"plain":                 {image.Pt(50, 25), "webp"},
		"plain without options": {whole, "png"},
		"no options":            {whole, "png"},
		"document":              {image.Pt(600, 600), "jpeg"}, // an option that no client knows, in the place it has for such
		"document on white":     {image.Pt(1000, 1000), "jpeg"},
	}
	for name, command := range map[string][]string{
		// npm's drops the key id from the base unless it ends in a slash; PyPI's then writes two, which count as one.
		"npm imgproxy":                {"node", "sign.mjs", n.public + "/i/test/"},
		"PyPI imgproxy":               {filepath.Join(dir, "venv/bin/python"), "sign.py", n.public + "/i/test"},
		"PyPI imgproxy, with a slash": {filepath.Join(dir, "venv/bin/python"), "sign.py", n.public + "/i/test/"},
		"imgproxy's own":              {"node", "sign-node.mjs", n.public + "/i/test"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(command[0], append(command[1:], hex.EncodeToString(testKey.Key), hex.EncodeToString(testKey.Salt), source, person)...)
			cmd.Dir = dir
			cmd.Stderr = os.Stderr
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			urls := 0
			for line := range strings.Lines(string(out)) {
				what, url, _ := strings.Cut(strings.TrimSpace(line), "\t")
				want, known := shows[what]
				if !known {
					t.Errorf("nobody knows what %q must show", what)
				}
				urls++
				a := get(t, url)
				if a.StatusCode != 200 {
					t.Errorf("%s is answered %d: %s", what, a.StatusCode, a.body)
					continue
				}
				if img, kind, err := decode(a.body); err != nil || img.Bounds().Size() != want.size || kind != want.kind {
					t.Errorf("%s is a %s (%v), want a %s of %v", what, kind, err, want.kind, want.size)
				}
			}
			if urls < 5 {
				t.Errorf("the client signed %d URLs, want at least 5", urls)
			}
			// The same client with another key is refused.
			cmd = exec.Command(command[0], append(command[1:], "00", "00", source, person)...)
			cmd.Dir = dir
			out, err = cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(string(out)) {
				_, url, _ := strings.Cut(strings.TrimSpace(line), "\t")
				get(t, url).expect(t, "signature", 403)
			}
		})
	}
}
