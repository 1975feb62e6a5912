// A guest's log lines: capped in length and number, always valid UTF-8.

package sandbox

import (
	"bytes"
	"fmt"
	"strings"
)

// A journal takes the log lines of one start or one call.
type journal struct {
	write   func(level uint32, text string) // nil: nobody listens
	lines   int
	dropped int
	pending [2][]byte // unfinished lines of standard output and error
}

// line logs one line, or counts it if there have been enough.
func (j *journal) line(level uint32, text []byte) {
	if j.write == nil {
		return
	}
	if j.lines == MaxLogLines {
		j.dropped++
		return
	}
	j.lines++
	j.write(level, clean(text, MaxLogLine))
}

// stream takes a piece of standard output (0) or error (1) and logs the lines
// that it finishes.
func (j *journal) stream(which int, piece []byte) {
	for {
		i := bytes.IndexByte(piece, '\n')
		if i < 0 {
			break
		}
		j.keep(which, piece[:i])
		j.flush(which)
		piece = piece[i+1:]
	}
	j.keep(which, piece)
}

func (j *journal) keep(which int, piece []byte) {
	room := MaxLogLine - len(j.pending[which])
	j.pending[which] = append(j.pending[which], piece[:min(room, len(piece))]...)
}

func (j *journal) flush(which int) {
	if len(j.pending[which]) == 0 {
		return
	}
	j.line(levelInfo+uint32(which), j.pending[which])
	j.pending[which] = j.pending[which][:0]
}

// close logs what is unfinished, says how much was dropped, and is ready for the
// next call.
func (j *journal) close() {
	j.flush(0)
	j.flush(1)
	if j.dropped > 0 {
		j.write(levelWarn, fmt.Sprintf("%d more log lines were dropped", j.dropped))
	}
	j.lines, j.dropped = 0, 0
}

// clean copies text of a guest: limit bytes at most, valid UTF-8.
func clean(text []byte, limit int) string {
	text = text[:min(len(text), limit)]
	return strings.ToValidUTF8(string(text), "\uFFFD")
}
