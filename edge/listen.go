package main

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"

	"github.com/professionalaistudio/studio/edge/api"
	"github.com/professionalaistudio/studio/edge/config"
)

// listen opens the public port, with TLS if there is a certificate.
func listen(cfg config.Config, log *slog.Logger) (net.Listener, error) {
	ln, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("EDGE_LISTEN: %w", err)
	}
	ln = api.Listener(ln)
	if cfg.TLSCert == "" {
		return ln, nil
	}
	c := &certificate{cert: cfg.TLSCert, key: cfg.TLSKey, log: log}
	if err := c.load(); err != nil {
		ln.Close()
		return nil, fmt.Errorf("EDGE_TLS_CERT: %w", err)
	}
	return tls.NewListener(ln, &tls.Config{
		MinVersion:     tls.VersionTLS12,
		NextProtos:     []string{"http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current(time.Now()), nil },
	}), nil
}

// A certificate is read again when its files change: a renewal needs no restart. While the new files cannot be read, for
// instance because only one of them has been replaced yet, the old pair goes on.
type certificate struct {
	cert, key string
	log       *slog.Logger

	mu      sync.Mutex
	pair    *tls.Certificate
	changed [2]time.Time // of the files that pair was read from
	looked  time.Time
}

const lookAgain = time.Second

func (c *certificate) load() error {
	changed := c.times()
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return err
	}
	c.pair, c.changed = &pair, changed
	return nil
}

func (c *certificate) times() (t [2]time.Time) {
	for i, path := range []string{c.cert, c.key} {
		if info, err := os.Stat(path); err == nil {
			t[i] = info.ModTime()
		}
	}
	return t
}

func (c *certificate) current(now time.Time) *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Sub(c.looked) < lookAgain {
		return c.pair
	}
	c.looked = now
	if c.times() != c.changed {
		if err := c.load(); err != nil {
			c.log.Error("The new certificate cannot be read; the old one goes on.", "error", err)
		} else {
			c.log.Info("A new certificate is in use.")
		}
	}
	return c.pair
}
