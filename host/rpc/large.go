package rpc

import "sync"

// smallBuffer is the most that a connection keeps for its next message. Larger
// messages are read into buffers that all connections share.
const smallBuffer = 64 << 10

var largeBuffers sync.Pool // of *[]byte

// enlarge gives a buffer with more room and the same bytes.
func enlarge(buf []byte) []byte {
	if cap(buf) < smallBuffer {
		return append(buf, 0)[:len(buf)]
	}
	larger := takeLarge()
	if cap(larger) <= cap(buf) {
		larger = make([]byte, 0, 4*cap(buf))
	}
	larger = append(larger[:0], buf...)
	giveLarge(buf)
	return larger
}

func takeLarge() []byte {
	if kept, ok := largeBuffers.Get().(*[]byte); ok {
		return *kept
	}
	return nil
}

func giveLarge(buf []byte) {
	if cap(buf) > smallBuffer && cap(buf) <= keptBuffer {
		largeBuffers.Put(&buf)
	}
}
