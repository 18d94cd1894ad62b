package devidp

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// A User is somebody to sign in as.
type User struct {
	Subject string
	Name    string
	Email   string
}

// Samples are the people that the page offers.
var Samples = []User{
	{Subject: "sample-ada", Name: "Ada Lindgren", Email: "ada@example.com"},
	{Subject: "sample-bo", Name: "Bo Tanaka", Email: "bo@example.org"},
	{Subject: "sample-chi", Name: "Chioma Okafor", Email: "chi@example.net"},
}

// A Client is a relying party that may send people here.
type Client struct {
	ID, Secret string
	Redirects  []string // compared letter by letter
}

// Server is the issuer. Its fields may be changed while no request runs.
type Server struct {
	Issuer  string // http://127.0.0.1:8090
	Clients []Client
	Users   []User

	Now    func() time.Time            // the clock that tokens are dated by
	Mangle func(claims map[string]any) // changes an ID token before it is signed
	Forge  bool                        // signs ID tokens with a key that is not in the JWKS, under the name of one that is

	key, stranger *rsa.PrivateKey
	mux           *http.ServeMux
	mu            sync.Mutex
	codes         map[string]grant // by authorisation code
	access        map[string]grant // by access token
}

// A grant is what a code or an access token stands for.
type grant struct {
	client, redirect, nonce, challenge string
	user                               User
	expires                            time.Time
	token                              string // the access token that a code was exchanged for, so that replay revokes it
}

const (
	codeLife  = time.Minute
	tokenLife = 10 * time.Minute
)

// New makes an issuer known as issuer, an http URL on loopback.
func New(issuer string, clients ...Client) (*Server, error) {
	u, err := url.Parse(issuer)
	if err != nil || u.Scheme != "http" || !loopback(u.Hostname()) || strings.Trim(u.Path, "/") != "" {
		return nil, fmt.Errorf("devidp: issuer %q is not an http address on loopback", issuer)
	}
	s := &Server{
		Issuer: strings.TrimSuffix(issuer, "/"), Clients: clients, Users: Samples, Now: time.Now,
		codes: map[string]grant{}, access: map[string]grant{},
	}
	if s.key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil { // RS256, as Google's: the path of production
		return nil, fmt.Errorf("devidp: %w", err)
	}
	s.mux = http.NewServeMux()
	s.mux.HandleFunc("GET /.well-known/openid-configuration", s.discovery)
	s.mux.HandleFunc("GET /jwks", s.jwks)
	s.mux.HandleFunc("GET /authorize", s.authorize)
	s.mux.HandleFunc("POST /authorize", s.decide)
	s.mux.HandleFunc("POST /token", s.token)
	s.mux.HandleFunc("GET /userinfo", s.userinfo)
	s.mux.HandleFunc("GET /{$}", s.home)
	return s, nil
}

// Listen opens a port, on loopback only.
func Listen(address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("devidp: %w", err)
	}
	if !loopback(host) {
		return nil, fmt.Errorf("devidp: refusing to listen on %q: anybody could sign in as anyone; use 127.0.0.1", host)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("devidp: %w", err)
	}
	// localhost is whatever the resolver says.
	if ip := listener.Addr().(*net.TCPAddr).IP; !ip.IsLoopback() {
		listener.Close()
		return nil, fmt.Errorf("devidp: %q is %v, which is not on loopback", host, ip)
	}
	return listener, nil
}

// Serve answers on a listener until ctx ends.
func (s *Server) Serve(ctx context.Context, listener net.Listener, log *slog.Logger) error {
	if ip := listener.Addr().(*net.TCPAddr).IP; !ip.IsLoopback() {
		return fmt.Errorf("devidp: %v is not on loopback", ip)
	}
	server := &http.Server{Handler: s, ReadHeaderTimeout: 5 * time.Second,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
	stopped := context.AfterFunc(ctx, func() {
		deadline, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		server.Shutdown(deadline)
	})
	defer stopped()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("devidp: %w", err)
	}
	return nil
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// A page elsewhere may point its own name at 127.0.0.1; it does not get to talk to us under it.
	host := r.Host
	if h, _, err := net.SplitHostPort(r.Host); err == nil {
		host = h
	}
	if !loopback(strings.Trim(host, "[]")) {
		http.Error(w, "devidp answers on loopback only", http.StatusMisdirectedRequest)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Referrer-Policy", "no-referrer")
	s.mux.ServeHTTP(w, r)
}

func (s *Server) client(id string) (Client, bool) {
	i := slices.IndexFunc(s.Clients, func(c Client) bool { return c.ID == id })
	if i < 0 {
		return Client{}, false
	}
	return s.Clients[i], true
}

// named makes somebody up: the same name is the same person, also after a restart.
func named(name string) User {
	name = strings.Join(strings.Fields(name), " ")
	sum := sha256.Sum256([]byte(strings.ToLower(name)))
	id := base64.RawURLEncoding.EncodeToString(sum[:9])
	return User{Subject: "named-" + id, Name: name, Email: strings.ToLower(id) + "@example.invalid"}
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v) // a client that has gone is no concern of ours
}
