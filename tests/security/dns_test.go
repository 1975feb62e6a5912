package security

// A DNS server that answers as it is told.

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"
	"github.com/stretchr/testify/require"
)

type dnsServer struct {
	addr string
	zone zone

	mu    sync.Mutex
	count map[question]int
}

type question struct {
	name string
	kind uint16
}

// startDNS serves over UDP and TCP on one port.
func startDNS(t *testing.T, z zone) *dnsServer {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	p, err := net.ListenPacket("udp4", l.Addr().String())
	require.NoError(t, err)
	s := &dnsServer{addr: l.Addr().String(), zone: z, count: make(map[question]int)}
	for _, server := range []*dns.Server{
		{Listener: l, Handler: s},
		{PacketConn: p, Handler: s},
	} {
		started := make(chan struct{})
		server.NotifyStartedFunc = func() { close(started) }
		served := make(chan error, 1)
		go func() { served <- server.ActivateAndServe() }()
		<-started
		t.Cleanup(func() {
			require.NoError(t, server.Shutdown())
			require.NoError(t, <-served)
		})
	}
	return s
}

// resolver is the standard library's own, but for whom it asks.
func (s *dnsServer) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, s.addr)
	}}
}

// asked is how often a question was asked.
func (s *dnsServer) asked(name string, kind uint16) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count[question{name, kind}]
}

// ServeDNS is for one question.
func (s *dnsServer) ServeDNS(w dns.ResponseWriter, query *dns.Msg) {
	reply := new(dns.Msg)
	reply.SetReply(query)
	reply.RecursionAvailable = true
	q := query.Question[0]
	s.answer(reply, strings.ToLower(q.Name), q.Qtype)
	if w.RemoteAddr().Network() == "udp" {
		reply.Truncate(dns.MinMsgSize)
	}
	_ = w.WriteMsg(reply)
}

func (s *dnsServer) answer(reply *dns.Msg, name string, kind uint16) {
	text, known := s.next(name, kind)
	switch {
	case !known:
		reply.Rcode = dns.RcodeNameError
		return
	case dns.StringToRcode[text] != 0:
		reply.Rcode = dns.StringToRcode[text]
		return
	}
	for item := range strings.SplitSeq(text, ",") {
		header := dns.RR_Header{Name: name, Class: dns.ClassINET}
		addr, err := netip.ParseAddr(item)
		switch {
		case item == "":
		case err != nil:
			header.Rrtype = dns.TypeCNAME
			reply.Answer = append(reply.Answer, &dns.CNAME{Hdr: header, Target: item})
			if len(reply.Answer) < 8 { // aliases in a circle
				s.answer(reply, item, kind)
			}
		case addr.Is4() && kind == dns.TypeA:
			header.Rrtype = dns.TypeA
			reply.Answer = append(reply.Answer, &dns.A{Hdr: header, A: addr.AsSlice()})
		case addr.Is6() && kind == dns.TypeAAAA:
			header.Rrtype = dns.TypeAAAA
			reply.Answer = append(reply.Answer, &dns.AAAA{Hdr: header, AAAA: addr.AsSlice()})
		}
	}
}

// next is what the zone says this time. Both kinds of addresses are counted
// apart, since a resolver asks for both at once.
func (s *dnsServer) next(name string, kind uint16) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	answers, known := s.zone[name]
	if !known {
		return "", false
	}
	q := question{name, kind}
	i := min(s.count[q], len(answers)-1)
	s.count[q]++
	return answers[i], true
}
