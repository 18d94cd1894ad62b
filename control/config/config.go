package config

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Config is the environment of a control plane, checked.
type Config struct {
	Listen        string         `env:"CONTROL_LISTEN" default:":8080" help:"public address: pages, JSON, edges"`
	PrivateListen string         `env:"CONTROL_PRIVATE_LISTEN" default:"127.0.0.1:9080" help:"metrics, readiness, profiles"`
	URL           *url.URL       `env:"CONTROL_URL" default:"http://127.0.0.1:8080" help:"issuer of tokens and base of links, without a path"`
	TLSCert       string         `env:"CONTROL_TLS_CERT" help:"certificate file, read again when it changes; empty is plain HTTP"`
	TLSKey        string         `env:"CONTROL_TLS_KEY" help:"the certificate's key file"`
	DatabaseURL   string         `env:"CONTROL_DATABASE_URL" help:"sqlite:FILE or postgres://…; empty is control.db in the state directory"`
	SecretFile    string         `env:"CONTROL_SECRET_FILE" help:"seals private keys in the database, made if missing; empty is secret in the state directory"`
	OIDC          string         `env:"CONTROL_OIDC" default:"devidp" help:"who signs people in: devidp, or NAME=ISSUER,CLIENT_ID,SECRET; semicolons part several"`
	DevIDPListen  string         `env:"CONTROL_DEVIDP_LISTEN" default:"127.0.0.1:8090" help:"where the built-in issuer listens, loopback only"`
	Payments      string         `env:"CONTROL_PAYMENTS" default:"fakepay" help:"fakepay, or none: nothing is sold"`
	FakepayListen string         `env:"CONTROL_FAKEPAY_LISTEN" default:"127.0.0.1:8091" help:"where fakepay listens, loopback only"`
	Prices        Prices         `env:"CONTROL_PRICES" default:"4.95 USD" help:"price of a document, then DOCUMENT=PRICE for those that differ, comma separated"`
	PerNetwork    int            `env:"CONTROL_PER_NETWORK" default:"10" help:"visitor tokens, and as many orders, that one network may have a minute"`
	Proxies       []netip.Prefix `env:"CONTROL_PROXIES" help:"networks of reverse proxies whose X-Forwarded-For is believed, comma separated"`
	GAID          string         `env:"CONTROL_GA_ID" help:"Google Analytics measurement id; empty leaves no trace of it in the pages"`
	Drain         time.Duration  `env:"CONTROL_DRAIN" default:"10s" help:"how long a stop may take"`

	StateDir string // $STATE_DIRECTORY, else $XDG_STATE_HOME/studio, else ~/.local/state/studio
}

// DevIDP is the name of the built-in issuer. What else CONTROL_OIDC says, package identity reads.
const DevIDP = "devidp"

// Fakepay and NoPayments are what CONTROL_PAYMENTS may be.
const (
	Fakepay    = "fakepay"
	NoPayments = "none"
)

// Prices is what documents cost: one price for all but those named.
type Prices struct {
	Default   Price
	Documents map[string]Price
}

// A Price is an amount in the currency's minor unit: 495 USD is $4.95.
type Price struct {
	Amount   int64
	Currency string
}

// Load reads and checks an environment as os.Environ gives it. The error names every fault, a line each.
func Load(environ []string) (Config, error) {
	env := map[string]string{}
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		env[name] = value
	}
	cfg, faults := read(env)
	faults = append(faults, unknown(env)...)
	faults = append(faults, cfg.check(env)...)
	return cfg, errors.Join(faults...)
}

// read fills the fields one by one; what they mean together is check's business. A field that cannot be read keeps
// its default, so that check can judge the rest.
func read(env map[string]string) (Config, []error) {
	var cfg Config
	var faults []error
	v := reflect.ValueOf(&cfg).Elem()
	for i := range v.NumField() {
		field := v.Type().Field(i)
		name := field.Tag.Get("env")
		if name == "" {
			continue
		}
		text := cmp.Or(env[name], field.Tag.Get("default"))
		value, err := parse(field.Type, text)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", name, err))
			if value, err = parse(field.Type, field.Tag.Get("default")); err != nil {
				panic(err) // a default of ours
			}
		}
		v.Field(i).Set(reflect.ValueOf(value))
	}
	return cfg, faults
}

// parse turns the text of a setting into the type of its field.
func parse(t reflect.Type, text string) (any, error) {
	switch t {
	case reflect.TypeFor[string]():
		return text, nil
	case reflect.TypeFor[time.Duration]():
		d, err := time.ParseDuration(text)
		if err != nil || d <= 0 {
			return nil, fmt.Errorf("%q is not a duration above zero, such as 10s", text)
		}
		return d, nil
	case reflect.TypeFor[int]():
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%q is not a number above zero", text)
		}
		return n, nil
	case reflect.TypeFor[*url.URL]():
		return parseURL(text)
	case reflect.TypeFor[Prices]():
		return parsePrices(text)
	case reflect.TypeFor[[]netip.Prefix]():
		return parsePrefixes(text)
	}
	panic("config: no parser for " + t.String())
}

// unknown finds misspelt settings: a CONTROL_ variable that means nothing here was meant to mean something.
func unknown(env map[string]string) []error {
	known := map[string]bool{}
	for _, s := range Settings() {
		known[s.Name] = true
	}
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if strings.HasPrefix(name, "CONTROL_") && !known[name] {
			faults = append(faults, fmt.Errorf("%s is not a setting; `control help` lists them", name))
		}
	}
	return faults
}

var gaID = regexp.MustCompile(`^G-[A-Z0-9]{4,16}$`)

// check judges the settings together and fills in what follows from them.
func (c *Config) check(env map[string]string) []error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }

	listeners := []struct{ name, address string }{{"CONTROL_LISTEN", c.Listen}, {"CONTROL_PRIVATE_LISTEN", c.PrivateListen}}
	if c.HasDevIDP() {
		listeners = append(listeners, struct{ name, address string }{"CONTROL_DEVIDP_LISTEN", c.DevIDPListen})
	}
	if c.Payments == Fakepay {
		listeners = append(listeners, struct{ name, address string }{"CONTROL_FAKEPAY_LISTEN", c.FakepayListen})
	}
	for i, l := range listeners {
		if err := checkAddress(l.address); err != nil {
			fault("%s: %w", l.name, err)
			continue
		}
		if l.name == "CONTROL_DEVIDP_LISTEN" || l.name == "CONTROL_FAKEPAY_LISTEN" {
			if !loopbackAddress(l.address) {
				fault("%s: %q is not a loopback address; a stand-in must not be reachable from outside", l.name, l.address)
			}
		}
		for _, other := range listeners[:i] {
			if other.address == l.address && !strings.HasSuffix(l.address, ":0") {
				fault("%s and %s are both %q", other.name, l.name, l.address)
			}
		}
	}
	switch c.Payments {
	case Fakepay, NoPayments:
	default:
		fault("CONTROL_PAYMENTS: %q is not a provider of this build; it knows fakepay and none", c.Payments)
	}
	// The stand-ins hand out sign-ins and payments for the asking, so a plane that strangers can reach may not use them.
	if !c.Loopback() {
		if c.HasDevIDP() {
			fault("CONTROL_OIDC: devidp lets anybody sign in as anybody, so it needs a CONTROL_URL on loopback; name an issuer")
		}
		if c.Payments == Fakepay {
			fault("CONTROL_PAYMENTS: fakepay takes no money, so it needs a CONTROL_URL on loopback; choose none")
		}
		if c.URL.Scheme != "https" {
			fault("CONTROL_URL: must be https beyond loopback, or session cookies travel in the clear")
		}
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		fault("CONTROL_TLS_CERT and CONTROL_TLS_KEY: set both or neither")
	}
	for _, file := range []struct{ name, path string }{{"CONTROL_TLS_CERT", c.TLSCert}, {"CONTROL_TLS_KEY", c.TLSKey}} {
		if file.path == "" {
			continue
		}
		if _, err := os.Stat(file.path); err != nil {
			fault("%s: %w", file.name, err)
		}
	}
	if c.GAID != "" && !gaID.MatchString(c.GAID) {
		fault("CONTROL_GA_ID: %q is not a measurement id such as G-ABC1234567", c.GAID)
	}
	c.StateDir = stateDir(env)
	if c.StateDir == "" && (c.DatabaseURL == "" || c.SecretFile == "") {
		fault("CONTROL_DATABASE_URL, CONTROL_SECRET_FILE: there is no state directory to put them in; set both, or HOME or STATE_DIRECTORY")
	}
	if c.SecretFile == "" {
		c.SecretFile = filepath.Join(c.StateDir, "secret")
	}
	if c.DatabaseURL == "" {
		c.DatabaseURL = "sqlite:" + filepath.Join(c.StateDir, "control.db")
	}
	if scheme, _, _ := strings.Cut(c.DatabaseURL, ":"); scheme != "sqlite" && scheme != "postgres" && scheme != "postgresql" {
		fault("CONTROL_DATABASE_URL: begins with neither sqlite: nor postgres:") // the value may hold a password
	}
	return faults
}

// HasDevIDP tells whether the built-in issuer is among those that sign people in.
func (c Config) HasDevIDP() bool {
	for entry := range strings.SplitSeq(c.OIDC, ";") {
		if strings.TrimSpace(entry) == DevIDP {
			return true
		}
	}
	return false
}

// Issuers is what CONTROL_OIDC says besides the built-in issuer.
func (c Config) Issuers() string {
	var others []string
	for entry := range strings.SplitSeq(c.OIDC, ";") {
		if strings.TrimSpace(entry) != DevIDP {
			others = append(others, entry)
		}
	}
	return strings.Join(others, ";")
}

// Loopback tells whether people reach this plane only from the machine it runs on.
func (c Config) Loopback() bool { return loopbackHost(c.URL.Hostname()) }

func stateDir(env map[string]string) string {
	if dirs := env["STATE_DIRECTORY"]; dirs != "" {
		first, _, _ := strings.Cut(dirs, ":") // systemd lists several; the first is ours
		return first
	}
	if home := env["XDG_STATE_HOME"]; home != "" {
		return filepath.Join(home, "studio")
	}
	if home := env["HOME"]; home != "" {
		return filepath.Join(home, ".local", "state", "studio")
	}
	return ""
}

func checkAddress(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%q is not host:port", address)
	}
	if _, err := net.LookupPort("tcp", port); err != nil || port == "" {
		return fmt.Errorf("%q has no port between 0 and 65535", address)
	}
	if host != "" && host != "localhost" && net.ParseIP(host) == nil {
		return fmt.Errorf("%q: listen on an address, not a name", address)
	}
	return nil
}

func loopbackAddress(address string) bool {
	host, _, err := net.SplitHostPort(address)
	return err == nil && loopbackHost(host)
}

func loopbackHost(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
