// Standard is the policy that an executor has if it is given no other: it makes
// sure that requests are well formed, turns HTTP's headers into the protocol's,
// and applies the operator's rules. docs/policy.md is the reference of its
// configuration.
//
// # What it always does
//
// A request is Invalid, whatever the rules say, if its method is not a token or
// is CONNECT, if its scheme is neither http nor https, if a header's name is not
// a token or its value has control characters other than the tab. A body of no
// bytes goes out as no body. Of a response, header names go to the caller in
// lower case; headers that are not text (a name that is no token, a value that
// is not UTF-8 or has control characters) are dropped.
//
// # Rules
//
// Without a configuration every well-formed request is allowed. With one, a
// request must pass the lists at its top, must match no rule that denies, and
// must match one that allows if there are any. Then its headers are edited.
//
//	{
//	  "hosts": ["**.example.com"],
//	  "rules": [
//	    {"name": "no-admin", "action": "deny", "paths": ["/admin/**"]}
//	  ],
//	  "request_headers": [{"remove": ["cookie"]}]
//	}
//
// Where servers read one request in different ways, the policy reads it in all
// of them: what denies needs one reading that matches, what allows needs all.
//
// # Limits
//
// 1000 rules and as many header rules per direction, 10,000 entries per list,
// names of rules of 64 bytes, messages of 1024 bytes.
//
// # Errors
//
// A configuration that is not understood to the last key is refused, with the
// path of the key. Refusals carry one of the reasons in policy.go; their
// messages name methods, schemes, hosts, header names and rules, and no path,
// query or header value.
//
// # Sources
//
// RFC 9110, sections 5.5 (field values), 5.6.2 (tokens), 9.1 (methods) and 9.3.6
// (CONNECT); RFC 3986, section 6.2.2 (equivalent URIs); WHATWG URL (hosts); RFC
// 5952 (IPv6 addresses as text).
package main
