// Package metering makes what was done durable before it is answered, and ships it to the control plane. A record that
// Count has acknowledged reaches control once: it survives the death of either side at any moment, and is never counted
// twice. It is the only package of the edge that writes to disk, and a record has no field in which a photo, a URL or a
// name could hide.
//
// It stands apart because its promise can then be tested by killing it. DESIGN.md says why it works.
package metering
