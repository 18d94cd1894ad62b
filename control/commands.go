package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"

	"github.com/professionalaistudio/studio/control/org"
	"github.com/professionalaistudio/studio/control/region"
	"github.com/professionalaistudio/studio/control/store"
	"github.com/professionalaistudio/studio/control/token"
)

// open opens the database, up to date.
func open(ctx context.Context, s settings) (*store.DB, error) {
	secret, err := store.LoadSecret(s.SecretFile)
	if err != nil {
		return nil, fmt.Errorf("CONTROL_SECRET_FILE: %w", err)
	}
	db, err := store.Open(ctx, s.DatabaseURL, secret)
	if err != nil {
		return nil, fmt.Errorf("CONTROL_DATABASE_URL: %w", err)
	}
	if _, err := db.Migrate(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// parse reads the flags of a command, which may stand before or after its arguments, and wants n of those.
func parse(flags *flag.FlagSet, args []string, n int) ([]string, error) {
	flags.SetOutput(io.Discard) // main says what is wrong, once
	var words []string
	for {
		if err := flags.Parse(args); err != nil {
			return nil, fmt.Errorf("control %s: %w", flags.Name(), err)
		}
		if flags.NArg() == 0 {
			break
		}
		words, args = append(words, flags.Arg(0)), flags.Args()[1:]
	}
	if len(words) != n {
		return nil, fmt.Errorf("control %s takes %d arguments, not %d; `control help` shows them", flags.Name(), n, len(words))
	}
	return words, nil
}

func migrate(ctx context.Context, s settings, args []string, stdout io.Writer) error {
	if _, err := parse(flag.NewFlagSet("migrate", flag.ContinueOnError), args, 0); err != nil {
		return err
	}
	secret, err := store.LoadSecret(s.SecretFile)
	if err != nil {
		return fmt.Errorf("CONTROL_SECRET_FILE: %w", err)
	}
	db, err := store.Open(ctx, s.DatabaseURL, secret)
	if err != nil {
		return fmt.Errorf("CONTROL_DATABASE_URL: %w", err)
	}
	applied, err := db.Migrate(ctx)
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s: %d migrations applied, the schema is up to date\n", db.Engine(), applied)
	return err
}

// rotate works beside a plane that serves: it notices within a second.
func rotate(ctx context.Context, s settings, args []string, stdout io.Writer) (err error) {
	if _, err := parse(flag.NewFlagSet("rotate", flag.ContinueOnError), args, 0); err != nil {
		return err
	}
	db, err := open(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tokens, err := newTokens(ctx, s, db, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	if err := tokens.Rotate(ctx); err != nil {
		return err
	}
	for _, key := range tokens.JWKS().Keys {
		fmt.Fprintln(stdout, key.ID)
	}
	return nil
}

// node prints a token and nothing else, so that a script can keep it: EDGE_NODE_TOKEN=$(control node local).
func node(ctx context.Context, s settings, args []string, stdout io.Writer) (err error) {
	flags := flag.NewFlagSet("node", flag.ContinueOnError)
	revoke := flags.Bool("revoke", false, "end the token of the node that is named")
	words, err := parse(flags, args, 1)
	if err != nil {
		return err
	}
	db, err := open(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tokens, err := newTokens(ctx, s, db, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	regions := region.New(region.Config{BundleKey: tokens.BundleKey()}, db, slog.New(slog.DiscardHandler))
	if *revoke {
		return regions.RevokeNode(ctx, words[0])
	}
	made, err := regions.CreateNode(ctx, words[0])
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(stdout, made)
	return err
}

// newTokens loads the signing keys. The keys of organisations are in the bundle of a plane that serves; a command
// hands out no bundle.
func newTokens(ctx context.Context, s settings, db *store.DB, log *slog.Logger) (*token.Service, error) {
	orgs := org.New(org.Config{}, db)
	return token.New(ctx, token.Config{Issuer: s.URL.String(), Keys: orgs.WireKeys}, db, log)
}
