package api

import (
	"net"
)

// readBuffer bounds a request's line and headers; a base64 source may be long.
const readBuffer = 16 << 10

// A listener hands out connections that forget what was read from them.
type listener struct{ net.Listener }

// Listener wraps ln, before TLS if there is any, for Serve.
func Listener(ln net.Listener) net.Listener { return listener{ln} }

func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return c, nil
	}
	return &conn{TCPConn: tcp}, nil
}

// conn wipes the buffer of fasthttp's reader before it waits for the next request in it: what arrived together with
// the last header was the beginning of a photo. Longer reads go straight into memory of ours, which is wiped elsewhere.
type conn struct{ *net.TCPConn }

func (c *conn) Read(p []byte) (int, error) {
	if len(p) <= readBuffer {
		clear(p)
	}
	return c.TCPConn.Read(p)
}
