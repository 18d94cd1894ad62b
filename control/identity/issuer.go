package identity

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
)

// An Issuer is somewhere people have an account that they can sign in with.
type Issuer struct {
	Name     string // google: a word for addresses and settings
	URL      string // https://accounts.google.com: where discovery begins
	ClientID string
	Secret   string
}

// Title is the name that a person knows the issuer by.
func (i Issuer) Title() string {
	switch i.Name {
	case "devidp":
		return "Sample people"
	case "github":
		return "GitHub"
	case "gitlab":
		return "GitLab"
	}
	return strings.ToUpper(i.Name[:1]) + i.Name[1:]
}

// Local says whether this issuer is on this machine, where anybody may be anyone.
func (i Issuer) Local() bool {
	u, err := url.Parse(i.URL)
	return err == nil && loopback(u.Hostname())
}

var issuerName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,30}$`)

// ParseIssuers reads "name=issuer,client id,secret;…". All faults are reported together, and none shows a secret.
func ParseIssuers(s string) ([]Issuer, error) {
	var issuers []Issuer
	var faults []error
	seen := map[string]bool{}
	for entry := range strings.SplitSeq(s, ";") {
		if entry = strings.TrimSpace(entry); entry == "" {
			continue
		}
		name, rest, _ := strings.Cut(entry, "=")
		name = strings.TrimSpace(name)
		parts := strings.SplitN(rest, ",", 3) // a secret may hold a comma
		switch {
		case !issuerName.MatchString(name):
			faults = append(faults, errors.New("an issuer's name must be a short lower-case word before the first '='"))
			continue
		case seen[name]:
			faults = append(faults, fmt.Errorf("issuer %s stands twice", name))
			continue
		case len(parts) != 3:
			faults = append(faults, fmt.Errorf("issuer %s needs three parts: address, client id, secret", name))
			continue
		}
		seen[name] = true
		i := Issuer{Name: name, URL: strings.TrimSpace(parts[0]), ClientID: strings.TrimSpace(parts[1]), Secret: strings.TrimSpace(parts[2])}
		if err := i.check(); err != nil {
			faults = append(faults, fmt.Errorf("issuer %s %w", name, err))
			continue
		}
		issuers = append(issuers, i)
	}
	return issuers, errors.Join(faults...)
}

func (i Issuer) check() error {
	u, err := url.Parse(i.URL)
	switch {
	case err != nil || u.Host == "":
		return errors.New("needs a whole address, such as https://accounts.google.com")
	case u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())):
		return errors.New("needs https: anyone on the way could sign in as anybody")
	case u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return errors.New("must be an address without query, fragment or password")
	case i.ClientID == "":
		return errors.New("needs a client id")
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
