package web

import (
	"context"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"github.com/professionalaistudio/studio/control/identity"
	"github.com/professionalaistudio/studio/control/org"
	"github.com/professionalaistudio/studio/control/privacy"
	"github.com/professionalaistudio/studio/control/region"
	"github.com/professionalaistudio/studio/edge/wire"
)

// Repository is where the source is, and where faults are reported.
const Repository = "https://github.com/professionalaistudio/studio"

// Documents is what photos are for. *region.Service is one; region.ErrNoPack means that no edge has said yet.
type Documents interface {
	Documents(ctx context.Context) ([]region.Document, error)
	Document(ctx context.Context, id string) (region.Document, bool, error)
	Search(ctx context.Context, q region.Query) ([]region.Document, error)
}

// Consents keeps what people agreed to. *privacy.Service is one.
type Consents interface {
	Record(ctx context.Context, id string, policy privacy.Policy, purposes []privacy.Purpose, source privacy.Source) (privacy.Consent, error)
}

// Config says where the site is and whom it speaks for.
type Config struct {
	URL     *url.URL // of the site, without a path
	GAID    string   // Google Analytics; empty: no trace of it anywhere
	Contact string   // mailto: or https:, for privacy and security; empty: the repository's
	Now     func() time.Time
}

// Parts are what the pages show.
type Parts struct {
	SignIn    *identity.SignIn
	Sessions  *identity.Sessions
	Orgs      *org.Service
	Documents Documents
	Consents  Consents
}

// Site serves the pages.
type Site struct {
	cfg    Config
	parts  Parts
	log    *slog.Logger
	mux    *http.ServeMux
	guard  *http.CrossOriginProtection
	layout *template.Template
	pages  map[string]*template.Template
	policy privacy.Policy
}

var (
	//go:embed static
	staticFiles embed.FS
	//go:embed pages/*.html
	pageFiles embed.FS

	gaID = regexp.MustCompile(`^G-[A-Z0-9]{4,16}$`)
)

// New makes the site.
func New(cfg Config, parts Parts, log *slog.Logger) (*Site, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Contact == "" {
		cfg.Contact = Repository + "/security/advisories/new"
	}
	if cfg.GAID != "" && !gaID.MatchString(cfg.GAID) {
		return nil, fmt.Errorf("web: %q is no measurement id of Google Analytics (G-…)", cfg.GAID)
	}
	s := &Site{cfg: cfg, parts: parts, log: log, mux: http.NewServeMux(), guard: http.NewCrossOriginProtection(),
		pages: map[string]*template.Template{}, policy: Policy()}
	// A proxy that rewrites Host would otherwise make our own forms look foreign.
	if err := s.guard.AddTrustedOrigin(cfg.URL.Scheme + "://" + cfg.URL.Host); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	s.guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.Problem(w, r, "origin", "")
	}))
	var err error
	if s.layout, err = template.New("layout.html").Funcs(functions).ParseFS(pageFiles, "pages/layout.html"); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	files, err := fs.Glob(pageFiles, "pages/*.html")
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	for _, file := range files {
		if file == "pages/layout.html" {
			continue
		}
		if s.pages[file[len("pages/"):]], err = s.Parse(pageFiles, file); err != nil {
			return nil, err
		}
	}
	s.routes()
	return s, nil
}

func (s *Site) routes() {
	s.Handle("GET /{$}", http.HandlerFunc(s.home))
	s.Handle("GET /signin", http.HandlerFunc(s.signIn))
	s.Handle("GET /signin/callback", http.HandlerFunc(s.callback))
	s.Handle("POST /signout", http.HandlerFunc(s.signOut))
	s.Handle("GET /account", s.Member(s.account))
	s.Handle("POST /account/signout", s.Member(s.signOutEverywhere))
	s.Handle("GET /documents", http.HandlerFunc(s.documents))
	s.Handle("GET /documents/{id}", http.HandlerFunc(s.document))
	s.Handle("GET /privacy", http.HandlerFunc(s.privacy))
	s.Handle("GET /cookies", http.HandlerFunc(s.cookies))
	s.Handle("POST /consent", http.HandlerFunc(s.choose))
	s.Handle("GET /problems", http.HandlerFunc(s.problems))
	s.Handle("GET /problems/{word}", http.HandlerFunc(s.problem))
	s.Handle("GET /static/{name}", http.HandlerFunc(s.static))
	s.Handle("GET /samples/{name}", http.HandlerFunc(s.sample))
	s.Handle("GET /favicon.ico", http.RedirectHandler("/static/icon.svg", http.StatusMovedPermanently))
	s.Handle("GET /robots.txt", http.HandlerFunc(s.robots))
	s.Handle("GET /.well-known/security.txt", http.HandlerFunc(s.securityText))
	s.Handle("GET /.well-known/gpc.json", http.HandlerFunc(s.gpc))
	s.Handle("/", http.HandlerFunc(s.missing))
}

// Handle adds pages of another package. Call it before the site serves.
func (s *Site) Handle(pattern string, handler http.Handler) { s.mux.Handle(pattern, handler) }

// ServeHTTP refuses forms that another site sent, and sets what every answer carries.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.headers(w.Header())
	if r.Body != nil {
		r.Body = http.MaxBytesReader(w, r.Body, 16<<10) // no form of ours is larger
	}
	s.guard.Handler(s.mux).ServeHTTP(w, r)
}

// Member lets a handler see who is signed in, and sends everybody else to sign in first.
func (s *Site) Member(handler func(http.ResponseWriter, *http.Request, identity.Person)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		person, ok := s.parts.Sessions.Person(r.Context(), r)
		if !ok {
			next := r.URL.RequestURI()
			if r.Method != http.MethodGet && r.Method != http.MethodHead {
				next = "/console" // a form cannot be sent again after a sign-in
			}
			w.Header().Set("Cache-Control", "no-store")
			http.Redirect(w, r, "/signin?next="+url.QueryEscape(next), http.StatusSeeOther)
			return
		}
		handler(w, r, person)
	})
}

// Fail answers with what a reader should see of an error: a problem if it is one that problems names, and otherwise
// that the fault is ours, the rest being for the log.
func (s *Site) Fail(w http.ResponseWriter, r *http.Request, err error) {
	s.log.ErrorContext(r.Context(), "a page failed", "route", r.Pattern, "error", err)
	s.Problem(w, r, "internal", "")
}

// Problem shows a problem as a page, with its status.
func (s *Site) Problem(w http.ResponseWriter, r *http.Request, word, detail string) {
	page, ok := wire.FindProblem(word)
	if !ok {
		page, _ = wire.FindProblem("internal")
	}
	s.Render(w, r, page.Status, View{Title: page.Title, Template: s.pages["fault.html"], Private: true,
		Data: map[string]any{"Page": page, "Detail": detail, "Request": w.Header().Get("X-Request-Id")}})
}

func (s *Site) missing(w http.ResponseWriter, r *http.Request) { s.Problem(w, r, "not-found", "") }
