package fakepay

import (
	"context"
	"crypto/subtle"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// ErrLoopback means that the server was given an address that others can reach.
var ErrLoopback = errors.New("fakepay listens on loopback only")

// Config is how a server is set up.
type Config struct {
	Key     string // the shop's API key
	Secret  []byte // signs webhooks
	Webhook string // where they go
	Frame   string // origin that may show the page in a frame
	File    string // where sessions are kept over a restart; empty is memory alone
}

// A Server is the provider: an API for the shop, a page for people, webhooks.
type Server struct {
	cfg      Config
	sessions *sessions
	hooks    *sender
	log      *slog.Logger
	stop     context.CancelFunc
}

// NewServer makes a server that Serve starts.
func NewServer(cfg Config, log *slog.Logger) (*Server, error) {
	if cfg.Key == "" || len(cfg.Secret) < 16 {
		return nil, errors.New("fakepay: needs a key and a secret of 16 bytes or more")
	}
	kept, err := loadSessions(cfg.File)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &Server{cfg: cfg, sessions: kept, log: log, stop: stop}
	s.hooks = &sender{url: cfg.Webhook, secret: cfg.Secret, client: &http.Client{}, ctx: ctx, fail: func(id string, err error) {
		log.Error("fakepay gave a webhook up", "event", id, "error", err)
	}}
	return s, nil
}

// Set changes how webhooks are sent from now on.
func (s *Server) Set(l Levers) { s.hooks.set(l) }

// Serve answers on l until ctx ends. It refuses a listener that is not on loopback.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	if tcp, ok := l.Addr().(*net.TCPAddr); !ok || !tcp.IP.IsLoopback() {
		l.Close()
		return fmt.Errorf("%s: %w", l.Addr(), ErrLoopback)
	}
	server := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug)}
	defer context.AfterFunc(ctx, func() {
		s.stop()
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		server.Shutdown(late)
	})()
	err := server.Serve(l)
	s.stop()
	s.hooks.sent.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("fakepay: %w", err)
}

// Handler is the API and the page.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/sessions", s.shop(s.create))
	mux.HandleFunc("GET /v1/sessions/{id}", s.shop(s.show))
	mux.HandleFunc("POST /v1/sessions/{id}/capture", s.shop(s.capture))
	mux.HandleFunc("GET /pay/{id}", s.page)
	mux.HandleFunc("POST /pay/{id}", s.pay)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A page elsewhere could give its own name our address and then read our answers as its own.
		if host := hostname(r.Host); host != "localhost" && !net.ParseIP(host).IsLoopback() {
			http.Error(w, "This server answers on loopback only.", http.StatusMisdirectedRequest)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		mux.ServeHTTP(w, r)
	})
}

func hostname(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		return h
	}
	return strings.Trim(host, "[]")
}

// shop lets requests with the shop's key through.
func (s *Server) shop(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		key, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if subtle.ConstantTimeCompare([]byte(key), []byte(s.cfg.Key)) != 1 {
			http.Error(w, "The API key is wrong.", http.StatusUnauthorized)
			return
		}
		next(w, r)
	}
}

func (s *Server) create(w http.ResponseWriter, r *http.Request) {
	var want session
	if err := json.NewDecoder(r.Body).Decode(&want); err != nil {
		http.Error(w, "The body is not a session: "+err.Error(), http.StatusBadRequest)
		return
	}
	if want.Order == "" || want.Amount <= 0 || len(want.Currency) != 3 {
		http.Error(w, "A session needs an order, an amount above zero and a currency.", http.StatusBadRequest)
		return
	}
	if want.Return != "" {
		if u, err := url.Parse(want.Return); err != nil || u.Scheme != "http" && u.Scheme != "https" {
			http.Error(w, "return_url is not an address of the web.", http.StatusBadRequest)
			return
		}
	}
	one, err := s.sessions.make(want)
	if err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	answer(w, http.StatusCreated, struct {
		session
		URL string `json:"url"`
	}{one, "http://" + r.Host + "/pay/" + one.ID})
}

func (s *Server) show(w http.ResponseWriter, r *http.Request) {
	one, ok := s.sessions.get(r.PathValue("id"))
	if !ok {
		http.Error(w, "There is no such session.", http.StatusNotFound)
		return
	}
	answer(w, http.StatusOK, one)
}

// capture takes the held money, once, however often it is asked.
func (s *Server) capture(w http.ResponseWriter, r *http.Request) {
	one, moved, err := s.sessions.move(r.PathValue("id"), paid, captured)
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	case one.ID == "":
		http.Error(w, "There is no such session.", http.StatusNotFound)
		return
	case !moved && one.Status != captured:
		http.Error(w, "The session is "+one.Status+", so there is nothing to capture.", http.StatusConflict)
		return
	case moved:
		s.hooks.send(captured, one)
	}
	answer(w, http.StatusOK, one)
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	one, ok := s.sessions.get(r.PathValue("id"))
	s.render(w, one, ok)
}

// pay is the button. Whoever has the page's address may press it: the address is the secret, and there is no cookie
// that another page could ride on.
func (s *Server) pay(w http.ResponseWriter, r *http.Request) {
	to := map[string]string{"pay": paid, "decline": declined}[r.FormValue("action")]
	if to == "" {
		http.Error(w, "The form's action is pay or decline.", http.StatusBadRequest)
		return
	}
	one, moved, err := s.sessions.move(r.PathValue("id"), open, to)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if moved {
		s.hooks.send(to, one)
	}
	s.render(w, one, one.ID != "")
}

func (s *Server) render(w http.ResponseWriter, one session, found bool) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors "+s.cfg.Frame)
	if !found {
		w.WriteHeader(http.StatusNotFound)
	}
	if err := pageTemplate.Execute(w, map[string]any{
		"Found": found, "Session": one,
		"Price": fmt.Sprintf("%d.%02d %s", one.Amount/100, one.Amount%100, one.Currency),
	}); err != nil {
		s.log.Error("fakepay could not write its page", "error", err)
	}
}
