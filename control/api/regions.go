package api

import (
	"fmt"
	"net/http"
	"time"

	"github.com/professionalaistudio/studio/control/region"
)

// regions lists where photos may be processed now. It is read by pages that may come from elsewhere, and is never
// kept: an edge leaves it ten seconds after it was last heard of.
func (a *API) regions(w http.ResponseWriter, r *http.Request) {
	all, err := a.Regions.Directory(r.Context())
	if err != nil {
		a.fail(w, r, err)
		return
	}
	w.Header().Set("Access-Control-Allow-Origin", "*")
	a.json(w, http.StatusOK, map[string][]region.Region{"regions": all})
}

// documents is the rule pack, as an edge gave it to us.
func (a *API) documents(w http.ResponseWriter, r *http.Request) {
	pack, err := a.Regions.Pack(r.Context())
	if err != nil {
		a.fail(w, r, err)
		return
	}
	a.tagged(w, r, pack.Digest, pack.Body)
}

func (a *API) document(w http.ResponseWriter, r *http.Request) {
	pack, err := a.Regions.Pack(r.Context())
	if err != nil {
		a.fail(w, r, err)
		return
	}
	d, found, err := a.Regions.Document(r.Context(), r.PathValue("id"))
	if err != nil {
		a.fail(w, r, err)
		return
	}
	if !found {
		a.problem(w, "document-unknown", "")
		return
	}
	a.tagged(w, r, pack.Digest, d.Row)
}

func (a *API) tagged(w http.ResponseWriter, r *http.Request, digest string, body []byte) {
	tag := `"` + digest + `"`
	public(w, time.Minute)
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(body)
}

// receiptKeys is what the receipts of edges are checked with, the edges of last year included.
func (a *API) receiptKeys(w http.ResponseWriter, r *http.Request) {
	kid := r.FormValue("kid")
	if r.URL.Query().Has("kid") && !word(kid) {
		a.fail(w, r, fmt.Errorf("%w: kid is 1 to 128 letters, digits and dashes", errMalformed))
		return
	}
	keys, err := a.Regions.ReceiptKeys(r.Context(), kid)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	public(w, time.Minute)
	a.json(w, http.StatusOK, keys)
}
