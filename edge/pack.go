package main

import (
	"errors"
	"fmt"

	"github.com/professionalaistudio/studio/edge/config"
	"github.com/professionalaistudio/studio/edge/portrait/document"
)

// openPack is the rules of all documents: those of this build, or a newer edition that an operator has signed.
func openPack(cfg config.Config) (*document.Pack, error) {
	if cfg.Documents == "" {
		return document.Embedded(), nil
	}
	pack, err := document.Load(cfg.Documents, cfg.DocumentsKey)
	switch {
	case err == nil:
		return pack, nil
	case errors.Is(err, document.ErrSignature):
		return nil, fmt.Errorf("EDGE_DOCUMENTS, EDGE_DOCUMENTS_KEY: %w", err)
	}
	return nil, fmt.Errorf("EDGE_DOCUMENTS: %w", err)
}
