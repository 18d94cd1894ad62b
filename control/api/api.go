package api

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/professionalaistudio/studio/control/billing"
	"github.com/professionalaistudio/studio/control/identity"
	"github.com/professionalaistudio/studio/control/org"
	"github.com/professionalaistudio/studio/control/region"
	"github.com/professionalaistudio/studio/control/token"
	"github.com/professionalaistudio/studio/control/usage"
)

// Config is where this plane is and how much it lets strangers do.
type Config struct {
	URL      *url.URL       // control's own address: issuer of tokens, origin of the studio
	Proxies  []netip.Prefix // whose X-Forwarded-For is believed
	PerNet   int            // visitor tokens, and as many orders, that one network may have a minute
	Now      func() time.Time
	Stopping context.Context // ends when the server begins to stop: long polls end with it
}

// Services is what the routes ask. Without Billing nothing is sold and its routes are not there.
type Services struct {
	Sessions *identity.Sessions
	Orgs     *org.Service
	Tokens   *token.Service
	Billing  *billing.Service
	Usage    *usage.Service
	Regions  *region.Service
}

// An API answers the routes.
type API struct {
	cfg Config
	Services
	log      *slog.Logger
	mux      *http.ServeMux
	routes   []string // patterns, as registered
	visitors *limiter
	orders   *limiter
	browsers *http.CrossOriginProtection
}

// New makes an API.
func New(cfg Config, s Services, log *slog.Logger) *API {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.PerNet == 0 {
		cfg.PerNet = 10
	}
	if cfg.Stopping == nil {
		cfg.Stopping = context.Background()
	}
	a := &API{
		cfg: cfg, Services: s, log: log, mux: http.NewServeMux(),
		visitors: newLimiter(cfg.PerNet, time.Minute, cfg.Now),
		orders:   newLimiter(cfg.PerNet, time.Minute, cfg.Now),
		browsers: http.NewCrossOriginProtection(),
	}
	a.route("POST /oauth/token", a.oauthToken)
	a.route("GET /.well-known/oauth-authorization-server", a.oauthMetadata)
	a.route("GET /.well-known/jwks.json", a.jwks)
	a.route("GET /.well-known/receipts.json", a.receiptKeys)
	a.route("GET /v1/regions", a.regions)
	a.route("GET /v1/documents", a.documents)
	a.route("GET /v1/documents/{id}", a.document)
	a.route("GET /v1/usage", a.usage)
	a.route("POST /v1/studio/tokens", a.studioToken)
	if s.Billing != nil {
		a.route("POST /v1/orders", a.createOrder)
		a.route("GET /v1/orders/{id}", a.getOrder)
		a.route("POST /v1/orders/{id}/token", a.orderToken)
		a.route("POST /webhooks/payments/{provider}", a.webhook)
	}
	a.route("GET /internal/bundle", a.bundle)
	a.route("POST /internal/usage", a.ingest)
	a.route("POST /internal/heartbeat", a.heartbeat)
	a.route("GET /openapi.json", a.openapi)
	a.route("GET /docs", a.docs)
	return a
}

func (a *API) route(pattern string, h http.HandlerFunc) {
	a.routes = append(a.routes, pattern)
	a.mux.HandleFunc(pattern, h)
}

// Prefixes are the paths that belong to this package; every other is a page's.
var Prefixes = []string{"/oauth/", "/.well-known/oauth-authorization-server", "/.well-known/jwks.json", "/.well-known/receipts.json", "/v1/", "/webhooks/", "/internal/", "/openapi.json", "/docs"}

// ServeHTTP answers one request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store") // unless the handler knows better
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	if handler, pattern := a.mux.Handler(r); pattern == "" {
		a.unrouted(w, r, handler)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	a.mux.ServeHTTP(w, r)
}

// unrouted answers what no route matches with a problem instead of the mux's text, keeping its status and Allow.
func (a *API) unrouted(w http.ResponseWriter, r *http.Request, handler http.Handler) {
	said := &verdict{header: http.Header{}}
	handler.ServeHTTP(said, r)
	switch {
	case said.status == http.StatusMethodNotAllowed:
		w.Header().Set("Allow", said.header.Get("Allow"))
		a.problem(w, "method", "This address takes "+said.header.Get("Allow")+".")
	case said.status/100 == 3: // the path was not clean
		w.Header().Set("Location", said.header.Get("Location"))
		w.WriteHeader(said.status)
	default:
		a.problem(w, "not-found", "")
	}
}

// verdict keeps what a handler says of a request and writes nothing.
type verdict struct {
	header http.Header
	status int
}

func (v *verdict) Header() http.Header         { return v.header }
func (v *verdict) Write(p []byte) (int, error) { return len(p), nil }
func (v *verdict) WriteHeader(status int)      { v.status = status }
