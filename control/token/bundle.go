package token

import (
	"context"
	"fmt"
	"time"

	"github.com/professionalaistudio/studio/edge/wire"
)

// reseal is how old a bundle may be that is handed out: by its date, an edge that has just started tells how long
// ago control was last heard of.
const reseal = time.Minute

// Bundle is what the edges of a region must know, sealed, and its number.
func (s *Service) Bundle(ctx context.Context, region string) (sealed []byte, number uint64, err error) {
	if err := s.Refresh(ctx); err != nil {
		return nil, 0, err
	}
	now := s.cfg.Now()
	s.mu.Lock()
	kept, number := s.bundles[region], s.number
	jwks := s.jwks()
	s.mu.Unlock()
	if kept.data != nil && now.Sub(kept.issued) < reseal {
		return kept.data, number, nil
	}

	// The number was read before what follows, so the bundle may be newer than it says, and never older.
	b := wire.Bundle{Number: number, Issued: now.Unix(), Region: region, Issuer: s.cfg.Issuer, JWKS: jwks,
		Plans: s.cfg.Plans, Switches: s.cfg.Switches}
	if b.Revocations, err = s.store.Revocations(ctx, now.Add(-forget)); err != nil {
		return nil, 0, fmt.Errorf("bundle: %w", err)
	}
	keys, err := s.cfg.Keys(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("bundle: %w", err)
	}
	for _, k := range keys {
		if k.Resident(region) {
			b.Keys = append(b.Keys, k)
		}
	}
	if sealed, err = wire.SealBundle(b, s.bundle); err != nil {
		return nil, 0, fmt.Errorf("bundle: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.number == number {
		s.bundles[region] = sealedBundle{sealed, now}
	}
	return sealed, number, nil
}

// forget is how long after its time a revocation matters: the longest life of a token and room for wrong clocks.
const forget = wire.MaxTokenLife*time.Second + 5*time.Minute

// Wait returns the number as soon as it is above have, or when ctx ends.
func (s *Service) Wait(ctx context.Context, have uint64) uint64 {
	for {
		s.mu.Lock()
		number, moved := s.number, s.moved
		s.mu.Unlock()
		if number > have {
			return number
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return number
		}
	}
}

// Changed gives the bundle a new number: something that edges must know, and that the store does not number itself,
// has changed.
func (s *Service) Changed(ctx context.Context) error {
	if _, err := s.store.BumpBundle(ctx); err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	return s.Refresh(ctx)
}

// Refresh reads the number, and if it has moved, the keys, and wakes whoever waits.
func (s *Service) Refresh(ctx context.Context) error {
	number, err := s.store.BundleNumber(ctx)
	if err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	s.mu.Lock()
	known := s.number
	s.mu.Unlock()
	if number <= known {
		return nil
	}
	keys, err := s.store.SigningKeys(ctx)
	if err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if number > s.number {
		s.number, s.keys, s.bundles = number, keys, map[string]sealedBundle{}
		close(s.moved)
		s.moved = make(chan struct{})
	}
	return nil
}

// Run notices what other processes change, and rotates and retires keys when it is time, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	look, tend := time.NewTicker(poll), time.NewTicker(time.Hour)
	defer look.Stop()
	defer tend.Stop()
	for failing := false; ; {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
			err = s.Refresh(ctx)
		case <-tend.C:
			if err = s.tend(ctx); err == nil {
				err = s.store.SweepRevocations(ctx, s.cfg.Now().Add(-forget))
			}
		}
		if err != nil && ctx.Err() == nil && !failing { // once, not every second of an outage
			s.log.ErrorContext(ctx, "the signing keys could not be tended", "error", err)
		}
		failing = err != nil
	}
}
