// Package api is the edge's public face: routes, what a request must look like, and what is answered. It is the only
// package that knows fasthttp, and the place where the mechanisms meet: a request is parsed, the caller is known, the
// bytes arrive in memory we own, a CPU is granted, the picture is made, the CPU is given back, the work is counted, and
// only then is anything written to the client.
//
// It stands apart because everything below it speaks of pictures, keys and documents, and none of it of requests.
package api
