// Package telemetry is what an operator sees of a node: its log, its metrics page, whether it is ready, who is in its
// pool, and its profiles. It knows no photo and no request; main gives it functions to ask. It stands apart so that the
// promise "no secret in a log" is kept in one place, whoever writes the line.
package telemetry
