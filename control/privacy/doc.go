// Package privacy keeps the proof of what people agreed to. The log is only ever added to: a change of mind is a new
// row. It holds no address, no browser and no name, only an id that the person's own cookie carries, so it proves a
// choice without becoming a record of visits.
package privacy
