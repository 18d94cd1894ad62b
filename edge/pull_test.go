package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/professionalaistudio/studio/edge/inference/inferencetest"
	"github.com/professionalaistudio/studio/models"
)

// A shelf is a server that has nets, over TLS with a certificate that only this test's programs trust.
type shelf struct {
	*httptest.Server
	t     *testing.T
	trust string // the certificate's file
	dir   string // EDGE_MODELS
	net   []byte // a net that runs: this build's face net, as an operator's
	model models.Model
}

func newShelf(t *testing.T, routes map[string]http.HandlerFunc) *shelf {
	t.Helper()
	set, err := models.Open("")
	if err != nil {
		t.Fatal(err)
	}
	s := &shelf{t: t, dir: t.TempDir()}
	s.model, s.net, _ = set.For(models.Face)
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if route := routes[r.URL.Path]; route != nil {
			route(w, r)
		} else {
			w.Write(s.net)
		}
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // a client that does not trust it is one of the tests
	s.StartTLS()
	t.Cleanup(s.Close)
	s.trust = filepath.Join(t.TempDir(), "trust.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := os.WriteFile(s.trust, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	s.model.Name, s.model.File, s.model.Version, s.model.URL = "face-theirs", "face-theirs.onnx", "9", s.URL+"/face.onnx"
	return s
}

// describe writes the manifest.
func (s *shelf) describe(change ...func(*models.Model)) []byte {
	m := s.model
	for _, f := range change {
		f(&m)
	}
	text, err := json.Marshal(models.Manifest{Schema: models.Schema, Updated: "2026-11-24", Models: []models.Model{m}})
	if err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.dir, "manifest.json"), text, 0o600); err != nil {
		s.t.Fatal(err)
	}
	return text
}

// edge runs the program on the folder.
func (s *shelf) edge(args ...string) (stdout, stderr string, err error) {
	s.t.Helper()
	cmd := exec.Command("edge", args...)
	cmd.Env = []string{"HOME=" + s.t.TempDir(), "PATH=" + os.Getenv("PATH"), "SSL_CERT_FILE=" + s.trust, "SSL_CERT_DIR=/nonexistent",
		"EDGE_MODELS=" + s.dir, "EDGE_ONNXRUNTIME=" + inferencetest.Library(s.t)}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	return out.String(), errs.String(), err
}

// files are the names in the folder.
func (s *shelf) files() (names []string) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// pulled fails unless a pull did this with the net, and the net is what is used afterwards.
func (s *shelf) pulled(did string, args ...string) {
	s.t.Helper()
	out, errs, err := s.edge(append([]string{"models", "pull"}, args...)...)
	if err != nil || !strings.Contains(out, `"did":"`+did+`","warm":0.`) || errs != "" {
		s.t.Errorf("a pull says %v, %q, %q; want the net to be %s", err, out, errs, did)
	}
	if got, err := os.ReadFile(filepath.Join(s.dir, s.model.File)); !bytes.Equal(got, s.net) {
		s.t.Errorf("after it the file is another (%v)", err)
	}
	if want := []string{s.model.File, "manifest.json"}; !slices.Equal(s.files(), want) {
		s.t.Errorf("after it the folder has %v, want %v", s.files(), want)
	}
	out, _, err = s.edge("models")
	if err != nil || !strings.Contains(out, `"name":"face-theirs","task":"face","version":"9"`) || strings.Contains(out, "face-128") {
		s.t.Errorf("a node would use %s (%v), want the operator's face net", out, err)
	}
}

func TestPull(t *testing.T) {
	s := newShelf(t, nil)
	s.describe()
	if out, errs, err := s.edge("models"); err == nil {
		t.Errorf("before the pull the nets are %s %s, want a fault", out, errs)
	}
	s.pulled("fetched")
	s.Close() // what is there is not asked for again
	s.pulled("kept")
}

func TestPullReplacesWhatIsAnother(t *testing.T) {
	s := newShelf(t, nil)
	s.describe()
	if err := os.WriteFile(filepath.Join(s.dir, s.model.File), []byte("an older net"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.pulled("replaced")
}

// A manifest may come from elsewhere, a file or an address; it is written once all that it describes is there.
func TestPullFrom(t *testing.T) {
	var text []byte
	routes := map[string]http.HandlerFunc{"/manifest.json": func(w http.ResponseWriter, r *http.Request) { w.Write(text) }}
	s := newShelf(t, routes)
	text = s.describe()
	if err := os.Remove(filepath.Join(s.dir, "manifest.json")); err != nil {
		t.Fatal(err)
	}
	s.pulled("fetched", "-from", s.URL+"/manifest.json")
	elsewhere := filepath.Join(t.TempDir(), "nets.json")
	if err := os.WriteFile(elsewhere, text, 0o600); err != nil {
		t.Fatal(err)
	}
	s.pulled("kept", "-from", elsewhere)
}

// Over a plain connection to this machine, a net may be fetched: that is how one is tried.
func TestPullFromThisMachine(t *testing.T) {
	s := newShelf(t, nil)
	plain := httptest.NewServer(s.Config.Handler)
	t.Cleanup(plain.Close)
	s.describe(func(m *models.Model) { m.URL = plain.URL + "/face.onnx" })
	s.pulled("fetched")
}

// Whatever goes wrong, the folder is as it was, an older file and the manifest included.
func TestPullRefuses(t *testing.T) {
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Error("a net is asked for over plain http")
	}))
	t.Cleanup(plain.Close)
	var s *shelf
	s = newShelf(t, map[string]http.HandlerFunc{
		"/truncated": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(s.net)))
			w.Write(s.net[:len(s.net)/2])
		},
		"/short": func(w http.ResponseWriter, r *http.Request) { w.Write(s.net[:1000]) },
		"/chunks": func(w http.ResponseWriter, r *http.Request) { // without a length, and without an end in sight
			for range 2000 {
				if _, err := w.Write(s.net[:1<<16]); err != nil {
					return
				}
				w.(http.Flusher).Flush()
			}
			t.Error("more was taken than the manifest says")
		},
		"/flipped": func(w http.ResponseWriter, r *http.Request) {
			data := bytes.Clone(s.net)
			data[len(data)/2] ^= 1
			w.Write(data)
		},
		"/downgraded": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, plain.URL, http.StatusFound) },
		"/elsewhere": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://example.com/", http.StatusFound)
		},
		"/round":   func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/round", http.StatusFound) },
		"/missing": http.NotFound,
		"/text":    func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("no net at all")) },
	})
	text := sha256.Sum256([]byte("no net at all"))
	const older = "an older net"
	for name, test := range map[string]struct {
		change func(*models.Model)
		says   string
	}{
		"cut off":                  {func(m *models.Model) { m.URL = s.URL + "/truncated" }, "unexpected EOF"},
		"too short":                {func(m *models.Model) { m.URL = s.URL + "/short" }, "1000 bytes instead of"},
		"without an end":           {func(m *models.Model) { m.URL = s.URL + "/chunks" }, "more than"},
		"another file":             {func(m *models.Model) { m.URL = s.URL + "/flipped" }, "is refused: not the file that the manifest describes: its SHA-256"},
		"a redirect to plain http": {func(m *models.Model) { m.URL = s.URL + "/downgraded" }, "redirected to http://127.0.0.1"},
		"a redirect elsewhere":     {func(m *models.Model) { m.URL = s.URL + "/elsewhere" }, "https only"},
		"redirects in a circle":    {func(m *models.Model) { m.URL = s.URL + "/round" }, "more than five times"},
		"not there":                {func(m *models.Model) { m.URL = s.URL + "/missing" }, "404 Not Found"},
		"nobody there":             {func(m *models.Model) { m.URL = "https://127.0.0.1:1/a.onnx" }, "connection refused"},
		"what is no net": {func(m *models.Model) {
			m.URL, m.SHA256, m.Bytes = s.URL+"/text", hex.EncodeToString(text[:]), int64(len("no net at all"))
		}, "the file is not ONNX"},
		"another net than described": {func(m *models.Model) { m.Input.Width = 256 }, "its input is"},
	} {
		t.Run(name, func(t *testing.T) {
			described := s.describe(test.change)
			if err := os.WriteFile(filepath.Join(s.dir, s.model.File), []byte(older), 0o600); err != nil {
				t.Fatal(err)
			}
			out, errs, err := s.edge("models", "pull")
			if err == nil || !strings.Contains(errs, "edge: face-theirs: ") || !strings.Contains(errs, test.says) || out != "" {
				t.Errorf("a pull says %v, %q, %q; want a fault with %q", err, out, errs, test.says)
			}
			if want := []string{s.model.File, "manifest.json"}; !slices.Equal(s.files(), want) {
				t.Errorf("the folder has %v, want %v", s.files(), want)
			}
			if data, _ := os.ReadFile(filepath.Join(s.dir, s.model.File)); string(data) != older {
				t.Errorf("the file is %.20q, want what it was", data)
			}
			if data, _ := os.ReadFile(filepath.Join(s.dir, "manifest.json")); !bytes.Equal(data, described) {
				t.Error("the manifest is another")
			}
		})
	}
	// Nobody else's certificate will do.
	s.describe()
	s.trust = "/dev/null"
	if _, errs, err := s.edge("models", "pull"); err == nil || !strings.Contains(errs, "certificate") {
		t.Errorf("with a certificate that nobody vouches for a pull says %v, %q", err, errs)
	}
}
