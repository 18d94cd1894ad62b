// Package admission decides who may start. A slot is one CPU: it is taken when a request's bytes are here and given
// back before the answer is written, so that nobody holds a CPU while waiting for a network. Who finds no slot waits
// in a bounded queue; who finds no place there is told at once, because an answer that comes too late costs the same
// work and helps nobody.
//
// It stands apart because overload has to be reasoned about, and tested, without photos or HTTP: the tests here run in
// virtual time.
package admission
