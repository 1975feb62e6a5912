// Package wire is the exec-server protocol as types: what travels between a
// caller and an executor, one JSON-RPC message per websocket text frame or per
// line. It decodes strictly, encodes by appending, and knows nothing of
// connections: [github.com/sluice-run/sluice/host/rpc] carries its messages.
//
// # A tour
//
// A caller opens a session and waits for the result:
//
//	→ {"id":1,"method":"initialize","params":{"clientName":"x","resumeSessionId":null}}
//	← {"id":1,"result":{"sessionId":"5f0c…","environmentInfo":{"shell":{"name":"sh","path":"/bin/sh"}}}}
//	→ {"method":"initialized"}
//
// Then it asks for HTTP requests. A buffered one gets its body in the result:
//
//	→ {"id":2,"method":"http/request","params":{"method":"GET","url":"https://example.com/",
//	   "headers":[{"name":"accept","value":"text/html"}],"requestId":"buffered-request"}}
//	← {"id":2,"result":{"status":200,"headers":[…],"bodyBase64":"PCFkb2…"}}
//
// One with streamResponse gets an empty body in the result and the real one in
// deltas, numbered from 1, the last of which is done:
//
//	← {"id":3,"result":{"status":200,"headers":[…],"bodyBase64":""}}
//	← {"method":"http/request/bodyDelta","params":{"requestId":"http-1","seq":1,
//	   "deltaBase64":"aGVsbG8K","done":false,"error":null}}
//	← {"method":"http/request/bodyDelta","params":{"requestId":"http-1","seq":2,
//	   "deltaBase64":"","done":true,"error":null}}
//
// [Decode] reads an envelope and leaves Params and Result as they are; the
// DecodeX function of the method reads those. To send, hand a pointer to a
// value to [AppendRequest], [AppendNotification] or [AppendResult]: every type
// of the protocol is an [Appender].
//
// # Strictness
//
// JSON is read as RFC 8259 has it, UTF-8 only, and without the freedoms that
// let two readers see two things in one text. Refused are duplicate keys, also
// under an escape and among members that nobody reads, halves of surrogate
// pairs, a byte order mark, and anything after the value. An id is a string or
// a 64-bit integer, never null. A list of messages (a batch) is no message.
// Base64 is that of RFC 4648 section 4, padded, without line breaks and with
// no bits left over. Keys match in their exact case. Members that the protocol
// does not have are ignored, jsonrpc among them.
//
// # Limits
//
//	MaxMessage  64 MiB     one message to an executor
//	MaxResult   96 MiB     one message to a client
//	MaxDelta     1 MiB     decoded bytes of one delta
//	MaxDepth   127         objects and arrays in one another
//	MaxMembers 4096        members of one object
//	MaxHeaders 1024        headers of one request or response
//
// MaxMessage and MaxResult are for whoever reads frames; the others are kept by
// this package.
// Times are in milliseconds, sizes in bytes.
//
// # Errors
//
// A message that is none gives a [*ParseError]; so does a result or a delta
// that makes no sense. Params of a request that make no sense give an [*Error]
// that can be sent back as it is. The texts are those of the reference, except
// where its text would repeat a string of the caller, which may be a secret,
// or name its own types.
//
//	CodeInvalidRequest   -32600  no message, or out of place; with UnparsedID if there is no id
//	CodeMethodNotFound   -32601  not a method of this executor
//	CodeInvalidParams    -32602  params of the wrong form
//	CodeInternal         -32603  the request failed between connect and the end of the body
//	CodeSessionAttached  -32010  the session is attached to another connection
//	CodeDenied           -32020  the policy said no; data has reason and policy
//	CodeOverloaded       -32021  a limit is reached; later it may work
//
// A [Code] is an error, so errors.Is(err, wire.CodeDenied) asks for one.
//
// # Sources
//
// JSON-RPC 2.0 for the envelope, less its jsonrpc member, its batches and its
// null ids; RFC 8259 for JSON; RFC 4648 for base64; W3C Trace Context for trace;
// for the rest the exec-server of openai/codex, as it is seen on the wire.
// docs/protocol.md says how the messages play together.
package wire
