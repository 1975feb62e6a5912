// Package client makes HTTP requests through an executor: Sluice's own or any
// other that speaks the exec-server protocol.
//
//	c, err := client.Dial(ctx, "ws://127.0.0.1:4000", nil)
//	if err != nil { … }
//	defer c.Close()
//
// Options.Token is the bearer token for executors that ask for one, Options.TLS
// has the settings of wss:// connections. A redirect is not followed.
//
// Do returns a whole response, Stream returns at its head and hands out a Body
// that is an io.ReadCloser:
//
//	res, err := c.Stream(ctx, &client.Request{Method: "GET", URL: "https://example.com/events"})
//	if err != nil { … }
//	defer res.Body.Close()
//	_, err = io.Copy(os.Stdout, res.Body)
//
// # Errors
//
// What the executor answers is a *wire.Error: errors.Is(err, wire.CodeDenied)
// asks whether a policy said no. If the connection ends first, the error is
// ErrDisconnected and wraps an *rpc.CloseError. A body that breaks off ends in a
// *delta.StreamError, never in a clean io.EOF.
//
// # Limits
//
// A body holds at most 256 deltas and 16 MiB that nobody has read yet. The
// protocol has no flow control, so a stream whose reader falls behind further
// fails with "body delta channel filled before delivery"; what was queued is
// still delivered. A message from the executor holds at most 96 MiB, hence a
// buffered body some 71 MiB; a request's body at most some 47 MiB.
package client
