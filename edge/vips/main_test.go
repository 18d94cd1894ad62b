package vips

import (
	"fmt"
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	if err := Start(Config{}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}
