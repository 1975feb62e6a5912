// Package abi is the contract between the Sluice host and a policy module,
// version 1.
//
// A hook takes one flat little-endian message and answers with another. Both
// sides share this package: the host, on any platform, and guests written in Go
// (GOOS=wasip1). Guests in other languages read docs/abi.md, which describes
// the same bytes.
//
// # Messages
//
// The host encodes a [Request] or a [Response], the guest decodes it, decides,
// and encodes a [Decision], which the host decodes:
//
//	msg := request.Append(buf[:0])        // host
//	err := request.Decode(view)           // guest, view over its own memory
//	answer := decision.Append(out[:0])    // guest
//	err := decision.Decode(string(copy))  // host, a copy of the answer
//
// Append and Decode allocate nothing if there is room: Append writes behind
// what is in the slice, Decode reuses the room in Headers, and every text that
// Decode hands out is a part of the string that it was given.
//
// # Text and bytes
//
// Everything in a request is UTF-8 except header values, which are bytes; the
// same holds for a response, whose header names are whatever the origin sent.
// Of a decision, Message, Method and URL must be UTF-8, and Reason is narrower
// still; header names, header values and the body are bytes to this package,
// and the host checks that the names are tokens (RFC 9110, section 5.6.2) and
// the values field values (section 5.5).
//
// # Limits
//
// [MaxMessage], [MaxHeaders], [MaxReason] and [MaxText] bound both directions.
// The parts of a message may not take more bytes than the message has behind
// its fixed part, so a small answer cannot name many copies of one big text.
// Sizes are in bytes.
//
// # Errors
//
// Decode answers a [*MalformedError], which names the field and the problem
// and never repeats what stood in the message.
//
// The package has no dependency and holds no state.
package abi
