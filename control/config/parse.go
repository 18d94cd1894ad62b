package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// A Setting is one line of the table that `control help` prints.
type Setting struct{ Name, Default, Help string }

// Settings lists every setting in the order of Config.
func Settings() []Setting {
	var list []Setting
	t := reflect.TypeFor[Config]()
	for i := range t.NumField() {
		tag := t.Field(i).Tag
		if name := tag.Get("env"); name != "" {
			list = append(list, Setting{name, tag.Get("default"), tag.Get("help")})
		}
	}
	return list
}

// parseURL wants a bare origin: the issuer of tokens is compared as text, and every link is this plus a path.
func parseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("%q is not an http or https address", text)
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, fmt.Errorf("%q has more than scheme, host and port", text)
	}
	u.Path, u.RawPath = "", ""
	return u, nil
}

var (
	price    = regexp.MustCompile(`^([0-9]{1,6})\.([0-9]{2}) ([A-Z]{3})$`)
	document = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)
)

// parsePrices reads "4.95 USD,de-passport=5.95 EUR". Two decimals are written out, always, so that nobody sells a
// passport photo for 495 dollars or 4.95 cents.
func parsePrices(text string) (Prices, error) {
	prices := Prices{Documents: map[string]Price{}}
	for i, entry := range strings.Split(text, ",") {
		id, amount, named := strings.Cut(strings.TrimSpace(entry), "=")
		if !named {
			id, amount = "", id
		}
		m := price.FindStringSubmatch(amount)
		if m == nil {
			return Prices{}, fmt.Errorf("%q is not a price such as 4.95 USD", amount)
		}
		minor, err := strconv.ParseInt(m[1]+m[2], 10, 64)
		if err != nil || minor <= 0 {
			return Prices{}, fmt.Errorf("%q is not above zero", amount)
		}
		p := Price{Amount: minor, Currency: m[3]}
		switch {
		case i == 0 && !named:
			prices.Default = p
		case i > 0 && document.MatchString(id):
			prices.Documents[id] = p
		default:
			return Prices{}, fmt.Errorf("%q: the first is the price of every document, each further one is DOCUMENT=PRICE", entry)
		}
	}
	return prices, nil
}

func parsePrefixes(text string) ([]netip.Prefix, error) {
	var list []netip.Prefix
	if text == "" {
		return list, nil
	}
	for entry := range strings.SplitSeq(text, ",") {
		p, err := netip.ParsePrefix(strings.TrimSpace(entry))
		if err != nil {
			return nil, fmt.Errorf("%q is not a network such as 10.0.0.0/8", entry)
		}
		list = append(list, p.Masked())
	}
	return list, nil
}
