package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/professionalaistudio/studio/edge/config"
	"github.com/professionalaistudio/studio/edge/inference"
	"github.com/professionalaistudio/studio/models"
)

// stall is how long a server may send nothing.
const stall = 30 * time.Second

// pull makes the files that the manifest in EDGE_MODELS describes be there: what is missing or is another is fetched to a
// temporary file, verified, loaded and run once, and only then put in its place. With from, the manifest is taken from there and
// written last, so that it never describes what is not there.
func (c *console) pull(ctx context.Context, cfg config.Config, from string) (rows []netRow, err error) {
	if cfg.Models == "" {
		return nil, errors.New("EDGE_MODELS is empty: set it to the folder where the nets shall be")
	}
	p := &puller{dir: cfg.Models, client: newPullClient(), progress: io.Discard}
	if terminal(c.errors) {
		p.progress = c.errors
	}
	manifest, text, err := p.manifest(ctx, from)
	if err != nil {
		return nil, err
	}
	if p.runtime, err = startInference(cfg, 1, nil); err != nil { // before anything is fetched that could not be tried
		return nil, err
	}
	defer func() { err = errors.Join(err, p.runtime.Close()) }()
	for _, m := range manifest.Models {
		row, err := p.net(ctx, m)
		if err != nil {
			return rows, fmt.Errorf("%s: %w", m.Name, err)
		}
		rows = append(rows, row)
	}
	if text != nil {
		err = p.place("manifest.json", func(f *os.File) error {
			_, err := f.Write(text)
			return err
		}, func(string) error { return nil })
	}
	return rows, err
}

type puller struct {
	dir      string
	client   *http.Client
	runtime  *inference.Runtime
	progress io.Writer
}

// manifest is the one in the folder, or one from elsewhere together with its text.
func (p *puller) manifest(ctx context.Context, from string) (m models.Manifest, text []byte, err error) {
	switch {
	case from == "":
		m, err = models.ReadManifest(p.dir)
		return m, nil, err
	case strings.Contains(from, "://"):
		var b strings.Builder
		if err = p.get(ctx, from, -1, models.MaxManifest, &b); err == nil {
			text = []byte(b.String())
		}
	default:
		var f *os.File
		if f, err = os.Open(from); err == nil {
			text, err = io.ReadAll(io.LimitReader(f, models.MaxManifest+1))
			f.Close()
		}
		if len(text) > models.MaxManifest {
			err = fmt.Errorf("%s is no manifest: it is larger than a megabyte", from)
		}
	}
	if err != nil {
		return m, nil, err
	}
	if m, err = models.Parse(text); err != nil {
		err = fmt.Errorf("%s: %w", from, err)
	}
	return m, text, err
}

// net makes the file of one net be there, and proves that it runs.
func (p *puller) net(ctx context.Context, m models.Model) (netRow, error) {
	row := netRow{Name: m.Name, Task: m.Task, Version: m.Version, Bytes: m.Bytes, SHA256: m.SHA256, From: filepath.Join(p.dir, m.File)}
	prove := func(data []byte) error {
		start := time.Now()
		n, err := p.runtime.Load(m, data)
		if err != nil {
			return err
		}
		row.Warm = since(start)
		return n.Close()
	}
	data, err := m.Read(row.From)
	switch {
	case err == nil:
		row.Did = "kept"
		return row, prove(data)
	case errors.Is(err, fs.ErrNotExist):
		row.Did = "fetched"
	case errors.Is(err, models.ErrDigest):
		row.Did = "replaced"
	default:
		return row, fmt.Errorf("%s: %w", row.From, err)
	}
	if m.URL == "" {
		return row, fmt.Errorf("%s: %w, and the manifest has no url to fetch it from", row.From, err)
	}
	return row, p.place(m.File, func(f *os.File) error {
		show := &shown{to: f, name: m.File, of: m.Bytes, on: p.progress}
		defer show.end()
		return p.get(ctx, m.URL, m.Bytes, m.Bytes, show)
	}, func(path string) error {
		data, err := m.Read(path)
		if err != nil {
			return fmt.Errorf("what %s sends is refused: %w", hostOf(m.URL), err)
		}
		return prove(data)
	})
}

// place writes a file beside its place, checks it, and moves it there. If anything fails nothing is left, and what was there stays.
func (p *puller) place(name string, write func(*os.File) error, check func(path string) error) (err error) {
	f, err := os.CreateTemp(p.dir, ".pull-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	err = write(f)
	if err == nil {
		err = errors.Join(f.Chmod(0o644), f.Sync())
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := check(f.Name()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), filepath.Join(p.dir, name)); err != nil {
		return err
	}
	dir, err := os.Open(p.dir)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}

// errInsecure is a transfer on which anybody on the way could put a file of theirs.
var errInsecure = errors.New("fetched over https only (over http from this machine alone)")

func newPullClient() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	transport.ResponseHeaderTimeout = stall
	transport.DisableCompression = true
	return &http.Client{Transport: transport, CheckRedirect: func(next *http.Request, via []*http.Request) error {
		if len(via) >= 5 {
			return errors.New("redirected more than five times")
		}
		if !secure(next.URL) || via[0].URL.Scheme == "https" && next.URL.Scheme != "https" {
			return fmt.Errorf("redirected to %s://%s: %w", next.URL.Scheme, next.URL.Host, errInsecure)
		}
		return nil
	}}
}

func secure(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

// get writes what an address answers. size is how much that must be, -1 if it is not known; limit is the most that is taken.
func (p *puller) get(ctx context.Context, address string, size, limit int64, to io.Writer) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return fmt.Errorf("%q is no address of the web", address)
	}
	if !secure(u) {
		return fmt.Errorf("%s: %w", u.Redacted(), errInsecure)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(stall, func() { cancel(fmt.Errorf("%s sent nothing for %s", u.Host, stall)) })
	defer watch.Stop()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	response, err := p.client.Do(request)
	if err != nil {
		return because(ctx, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", u.Host, response.Status)
	}
	if size >= 0 && response.ContentLength >= 0 && response.ContentLength != size {
		return fmt.Errorf("what %s sends is refused: %w: it has %d bytes instead of %d", u.Host, models.ErrDigest, response.ContentLength, size)
	}
	n, err := io.Copy(to, &watched{io.LimitReader(response.Body, limit+1), watch})
	switch {
	case err != nil:
		return fmt.Errorf("%s: after %d bytes: %w", u.Host, n, because(ctx, err))
	case n > limit:
		return fmt.Errorf("what %s sends is refused: it has more than %d bytes", u.Host, limit)
	}
	return nil
}

// because prefers the cause for which ctx ended.
func because(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// watched puts the end off with every byte that comes.
type watched struct {
	io.Reader
	watch *time.Timer
}

func (w *watched) Read(b []byte) (int, error) {
	n, err := w.Reader.Read(b)
	if n > 0 {
		w.watch.Reset(stall)
	}
	return n, err
}

// shown tells a person how far a file is.
type shown struct {
	to, on io.Writer
	name   string
	n, of  int64
	last   time.Time
}

func (s *shown) Write(b []byte) (int, error) {
	n, err := s.to.Write(b)
	s.n += int64(n)
	if time.Since(s.last) > 100*time.Millisecond {
		s.last = time.Now()
		fmt.Fprintf(s.on, "\r%s  %s of %s ", s.name, megabytes(s.n), megabytes(s.of))
	}
	return n, err
}

func (s *shown) end() {
	if !s.last.IsZero() {
		fmt.Fprint(s.on, "\r\x1b[K")
	}
}

func hostOf(address string) string {
	if u, err := url.Parse(address); err == nil {
		return u.Host
	}
	return "the server"
}
