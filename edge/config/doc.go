// Package config holds every setting of a node: its name, its default and what it means, on one line each. It is read
// once, from the environment, before a port opens; every fault is reported together, and nothing else in the edge reads
// the environment. It imports nothing of ours, so what a setting becomes (a key, a gate, a client) is main's to say.
package config
