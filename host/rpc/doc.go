// Package rpc holds one JSON-RPC conversation over whatever carries whole
// messages.
//
// # Channels
//
// A Channel sends and receives messages: WebSocket makes one of a websocket
// connection, Lines of a pair of byte streams such as standard input and output,
// Pipe makes two that are connected in memory.
//
// # Peers
//
// A Peer is one end of the conversation; both sides may call. It reads until the
// channel ends and hands what arrives to a Handler:
//
//	p := rpc.NewPeer(rpc.WebSocket(conn, wire.MaxMessage), handler, nil)
//	go p.Run()
//	err := p.Call(ctx, "environment/info", nil, func(result []byte) error {
//		info, err = wire.DecodeEnvironmentInfo(result)
//		return err
//	})
//
// The handler runs on the reading goroutine and must not wait for later
// messages; Request may be answered from anywhere, at any time, with Reply or
// ReplyError. Start is Call without waiting, and Forget gives a call up.
//
// # What is sent when
//
// Requests, notifications, results and errors leave in the order in which they
// were given, before anything else. Streams are not queued but asked: a Source
// that is Ready stands in line, and the writer takes one message from each in
// turn. So a large download never delays an answer by more than one message, and
// what a stream has gathered meanwhile can leave as one.
//
// # Limits
//
// Options.MaxQueued bounds the bytes that wait to be sent, 8 MiB by default;
// senders wait for room. The largest message that is read is the channel's
// choice. A side that does not answer a ping within 20 s is taken for dead; one
// is sent every 30 s. Closing a websocket waits up to 5 s for the other side's
// close frame.
//
// # Errors
//
// The end of a conversation is a *CloseError, with a code of RFC 6455, section
// 7.4.1, for all channels: a call that is not answered returns it, too. An error
// that the other side answered is a *wire.Error. A context that ends first gives
// its own error; the late answer then reaches the handler as Stray.
//
// # Sources
//
// JSON-RPC 2.0 without its "jsonrpc" member, as package wire describes it; RFC
// 6455 for websockets, sections 5.5 (control frames), 7.4.1 (codes) and 8.1
// (text is UTF-8).
package rpc
