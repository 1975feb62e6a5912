// Package egress makes the request that really leaves.
//
// A [Client] reads the URL once, asks a [Policy], judges the address behind the
// host's name, sends, asks again when the response's head is there, and follows
// redirects the same way:
//
//	rules, err := egress.ParseNetRules([]string{"private"})
//	client := egress.New(egress.Options{Policy: policy, Net: rules})
//	resp, err := client.Do(ctx, &egress.Request{
//		Method:          "GET",
//		URL:             "https://api.example.com/v1/things",
//		FollowRedirects: true,
//		Timeout:         10 * time.Second,
//	})
//	if err != nil {
//		return err // an *egress.Error
//	}
//	defer resp.Body.Close()
//
// # The URL
//
// A caller's URL is read by the WHATWG rules (https://url.spec.whatwg.org), once.
// The policy gets the canonical URL with its parts, and the very same parts are
// dialled and sent: "http://0x7f.1" is judged as 127.0.0.1. Credentials in a URL
// are refused, a fragment is dropped. A URL of another scheme goes to the policy
// too, but never out.
//
// # The policy
//
// It is asked about each hop, before anything is looked up, and about each
// response's head, also that of a redirect. Its edits hold for that one hop: the
// next one starts from the caller's method, headers and body again, less what
// the redirect takes away, and is judged again. What a policy writes is held to
// the same rules as what a caller writes; what is not well formed denies. So
// does a policy that fails, or none at all. Request.Policy is for
// who swaps policies: it judges all hops of the one request.
//
// # Addresses
//
// Names are resolved here, every address is classified by the IANA registries,
// and the connection goes to an address that was judged, without a second
// lookup. An IPv6 address that leads to an IPv4 one (mapped, translated,
// tunnelled) is judged as both. Public addresses are allowed; all others, and
// the process's own listeners, only by a [NetRule]. Other rules deny, and win. A
// host that is denied by its name is not looked up. A connection is kept for the
// next request to the same scheme, host and port; it was judged by rules that do
// not change for the life of a client. Proxies of the environment are not used.
//
// # Headers
//
// Names keep the caller's spelling and repeats keep their order; net/http writes
// different names in alphabetical order. "accept: */*" is added if there is none,
// Host and Content-Length are the host's, and nothing else is: no user-agent, no
// accept-encoding, no referer. Bodies are never decompressed. The headers that
// frame a message or speak to the next hop (RFC 9110 7.6.1) are refused by name:
// Connection, HTTP2-Settings, Keep-Alive, Proxy-*, TE, Trailer,
// Transfer-Encoding, Upgrade; Host and Content-Length are refused when they say
// anything but the truth.
//
// A [Secret] is a header's value that the policy does not see: it judges a text
// that stands for it. It is put in afterwards, for the origin of the caller's URL
// alone.
//
// A response's headers come sorted by name. A value that is not UTF-8 is left
// out if the policy did not turn it into text, since no JSON string can hold it.
// Trailers are ignored.
//
// # Redirects
//
// 301 and 302 turn POST into GET, 303 turns everything but HEAD into GET without
// a body; 307 and 308 keep method and body. On the way to another origin only a
// short list of headers survives (accept, accept-encoding, accept-language,
// cache-control, content-encoding, content-language, content-type, pragma, range,
// user-agent). From https to http, to another scheme, with credentials or with
// bytes that are no URL's, a redirect fails.
//
// # Retries
//
// A connection that was kept may turn out to be dead. net/http then sends again
// on a new one what has not been written at all, and what is safe to repeat: GET,
// HEAD, OPTIONS, TRACE, or a request with an Idempotency-Key header. Nothing else
// is sent twice.
//
// # Limits
//
// [MaxURL] (with 1 KiB for host and port, and 2048 slashes), [MaxMethod],
// [MaxHeaders], [MaxHeaderName], [MaxHeaderValue] and [MaxHeaderBytes] bound a
// request; [Options] has the bounds of connects,
// redirects and response heads. A response's body has no bound of its own: it is
// read only as fast as its reader reads, and [Response.ReadAll] takes a limit.
// Request.Timeout is one deadline from the lookup to the last byte of the body.
//
// # Errors
//
// Every error is an [*Error]: whose no it is, a stable reason, and a sentence for
// the caller that names the cause and holds no query, header value or credential.
package egress
