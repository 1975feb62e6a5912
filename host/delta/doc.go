// Package delta holds the two ends of a streamed response body: the Sender at
// the executor, between the origin and the connection's writer, and the
// Receiver at the client, between the connection's reader and whoever reads the
// body.
//
// Both are bounded. A Sender has one ring of bytes, of SenderRing at most:
// while the ring is full, nothing is read from the origin. A Receiver holds at
// most 256 deltas and 16 MiB, as the reference's client does; the protocol has
// no flow control, so a delta that finds it full ends the stream with an error,
// after what was queued has been delivered.
//
// Deltas of one stream are ordered by their sequence number, from 1 without
// gaps. The last one is empty with done set, or carries an error.
package delta
