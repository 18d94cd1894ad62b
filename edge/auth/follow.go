package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/professionalaistudio/studio/edge/wire"
)

const (
	longest    = 90 * time.Second // that one request may take; control answers sooner, with nothing new
	firstPause = time.Second
	maxPause   = time.Minute
)

// FollowConfig is where bundles come from.
type FollowConfig struct {
	ControlURL string
	NodeToken  wire.NodeToken
	Region     string       // whose bundle to ask for; empty: the verifier's
	Client     *http.Client // nil: one of its own
}

// errNode says that control does not know this node.
var errNode = errors.New("the control plane refuses this node's token")

// Follow keeps v's bundle new until ctx ends: it asks control for a newer one than it has, and control answers when
// there is. While control is gone it asks again, ever more rarely, and v goes on with what it has. The error is one
// of the settings; an unreachable control is none.
func Follow(ctx context.Context, cfg FollowConfig, v *Verifier, log *slog.Logger) error {
	f, err := newFollower(cfg, v, log)
	if err != nil {
		return err
	}
	f.run(ctx)
	return nil
}

type follower struct {
	v      *Verifier
	log    *slog.Logger
	client *http.Client
	url    string
	token  string

	failures int       // in a row
	told     [3]bool   // of this outage, as it gets worse: begun, of concern, trust ended
	since    time.Time // when it began to fail
}

func newFollower(cfg FollowConfig, v *Verifier, log *slog.Logger) (*follower, error) {
	base, err := url.Parse(cfg.ControlURL)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("the control plane's address %q is no http or https URL", cfg.ControlURL)
	}
	if len(cfg.NodeToken.BundleKey) == 0 {
		return nil, fmt.Errorf("following the control plane at %s: %w", base.Host, wire.ErrNodeToken)
	}
	if base.Scheme == "http" && !isLoopback(base.Hostname()) {
		log.Warn("the control plane is asked without TLS, and its answer holds secrets", "host", base.Host)
	}
	if cfg.Region == "" {
		cfg.Region = v.cfg.Region
	}
	client := &http.Client{}
	if cfg.Client != nil {
		*client = *cfg.Client
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // the token is for one host
	v.bundleKey.CompareAndSwap(nil, &cfg.NodeToken.BundleKey)
	v.following.Store(true)
	return &follower{
		v: v, log: log, client: client, token: cfg.NodeToken.String(),
		url: base.JoinPath("internal/bundle").String() + "?region=" + url.QueryEscape(cfg.Region) + "&have=",
	}, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (f *follower) run(ctx context.Context) {
	have := f.v.Number()
	for ctx.Err() == nil {
		result, asked, err := f.poll(ctx, have)
		if ctx.Err() != nil {
			return
		}
		have = f.v.Number()
		if f.v.silence() >= concern { // to hear at once that control is back matters more now than to be spared the bundle
			have = 0
		}
		if asked { // a token named a key that we do not know: ask for whatever there is, and do not wait
			have = 0
			continue
		}
		polls.WithLabelValues(string(result)).Inc()
		pause := f.note(result, err)
		if pause == 0 {
			continue
		}
		wait := time.NewTimer(pause)
		select {
		case <-wait.C:
		case <-f.v.ask:
			have = 0
		case <-ctx.Done():
		}
		wait.Stop()
	}
}

// A result is what one request brought.
type result string

const (
	isNew   result = "new"
	nothing result = "nothing" // after a long wait
	kept    result = "kept"    // at once, and not newer than ours
	failed  result = "failed"
)

// poll makes one request. It is cut short, and asked is true, when a token needs a newer bundle meanwhile.
func (f *follower) poll(ctx context.Context, have uint64) (r result, asked bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	interrupted := make(chan bool, 1)
	if have > 0 { // else the answer comes at once anyway
		go func() {
			select {
			case <-f.v.ask:
				interrupted <- true
				cancel()
			case <-ctx.Done():
				interrupted <- false
			}
		}()
	} else {
		interrupted <- false
	}
	r, err = f.request(ctx, have)
	cancel()
	return r, <-interrupted && r != isNew, err
}

func (f *follower) request(ctx context.Context, have uint64) (result, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.url+strconv.FormatUint(have, 10), nil)
	if err != nil {
		return failed, err
	}
	req.Header.Set("Authorization", "Bearer "+f.token)
	began := f.v.cfg.Now()
	resp, err := f.client.Do(req)
	if err != nil {
		return failed, err
	}
	defer resp.Body.Close()
	now := f.v.cfg.Now()
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		f.v.skew.Store(int64(date.Sub(now)))
	}
	switch resp.StatusCode {
	case http.StatusOK:
		data, err := io.ReadAll(io.LimitReader(resp.Body, wire.MaxBundle+1))
		if err != nil {
			return failed, fmt.Errorf("reading a bundle: %w", err)
		}
		applied, err := f.v.ApplySealed(data)
		if err != nil {
			return failed, err
		}
		f.v.hear(now)
		if applied {
			f.log.Info("bundle applied", "number", f.v.Number())
			return isNew, nil
		}
		return kept, nil
	case http.StatusNoContent:
		if have == 0 {
			return failed, errors.New("the control plane has no bundle for this region")
		}
		f.v.hear(now)
		if now.Sub(began) < firstPause {
			return kept, nil
		}
		return nothing, nil
	case http.StatusUnauthorized, http.StatusForbidden:
		return failed, fmt.Errorf("status %d: %w", resp.StatusCode, errNode)
	}
	return failed, fmt.Errorf("the control plane answers with status %d", resp.StatusCode)
}

// note keeps the log to a line per change for the worse or better, and returns how long to wait. The first pause
// after a failure is anything up to a second, so that a region's edges do not come back as one.
func (f *follower) note(r result, err error) time.Duration {
	if r != failed {
		if f.told[0] {
			f.log.Info("the control plane is back", "after", f.v.cfg.Now().Sub(f.since).Round(time.Second))
		}
		f.failures, f.told = 0, [3]bool{}
		if r == kept { // a control that does not wait must not be asked in a circle
			return jitter(firstPause)
		}
		return 0
	}
	f.failures++
	if f.failures == 1 {
		f.since = f.v.cfg.Now()
	}
	silence := f.v.silence()
	for i, worse := range []struct {
		holds bool
		level slog.Level
		text  string
	}{
		{true, slog.LevelWarn, "the control plane cannot be followed; going on with the keys we have"},
		{silence >= concern, slog.LevelWarn, "the control plane has been silent for a quarter of an hour"},
		{silence >= trust, slog.LevelError, "the control plane has been silent for a week; API keys are refused"},
	} {
		if worse.holds && !f.told[i] {
			f.told[i] = true
			f.log.Log(context.Background(), worse.level, worse.text, "error", cause(err), "silent", silence.Round(time.Second), "bundle", f.v.Number())
		}
	}
	if f.failures == 1 {
		return time.Duration(rand.Int64N(int64(firstPause)))
	}
	return jitter(min(firstPause<<min(f.failures-1, 10), maxPause))
}

// cause is an error without the address that net/http puts in front.
func cause(err error) string {
	var at *url.Error
	if errors.As(err, &at) {
		err = at.Err
	}
	return strings.TrimSpace(err.Error())
}

// jitter is d, a fifth more or less.
func jitter(d time.Duration) time.Duration {
	return d*4/5 + time.Duration(rand.Int64N(int64(d)*2/5))
}
