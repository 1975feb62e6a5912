package security

// A websocket client that says whatever it is told to.

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Opcodes (RFC 6455 5.2).
const (
	opText   = 1
	opBinary = 2
	opClose  = 8
)

type rawConn struct {
	net.Conn
	r *bufio.Reader
}

// connect opens a TCP connection to the executor.
func (x *target) connect(t *testing.T) *rawConn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(x.url, "ws://"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
	return &rawConn{conn, bufio.NewReader(conn)}
}

// upgrade opens a websocket.
func (x *target) upgrade(t *testing.T) *rawConn {
	t.Helper()
	c := x.connect(t)
	_, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: "+strings.TrimPrefix(x.url, "ws://")+"\r\nConnection: Upgrade\r\n"+
		"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
	require.NoError(t, err)
	res, err := http.ReadResponse(c.r, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusSwitchingProtocols, res.StatusCode)
	return c
}

// send writes a message in one frame, masked with zeros. An error shows when
// reading.
func (c *rawConn) send(opcode byte, payload string) {
	frame := []byte{0x80 | opcode}
	switch n := len(payload); {
	case n < 126:
		frame = append(frame, 0x80|byte(n))
	case n <= 0xffff:
		frame = binary.BigEndian.AppendUint16(append(frame, 0x80|126), uint16(n))
	default:
		frame = binary.BigEndian.AppendUint64(append(frame, 0x80|127), uint64(n))
	}
	frame = append(frame, 0, 0, 0, 0)
	_, _ = c.Write(append(frame, payload...))
}

// receive reads a frame.
func (c *rawConn) receive() (opcode byte, payload []byte, err error) {
	var head [2]byte
	if _, err := io.ReadFull(c.r, head[:]); err != nil {
		return 0, nil, err
	}
	length := uint64(head[1] & 0x7f)
	switch length {
	case 126:
		var n uint16
		err = binary.Read(c.r, binary.BigEndian, &n)
		length = uint64(n)
	case 127:
		err = binary.Read(c.r, binary.BigEndian, &length)
	}
	if err != nil {
		return 0, nil, err
	}
	payload = make([]byte, length)
	_, err = io.ReadFull(c.r, payload)
	return head[0] & 0x0f, payload, err
}

// mark is a request that is answered whatever the state of the connection; what
// is answered before it belongs to the attack.
const mark = `{"id":"mark","method":"mark"}`

// outcome reads what the executor says up to the mark: its answers, and how the
// connection ended. "stays" is no end; "waits" is that nothing more comes.
func (c *rawConn) outcome() (answers []string, end string) {
	for {
		opcode, payload, err := c.receive()
		var late net.Error
		switch {
		case errors.As(err, &late) && late.Timeout():
			return answers, "waits"
		case err != nil:
			return answers, "dropped"
		case opcode == opClose && len(payload) < 2:
			return answers, "closed"
		case opcode == opClose:
			return answers, fmt.Sprint(binary.BigEndian.Uint16(payload))
		case opcode != opText:
			continue // pings and pongs
		}
		answer, isMark := summary(payload)
		if isMark {
			return answers, "stays"
		}
		answers = append(answers, answer)
	}
}

// summary is an answer in two words.
func summary(payload []byte) (text string, isMark bool) {
	var m struct {
		ID     any             `json:"id"`
		Result json.RawMessage `json:"result"`
		Error  *struct {
			Code int `json:"code"`
		} `json:"error"`
	}
	if err := json.Unmarshal(payload, &m); err != nil {
		return "no JSON", false
	}
	switch {
	case m.ID == "mark":
		return "", true
	case m.Error != nil:
		return fmt.Sprint(m.Error.Code), false
	case m.Result != nil:
		return "result", false
	}
	return "notification", false
}
