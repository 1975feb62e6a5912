package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/abi"
)

func TestConfigurationProblems(t *testing.T) {
	t.Parallel()
	rule := func(members string) string { return `{"rules":[{` + members + `}]}` }
	for text, want := range map[string]string{
		` `:                                 "configuration: not JSON: the text ends too early",
		`[]`:                                "configuration: want an object, got a list",
		`{} {}`:                             "configuration: not JSON: unexpected character at byte 3",
		`{"host":["a"]}`:                    "host: unknown key",
		`{"default":"maybe"}`:               "default: is neither allow nor deny",
		`{"default":true}`:                  "default: want a string, got true or false",
		`{"methods":["G T"]}`:               "methods[0]: is not an HTTP method",
		`{"methods":[]}`:                    "methods: is empty; leave it out if it shall not matter",
		`{"methods":null}`:                  "methods: want a list, got null",
		`{"methods":"GET"}`:                 "methods: want a list, got a string",
		`{"schemes":["https","ws"]}`:        "schemes[1]: is neither http nor https",
		`{"callers":[""]}`:                  "callers[0]: must not be empty",
		`{"hosts":["a","*b"]}`:              "hosts[1]: has a star elsewhere than in front, as *. or **.; leave hosts out to match any",
		`{"hosts":[]}`:                      "hosts: is empty; leave it out if it shall not matter",
		`{"hosts":[1]}`:                     "hosts[0]: want a string, got a number",
		`{"ports":[65536]}`:                 "ports[0]: want a whole number from 0 to 65535",
		`{"ports":["80"]}`:                  `ports[0]: want a number, or a range such as "8000-8100"`,
		`{"ports":["9-8"]}`:                 `ports[0]: want a number, or a range such as "8000-8100"`,
		`{"ports":["1-2-3"]}`:               `ports[0]: want a number, or a range such as "8000-8100"`,
		`{"ports":["1-65536"]}`:             `ports[0]: want a number, or a range such as "8000-8100"`,
		`{"ports":[null]}`:                  `ports[0]: want a number, or a range such as "8000-8100"`,
		`{"paths":["a"]}`:                   "paths[0]: must start with / or **",
		`{"paths":[{}]}`:                    "paths[0]: want a string, got an object",
		rule(``):                            "rules[0]: has no name",
		rule(`"name":"a"`):                  "rules[0]: has no action; say allow or deny",
		rule(`"name":"a","action":"deny"`):  "rules[0]: matches everything; say so with default instead",
		rule(`"name":"a","action":"block"`): "rules[0].action: is neither allow nor deny",
		rule(`"name":""`):                   "rules[0].name: must have 1 to 64 bytes",
		rule(`"name":"` + strings.Repeat("a", 65) + `"`):                              "rules[0].name: must have 1 to 64 bytes",
		rule(`"message":"` + strings.Repeat("a", 1025) + `"`):                         "rules[0].message: must have 1 to 1024 bytes",
		rule(`"name":"a","action":"allow","hosts":["a"],"message":"b"`):               "rules[0]: has a message that nobody would see, since it allows",
		rule(`"name":"a","action":"deny","hosts":["a"]},{"name":"a"`):                 "rules[1].name: is the name of another rule too",
		rule(`"name":"a","action":"deny","host":["a"]`):                               "rules[0].host: unknown key",
		`{"default":"allow",` + rule(`"name":"a","action":"allow","hosts":["a"]`)[1:]: "default: is allow, so that rules which allow have no effect",
		`{"request_headers":[{}]}`:                                                    "request_headers[0]: does nothing; say refuse, remove, set or append",
		`{"request_headers":[{"hosts":["a"]}]}`:                                       "request_headers[0]: does nothing; say refuse, remove, set or append",
		`{"request_headers":{}}`:                                                      "request_headers: want a list, got an object",
		`{"request_headers":[{"remove":["a b"]}]}`:                                    "request_headers[0].remove[0]: is not an HTTP header name",
		`{"response_headers":[{"set":{"a:":"b"}}]}`:                                   "response_headers[0].set.a:: is not an HTTP header name",
		`{"response_headers":[{"set":{"a":"b\nc"}}]}`:                                 "response_headers[0].set.a: has a value with control characters",
		`{"response_headers":[{"append":{"a":1}}]}`:                                   "response_headers[0].append.a: want a string, got a number",
		`{"response_headers":[{"drop":["a"]}]}`:                                       "response_headers[0].drop: unknown key",
		`{"hosts":[` + strings.Repeat(`"a",`, maxEntries) + `"a"]}`:                   "hosts[10000]: is more than the 10000 entries that a list may have",
	} {
		p, err := parse(text)
		require.EqualError(t, err, want, "%.100s", text)
		require.Nil(t, p)
	}
}

func TestConfigurationIsKept(t *testing.T) {
	t.Parallel()
	p := configured(t, `{
		"default": "deny",
		"rules": [{"name": "a", "action": "allow", "schemes": ["http"], "ports": [0, "1-2"], "paths": ["/x"]}],
		"request_headers": [{"methods": ["GET"], "set": {"X-A": "1"}}],
		"response_headers": [{"refuse": ["X-B"]}]
	}`)
	require.Equal(t, &policy{
		strict: true,
		allows: []rule{{name: "a", when: matcher{
			schemes: []string{"http"}, ports: []portRange{{0, 0}, {1, 2}}, paths: []pathPattern{"/x"},
		}}},
		requestHeaders:  []headerRule{{when: matcher{methods: []string{"GET"}}, set: []abi.Header{{Name: "x-a", Value: "1"}}}},
		responseHeaders: []headerRule{{refuse: []string{"x-b"}}},
	}, p)
}

// Whatever is configured and asked, the answer is one that a host believes.
func FuzzPolicy(f *testing.F) {
	f.Add(`{"hosts":["*.a"],"rules":[{"name":"r","action":"deny","paths":["/b/**"]}]}`, "GET", "x.a", "/b%2fc", "X-A", "1")
	f.Add(`{"request_headers":[{"set":{"a":"b"}}],"response_headers":[{"remove":["c"]}]}`, "HEAD", "a", "/", "C", "\xff")
	f.Fuzz(func(t *testing.T, json, method, host, path, name, value string) {
		p, err := parse(json)
		if err != nil {
			require.NotEmpty(t, err.Error())
			return
		}
		d := ask(t, p, get(withMethod(method), withHost(host), withPath(path), withHeader(name, value)))
		if d.Verdict != abi.Invalid {
			require.True(t, isToken(method) && isToken(name) && isFieldValue(value))
		}
		r := response(abi.Header{Name: name, Value: value})
		r.Host, r.Path = host, path
		answer(t, p, r)
	})
}
