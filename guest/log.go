package guest

import (
	"github.com/sluice-run/sluice/abi"
	"github.com/sluice-run/sluice/guest/internal/exchange"
)

// Log writes one line to the host's log at abi.LogDebug, LogInfo, LogWarn or
// LogError. It is cut to abi.MaxText, and the host caps how many lines it takes.
// Do not log what nobody should read later: query strings, header values.
func Log(level uint32, line string) {
	hostLog(level, exchange.Clip(line, abi.MaxText))
}
