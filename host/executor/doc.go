// Package executor is the server: it makes the HTTP requests that callers ask
// for over JSON-RPC, each hop judged by a policy.
//
//	e := executor.New(executor.Options{Policy: p, PolicyName: p.Name()})
//	l, _ := net.Listen("tcp", "127.0.0.1:0")
//	go e.Serve(ctx, l)
//	…
//	e.Drain(ctx)
//
// # The way of a request
//
// A connection (conn.go) reads one message after the other. http/request is
// decoded and checked on the reader, then admitted (admit.go): it runs at once,
// waits for a place, or is refused. handle.go takes it from there in a goroutine
// of its own: egress asks the policy and makes the request; the answer goes into
// the connection's queue, and a streamed body through a delta.Sender, which
// takes turns with the connection's other streams. Nothing is read from an
// origin while its ring is full, so that memory does not depend on what a caller
// or an origin does.
//
// # Callers
//
// Options.Auth turns the bearer token of a websocket's upgrade into the caller's
// name; the auth package has tokens and signed tokens. The name is told to the
// policy, owns sessions, and is what callers are limited by (quota.go). Requests
// that a web page may have caused are refused, by their Origin and Host
// (hosts.go). TLSConfig makes a listener of TLS out of certificate files.
//
// # Limits
//
// All limits are fields of Options. Beyond one, a request is answered with
// wire.CodeOverloaded and a connection is closed with 1013; nothing is dropped
// without a word. Per connection, at most ConcurrentRequests run, MaxWaiting
// with MaxWaitingBytes of bodies wait, and MaxStreams bodies stream, each with a
// ring of delta.SenderRing bytes. Over all connections, there are at most
// MaxRequests; per caller, RateLimit and MaxConnectionsPerCaller count. A
// listener holds at most 1024 connections that are no websockets yet.
//
// # Errors
//
// Every error is one of the wire package's catalogue. A denial is
// wire.CodeDenied with the policy's reason and name. What fails between connect
// and the response's head is wire.CodeInternal and begins with
// "http/request failed: ", since callers retry on that prefix; a denial does
// not. No error shows a query string, a header's value or an unknown cause.
//
// # Sessions
//
// A session outlives its connection by SessionKeep and can be resumed by its
// id. Open streams do not survive a connection.
package executor
