// Package telemetry is what the operator sees of a control plane: logs, metrics, readiness, profiles. It stands apart
// because what may be seen is decided here, once: a log field that is not on the list does not get out, whoever logs
// it, and metrics and profiles are served on an address of their own that no stranger reaches.
package telemetry
