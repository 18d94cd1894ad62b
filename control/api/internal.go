package api

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/professionalaistudio/studio/control/region"
	"github.com/professionalaistudio/studio/control/usage"
)

// longest is how long a request for a bundle may wait for a newer one.
const longest = 25 * time.Second

// node says which node calls.
func (a *API) node(r *http.Request) (region.Node, error) {
	raw, ok := bearerOf(r)
	if !ok {
		return region.Node{}, region.ErrNode
	}
	return a.Regions.Check(r.Context(), raw)
}

// bundle answers with the region's bundle as soon as there is a newer one than the node has, or with 204 after a
// while. The region is the token's; a node that names another is told so, instead of getting what it did not ask for.
func (a *API) bundle(w http.ResponseWriter, r *http.Request) {
	n, err := a.node(r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	have, err := strconv.ParseUint(or(r.FormValue("have"), "0"), 10, 64)
	if err != nil {
		a.fail(w, r, fmt.Errorf("%w: have is not a number", errMalformed))
		return
	}
	if named := r.FormValue("region"); named != "" && named != n.Region {
		a.fail(w, r, fmt.Errorf("node of %s asks for another region: %w", n.Region, region.ErrNode))
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), longest)
	defer cancel()
	defer context.AfterFunc(a.cfg.Stopping, cancel)()
	if err := a.Tokens.Refresh(r.Context()); err != nil { // which a stop does not cut short
		a.fail(w, r, err)
		return
	}
	if a.Tokens.Wait(ctx, have) <= have {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	sealed, number, err := a.Tokens.Bundle(r.Context(), n.Region)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("ETag", `"`+strconv.FormatUint(number, 10)+`"`)
	w.Write(sealed)
}

// ingest counts usage records. 200 tells the node up to which record it may forget; 409, from which to send again.
func (a *API) ingest(w http.ResponseWriter, r *http.Request) {
	n, err := a.node(r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	query := r.URL.Query()
	src := usage.Source{Region: n.Region, Node: query.Get("node"), Boot: query.Get("boot")}
	if !word(src.Node) || !word(src.Boot) {
		a.fail(w, r, fmt.Errorf("%w: node and boot are 1 to 128 letters, digits, dots and dashes", errMalformed))
		return
	}
	records, err := body(w, r, usage.MaxBatch)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	watermark, err := a.Usage.Ingest(r.Context(), src, records)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	a.json(w, http.StatusOK, map[string]uint64{"watermark": watermark})
}

func (a *API) heartbeat(w http.ResponseWriter, r *http.Request) {
	n, err := a.node(r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	data, err := body(w, r, 16<<10)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	h, err := region.ReadHeartbeat(data)
	if err == nil {
		err = a.Regions.Beat(r.Context(), n, h)
	}
	if err != nil {
		a.fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func or(s, instead string) string {
	if s == "" {
		return instead
	}
	return s
}

// word says whether s can name a node or a boot.
func word(s string) bool {
	for _, c := range []byte(s) {
		if !('0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' || c == '-' || c == '_' || c == '.') {
			return false
		}
	}
	return s != "" && len(s) <= 128
}
