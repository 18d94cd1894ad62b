//go:build race

package vips

const raceEnabled = true
