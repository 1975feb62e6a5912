package wire

import "strconv"

// ID is a JSON-RPC id: a string or a 64-bit integer. It is comparable; the zero
// value is the number 0.
type ID struct {
	text   string
	number int64
	isText bool
}

// TextID makes an id from a string.
func TextID(s string) ID { return ID{text: s, isText: true} }

// NumberID makes an id from an integer.
func NumberID(n int64) ID { return ID{number: n} }

// UnparsedID is the id of errors about messages that could not be parsed.
var UnparsedID = NumberID(-1)

// String gives the id as it stands in JSON, without quotes.
func (id ID) String() string {
	if id.isText {
		return id.text
	}
	return strconv.FormatInt(id.number, 10)
}

// Kind tells the four sorts of message apart.
type Kind uint8

// The kinds of message.
const (
	KindRequest Kind = iota + 1
	KindNotification
	KindResult
	KindError
)

// Message is one decoded envelope. Params and Result are raw JSON that alias
// the decoded buffer: whoever keeps them copies them.
type Message struct {
	Kind   Kind
	ID     ID
	Method string
	Params []byte
	Result []byte
	Error  *Error
	Trace  Trace
}

// Trace is the W3C trace context of a request; empty if there is none.
type Trace struct {
	Parent string
	State  string
}
