// Package fetch brings the bytes of a picture from somebody else's server into memory of ours. Both ends of that are
// strangers: whoever wrote the URL may aim it at the inside of our network, and whoever answers may lie about sizes, send
// slowly, or never stop. What is connected to is therefore the address that was checked, on every hop; nothing is taken
// from the environment; everything is bounded.
//
// It speaks HTTP/1.1 on connections of its own instead of using http.Transport, for one reason: a photo must leave
// nothing behind. A Transport keeps what it has read in buffers that nobody can reach (its readers, TLS records, HTTP/2
// frames). Here one goroutine reads, straight into the caller's buffer where it can, and what had to lie elsewhere on the
// way is zeroed before Get returns. A test looks for a photo in the whole memory of a process that has fetched and wiped
// one. It finds none, but for the vector registers that the runtime saves when it stops a goroutine in the middle.
package fetch
