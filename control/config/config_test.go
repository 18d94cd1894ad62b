package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDefaults(t *testing.T) {
	cfg, err := Load([]string{"HOME=/home/ada"})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := cfg.DatabaseURL, "sqlite:/home/ada/.local/state/studio/control.db"; got != want {
		t.Errorf("database %q, want %q", got, want)
	}
	if got := cfg.URL.String(); got != "http://127.0.0.1:8080" {
		t.Errorf("URL %q, want the loopback address", got)
	}
	if !cfg.HasDevIDP() || cfg.Payments != Fakepay || cfg.GAID != "" {
		t.Errorf("devidp %t, payments %q, GA %q; want the stand-ins and no analytics", cfg.HasDevIDP(), cfg.Payments, cfg.GAID)
	}
	if got := cfg.Prices.Default; got != (Price{495, "USD"}) {
		t.Errorf("price %v, want 495 USD", got)
	}
}

func TestStateDirectory(t *testing.T) {
	for name, test := range map[string]struct {
		env  []string
		want string
	}{
		"systemd first":        {[]string{"HOME=/h", "XDG_STATE_HOME=/x", "STATE_DIRECTORY=/var/lib/studio:/other"}, "sqlite:/var/lib/studio/control.db"},
		"then XDG":             {[]string{"HOME=/h", "XDG_STATE_HOME=/x"}, "sqlite:/x/studio/control.db"},
		"the setting wins":     {[]string{"HOME=/h", "CONTROL_DATABASE_URL=sqlite:here.db"}, "sqlite:here.db"},
		"an empty one is none": {[]string{"HOME=/h", "STATE_DIRECTORY=", "CONTROL_DATABASE_URL="}, "sqlite:/h/.local/state/studio/control.db"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, err := Load(test.env)
			if err != nil || cfg.DatabaseURL != test.want {
				t.Errorf("database %q, error %v; want %q", cfg.DatabaseURL, err, test.want)
			}
		})
	}
}

// Every fault is told at once, and each names its setting.
func TestFaults(t *testing.T) {
	public := []string{"HOME=/h", "CONTROL_URL=https://studio.example", "CONTROL_PAYMENTS=none", "CONTROL_OIDC=google=https://accounts.google.com,id,secret"}
	if _, err := Load(public); err != nil {
		t.Fatalf("a public plane with an issuer and nothing for sale: %v", err)
	}
	for name, test := range map[string]struct {
		env  []string
		want []string // one line each, in this order
	}{
		"two faults":             {[]string{"CONTROL_URL=ftp://x", "CONTROL_DRAIN=soon"}, []string{"CONTROL_URL", "CONTROL_DRAIN"}},
		"a path in the URL":      {[]string{"CONTROL_URL=https://x.example/app"}, []string{"CONTROL_URL"}},
		"misspelt":               {[]string{"CONTROL_LISTENS=:1"}, []string{"CONTROL_LISTENS is not a setting"}},
		"same port twice":        {[]string{"CONTROL_LISTEN=127.0.0.1:9080"}, []string{"CONTROL_LISTEN and CONTROL_PRIVATE_LISTEN"}},
		"no port":                {[]string{"CONTROL_LISTEN=127.0.0.1"}, []string{"CONTROL_LISTEN"}},
		"port too high":          {[]string{"CONTROL_LISTEN=:99999"}, []string{"CONTROL_LISTEN"}},
		"devidp off loopback":    {[]string{"CONTROL_DEVIDP_LISTEN=0.0.0.0:8090"}, []string{"CONTROL_DEVIDP_LISTEN"}},
		"fakepay off loopback":   {[]string{"CONTROL_FAKEPAY_LISTEN=:8091"}, []string{"CONTROL_FAKEPAY_LISTEN"}},
		"stand-ins in public":    {[]string{"CONTROL_URL=https://studio.example"}, []string{"CONTROL_OIDC: devidp", "CONTROL_PAYMENTS: fakepay"}},
		"public without TLS":     {append(public, "CONTROL_URL=http://studio.example"), []string{"CONTROL_URL"}},
		"unknown provider":       {[]string{"CONTROL_PAYMENTS=stripe"}, []string{"CONTROL_PAYMENTS"}},
		"certificate alone":      {[]string{"CONTROL_TLS_CERT=/dev/null"}, []string{"CONTROL_TLS_CERT and CONTROL_TLS_KEY"}},
		"no such certificate":    {[]string{"CONTROL_TLS_CERT=/nowhere/c", "CONTROL_TLS_KEY=/nowhere/k"}, []string{"CONTROL_TLS_CERT", "CONTROL_TLS_KEY"}},
		"analytics id":           {[]string{"CONTROL_GA_ID=UA-1'><script>"}, []string{"CONTROL_GA_ID"}},
		"database of another":    {[]string{"CONTROL_DATABASE_URL=mysql://root:hunter2@db/x"}, []string{"CONTROL_DATABASE_URL"}},
		"price without decimals": {[]string{"CONTROL_PRICES=5 USD"}, []string{"CONTROL_PRICES"}},
		"price of nothing":       {[]string{"CONTROL_PRICES=0.00 USD"}, []string{"CONTROL_PRICES"}},
		"nobody may":             {[]string{"CONTROL_PER_NETWORK=0"}, []string{"CONTROL_PER_NETWORK"}},
		"nowhere to keep":        {[]string{"HOME="}, []string{"CONTROL_DATABASE_URL, CONTROL_SECRET_FILE"}},
		"proxies":                {[]string{"CONTROL_PROXIES=10.0.0.1"}, []string{"CONTROL_PROXIES"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(append([]string{"HOME=/h"}, test.env...))
			if err == nil {
				t.Fatalf("no fault, want %q", test.want)
			}
			lines := strings.Split(err.Error(), "\n")
			if len(lines) != len(test.want) {
				t.Fatalf("faults %q, want %q", lines, test.want)
			}
			for i := range lines {
				if !strings.HasPrefix(lines[i], test.want[i]) {
					t.Errorf("fault %q, want one that begins with %q", lines[i], test.want[i])
				}
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the fault repeats a password: %q", err)
			}
		})
	}
}

func TestValues(t *testing.T) {
	dir := t.TempDir()
	for _, file := range []string{"c", "k"} {
		if err := os.WriteFile(filepath.Join(dir, file), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg, err := Load([]string{
		"HOME=/h",
		"CONTROL_OIDC=google=https://accounts.google.com,id,secret; devidp ;own=https://idp.example,a,b",
		"CONTROL_PRICES=4.95 USD,de-passport=5.95 EUR",
		"CONTROL_PROXIES=10.1.2.3/8, 192.168.0.0/16",
		"CONTROL_TLS_CERT=" + filepath.Join(dir, "c"), "CONTROL_TLS_KEY=" + filepath.Join(dir, "k"),
		"CONTROL_GA_ID=G-ABC1234567",
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := cfg.Issuers(), "google=https://accounts.google.com,id,secret;own=https://idp.example,a,b"; !cfg.HasDevIDP() || got != want {
		t.Errorf("devidp %t and issuers %q, want it and %q", cfg.HasDevIDP(), got, want)
	}
	if got := cfg.Prices.Documents["de-passport"]; got != (Price{595, "EUR"}) {
		t.Errorf("price %v, want 595 EUR", got)
	}
	if len(cfg.Proxies) != 2 || cfg.Proxies[0].String() != "10.0.0.0/8" {
		t.Errorf("proxies %v, want 10.0.0.0/8 first", cfg.Proxies)
	}
}

// The help is a page per plane, so every setting needs its line.
func TestEverySettingIsExplained(t *testing.T) {
	for _, s := range Settings() {
		if s.Help == "" || !strings.HasPrefix(s.Name, "CONTROL_") {
			t.Errorf("%q has the help %q", s.Name, s.Help)
		}
	}
}
