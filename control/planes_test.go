package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"image"
	_ "image/jpeg"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/oauth2/clientcredentials"

	"github.com/professionalaistudio/studio/edge/wire"
)

// edgeProgram is the other plane, as a program: the one that TEST_EDGE names (an older release, say: a roll-out mixes
// them for hours), or that `make build` made, or one built now.
var edgeProgram = sync.OnceValues(func() (string, error) {
	if named := os.Getenv("TEST_EDGE"); named != "" {
		return named, nil
	}
	built, err := filepath.Abs("../bin/edge")
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(built); err == nil {
		return built, nil
	}
	// Left in the temporary folder of the system: a test's own would be gone for the next test.
	dir, err := os.MkdirTemp("", "control-test-edge-")
	if err != nil {
		return "", err
	}
	made := filepath.Join(dir, "edge")
	if out, err := exec.Command("go", "build", "-o", made, "../edge").CombinedOutput(); err != nil {
		os.RemoveAll(dir)
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return made, nil
})

// An edge is a node of region local that belongs to a control plane of the test.
type edge struct {
	*program
	url string
}

func newEdge(t *testing.T, c *controlled) *edge {
	t.Helper()
	program, err := edgeProgram()
	if err != nil {
		t.Fatalf("bin/edge is not there and cannot be built: %v", err)
	}
	library, err := filepath.Abs("../bin/libonnxruntime.so.1") // of make build; the program may lie elsewhere
	if err != nil {
		t.Fatal(err)
	}
	ports := free(t, 3)
	e := &edge{url: "http://" + ports[0]}
	e.program = start(t, program, []string{
		"STATE_DIRECTORY=" + t.TempDir(), "EDGE_LISTEN=" + ports[0], "EDGE_PRIVATE_LISTEN=" + ports[1], "EDGE_GOSSIP_LISTEN=" + ports[2],
		"EDGE_CONTROL_URL=" + c.url, "EDGE_NODE_TOKEN=" + c.command(t, "node", "local"), "EDGE_NODE=edge-1", "EDGE_ONNXRUNTIME=" + library, "EDGE_SOURCE_CIDRS=127.0.0.0/8", "EDGE_DRAIN=1s",
	})
	e.says("Serving.")
	within(t, "the directory names the edge", func() (bool, string) {
		_, _, body := get(t, c.url+"/v1/regions")
		return strings.Contains(body, e.url), body
	})
	within(t, "control has the edge's documents", func() (bool, string) {
		status, _, body := get(t, c.url+"/v1/documents/us-passport")
		return status == 200, body
	})
	return e
}

// within asks again and again for what comes by itself, since what the planes tell each other takes a moment.
func within(t *testing.T, what string, ask func() (bool, string)) {
	t.Helper()
	var last string
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		ok, got := ask()
		if ok {
			return
		}
		last = got
	}
	t.Fatalf("%s: not within 30 s; last: %.500s", what, last)
}

// A person is a browser: it keeps cookies and follows where it is sent.
type person struct {
	*http.Client
	t *testing.T
}

// signIn goes the whole way through devidp as one of its sample people.
func signIn(t *testing.T, c *controlled, subject string) person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	p := person{&http.Client{Jar: jar}, t}
	resp, page := p.open("GET", c.url+"/signin?with=devidp&next=/console", nil)
	form := url.Values{"user": {subject}}
	for _, field := range regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		form.Set(field[1], html.UnescapeString(field[2]))
	}
	resp, page = p.open("POST", resp.Request.URL.Scheme+"://"+resp.Request.URL.Host+"/authorize", form)
	if resp.Request.URL.Path != "/console" || resp.StatusCode != 200 {
		t.Fatalf("signing in ended at %s with %d:\n%.500s", resp.Request.URL, resp.StatusCode, page)
	}
	return p
}

func (p person) open(method, address string, form url.Values) (*http.Response, string) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := p.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return resp, string(body)
}

// A made key is what the console shows once.
type made struct {
	id, secret, signed string
	pair               wire.KeyPair
}

// sign makes an address of the edge for a source.
func (m made) sign(e *edge, options, source string) string {
	path := "/" + options + "/plain/" + source
	return e.url + "/i/" + m.id + "/" + wire.Sign(m.pair, path) + path
}

func (p person) makeKey(c *controlled) made {
	p.t.Helper()
	resp, page := p.open("POST", c.url+"/console/keys", url.Values{"purpose": {"both planes"}, "scope": {"images", "photos", "checks"}})
	find := func(pattern string) string {
		m := regexp.MustCompile(pattern).FindStringSubmatch(page)
		if m == nil {
			p.t.Fatalf("the page of a new key (%d) lacks %s:\n%s", resp.StatusCode, pattern, page)
		}
		return m[1]
	}
	pair, err := wire.Key{KeyHex: find(`Key</dt><dd><code data-copy>([0-9a-f]+)<`), SaltHex: find(`Salt</dt><dd><code data-copy>([0-9a-f]+)<`)}.Pair()
	if err != nil {
		p.t.Fatal(err)
	}
	return made{
		pair: pair,
		id:   find(`Key id</dt><dd><code data-copy>([a-z0-9]+)<`), secret: find(`Secret</dt><dd><code data-copy>(pas_live_[A-Za-z0-9_]+)<`),
		signed: find(`href="(http://[^"]+/i/[^"]+)"`),
	}
}

// post sends a body to the edge and returns what came back.
func post(t *testing.T, address, bearer, kind string, body []byte) (int, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "POST", address, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Accept", "image/jpeg, application/problem+json, application/json;q=0.5")
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, data
}

func portrait(t *testing.T, c *controlled) []byte {
	t.Helper()
	status, _, body := get(t, c.url+"/samples/portrait.jpg")
	if status != 200 {
		t.Fatalf("the sample portrait: %d", status)
	}
	return []byte(body)
}

// The head of the sample portrait, as the console's own example has it.
const photo = "/v1/photos?document=us-passport&head=545,42,545,702"

// The first mile of a customer: sign in, make a key, use it both ways at the edge, see the usage of both. Then control
// dies, and the edge goes on.
func TestKeyAtTheEdge(t *testing.T) {
	c := newControl(t)
	c.up(t)
	e := newEdge(t, c)
	ada := signIn(t, c, "sample-ada")
	key := ada.makeKey(c)
	if !strings.HasPrefix(key.signed, e.url+"/i/"+key.id+"/") {
		t.Fatalf("the console signs %s, want an address of the edge %s", key.signed, e.url)
	}

	within(t, "the signed URL works at the edge", func() (bool, string) {
		status, header, body := get(t, key.signed)
		return status == 200 && header.Get("Content-Type") == "image/webp", fmt.Sprintf("%d %.200s", status, body)
	})
	if status, _, body := get(t, strings.Replace(key.signed, "rs:fill:400", "rs:fill:401", 1)); status != 403 {
		t.Errorf("an altered URL: %d, want 403: %.200s", status, body)
	}
	oauth := clientcredentials.Config{ClientID: key.id, ClientSecret: key.secret, TokenURL: c.url + "/oauth/token"}
	token, err := oauth.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	capture := portrait(t, c)
	if status, body := post(t, e.url+photo, token.AccessToken, "image/jpeg", capture); status != 200 {
		t.Fatalf("a photo by token: %d %.300s", status, body)
	}
	if status, body := post(t, e.url+photo, "", "image/jpeg", capture); status != 401 {
		t.Errorf("a photo without a token: %d, want 401: %.300s", status, body)
	}

	counted := func(operation string, least int64) func() (bool, string) {
		return func() (bool, string) {
			_, page := ada.open("GET", c.url+"/v1/usage", nil)
			var got struct {
				Totals []struct {
					Operation, Outcome, Region string
					Requests                   int64
				}
			}
			if err := json.Unmarshal([]byte(page), &got); err != nil {
				t.Fatalf("usage: %v in %s", err, page)
			}
			for _, total := range got.Totals {
				if total.Operation == operation && total.Outcome == "ok" && total.Region == "local" && total.Requests >= least {
					return true, ""
				}
			}
			return false, page
		}
	}
	within(t, "the usage of the signed URL", counted("image", 1))
	within(t, "the usage of the photo", counted("photo", 1))
	if _, page := signIn(t, c, "sample-bo").open("GET", c.url+"/v1/usage", nil); !strings.Contains(page, `"requests":0`) {
		t.Errorf("another organisation sees usage that is not its own: %s", page)
	}

	source := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write(capture) }))
	defer source.Close()
	signed := key.sign(e, "rs:fit:200:200", source.URL+"/portrait.jpg@png")
	c.kill()
	if status, header, body := get(t, signed); status != 200 || header.Get("Content-Type") != "image/png" {
		t.Errorf("a signed URL with control dead: %d %.300s", status, body)
	}
	if status, body := post(t, e.url+photo, token.AccessToken, "image/jpeg", capture); status != 200 {
		t.Errorf("a photo by token with control dead: %d %.300s", status, body)
	}
	c.up(t)
	within(t, "the usage of the signed URL without control", counted("image", 2))
	within(t, "the usage of the photo without control", counted("photo", 2))
	within(t, "the edge in the directory again", func() (bool, string) {
		_, _, body := get(t, c.url+"/v1/regions")
		return strings.Contains(body, e.url), body
	})

	// A key that is revoked ends at the edge, and with it what it was exchanged for.
	if status, body := post(t, e.url+photo, token.AccessToken, "image/jpeg", capture); status != 200 {
		t.Errorf("a photo by token before the key is revoked: %d %.300s", status, body)
	}
	ada.open("POST", c.url+"/console/keys/"+key.id+"/revoke", url.Values{})
	within(t, "the signed URL is refused", func() (bool, string) {
		status, _, body := get(t, signed)
		return status == 403, fmt.Sprintf("%d %.100s", status, body)
	})
	within(t, "the token is refused", func() (bool, string) {
		status, body := post(t, e.url+photo, token.AccessToken, "image/jpeg", capture)
		return status == 401, fmt.Sprintf("%d %.100s", status, body)
	})
	if _, err := oauth.Token(t.Context()); err == nil {
		t.Error("a revoked key was exchanged for a token")
	}
	if err := e.stop(); err != nil {
		t.Errorf("the edge ended with %v, want nil", err)
	}
}

// The first mile of a person who buys: try with a mark, order, pay, and have the photo once without it.
func TestOrderAtTheEdge(t *testing.T) {
	c := newControl(t)
	c.up(t)
	e := newEdge(t, c)
	capture := portrait(t, c)
	ask := func(method, path, bearer, body string, into any) int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, c.url+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Sec-Fetch-Site", "same-origin")
		if bearer != "" {
			req.Header.Set("Authorization", "Bearer "+bearer)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
			t.Fatalf("%s %s: %d, %v", method, path, resp.StatusCode, err)
		}
		return resp.StatusCode
	}
	var token struct {
		AccessToken string `json:"access_token"`
		Edge        string `json:"edge"`
		Type        string `json:"type"`
	}
	if status := ask("POST", "/v1/studio/tokens", "", `{"region":"local"}`, &token); status != 200 || token.Edge != e.url {
		t.Fatalf("a visitor's token: %d for %q, want one for %s", status, token.Edge, e.url)
	}
	status, marked := post(t, e.url+photo, token.AccessToken, "image/jpeg", capture)
	if status != 200 {
		t.Fatalf("a visitor's photo: %d %.300s", status, marked)
	}

	var order struct {
		ID, Secret, Status string
		PayURL             string `json:"pay_url"`
	}
	if status := ask("POST", "/v1/orders", "", `{"document":"us-passport"}`, &order); status != 201 {
		t.Fatalf("an order: %d", status)
	}
	if status := ask("POST", "/v1/orders/"+order.ID+"/token", order.Secret, `{}`, &token); status != 402 || token.Type != "/problems/order-unpaid" {
		t.Errorf("the token of an unpaid order: %d %q, want 402", status, token.Type)
	}
	resp, err := http.PostForm(order.PayURL, url.Values{"action": {"pay"}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	state := func(want string) {
		t.Helper()
		within(t, "the order is "+want, func() (bool, string) {
			ask("GET", "/v1/orders/"+order.ID, order.Secret, "", &order)
			return order.Status == want, order.Status
		})
	}
	state("authorised")
	token.AccessToken = ""
	if status := ask("POST", "/v1/orders/"+order.ID+"/token", order.Secret, `{}`, &token); status != 200 || token.AccessToken == "" {
		t.Fatalf("the token of a paid order: %d %q", status, token.Type)
	}
	if status, body := post(t, e.url+strings.Replace(photo, "us-passport", "de-passport", 1), token.AccessToken, "image/jpeg", capture); status != 403 {
		t.Errorf("the order's token for another document: %d, want 403: %.300s", status, body)
	}
	status, clean := post(t, e.url+photo, token.AccessToken, "image/jpeg", capture)
	if status != 200 {
		t.Fatalf("the photo that was paid for: %d %.300s", status, clean)
	}
	if d := difference(t, marked, clean); d < 1 {
		t.Errorf("a visitor's photo differs from the paid one by %.2f levels a pixel: it bears no mark, or both do", d)
	}
	if status, body := post(t, e.url+photo, token.AccessToken, "image/jpeg", capture); status != 409 {
		t.Errorf("the order's token again: %d, want 409: %.300s", status, body)
	}
	state("captured")
	if status := ask("POST", "/v1/orders/"+order.ID+"/token", order.Secret, `{}`, &token); status != 409 || token.Type != "/problems/spent" {
		t.Errorf("another token after delivery: %d %q, want 409", status, token.Type)
	}

	// The one that was paid for is what a customer's key would have made: no mark is left in it.
	key := signIn(t, c, "sample-ada").makeKey(c)
	oauth := clientcredentials.Config{ClientID: key.id, ClientSecret: key.secret, TokenURL: c.url + "/oauth/token"}
	plain, err := oauth.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	status, customers := post(t, e.url+photo, plain.AccessToken, "image/jpeg", capture)
	if status != 200 {
		t.Fatalf("a customer's photo: %d %.300s", status, customers)
	}
	if d := difference(t, customers, clean); d > 0.5 {
		t.Errorf("the paid photo differs from a customer's by %.2f levels a pixel, want them alike", d)
	}
}

// A receipt is checked with what control keeps, after the edge that signed it is gone.
func TestReceiptAfterTheEdge(t *testing.T) {
	c := newControl(t)
	c.up(t)
	e := newEdge(t, c)
	capture := portrait(t, c)
	asked, err := http.NewRequestWithContext(t.Context(), "POST", c.url+"/v1/studio/tokens", strings.NewReader(`{"region":"local"}`))
	if err != nil {
		t.Fatal(err)
	}
	asked.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := http.DefaultClient.Do(asked)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&token); err != nil || token.AccessToken == "" {
		t.Fatalf("a visitor's token: %d, %v", resp.StatusCode, err)
	}
	asked, err = http.NewRequestWithContext(t.Context(), "POST", e.url+photo+"&hash=1", bytes.NewReader(capture))
	if err != nil {
		t.Fatal(err)
	}
	asked.Header.Set("Authorization", "Bearer "+token.AccessToken)
	asked.Header.Set("Accept", "application/json")
	resp, err = http.DefaultClient.Do(asked)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	d, err := wire.ReadDelivery(answer)
	if err != nil {
		t.Fatalf("%d, %v: %.300s", resp.StatusCode, err, answer)
	}
	if err := e.stop(); err != nil {
		t.Fatal(err)
	}

	_, _, set := get(t, c.url+"/.well-known/receipts.json")
	keys, err := wire.ReadReceiptKeys([]byte(set))
	if err != nil {
		t.Fatal(err)
	}
	r, key, err := wire.VerifyReceipt(d.Receipt, keys)
	if err != nil || r.Fits(d) != nil || r.Photo == "" {
		t.Fatalf("the receipt: %v, of this answer: %v, names the photo: %t; control has %s", err, r.Fits(d), r.Photo != "", set)
	}
	if r.Node != "edge-1" || key.Node != "edge-1" || key.Region != "local" || key.Expires == 0 || !r.Preview {
		t.Errorf("the receipt is of %s, the key of %s in %s until %d; preview %t", r.Node, key.Node, key.Region, key.Expires, r.Preview)
	}
	r.Document = "de-passport"
	if r.Fits(d) == nil {
		t.Error("a receipt of another document fits")
	}
}

// difference is how far two pictures of one size are apart, in levels of 255, on average.
func difference(t *testing.T, a, b []byte) float64 {
	t.Helper()
	var pictures [2]image.Image
	for i, data := range [][]byte{a, b} {
		picture, kind, err := image.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatalf("the edge answered with what is no picture: %v, %.200q", err, data)
		}
		if kind != "jpeg" {
			t.Errorf("the edge answered with %s, want jpeg", kind)
		}
		pictures[i] = picture
	}
	size := pictures[0].Bounds()
	if size != pictures[1].Bounds() {
		return 255
	}
	var sum float64
	for y := size.Min.Y; y < size.Max.Y; y++ {
		for x := size.Min.X; x < size.Max.X; x++ {
			r, g, b, _ := pictures[0].At(x, y).RGBA()
			s, h, c, _ := pictures[1].At(x, y).RGBA()
			for _, pair := range [][2]uint32{{r, s}, {g, h}, {b, c}} {
				sum += float64(max(pair[0], pair[1])-min(pair[0], pair[1])) / 257
			}
		}
	}
	return sum / float64(3*size.Dx()*size.Dy())
}
