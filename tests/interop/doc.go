// Package interop proves Sluice against the real thing: the reference's
// exec-server, the reference's client and a real MCP server, all on loopback.
//
// Its tests carry the build tag interop, because they need two npm packages.
//
//	make interop
//
// installs them, builds sluice and runs the tests with these variables set:
//
//   - SLUICE_BIN: the sluice executable
//   - SLUICE_REFERENCE: the reference's native executable
//   - SLUICE_EVERYTHING: dist/index.js of @modelcontextprotocol/server-everything,
//     which runs on node
//
// A missing variable fails the tests; it does not skip them.
//
// The proof has three parts: TestWireCases compares Sluice's executor with the
// reference's frame by frame, TestReferenceClient lets the reference's client
// use an MCP server through either executor, TestClient lets Sluice's client
// use either executor.
//
// # Wire cases
//
// testdata/cases holds one file per group. A case is a list of steps: what the
// origin serves, which frames are sent, what is waited for. TestWireCases plays
// each case against both servers and compares what came back over the websocket
// and what reached the origin. No difference is allowed but those listed in
// testdata/differences.yaml, each with its reason; and a listed difference that
// is gone fails as well. After a change
//
//	go test -tags interop ./tests/interop/ -run TestWireCases -update
//
// rewrites the list and keeps the reasons. A new entry has an empty reason,
// which fails until somebody has written one. With -transcripts DIR the full
// transcripts of both servers are written to DIR.
//
// A case file may start with "flags …", which both servers get on their command
// lines. A line "-- name --" starts a case, "#" a comment; each other line is
// one step:
//
//	serve PATH RESPONSE   the origin's answer at PATH, or other:PATH for the second
//	                      origin's, with Go's escapes; {sleep 50ms}, {echo}, {fill 9},
//	                      {cut} and {reset} are carried out where they stand
//	hello                 initialize and initialized
//	> FRAME               send a text frame
//	>b FRAME              send a binary frame
//	>x HEX                send a text frame of these bytes
//	>bx HEX               send a binary frame of these bytes
//	answer ID             wait for the result or error with this id, as it stands in JSON
//	stream ID             wait for the last delta of this request id
//	close                 wait for the end of the connection
//	silence 50ms          take what comes in this time
//	drop                  end the connection without a close frame
//	bye                   end the connection with a close frame
//	unordered             what comes back has no order in this case
//	upgrade PATH HEADERS  make an upgrade request of its own: its status and text
//	get PATH HEADERS      make a plain GET to the server: its status and text
//
// HEADERS are optional, as "Name: value; Name: value". A step may begin with
// "@name " to use a further connection. A wait that is in vain after five
// seconds is noted and does not fail: a server may well not answer.
//
// These are replaced in frames and responses: ${ORIGIN} and ${OTHER} by the
// addresses of the two origins, ${PORT} by the first one's port, ${CLOSED} by an
// address that refuses connections, ${SESSION} and ${SESSION:name} by a
// connection's session id, ${fill:9} by so many letters, ${base64:9} by so many
// bytes in base64, ${b:text} by the text in base64, ${nest:9} by so many nested
// arrays, ${headers:9} by so many header lines.
package interop
