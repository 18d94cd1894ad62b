package main

import (
	"fmt"
	"net"

	"github.com/professionalaistudio/studio/control/config"
	"github.com/professionalaistudio/studio/control/identity/devidp"
)

// ports are the open listeners; those of stand-ins that are not used are nil.
type ports struct{ public, private, devidp, fakepay net.Listener }

func listen(s settings) (_ *ports, err error) {
	p := &ports{}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	open := func(setting, address string) (net.Listener, error) {
		l, err := net.Listen("tcp", address)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", setting, err)
		}
		return l, nil
	}
	if p.public, err = open("CONTROL_LISTEN", s.Listen); err != nil {
		return nil, err
	}
	if s.TLSCert != "" {
		if p.public, err = withTLS(p.public, s.TLSCert, s.TLSKey); err != nil {
			return nil, err
		}
	}
	if p.private, err = open("CONTROL_PRIVATE_LISTEN", s.PrivateListen); err != nil {
		return nil, err
	}
	if s.HasDevIDP() {
		if p.devidp, err = devidp.Listen(s.DevIDPListen); err != nil {
			return nil, fmt.Errorf("CONTROL_DEVIDP_LISTEN: %w", err)
		}
	}
	if s.Payments == config.Fakepay {
		if p.fakepay, err = open("CONTROL_FAKEPAY_LISTEN", s.FakepayListen); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// close closes what no server has closed; twice is harmless.
func (p *ports) close() {
	for _, l := range []net.Listener{p.public, p.private, p.devidp, p.fakepay} {
		if l != nil {
			l.Close()
		}
	}
}
