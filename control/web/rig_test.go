package web_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/control/identity"
	"github.com/professionalaistudio/studio/control/identity/devidp"
	"github.com/professionalaistudio/studio/control/org"
	"github.com/professionalaistudio/studio/control/privacy"
	"github.com/professionalaistudio/studio/control/region"
	"github.com/professionalaistudio/studio/control/store"
	"github.com/professionalaistudio/studio/control/store/storetest"
	"github.com/professionalaistudio/studio/control/usage"
	"github.com/professionalaistudio/studio/control/web"
	"github.com/professionalaistudio/studio/control/web/console"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// A rig is the whole site on a real server, with a real issuer, a real database, and a browser.
type rig struct {
	*httptest.Server
	site    *web.Site
	issuer  string
	db      *store.DB
	orgs    *org.Service
	privacy *privacy.Service
	docs    *pack
	totals  []usage.Total
	regions []region.Region
	browser *http.Client
}

// pack stands in for the region directory: documents as an edge serves them, or an error.
type pack struct {
	list []region.Document
	err  error
}

func (p *pack) Documents(context.Context) ([]region.Document, error) { return p.list, p.err }

func (p *pack) Document(_ context.Context, id string) (region.Document, bool, error) {
	for _, d := range p.list {
		if d.ID == id {
			return d, true, p.err
		}
	}
	return region.Document{}, false, p.err
}

func (p *pack) Search(_ context.Context, q region.Query) ([]region.Document, error) {
	return region.NewIndex(p.list).Search(q), p.err
}

func readPack(t *testing.T, file string) *pack {
	t.Helper()
	data, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var rows struct{ Documents []json.RawMessage }
	if err := json.Unmarshal(data, &rows); err != nil {
		t.Fatal(err)
	}
	p := &pack{}
	for _, row := range rows.Documents {
		var d region.Document
		if err := json.Unmarshal(row, &d); err != nil {
			t.Fatal(err)
		}
		d.Row = row
		p.list = append(p.list, d)
	}
	return p
}

func (r *rig) Totals(_ context.Context, index uint32, from, to time.Time) ([]usage.Total, error) {
	var within []usage.Total
	for _, t := range r.totals {
		if t.Org == index && !t.Hour.Before(from) && t.Hour.Before(to) {
			within = append(within, t)
		}
	}
	return within, nil
}

func (r *rig) Directory(context.Context) ([]region.Region, error) { return r.regions, nil }

func newRig(t *testing.T, db *store.DB, gaID string) *rig {
	t.Helper()
	r := &rig{db: db, orgs: org.New(org.Config{}, db), privacy: privacy.New(db, time.Now), docs: readPack(t, "documents.json"),
		regions: []region.Region{{ID: "local", Edges: []region.Public{{Address: "http://127.0.0.1:8081"}}}}}
	log := slog.New(slog.DiscardHandler)
	r.Server = httptest.NewUnstartedServer(nil)
	base, err := url.Parse("http://" + r.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	issuer := httptest.NewUnstartedServer(nil)
	idp, err := devidp.New("http://"+issuer.Listener.Addr().String(),
		devidp.Client{ID: "studio", Secret: "hush", Redirects: []string{base.String() + "/signin/callback"}})
	if err != nil {
		t.Fatal(err)
	}
	issuer.Config.Handler = idp
	issuer.Start()
	r.issuer = idp.Issuer
	t.Cleanup(issuer.Close)
	signIn, err := identity.NewSignIn(identity.SignInConfig{URL: base.String(), Key: [32]byte{1},
		Issuers: []identity.Issuer{{Name: "devidp", URL: idp.Issuer, ClientID: "studio", Secret: "hush"}}}, db)
	if err != nil {
		t.Fatal(err)
	}
	r.site, err = web.New(web.Config{URL: base, GAID: gaID, Now: func() time.Time { return now }}, web.Parts{SignIn: signIn,
		Sessions: identity.NewSessions(db, false, time.Now, log), Orgs: r.orgs, Documents: r.docs, Consents: r.privacy}, log)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := console.Mount(console.Config{URL: base, Now: func() time.Time { return now }}, r.site, r.orgs, r, r, log); err != nil {
		t.Fatal(err)
	}
	r.site.Handle("/studio", http.NotFoundHandler())
	r.Config.Handler = r.site
	r.Start()
	t.Cleanup(r.Close)
	r.browser = newBrowser(t)
	return r
}

// newBrowser keeps cookies, and goes where it is sent only when told to.
func newBrowser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// A page is an answer, read.
type page struct {
	*http.Response
	body string
}

func (r *rig) do(t *testing.T, method, path string, form url.Values, headers ...string) page {
	t.Helper()
	address := path
	if strings.HasPrefix(path, "/") {
		address = r.URL + path
	}
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	q, err := http.NewRequest(method, address, body)
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		q.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i < len(headers); i += 2 {
		q.Header.Set(headers[i], headers[i+1])
	}
	answer, err := r.browser.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return page{answer, string(data)}
}

func (r *rig) get(t *testing.T, path string, headers ...string) page {
	t.Helper()
	return r.do(t, "GET", path, nil, headers...)
}

func (r *rig) post(t *testing.T, path string, form url.Values, headers ...string) page {
	t.Helper()
	return r.do(t, "POST", path, form, headers...)
}

// to is where an answer leads.
func (p page) to(t *testing.T) string {
	t.Helper()
	u, err := p.Location()
	if err != nil {
		t.Fatalf("status %d leads nowhere:\n%s", p.StatusCode, p.body)
	}
	return u.String()
}

// signIn goes the whole way as a person would, and returns the last answer: the one with the session.
func (r *rig) signIn(t *testing.T, user, next string) page {
	t.Helper()
	question := r.get(t, "/signin?with=devidp&next="+url.QueryEscape(next)).to(t)
	u, err := url.Parse(question)
	if err != nil {
		t.Fatal(err)
	}
	form := u.Query()
	form.Set("user", user)
	return r.get(t, r.post(t, u.Scheme+"://"+u.Host+"/authorize", form).to(t))
}

// person is who has signed in as a sample, and their organisation.
func (r *rig) org(t *testing.T, person string) org.Org {
	t.Helper()
	o, err := r.orgs.ForPerson(t.Context(), person)
	if err != nil {
		t.Fatal(err)
	}
	return o
}
