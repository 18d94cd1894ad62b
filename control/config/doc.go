// Package config is every setting of the control plane: its name, its default and what it means, a line each. It is
// the only package that reads the environment, so that a wrong setting is found before a port opens and all faults
// are told at once.
package config
