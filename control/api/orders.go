package api

import (
	"net/http"
	"strings"
	"time"

	"github.com/professionalaistudio/studio/control/billing"
)

// An order as it is answered. Secret stands there once, when the order is made.
type orderAnswer struct {
	ID       string         `json:"id"`
	Document string         `json:"document"`
	Amount   int64          `json:"amount"` // minor units
	Currency string         `json:"currency"`
	Status   billing.Status `json:"status"`
	PayURL   string         `json:"pay_url,omitempty"` // while it can be paid
	Secret   string         `json:"secret,omitempty"`
}

func answerOrder(o billing.Order) orderAnswer {
	answer := orderAnswer{ID: o.ID, Document: o.Document, Amount: o.Amount, Currency: o.Currency, Status: o.Status}
	if o.Status == billing.Draft || o.Status == billing.Open {
		answer.PayURL = o.PayURL
	}
	return answer
}

// caller is who asks about an order: the secret in the header, the person of the session, or both.
func (a *API) caller(r *http.Request) billing.Caller {
	var who billing.Caller
	if secret, ok := bearerOf(r); ok {
		who.Secret = secret
	}
	if p, ok := a.Sessions.Person(r.Context(), r); ok {
		who.Person = p.ID
	}
	return who
}

func (a *API) createOrder(w http.ResponseWriter, r *http.Request) {
	if err := a.notCrossOrigin(r); err != nil {
		a.fail(w, r, err)
		return
	}
	if wait, ok := a.orders.allow(network(r, a.cfg.Proxies)); !ok {
		a.busy(w, wait)
		return
	}
	var ask struct {
		Document string `json:"document"`
	}
	if err := decode(w, r, &ask); err != nil {
		a.fail(w, r, err)
		return
	}
	o, secret, err := a.Billing.Create(r.Context(), ask.Document, a.caller(r).Person)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	answer := answerOrder(o)
	answer.Secret = secret
	w.Header().Set("Location", "/v1/orders/"+o.ID)
	a.json(w, http.StatusCreated, answer)
}

func (a *API) getOrder(w http.ResponseWriter, r *http.Request) {
	o, err := a.Billing.Get(r.Context(), r.PathValue("id"), a.caller(r))
	if err != nil {
		a.fail(w, r, err)
		return
	}
	a.json(w, http.StatusOK, answerOrder(o))
}

func (a *API) orderToken(w http.ResponseWriter, r *http.Request) {
	if err := a.notCrossOrigin(r); err != nil {
		a.fail(w, r, err)
		return
	}
	var ask struct {
		Region string `json:"region"`
	}
	if err := decode(w, r, &ask); err != nil {
		a.fail(w, r, err)
		return
	}
	// The order is looked at first: whether a region is up is nobody's business who has no order.
	if _, err := a.Billing.Get(r.Context(), r.PathValue("id"), a.caller(r)); err != nil {
		a.fail(w, r, err)
		return
	}
	in, err := a.pick(r.Context(), ask.Region)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	signed, life, err := a.Billing.Token(r.Context(), r.PathValue("id"), in.ID, a.caller(r))
	if err != nil {
		a.fail(w, r, err)
		return
	}
	minted.WithLabelValues("order").Inc()
	a.json(w, http.StatusOK, bearer{
		AccessToken: signed, TokenType: "Bearer", ExpiresIn: int(life / time.Second), Region: in.ID, Edge: in.Edges[0].Address,
	})
}

// webhook takes a provider's message. 204 tells it that the message need not be sent again, whatever it changed.
func (a *API) webhook(w http.ResponseWriter, r *http.Request) {
	data, err := body(w, r, 64<<10)
	if err == nil {
		err = a.Billing.Webhook(r.Context(), r.PathValue("provider"), billing.Notice{Header: r.Header.Get, Body: data})
	}
	if err != nil {
		a.fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// bearerOf is the credential of an Authorization header of type Bearer.
func bearerOf(r *http.Request) (string, bool) {
	scheme, credential, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	return credential, ok && strings.EqualFold(scheme, "Bearer") && credential != ""
}
