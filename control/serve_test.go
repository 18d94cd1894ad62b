package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/control/store/storetest"
	"github.com/professionalaistudio/studio/edge/wire"
)

func get(t *testing.T, url string) (int, http.Header, string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(body)
}

// One program answers pages, JSON, the operator and both stand-ins, and every answer has its two headers.
func TestServe(t *testing.T) {
	c := newControl(t)
	c.up(t)
	for _, test := range []struct {
		url    string
		status int
		kind   string
	}{
		{c.url + "/", 200, "text/html; charset=utf-8"},
		{c.url + "/studio", 200, "text/html; charset=utf-8"},
		{c.url + "/signin", 200, "text/html; charset=utf-8"},
		{c.url + "/privacy", 200, "text/html; charset=utf-8"},
		{c.url + "/docs", 200, "text/html; charset=utf-8"},
		{c.url + "/documentation", 404, "text/html; charset=utf-8"},
		{c.url + "/openapi.json", 200, "application/json"},
		{c.url + "/v1/regions", 200, "application/json"},
		{c.url + "/v1/nothing", 404, "application/problem+json"},
		{c.url + "/.well-known/jwks.json", 200, "application/json"},
		{c.url + "/.well-known/receipts.json", 200, "application/json"},
		{c.url + "/.well-known/oauth-authorization-server", 200, "application/json"},
		{c.url + "/.well-known/security.txt", 200, "text/plain; charset=utf-8"},
		{c.url + "/metrics", 404, "text/html; charset=utf-8"}, // the operator's alone
		{c.url + "/debug/pprof/", 404, "text/html; charset=utf-8"},
		{c.private + "/metrics", 200, ""},
		{c.private + "/readyz", 200, "text/plain; charset=utf-8"},
		{c.pay + "/pay/none", 404, "text/html; charset=utf-8"},
	} {
		status, header, body := get(t, test.url)
		if test.url == c.url+"/studio" && status == 503 {
			continue // the page is not built; that is for the studio's own tests to mind
		}
		if status != test.status || test.kind != "" && header.Get("Content-Type") != test.kind {
			t.Errorf("%s: %d %q, want %d %q\n%.200s", test.url, status, header.Get("Content-Type"), test.status, test.kind, body)
		}
		if strings.HasPrefix(test.url, c.url) && (header.Get("X-Request-Id") == "" || header.Get("Server-Timing") == "") {
			t.Errorf("%s lacks X-Request-Id or Server-Timing: %v", test.url, header)
		}
	}
	for setting, address := range map[string]string{"CONTROL_LISTEN": c.url, "CONTROL_PRIVATE_LISTEN": c.private, "CONTROL_FAKEPAY_LISTEN": c.pay} {
		second := newControl(t, setting+"="+strings.TrimPrefix(address, "http://"))
		cmd := exec.Command("control", "serve")
		cmd.Env = append([]string{"PATH=" + os.Getenv("PATH")}, second.env...)
		if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), setting+": listen") {
			t.Errorf("a taken port: %v, %q; want it to name %s", err, out, setting)
		}
	}
}

// Asked to stop, the program lets go of who waits, answers who is being answered, and ends well.
func TestStop(t *testing.T) {
	c := newControl(t)
	c.up(t)
	token := c.command(t, "node", "local")
	first := bundle(t, c, token, 0)
	if first.status != 200 {
		t.Fatalf("bundle: %d %s", first.status, first.body)
	}
	waiting := make(chan reply, 1)
	go func() { waiting <- bundle(t, c, token, first.number) }()
	// The poll is known to wait once a rotation ends it; the next one is asked to wait while the program stops.
	c.command(t, "rotate")
	second := <-waiting
	if second.status != 200 || second.number <= first.number {
		t.Errorf("after a rotation beside it: %d, number %d after %d; want a newer bundle", second.status, second.number, first.number)
	}
	begun := make(chan struct{})
	go func() { close(begun); waiting <- bundle(t, c, token, second.number+10) }()
	<-begun
	if err := c.stop(); err != nil {
		t.Errorf("it ended with %v, want nil", err)
	}
	if got := <-waiting; got.status != 204 && got.err == nil {
		t.Errorf("who waited was answered %d, want 204 or, had they come too late, nothing", got.status)
	}
	if !strings.Contains(c.output(), `"msg":"control stops"`) {
		t.Error("the log does not say that it stops")
	}
	c.up(t) // on the same database and ports
	if got := bundle(t, c, token, 0); got.status != 200 {
		t.Errorf("after a restart the node token gets %d, want 200", got.status)
	}
}

type reply struct {
	status int
	number uint64
	body   string
	err    error
}

func bundle(t *testing.T, c *controlled, token string, have uint64) reply {
	req, err := http.NewRequestWithContext(t.Context(), "GET", fmt.Sprintf("%s/internal/bundle?have=%d", c.url, have), nil)
	if err != nil {
		return reply{err: err}
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return reply{err: err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	r := reply{status: resp.StatusCode, body: string(body), err: err}
	fmt.Sscanf(resp.Header.Get("ETag"), `"%d"`, &r.number)
	return r
}

// Two planes on one PostgreSQL are one: what one changes, the edges of the other hear of, and either takes usage.
func TestTwoPlanesOnPostgres(t *testing.T) {
	database := "CONTROL_DATABASE_URL=" + storetest.PostgresURL(t)
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, storetest.Secret[:], 0o600); err != nil {
		t.Fatal(err)
	}
	secret := "CONTROL_SECRET_FILE=" + file
	first, second := newControl(t, database, secret), newControl(t, database, secret)
	second.env = append(second.env, "CONTROL_URL="+first.url) // one address, behind a balancer
	first.up(t)
	token := first.command(t, "node", "local")
	second.up(t)
	before := bundle(t, second, token, 0)
	if before.status != 200 {
		t.Fatalf("the second plane refuses a node token of the first: %d %s", before.status, before.body)
	}
	after := make(chan reply, 1)
	go func() { after <- bundle(t, second, token, before.number) }()
	first.command(t, "rotate")
	if got := <-after; got.status != 200 || got.number <= before.number {
		t.Errorf("after a rotation at the first, the second answers %d with number %d after %d, want a newer bundle", got.status, got.number, before.number)
	}
	for i, c := range []*controlled{first, second, first} {
		record := wire.AppendUsage(nil, wire.Usage{Seq: uint64(i + 1), Op: wire.OpImage, Units: 1})
		req, err := http.NewRequestWithContext(t.Context(), "POST", c.url+"/internal/usage?node=n&boot=b", bytes.NewReader(record))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if want := fmt.Sprintf(`{"watermark":%d}`, i+1); err != nil || strings.TrimSpace(string(body)) != want {
			t.Errorf("record %d: %d %s, %v; want %s", i+1, resp.StatusCode, body, err, want)
		}
	}
	for _, c := range []*controlled{first, second} {
		if err := c.stop(); err != nil {
			t.Errorf("a plane ended with %v, want nil", err)
		}
	}
}

// writePair makes a certificate for 127.0.0.1 with a serial number.
func writePair(t *testing.T, dir string, serial int64) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
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
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// A renewed certificate is used without a restart; one that does not fit its key is not.
func TestCertificate(t *testing.T) {
	dir := t.TempDir()
	writePair(t, dir, 1)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	now := time.Now()
	c := &certificate{certFile: filepath.Join(dir, "cert.pem"), keyFile: filepath.Join(dir, "key.pem"), now: func() time.Time { return now }}
	serial := func() int64 {
		t.Helper()
		pair, err := c.get(nil)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(pair.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		return leaf.SerialNumber.Int64()
	}
	if got := serial(); got != 1 {
		t.Errorf("certificate %d, want 1", got)
	}
	writePair(t, dir, 2)
	later := time.Now().Add(time.Minute) // file times may be coarse
	for _, file := range []string{c.certFile, c.keyFile} {
		if err := os.Chtimes(file, later, later); err != nil {
			t.Fatal(err)
		}
	}
	if got := serial(); got != 1 {
		t.Errorf("certificate %d before it is looked at again, want 1", got)
	}
	now = now.Add(look)
	if got := serial(); got != 2 {
		t.Errorf("certificate %d after a renewal, want 2", got)
	}
	if err := os.WriteFile(c.keyFile, []byte("half a key"), 0o600); err != nil {
		t.Fatal(err)
	}
	now = now.Add(look)
	if got := serial(); got != 2 {
		t.Errorf("certificate %d beside half a key, want 2", got)
	}
	if _, err := withTLS(l, c.certFile, c.keyFile); err == nil || !strings.Contains(err.Error(), "CONTROL_TLS_KEY") {
		t.Errorf("half a key at the start: %v, want it refused", err)
	}
}

// With a certificate the public address speaks TLS, and the session's cookie has the name that only https may set.
func TestServeTLS(t *testing.T) {
	dir := t.TempDir()
	cert := writePair(t, dir, 1)
	c := newControl(t, "CONTROL_TLS_CERT="+filepath.Join(dir, "cert.pem"), "CONTROL_TLS_KEY="+filepath.Join(dir, "key.pem"))
	https := strings.Replace(c.url, "http://", "https://", 1)
	c.env = append(c.env, "CONTROL_URL="+https)
	c.up(t)
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	ask := func(path string) *http.Response {
		t.Helper()
		req, err := http.NewRequestWithContext(context.Background(), "GET", https+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { resp.Body.Close() })
		return resp
	}
	resp := ask("/.well-known/oauth-authorization-server")
	var meta struct{ Issuer string }
	if err := json.NewDecoder(resp.Body).Decode(&meta); err != nil || meta.Issuer != https || resp.ProtoMajor != 2 {
		t.Errorf("issuer %q over HTTP/%d, %v; want %q over HTTP/2", meta.Issuer, resp.ProtoMajor, err, https)
	}
	resp = ask("/signin?with=devidp")
	var names []string
	for _, cookie := range resp.Cookies() {
		names = append(names, cookie.Name)
		if !cookie.Secure || !cookie.HttpOnly {
			t.Errorf("cookie %q is not Secure and HttpOnly", cookie.Name)
		}
	}
	if len(names) != 1 || !strings.HasPrefix(names[0], "__Host-") {
		t.Errorf("sign-in sets the cookies %q, want one of __Host-", names)
	}
}
