package main

import (
	"unicode/utf8"

	"github.com/sluice-run/sluice/abi"
)

// onResponse decides on one response head: it turns the origin's headers, which
// are bytes, into the caller's, which are text, and edits them.
func (p *policy) onResponse(r *abi.Response, d *abi.Decision) {
	headers := headerList{entries: r.Headers}
	p.toText(&headers)
	if len(p.responseHeaders) > 0 {
		t := target{method: r.Method, scheme: r.Scheme, host: r.Host, port: r.Port, path: r.Path, caller: r.Caller}
		if !headers.edit(p.responseHeaders, &t, &p.paths, d) {
			return
		}
	}
	r.Headers = headers.entries
	if headers.changed {
		d.Edits |= abi.EditHeaders
		d.Headers = append(d.Headers, headers.entries...)
	}
}

// toText puts names into lower case and drops what a caller cannot be told: a
// name that is not a token, a value that is not UTF-8 or has control characters.
func (p *policy) toText(headers *headerList) {
	p.names = p.names[:0]
	kept := headers.entries[:0]
	for _, h := range headers.entries {
		if !isToken(h.Name) || !isFieldValue(h.Value) || !utf8.ValidString(h.Value) {
			headers.changed = true
			continue
		}
		if name := p.lowerName(h.Name); name != h.Name {
			h.Name = name
			headers.changed = true
		}
		kept = append(kept, h)
	}
	headers.entries = kept
}
