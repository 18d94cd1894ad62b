// Package org knows organisations, who belongs to them, and their API keys. It stands apart because an organisation,
// not a person, is what an edge hears of: by an id and a small number, neither of which says who is behind it.
//
// A key is one id with two credentials, shown once: a secret, of which only a hash is kept, and the key and salt
// that URLs are signed with, which edges must have as they are; the database keeps those sealed.
package org
