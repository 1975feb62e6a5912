package executor

// Names for this machine, against DNS rebinding: a web page can make its own
// name mean 127.0.0.1, but it cannot make the browser send another Host.

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

const unknownHost = "the Host header must be localhost, a loopback address or a name that the operator allows"

// knowsHost is false for a request over loopback in another machine's name.
func (e *Executor) knowsHost(r *http.Request) bool {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if !ok || !local.IP.IsLoopback() {
		return true
	}
	host := hostname(r.Host)
	if strings.EqualFold(host, "localhost") {
		return true
	}
	if addr, err := netip.ParseAddr(host); err == nil && addr.Unmap().IsLoopback() {
		return true
	}
	return slices.ContainsFunc(e.opts.AllowHosts, func(name string) bool { return strings.EqualFold(name, host) })
}

// hostname is a Host header without port and brackets.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		return host[1 : len(host)-1]
	}
	return host
}
