package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// certify writes a certificate for 127.0.0.1 with this serial number.
func certify(t *testing.T, dir string, serial int64) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "edge"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: der}, "key.pem": {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// A renewed certificate is in use within seconds, without a restart; while its files do not fit, the old one goes on.
func TestTLS(t *testing.T) {
	dir := t.TempDir()
	certify(t, dir, 1)
	src := sources(t)
	n := start(t, "EDGE_TLS_CERT="+dir+"/cert.pem", "EDGE_TLS_KEY="+dir+"/key.pem")
	address := strings.TrimPrefix(n.public, "http://")
	n.public = "https://" + address
	serial := func() int64 {
		c, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		return c.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
	}
	if got := serial(); got != 1 {
		t.Errorf("certificate %d is shown, want 1", got)
	}
	secure := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}
	resp, err := secure.Get(n.sign("w:50", src.URL+"/slope.png"))
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != 200 {
		t.Errorf("over TLS the answer is %d (%v): %.100s", resp.StatusCode, err, body)
	}
	resp.Body.Close()

	certify(t, dir, 2)
	eventually(t, 10*time.Second, "the renewed certificate is shown", func() bool { return serial() == 2 })
	if err := os.WriteFile(dir+"/cert.pem", []byte("half a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	eventually(t, 10*time.Second, "the edge says that the new one cannot be read", func() bool {
		return serial() == 2 && strings.Contains(n.text(), "The new certificate cannot be read")
	})

	// A client that leaves is noticed behind TLS as well.
	c, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", strings.TrimPrefix(n.sign("w:50", src.URL+"/slow"), n.public))
	eventually(t, 10*time.Second, "the request is under way", func() bool { return n.metric("edge_api_requests_in_flight") == 1 })
	c.Close()
	eventually(t, 5*time.Second, "the request has been dropped", func() bool { return n.metric("edge_api_requests_in_flight") == 0 })
}
