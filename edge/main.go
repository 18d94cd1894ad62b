// Command edge is a node: it makes pictures by signed URL and photos for documents, in memory, and keeps none.
//
// Read run from top to bottom: it is the whole program in the order it starts, and defer is the order it ends.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/professionalaistudio/studio/edge/admission"
	"github.com/professionalaistudio/studio/edge/api"
	"github.com/professionalaistudio/studio/edge/auth"
	"github.com/professionalaistudio/studio/edge/config"
	"github.com/professionalaistudio/studio/edge/fetch"
	"github.com/professionalaistudio/studio/edge/metering"
	"github.com/professionalaistudio/studio/edge/telemetry"
	"github.com/professionalaistudio/studio/edge/vips"
)

func serveCommand(c *console, args []string) error {
	if _, err := parse(c.flags("serve"), args); err != nil {
		return err
	}
	cfg, err := c.settings()
	if err != nil {
		return err
	}
	if err := startAgain(os.Environ()); err != nil {
		return err
	}
	// The first signal begins the drain; it also gives the second back to the system, which ends us at once.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop)
	return run(ctx, cfg, c.out)
}

// run serves until ctx ends, then drains.
func run(ctx context.Context, cfg config.Config, stdout io.Writer) (err error) {
	log := telemetry.Log(stdout)
	for _, name := range cfg.Unknown {
		log.Warn("A variable begins with EDGE_ and is no setting.", "setting", name)
	}

	// What is in memory stays there: no core file, no other process, no swap.
	if err := sealMemory(); err != nil {
		return err
	}
	if areas := swap(); len(areas) > 0 {
		log.Warn("This host swaps: a photo in memory may be written to disk. Switch it off, or set MemorySwapMax=0.", "count", len(areas))
	}
	// libvips is not stopped at the end: C may still be at a picture that took too long, and the process ends anyway.
	if err := vips.Start(vips.Config{}); err != nil {
		return err
	}
	// What it judges by is whole, signed where it is not ours, and no step back.
	pack, err := openPack(cfg)
	if err != nil {
		return err
	}
	// Who may work, and when. Waiting is only late when it has taken half of the time a request has: sooner, serving the
	// newest first would starve the others among a few dozen patient clients, all of whom can be answered in time.
	gate := admission.New(admission.Config{Slots: cfg.Slots, Queue: cfg.Queue, Late: cfg.Timeout / 2})
	alone := func() bool { return gate.Load() <= 1/float64(cfg.Slots) } // with one slot taken, and nobody who waits
	// What it thinks with is whole, checked and warm before a port opens.
	thinking, err := openNets(cfg, cfg.Slots, alone)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, thinking.Close()) }() // when nothing runs any more
	telemetry.Announce(build(), vips.Version())
	telemetry.Gauge("edge_vips_memory_bytes", "Pixel buffers that libvips holds.", func() float64 { return float64(vips.MemoryStats().Bytes) })
	telemetry.Gauge("edge_vips_buffers", "How many of them.", func() float64 { return float64(vips.MemoryStats().Buffers) })
	telemetry.Gauge("edge_vips_files", "Files that libvips has open: more than 0 would be a picture on disk.", func() float64 { return float64(vips.MemoryStats().Files) })

	// Who may call: the static keys, and what control says.
	token, err := nodeToken(cfg)
	if err != nil {
		return err
	}
	keys := auth.New(auth.Config{Region: cfg.Region, Static: staticKeys(cfg.Keys), BundleKey: token.BundleKey})

	// What is counted, and nothing else, is on disk.
	meter, err := metering.Open(metering.Config{Dir: cfg.Spool, Node: cfg.Node}, log)
	if err != nil {
		return fmt.Errorf("EDGE_SPOOL: %w", err)
	}
	defer func() { err = errors.Join(err, meter.Close()) }()
	if err := sealDisk(cfg.Spool, log); err != nil {
		return err
	}

	// What does the work.
	sources, err := fetch.New(fetch.Config{
		Allowed: cfg.AllowedSources, CIDRs: cfg.SourceCIDRs, MaxBytes: int64(cfg.MaxBytes),
		Timeout: cfg.Timeout * 2 / 3, UserAgent: "studio/" + build(),
	})
	if err != nil {
		return fmt.Errorf("EDGE_ALLOWED_SOURCES: %w", err)
	}
	photos, cutter := thinking.photos(cfg, pack, log), thinking.cutter(cfg)

	// What says of every photo how it was made, and ends with this process.
	receipts, err := api.NewReceipts(cfg.Region, cfg.Node, build())
	if err != nil {
		return err
	}
	defer receipts.Close()

	// Ports are open before anyone is told of them.
	public, err := listen(cfg, log)
	if err != nil {
		return err
	}
	defer public.Close()
	private, err := net.Listen("tcp", cfg.PrivateListen)
	if err != nil {
		return fmt.Errorf("EDGE_PRIVATE_LISTEN: %w", err)
	}
	defer private.Close()
	address := cfg.Public(public.Addr())

	// What one node of the region knows, all of them learn.
	pool, err := join(cfg, address, keys, log)
	if err != nil {
		return err
	}

	front, err := api.New(api.Config{
		Region: cfg.Region, Origins: cfg.Origins, PublicURL: address, Version: build(), Libvips: vips.Version(),
		SignatureSize: cfg.SignatureSize, Timeout: cfg.Timeout,
		MaxBytes: int64(cfg.MaxBytes), MaxPixels: int64(cfg.MaxPixels), MaxFrames: cfg.MaxFrames,
		MaxBodies: int64(cfg.MaxBytes) * int64(cfg.Slots+cfg.Queue),
	}, api.Parts{Keys: keys, Spent: pool.spent, Sources: sources, Gate: gate, Portrait: photos, Cutter: cutter, Usage: meter, Receipts: receipts}, log)
	if err != nil {
		return err
	}

	// From here on everything runs at once; life is longer than ctx by the drain.
	life, end := context.WithCancel(context.Background())
	var running sync.WaitGroup
	defer running.Wait()
	defer end()
	failed := make(chan error, 3)
	var draining atomic.Bool
	soon := make(chan struct{}, 1)
	running.Go(func() {
		if err := telemetry.Serve(life, private, telemetry.Handler(telemetry.Sources{
			Ready: func() (bool, string) {
				if draining.Load() {
					return false, "draining"
				}
				return keys.Ready()
			},
			Cluster: pool.page,
		}), log); err != nil {
			failed <- fmt.Errorf("private server: %w", err)
		}
	})
	running.Go(func() {
		if err := front.Serve(public); err != nil {
			failed <- fmt.Errorf("public server: %w", err)
		}
	})
	running.Go(func() { pool.publish(life, gate.Load) })
	ship := func(context.Context) error { return nil }
	if cfg.ControlURL != "" {
		running.Go(func() {
			follow := auth.FollowConfig{ControlURL: cfg.ControlURL, NodeToken: token, Region: cfg.Region}
			if err := auth.Follow(life, follow, keys, log); err != nil {
				failed <- err
			}
		})
		control := &metering.Control{URL: cfg.ControlURL, Node: cfg.Node, Token: token.String()}
		running.Go(func() { meter.Run(life, control) })
		ship = func(ctx context.Context) error { return meter.Ship(ctx, control) }
		hearts := &heartbeat{control: cfg.ControlURL, token: token.String(), client: &http.Client{}, log: log, soon: soon, now: func() beat {
			return beat{
				Node: cfg.Node, Region: cfg.Region, Address: address, Build: build(), Documents: pack.Digest,
				Load: gate.Load(), Draining: draining.Load(), Bundle: keys.Number(), ReceiptKey: receipts.Public(),
			}
		}}
		running.Go(func() { hearts.run(life) })
	}
	log.Info("Serving.", "public", public.Addr(), "private", private.Addr(), "region", cfg.Region, "node", cfg.Node,
		"build", build(), "libvips", vips.Version(), "onnxruntime", thinking.runtime.Version(), "models", thinking, "documents", pack.Name(), "slots", cfg.Slots, "queue", cfg.Queue)

	select {
	case <-ctx.Done():
	case err := <-failed:
		return err
	}

	// Drain: say so everywhere, serve on until everyone has heard, then finish what has begun.
	log.Info("Draining.", "limit", cfg.Drain)
	deadline, cancel := context.WithTimeout(context.Background(), cfg.Drain)
	defer cancel()
	draining.Store(true)
	front.Drain()
	pool.cluster.SetDraining(true)
	soon <- struct{}{}
	select {
	case <-time.After(notice(cfg.Drain)):
	case err := <-failed:
		return err
	}
	if err := front.Shutdown(deadline); err != nil {
		log.Warn("Some requests were still being served when the time for it was over.", "error", err)
	}
	if err := pool.cluster.Leave(deadline); err != nil {
		log.Warn("The neighbours were not told of the leaving.", "error", err)
	}
	if err := ship(deadline); err != nil {
		log.Warn("The last usage stays in the spool until the next start.", "error", err)
	}
	log.Info("Stopped.")
	return nil
}

// notice is how long a node that is about to go serves on, so that balancers and neighbours stop sending first: a
// quarter of what a stop may take, and no more than a balancer needs to ask a few times.
func notice(drain time.Duration) time.Duration { return min(drain/4, 5*time.Second) }
