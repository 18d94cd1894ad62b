package console

import (
	"context"
	"embed"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/professionalaistudio/studio/control/identity"
	"github.com/professionalaistudio/studio/control/org"
	"github.com/professionalaistudio/studio/control/region"
	"github.com/professionalaistudio/studio/control/usage"
	"github.com/professionalaistudio/studio/control/web"
	"github.com/professionalaistudio/studio/edge/wire"
)

// Usage is what was done in an organisation's name. *usage.Service is one.
type Usage interface {
	Totals(ctx context.Context, org uint32, from, to time.Time) ([]usage.Total, error)
}

// Regions is where edges are now. *region.Service is one.
type Regions interface {
	Directory(ctx context.Context) ([]region.Region, error)
}

// Config says where the examples lead.
type Config struct {
	URL *url.URL // control's own address
	Now func() time.Time
}

// Console serves the pages of organisations.
type Console struct {
	cfg     Config
	site    *web.Site
	orgs    *org.Service
	usage   Usage
	regions Regions
	log     *slog.Logger

	overview, shown *template.Template
}

//go:embed *.html
var files embed.FS

// Mount adds the console to a site.
func Mount(cfg Config, site *web.Site, orgs *org.Service, u Usage, regions Regions, log *slog.Logger) (*Console, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	c := &Console{cfg: cfg, site: site, orgs: orgs, usage: u, regions: regions, log: log}
	var err error
	if c.overview, err = site.Parse(files, "console.html"); err != nil {
		return nil, err
	}
	if c.shown, err = site.Parse(files, "key.html"); err != nil {
		return nil, err
	}
	site.Handle("GET /console", site.Member(c.show))
	site.Handle("POST /console/keys", site.Member(c.create))
	site.Handle("POST /console/keys/{id}/revoke", site.Member(c.revoke))
	site.Handle("POST /console/name", site.Member(c.rename))
	return c, nil
}

// An overview is all that the console's page shows.
type overview struct {
	Org     org.Org
	Live    []org.Key
	Revoked []org.Key
	Usage   report
	Scopes  []scope
	Purpose string // as it was typed, when it was refused
	Fault   string
}

// A scope is something a key may be allowed.
type scope struct{ Word, Text string }

// offered are the scopes of what edges can do today.
var offered = []scope{
	{wire.ScopeImages, "Images: signed URLs, and the same options on a file you send"},
	{wire.ScopePhotos, "Document photos"},
	{wire.ScopeChecks, "Checks: what a document's rules say of a photo"},
	{wire.ScopeMattes, "Mattes: people cut out of their background, also the way remove.bg is asked"},
}

func (c *Console) show(w http.ResponseWriter, r *http.Request, p identity.Person) {
	c.page(w, r, p, http.StatusOK, "", "")
}

func (c *Console) page(w http.ResponseWriter, r *http.Request, p identity.Person, status int, purpose, fault string) {
	o, err := c.orgs.ForPerson(r.Context(), p.ID)
	if err != nil {
		c.site.Fail(w, r, err)
		return
	}
	keys, err := c.orgs.Keys(r.Context(), o.ID)
	if err != nil {
		c.site.Fail(w, r, err)
		return
	}
	v := overview{Org: o, Scopes: offered, Purpose: purpose, Fault: fault}
	for _, k := range keys {
		if k.Live() {
			v.Live = append(v.Live, k)
		} else {
			v.Revoked = append(v.Revoked, k)
		}
	}
	now := c.cfg.Now()
	from := firstDay(now)
	totals, err := c.usage.Totals(r.Context(), o.Index, from, now.UTC().Truncate(time.Hour).Add(time.Hour))
	if err != nil {
		c.site.Fail(w, r, err)
		return
	}
	v.Usage = newReport(totals, from)
	c.site.Render(w, r, status, web.View{Title: "Console", Template: c.overview, Data: v, Private: true})
}

// create makes a key and shows it, this once: the answer to the form is the only page that ever holds the secret.
func (c *Console) create(w http.ResponseWriter, r *http.Request, p identity.Person) {
	o, err := c.orgs.ForPerson(r.Context(), p.ID)
	if err != nil {
		c.site.Fail(w, r, err)
		return
	}
	purpose := r.PostFormValue("purpose")
	scopes := r.PostForm["scope"]
	if len(scopes) == 0 {
		c.page(w, r, p, http.StatusUnprocessableEntity, purpose, "Choose at least one thing that the key may do.")
		return
	}
	key, once, err := c.orgs.CreateKey(r.Context(), o, purpose, scopes)
	if fault, ok := told(err); ok {
		c.page(w, r, p, http.StatusUnprocessableEntity, purpose, fault)
		return
	}
	if err != nil {
		c.site.Fail(w, r, err)
		return
	}
	c.log.InfoContext(r.Context(), "a key was made", "key", key.ID, "org", o.ID)
	c.site.Render(w, r, http.StatusCreated, web.View{Title: "Your new key", Template: c.shown, Private: true,
		Data: map[string]any{"Key": key, "Once": once, "Example": c.example(r.Context(), key, once)}})
}

// told is what a person reads about a form of theirs that was refused.
func told(err error) (string, bool) {
	switch {
	case errors.Is(err, org.ErrTwoLive):
		return "Two keys serve this purpose already. Revoke one first, or name another purpose.", true
	case errors.Is(err, org.ErrTooManyKeys):
		return "Your organisation has as many live keys as it may. Revoke one that is not used.", true
	case errors.Is(err, org.ErrName):
		return "Use 1 to 60 letters on one line.", true
	case errors.Is(err, org.ErrScope):
		return "A key cannot be allowed that.", true
	}
	return "", false
}

func (c *Console) revoke(w http.ResponseWriter, r *http.Request, p identity.Person) {
	o, err := c.orgs.ForPerson(r.Context(), p.ID)
	if err != nil {
		c.site.Fail(w, r, err)
		return
	}
	id := wire.KeyID(r.PathValue("id"))
	err = c.orgs.RevokeKey(r.Context(), o.ID, id)
	if err != nil && !errors.Is(err, org.ErrNoKey) { // sent twice, or another's: nothing to revoke
		c.site.Fail(w, r, err)
		return
	}
	if err == nil {
		c.log.InfoContext(r.Context(), "a key was revoked", "key", id, "org", o.ID)
	}
	seeOther(w, r)
}

func (c *Console) rename(w http.ResponseWriter, r *http.Request, p identity.Person) {
	o, err := c.orgs.ForPerson(r.Context(), p.ID)
	if err != nil {
		c.site.Fail(w, r, err)
		return
	}
	err = c.orgs.Rename(r.Context(), o.ID, r.PostFormValue("name"))
	if fault, ok := told(err); ok {
		c.page(w, r, p, http.StatusUnprocessableEntity, "", fault)
		return
	}
	if err != nil {
		c.site.Fail(w, r, err)
		return
	}
	seeOther(w, r)
}

func seeOther(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, "/console", http.StatusSeeOther)
}

// An example is what to paste to see the key work.
type example struct {
	Edge   string // base address; empty: no edge is up
	Source string // the picture
	Signed string // a URL that anybody may open
	Base   string // what an imgproxy client is given as its base URL
	Images bool   // the key may sign URLs
	Photos bool   // the key may make document photos
	Token  string // where to get an access token
}

// example signs a URL with the new key, for the least loaded edge that may serve it.
func (c *Console) example(ctx context.Context, k org.Key, once wire.APIKey) example {
	e := example{Source: c.cfg.URL.JoinPath("/samples/portrait.jpg").String(), Token: c.cfg.URL.JoinPath("/oauth/token").String(),
		Images: slices.Contains(k.Scopes, wire.ScopeImages), Photos: slices.Contains(k.Scopes, wire.ScopePhotos)}
	regions, err := c.regions.Directory(ctx)
	if err != nil {
		c.log.ErrorContext(ctx, "the example has no edge", "error", err)
	}
	for _, region := range regions {
		if len(region.Edges) > 0 && (len(k.Regions) == 0 || wire.Resident(k.Regions, region.ID)) {
			e.Edge = region.Edges[0].Address
			break
		}
	}
	if e.Edge == "" {
		return e
	}
	e.Base = e.Edge + "/i/" + string(k.ID)
	pair, err := wire.Key{ID: once.ID, KeyHex: once.KeyHex, SaltHex: once.SaltHex}.Pair()
	if err != nil {
		c.log.ErrorContext(ctx, "a new key does not sign", "key", k.ID, "error", err)
		return e
	}
	path := "/rs:fill:400:500/g:ce/plain/" + e.Source + "@webp"
	e.Signed = e.Base + "/" + wire.Sign(pair, path) + path
	return e
}
