package main

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/professionalaistudio/studio/edge/config"
)

// migrated reads what was printed: our settings, and the comments.
func migrated(text string) (ours map[string]string, comments string) {
	ours = map[string]string{}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if name, value, ok := strings.Cut(line, "="); ok && strings.HasPrefix(line, "EDGE_") {
			ours[name] = value
		} else {
			comments += line + "\n"
		}
	}
	return ours, comments
}

func TestMigrate(t *testing.T) {
	const keys = "IMGPROXY_KEY=746573742d6b6579\nIMGPROXY_SALT=746573742d73616c74\n"
	for name, test := range map[string]struct {
		theirs string
		ours   string // that is printed beside the key's and the address's
		says   string // in a comment
	}{
		"a pair is a key":               {"", "", "https://HOST/i/imgproxy is the new base URL"},
		"pairs are keys":                {"IMGPROXY_KEY=aa, bb\nIMGPROXY_SALT=cc,dd", "EDGE_KEYS=imgproxy:aa:cc,imgproxy-2:bb:dd", ""},
		"the names of version 4":        {"IMGPROXY_KEY=\nIMGPROXY_SALT=\nIMGPROXY_KEYS=aa\nIMGPROXY_SALTS=cc", "EDGE_KEYS=imgproxy:aa:cc", ""},
		"a short signature":             {"IMGPROXY_SIGNATURE_SIZE=8", "EDGE_SIGNATURE_SIZE=8", ""},
		"an address":                    {"IMGPROXY_BIND=127.0.0.1:5001", "EDGE_LISTEN=127.0.0.1:5001", ""},
		"a socket":                      {"IMGPROXY_BIND=/run/x.sock\nIMGPROXY_NETWORK=unix", "-EDGE_LISTEN", "IMGPROXY_NETWORK: a socket"},
		"the metrics":                   {"IMGPROXY_PROMETHEUS_BIND=:9999", "EDGE_PRIVATE_LISTEN=:9999", ""},
		"sources":                       {"IMGPROXY_ALLOWED_SOURCES=https://*.example.com/ , s3://bucket/,https://a@b/", "EDGE_ALLOWED_SOURCES=https://*.example.com/", "Item 3 of IMGPROXY_ALLOWED_SOURCES is left out"},
		"sources that cannot be kept":   {"IMGPROXY_ALLOWED_SOURCES=s3://,local://", "EDGE_ALLOWED_SOURCES=https://none.invalid/", "Item 2 of IMGPROXY_ALLOWED_SOURCES is left out: sources are http and https"},
		"private networks, by default":  {"", "-EDGE_SOURCE_CIDRS", "EDGE_SOURCE_CIDRS=10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7"},
		"private networks, as told":     {"IMGPROXY_ALLOW_PRIVATE_SOURCE_ADDRESSES=1\nIMGPROXY_ALLOW_LOOPBACK_SOURCE_ADDRESSES=true", "EDGE_SOURCE_CIDRS=127.0.0.0/8,::1/128,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7", ""},
		"no private networks":           {"IMGPROXY_ALLOW_PRIVATE_SOURCE_ADDRESSES=false", "-EDGE_SOURCE_CIDRS", "IMGPROXY_ALLOW_PRIVATE_SOURCE_ADDRESSES is off"},
		"workers":                       {"IMGPROXY_WORKERS=4\nIMGPROXY_CONCURRENCY=9", "EDGE_SLOTS=4", "CONCURRENCY: IMGPROXY_WORKERS is set, and counts"},
		"workers, by their older name":  {"IMGPROXY_CONCURRENCY=9", "EDGE_SLOTS=9", ""},
		"a queue":                       {"IMGPROXY_REQUESTS_QUEUE_SIZE=100", "EDGE_QUEUE=100", "503"},
		"a queue without a bound":       {"IMGPROXY_REQUESTS_QUEUE_SIZE=0", "-EDGE_QUEUE", "REQUESTS_QUEUE_SIZE is 0"},
		"a time":                        {"IMGPROXY_TIMEOUT=30", "EDGE_TIMEOUT=30s", ""},
		"a time with its unit":          {"IMGPROXY_TIMEOUT=1m30s", "EDGE_TIMEOUT=1m30s", ""},
		"megapixels":                    {"IMGPROXY_MAX_SRC_RESOLUTION=16.8", "EDGE_MAX_PIXELS=16800000", ""},
		"bytes":                         {"IMGPROXY_MAX_SRC_FILE_SIZE=10485760", "EDGE_MAX_BYTES=10485760", ""},
		"bytes without a bound":         {"IMGPROXY_MAX_SRC_FILE_SIZE=0", "-EDGE_MAX_BYTES", "MAX_SRC_FILE_SIZE is 0"},
		"frames":                        {"IMGPROXY_MAX_ANIMATION_FRAMES=64", "EDGE_MAX_FRAMES=64", ""},
		"presets":                       {"IMGPROXY_PRESETS=sharp=sharpen:0.7,default=q:80", "", "IMGPROXY_PRESETS: write a preset's options"},
		"what is the same":              {"IMGPROXY_QUALITY=80\nIMGPROXY_USE_ETAG=true\nIMGPROXY_AUTO_WEBP=1\nIMGPROXY_STRIP_METADATA=true", "", "The same here, without a setting:\n# IMGPROXY_AUTO_WEBP\n# IMGPROXY_QUALITY\n# IMGPROXY_STRIP_METADATA\n# IMGPROXY_USE_ETAG\n"},
		"what differs":                  {"IMGPROXY_QUALITY=90", "", "Without a counterpart:\n# IMGPROXY_QUALITY: 80, as in imgproxy by default"},
		"buckets":                       {"IMGPROXY_USE_S3=true\nIMGPROXY_S3_REGION=eu", "", "IMGPROXY_S3_REGION: sources are http and https"},
		"what nobody knows":             {"IMGPROXY_BOGUS=1", "", "IMGPROXY_BOGUS: not known here"},
		"the last of a name counts":     {"IMGPROXY_WORKERS=4\nIMGPROXY_WORKERS=5", "EDGE_SLOTS=5", ""},
		"a shell's line":                {`export IMGPROXY_BIND=":5001" # here`, "EDGE_LISTEN=:5001", ""},
		"a Dockerfile's":                {"ENV IMGPROXY_BIND=:5001 \\", "EDGE_LISTEN=:5001", ""},
		"a command line's":              {"  -e IMGPROXY_BIND=:5001 \\", "EDGE_LISTEN=:5001", ""},
		"a unit's":                      {`Environment="IMGPROXY_BIND=:5001"`, "EDGE_LISTEN=:5001", ""},
		"a compose file's":              {"      IMGPROXY_BIND: ':5001'  # here", "EDGE_LISTEN=:5001", ""},
		"a compose file's list":         {"  - IMGPROXY_BIND=:5001", "EDGE_LISTEN=:5001", ""},
		"what others set":               {"PATH=/bin\n# IMGPROXY_BIND=:1\nEDGE_SLOTS=x\n_=env", "-EDGE_SLOTS", ""},
		"what Kubernetes sets":          {"IMGPROXY_PORT=tcp://10.0.0.1:80\nIMGPROXY_SERVICE_HOST=10.0.0.1", "EDGE_LISTEN=:8080", "IMGPROXY_SERVICE_HOST"},
		"what is set and empty is said": {"IMGPROXY_TIMEOUT=\nIMGPROXY_ALLOWED_SOURCES=\nIMGPROXY_PRESETS=", "-EDGE_TIMEOUT", "IMGPROXY_ALLOWED_SOURCES is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := migrate(strings.NewReader(keys+test.theirs), os.Environ())
			if err != nil {
				t.Fatal(err)
			}
			ours, comments := migrated(text)
			if name, gone := strings.CutPrefix(test.ours, "-"); gone {
				if value, there := ours[name]; there {
					t.Errorf("%s is %q, want it left out:\n%s", name, value, text)
				}
			} else if name, value, _ := strings.Cut(test.ours, "="); name != "" && ours[name] != value {
				t.Errorf("%s is %q, want %q:\n%s", name, ours[name], value, text)
			}
			if !strings.Contains(comments, test.says) {
				t.Errorf("no comment says %q:\n%s", test.says, text)
			}
		})
	}
}

// What imgproxy itself would not start with is refused, each fault named and no key shown.
func TestMigrateRefuses(t *testing.T) {
	for theirs, want := range map[string]string{
		"":                                        "nothing on standard input begins with IMGPROXY_",
		"PATH=/bin":                               "nothing on standard input begins with IMGPROXY_",
		"IMGPROXY_KEY=aa":                         "IMGPROXY_KEY has 1 items and IMGPROXY_SALT 0",
		"IMGPROXY_KEY=secret\nIMGPROXY_SALT=aa":   "IMGPROXY_KEY must be hexadecimal, and item 1 is not",
		"IMGPROXY_KEY=aa,\nIMGPROXY_SALT=aa,bb":   "IMGPROXY_KEY must be hexadecimal, and item 2 is not",
		"IMGPROXY_WORKERS=many":                   "IMGPROXY_WORKERS must be a number of 1 or more",
		"IMGPROXY_TIMEOUT=-1":                     "IMGPROXY_TIMEOUT must be a number of 0.001 or more",
		"IMGPROXY_MAX_SRC_RESOLUTION=NaN":         "IMGPROXY_MAX_SRC_RESOLUTION must be a number",
		"IMGPROXY_BIND=nowhere":                   "EDGE_LISTEN must be an address",
		"IMGPROXY_SIGNATURE_SIZE=33":              "EDGE_SIGNATURE_SIZE must be 1 to 32",
		"IMGPROXY_WORKERS=x\nIMGPROXY_TIMEOUT=y":  "IMGPROXY_TIMEOUT",
		"ok\nIMGPROXY_BIND":                       "line 2 has a setting of imgproxy that cannot be read",
		"IMGPROXY_KEY=" + strings.Repeat("a", 32): "they go in pairs",
	} {
		text, err := migrate(strings.NewReader(theirs), os.Environ())
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "aaaa") {
			t.Errorf("%q is answered %q, %v; want an error with %q", theirs, text, err, want)
		}
	}
}

// Every row of the table is reached by the names in it.
func TestCounterparts(t *testing.T) {
	for _, c := range counterparts {
		for form := range strings.FieldsSeq(c.names) {
			if got := counterpartOf(strings.ReplaceAll(form, "*", "X")); got.names != c.names {
				t.Errorf("%s is answered by the row of %s", form, got.names)
			}
		}
	}
}

var anyTheirs = regexp.MustCompile(`IMGPROXY_[A-Z0-9_]+`)

// What is printed are settings that a node takes, and whatever was read is in it. Nothing of a value is, but where it is a setting of ours.
func FuzzMigrate(f *testing.F) {
	f.Add("IMGPROXY_KEY=aa\nIMGPROXY_SALT=bb\nIMGPROXY_BIND=:80\nIMGPROXY_ALLOWED_SOURCES=https://*/,s3://x")
	f.Add("export IMGPROXY_TIMEOUT='5s' # x\nIMGPROXY_MAX_SRC_RESOLUTION=0.5\nIMGPROXY_WORKERS=3\nIMGPROXY_CONCURRENCY=")
	f.Add("IMGPROXY_KEYS=aa,bb\nIMGPROXY_KEY=\nIMGPROXY_SALTS=aa,bb\nIMGPROXY_REQUESTS_QUEUE_SIZE=7\nIMGPROXY_NETWORK=tcp")
	for _, c := range counterparts {
		f.Add("IMGPROXY_" + strings.ReplaceAll(strings.Fields(c.names)[0], "*", "X") + "=1")
	}
	f.Fuzz(func(t *testing.T, text string) {
		printed, err := migrate(strings.NewReader(text), []string{"HOME=/tmp"})
		if err != nil {
			return
		}
		theirs, err := readTheirs(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		said := anyTheirs.FindAllString(printed, -1)
		for name := range theirs {
			if !slices.Contains(said, theirPrefix+name) {
				t.Errorf("%s was read, and nothing is said of it:\n%s", name, printed)
			}
		}
		ours, _ := migrated(printed)
		var lines []string
		for _, name := range slices.Sorted(maps.Keys(ours)) {
			lines = append(lines, name+"="+ours[name])
		}
		if cfg, err := config.Load(append(lines, "HOME=/tmp")); err != nil || len(cfg.Unknown) > 0 {
			t.Errorf("a node does not take %q: %v, unknown %q", lines, err, cfg.Unknown)
		}
		for line := range strings.Lines(printed) {
			if line != "\n" && !strings.HasPrefix(line, "# ") && !strings.HasPrefix(line, "EDGE_") {
				t.Errorf("%q is neither a setting nor a comment", line)
			}
		}
	})
}
