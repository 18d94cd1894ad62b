package main

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/professionalaistudio/studio/edge/config"
	"github.com/professionalaistudio/studio/edge/fetch"
)

// migrateCommand reads imgproxy's settings on standard input and prints ours. Whatever was read stands in what is printed: as a
// setting, or in a comment that says what becomes of it.
func migrateCommand(c *console, args []string) error {
	if _, err := parse(c.flags("migrate"), args); err != nil {
		return err
	}
	if terminal(os.Stdin) {
		return errors.New("migrate reads imgproxy's settings on standard input: env | edge migrate, or edge migrate <imgproxy.env")
	}
	text, err := migrate(os.Stdin, c.environ)
	if err != nil {
		return err
	}
	_, err = io.WriteString(c.out, text)
	return err
}

// theirPrefix begins the name of each of imgproxy's settings.
const theirPrefix = "IMGPROXY_"

// theirLine is a setting as a shell, an env file, a Dockerfile, a unit of systemd or a compose file has it.
var theirLine = regexp.MustCompile(`^\s*(?:export\s+|ENV\s+|-e\s+|-\s+|Environment=)?["']?(IMGPROXY_[A-Z0-9_]+)\s*[=:](.*)$`)

// migrate turns settings of imgproxy into ours. environ is where the program that will read them runs.
func migrate(in io.Reader, environ []string) (string, error) {
	theirs, err := readTheirs(in)
	if err != nil {
		return "", err
	}
	m := &migration{theirs: theirs, told: map[string]bool{}}
	m.keys()
	m.addresses()
	m.sources()
	m.work()
	m.limits()
	if len(m.faults) > 0 {
		return "", errors.New(strings.Join(m.faults, "\n"))
	}
	m.rest()

	elsewhere := slices.DeleteFunc(slices.Clone(environ), func(line string) bool { return strings.HasPrefix(line, "EDGE_") })
	if _, err := config.Load(append(elsewhere, m.ours...)); err != nil {
		return "", fmt.Errorf("what imgproxy was told makes settings that cannot be ours:\n%w", err)
	}
	return m.text.String(), nil
}

// readTheirs reads imgproxy's settings, without their prefix; the last of a name counts. Lines of others are passed over, so that all
// of an environment may come.
func readTheirs(in io.Reader) (map[string]string, error) {
	const most = 1 << 20
	theirs := map[string]string{}
	lines := bufio.NewScanner(io.LimitReader(in, most))
	lines.Buffer(nil, most)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSuffix(lines.Text(), "\r")
		if found := theirLine.FindStringSubmatch(line); found != nil {
			theirs[strings.TrimPrefix(found[1], theirPrefix)] = unquoted(found[2])
		} else if text := strings.TrimSpace(line); strings.Contains(text, theirPrefix) && !strings.HasPrefix(text, "#") && !strings.HasPrefix(text, "_=") {
			return nil, fmt.Errorf("line %d has a setting of imgproxy that cannot be read: write NAME=value", n)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("standard input: %w", err)
	}
	if len(theirs) == 0 {
		return nil, errors.New("nothing on standard input begins with IMGPROXY_: try env | edge migrate, or edge migrate <imgproxy.env")
	}
	return theirs, nil
}

// unquoted is a value without what its file needs around it: quotes, a comment, the backslash of a line that goes on.
func unquoted(s string) string {
	s = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(s), `\`))
	if len(s) > 1 && (s[0] == '"' || s[0] == '\'') {
		if end := strings.IndexByte(s[1:], s[0]); end >= 0 {
			return strings.TrimSpace(s[1 : 1+end])
		}
	}
	s, _, _ = strings.Cut(s, " #")
	return strings.TrimSpace(strings.TrimRight(s, `"'`)) // of Environment="NAME=value", where only the end is left
}

// A migration is settings on their way from imgproxy to us.
type migration struct {
	theirs map[string]string
	told   map[string]bool // of theirs: what became of it has been said
	ours   []string        // NAME=value
	text   strings.Builder
	faults []string
}

// take returns one of imgproxy's settings, and whether it is set. Whoever takes one says what becomes of it.
func (m *migration) take(name string) (value string, set bool) {
	value, set = m.theirs[name]
	m.told[name] = set
	return value, set && value != ""
}

// put writes one of our settings, below a comment.
func (m *migration) put(name, value, comment string) {
	m.ours = append(m.ours, name+"="+value)
	fmt.Fprintf(&m.text, "# %s\n%s=%s\n", comment, name, value)
}

func (m *migration) note(comment string) { fmt.Fprintf(&m.text, "# %s\n", comment) }

func (m *migration) fault(format string, args ...any) {
	m.faults = append(m.faults, theirPrefix+fmt.Sprintf(format, args...))
}

// number takes a number that is at least least. ok is false where it is not set or, which is a fault, none.
func (m *migration) number(name string, least float64) (n float64, ok bool) {
	value, set := m.take(name)
	if !set {
		if m.told[name] {
			m.note(theirPrefix + name + " is empty: imgproxy's default, and ours")
		}
		return 0, false
	}
	n, err := strconv.ParseFloat(value, 64)
	if err != nil || !(n >= least && n <= 1e15) {
		m.fault("%s must be a number of %g or more", name, least)
		return 0, false
	}
	return n, true
}

// yes takes a switch; imgproxy reads what is no spelling of true as false.
func (m *migration) yes(name string) (on, set bool) {
	value, set := m.take(name)
	on, _ = strconv.ParseBool(value)
	return on, set
}

// keys pairs key and salt by their place, as imgproxy does. Each pair becomes a key of its own.
func (m *migration) keys() {
	pairs := [2][]string{}
	names := [2]string{"KEY", "SALT"}
	for i, name := range names {
		for _, name := range []string{name, name + "S"} {
			value, set := m.take(name)
			if !set || pairs[i] != nil {
				if m.told[name] {
					m.note(theirPrefix + name + " is empty, or set twice: the first counts")
				}
				continue
			}
			pairs[i] = strings.Split(value, ",")
			for n, item := range pairs[i] {
				pairs[i][n] = strings.TrimSpace(item)
				if b, err := hex.DecodeString(pairs[i][n]); err != nil || len(b) == 0 {
					m.fault("%s must be hexadecimal, and item %d is not", name, n+1)
				}
			}
			names[i] = name
		}
	}
	switch {
	case len(pairs[0]) != len(pairs[1]):
		m.fault("%s has %d items and %s%s %d: they go in pairs", names[0], len(pairs[0]), theirPrefix, names[1], len(pairs[1]))
		return
	case len(pairs[0]) == 0:
		m.note("imgproxy took URLs without a signature. Here every URL is signed: make a key, and sign with any client of imgproxy's.")
		m.note("EDGE_KEYS=imgproxy:HEXKEY:HEXSALT")
	default:
		keys := make([]string, len(pairs[0]))
		for i := range keys {
			keys[i] = "imgproxy" + map[bool]string{true: "-" + strconv.Itoa(i+1)}[i > 0] + ":" + pairs[0][i] + ":" + pairs[1][i]
		}
		m.put("EDGE_KEYS", strings.Join(keys, ","), theirPrefix+names[0]+", "+theirPrefix+names[1]+
			". Signatures stay as they are; the address gets the id of the key: https://HOST/i/imgproxy is the new base URL.")
	}
	if n, ok := m.number("SIGNATURE_SIZE", 1); ok {
		m.put("EDGE_SIGNATURE_SIZE", strconv.Itoa(int(n)), theirPrefix+"SIGNATURE_SIZE")
	}
}

func (m *migration) addresses() {
	bind, set := m.take("BIND")
	network, _ := m.take("NETWORK")
	switch {
	case strings.HasPrefix(network, "unix"), strings.HasPrefix(bind, "unix:"), strings.HasPrefix(bind, "/"):
		m.note(theirPrefix + "BIND, " + theirPrefix + "NETWORK: a socket of the file system is not listened on; EDGE_LISTEN is an address such as 127.0.0.1:8081")
	case set:
		m.put("EDGE_LISTEN", bind, theirPrefix+"BIND"+map[bool]string{true: ", " + theirPrefix + "NETWORK"}[m.told["NETWORK"]])
	default:
		m.put("EDGE_LISTEN", ":8080", theirPrefix+"BIND is imgproxy's default; ours is :8081"+map[bool]string{true: " (" + theirPrefix + "NETWORK: TCP)"}[m.told["NETWORK"]])
	}
	if metrics, set := m.take("PROMETHEUS_BIND"); set {
		m.put("EDGE_PRIVATE_LISTEN", metrics, theirPrefix+"PROMETHEUS_BIND. Profiles and readiness are served there too: keep it from the public.")
	} else if m.told["PROMETHEUS_BIND"] {
		m.note(theirPrefix + "PROMETHEUS_BIND is empty: metrics are at EDGE_PRIVATE_LISTEN")
	}
}

// networks are what imgproxy's switches let in.
var networks = []struct{ name, ranges string }{
	{"ALLOW_LOOPBACK_SOURCE_ADDRESSES", "127.0.0.0/8,::1/128"},
	{"ALLOW_LINK_LOCAL_SOURCE_ADDRESSES", "169.254.0.0/16,fe80::/10"},
	{"ALLOW_PRIVATE_SOURCE_ADDRESSES", "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7"},
}

func (m *migration) sources() {
	m.allowed()
	var names, ranges []string
	silent := false // on private networks, which imgproxy then lets in
	for _, n := range networks {
		on, set := m.yes(n.name)
		switch {
		case on:
			names, ranges = append(names, theirPrefix+n.name), append(ranges, n.ranges)
		case m.told[n.name] && set:
			m.note(theirPrefix + n.name + " is off, as it is here without a setting")
		case n.name == "ALLOW_PRIVATE_SOURCE_ADDRESSES":
			silent = true
			m.told[n.name] = true
		case m.told[n.name]:
			m.note(theirPrefix + n.name + " is empty, which is off")
		}
	}
	if len(ranges) > 0 {
		m.put("EDGE_SOURCE_CIDRS", strings.Join(ranges, ","), strings.Join(names, ", "))
	}
	if silent {
		private := networks[len(networks)-1]
		m.note(theirPrefix + private.name + " is on in imgproxy by default, and off here. If your pictures are in a private network:")
		m.note("EDGE_SOURCE_CIDRS=" + strings.Join(append(ranges, private.ranges), ","))
	}
}

// allowed carries over the list of sources. A list of which nothing is left must not become none, which would let everything in.
func (m *migration) allowed() {
	list, set := m.take("ALLOWED_SOURCES")
	if !set {
		if m.told["ALLOWED_SOURCES"] {
			m.note(theirPrefix + "ALLOWED_SOURCES is empty: any public host may be fetched from, here as well")
		}
		return
	}
	var kept []string
	for i, item := range strings.Split(list, ",") {
		if item = strings.TrimSpace(item); item == "" {
			continue
		}
		if scheme, _, _ := strings.Cut(item, "://"); scheme != "http" && scheme != "https" {
			m.note(fmt.Sprintf("Item %d of %sALLOWED_SOURCES is left out: sources are http and https", i+1, theirPrefix))
		} else if _, err := fetch.New(fetch.Config{Allowed: []string{item}}); err != nil || strings.ContainsAny(item, " \t\"'`$") {
			m.note(fmt.Sprintf("Item %d of %sALLOWED_SOURCES is left out: no address begins so", i+1, theirPrefix))
		} else {
			kept = append(kept, item)
		}
	}
	comment := theirPrefix + "ALLOWED_SOURCES"
	if len(kept) == 0 {
		kept, comment = []string{"https://none.invalid/"}, comment+" has nothing that can be kept, so nothing may be fetched: name your own here, as without a list all of the public may be"
	}
	m.put("EDGE_ALLOWED_SOURCES", strings.Join(kept, ","), comment)
}

func (m *migration) work() {
	name := "WORKERS"
	if _, set := m.theirs[name]; !set {
		name = "CONCURRENCY"
	} else if m.take("CONCURRENCY"); m.told["CONCURRENCY"] {
		m.note(theirPrefix + "CONCURRENCY: " + theirPrefix + "WORKERS is set, and counts")
	}
	if n, ok := m.number(name, 1); ok {
		m.put("EDGE_SLOTS", strconv.Itoa(int(n)), theirPrefix+name+". A slot is held while a CPU works and not while a source is fetched, so one per CPU is right: leave the line out if you can.")
	}
	if n, ok := m.number("REQUESTS_QUEUE_SIZE", 0); ok && n > 0 {
		m.put("EDGE_QUEUE", strconv.Itoa(int(n)), theirPrefix+"REQUESTS_QUEUE_SIZE. A full queue is answered 503 with Retry-After, and not 429.")
	} else if ok {
		m.note(theirPrefix + "REQUESTS_QUEUE_SIZE is 0, no bound; here there is one, of 10 requests a slot, unless EDGE_QUEUE says another")
	}
	if seconds, ok := m.duration("TIMEOUT"); ok {
		m.put("EDGE_TIMEOUT", seconds.String(), theirPrefix+"TIMEOUT. Fetching the source may take two thirds of it.")
	}
}

// duration takes a number of seconds, or a time as Go writes it.
func (m *migration) duration(name string) (time.Duration, bool) {
	if d, err := time.ParseDuration(m.theirs[name]); err == nil && d > 0 {
		m.told[name] = true
		return d, true
	}
	seconds, ok := m.number(name, 0.001)
	return time.Duration(min(seconds, 1e6) * float64(time.Second)).Round(time.Millisecond), ok
}

func (m *migration) limits() {
	if n, ok := m.number("MAX_SRC_RESOLUTION", 1e-6); ok {
		m.put("EDGE_MAX_PIXELS", strconv.FormatFloat(min(n, 1e9)*1e6, 'f', 0, 64), theirPrefix+"MAX_SRC_RESOLUTION, in megapixels there. The result is bounded by it as well.")
	}
	if n, ok := m.number("MAX_SRC_FILE_SIZE", 0); ok && n >= 1 {
		m.put("EDGE_MAX_BYTES", strconv.FormatFloat(n, 'f', 0, 64), theirPrefix+"MAX_SRC_FILE_SIZE")
	} else if ok {
		m.note(theirPrefix + "MAX_SRC_FILE_SIZE is 0, no bound; here there is one, of 32MiB, unless EDGE_MAX_BYTES says another")
	}
	if n, ok := m.number("MAX_ANIMATION_FRAMES", 1); ok {
		m.put("EDGE_MAX_FRAMES", strconv.Itoa(int(min(n, 1e9))), theirPrefix+"MAX_ANIMATION_FRAMES. They count as pixels; the first frame is what is shown.")
	}
}

// rest says what becomes of all that no setting of ours takes up.
func (m *migration) rest() {
	var same, left []string
	for _, name := range slices.Sorted(maps.Keys(m.theirs)) {
		if m.told[name] {
			continue
		}
		c := counterpartOf(name)
		if c.fits != nil && c.fits(m.theirs[name]) {
			same = append(same, theirPrefix+name)
			continue
		}
		left = append(left, theirPrefix+name+": "+c.note)
	}
	if len(same) > 0 {
		m.text.WriteString("\n# The same here, without a setting:\n")
		for _, name := range same {
			m.note(name)
		}
	}
	if len(left) > 0 {
		m.text.WriteString("\n# Without a counterpart:\n")
		for _, line := range left {
			m.note(line)
		}
	}
}
