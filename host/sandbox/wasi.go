// As much of WASI preview 1 as language runtimes need to start. Each function
// does bounded work and charges for it, since nothing interrupts the host's own
// code.

package sandbox

import (
	"encoding/binary"
	"math"

	"github.com/tetratelabs/wazero/api"
)

const wasiModule = "wasi_snapshot_preview1"

// Error numbers of WASI.
const (
	wasiOK     = 0
	wasiBADF   = 8
	wasiFAULT  = 21
	wasiINVAL  = 28
	wasiNOTSUP = 58
	wasiSPIPE  = 70
)

// Bounds on the work of one WASI call.
const (
	maxRandom        = 64 << 10 // bytes of random_get
	maxWrite         = 64 << 10 // bytes of fd_write; more is a short write
	maxVectors       = 1024     // buffers of fd_write and fd_read
	maxSubscriptions = 64       // subscriptions of poll_oneoff
)

// vectorFuel is the price of each buffer of fd_write.
const vectorFuel = 10

// Descriptors that a guest has.
const (
	stdin  = 0
	stdout = 1
	stderr = 2
)

// A wasiFunc returns a WASI error number.
type wasiFunc = func(g *guest, mem api.Memory, args []uint64) uint64

func wasiFuncs() []hostFunc {
	errno := func(name string, call wasiFunc, params ...api.ValueType) hostFunc {
		return hostFunc{wasiModule, name, params, []api.ValueType{i32},
			func(g *guest, mem api.Memory, stack []uint64) { stack[0] = call(g, mem, stack) }}
	}
	return []hostFunc{
		errno("args_get", wasiNothing, i32, i32),
		errno("args_sizes_get", wasiNoSizes, i32, i32),
		errno("clock_res_get", wasiClockRes, i32, i32),
		errno("clock_time_get", wasiClockTime, i32, i64, i32),
		errno("environ_get", wasiNothing, i32, i32),
		errno("environ_sizes_get", wasiNoSizes, i32, i32),
		errno("fd_close", wasiStandardOnly, i32),
		errno("fd_fdstat_get", wasiDescriptorState, i32, i32),
		errno("fd_fdstat_set_flags", wasiStandardOnly, i32, i32),
		errno("fd_prestat_dir_name", wasiNoDescriptor, i32, i32, i32),
		errno("fd_prestat_get", wasiNoDescriptor, i32, i32),
		errno("fd_read", wasiRead, i32, i32, i32, i32),
		errno("fd_seek", wasiSeek, i32, i64, i32, i32),
		errno("fd_write", wasiWrite, i32, i32, i32, i32),
		errno("poll_oneoff", wasiPoll, i32, i32, i32, i32),
		errno("random_get", wasiRandom, i32, i32),
		errno("sched_yield", wasiNothing),
		{wasiModule, "proc_exit", []api.ValueType{i32}, nil, wasiExit},
	}
}

func wasiNothing(*guest, api.Memory, []uint64) uint64 { return wasiOK }

func wasiNoDescriptor(*guest, api.Memory, []uint64) uint64 { return wasiBADF }

func wasiStandardOnly(_ *guest, _ api.Memory, args []uint64) uint64 {
	if uint32(args[0]) > stderr {
		return wasiBADF
	}
	return wasiOK
}

// wasiNoSizes answers "none, and they take no room".
func wasiNoSizes(_ *guest, mem api.Memory, args []uint64) uint64 {
	if !mem.WriteUint32Le(uint32(args[0]), 0) || !mem.WriteUint32Le(uint32(args[1]), 0) {
		return wasiFAULT
	}
	return wasiOK
}

func wasiClockRes(g *guest, mem api.Memory, args []uint64) uint64 {
	if _, ok := g.now(uint32(args[0])); !ok {
		return wasiNOTSUP
	}
	return written(mem.WriteUint64Le(uint32(args[1]), 1))
}

func wasiClockTime(g *guest, mem api.Memory, args []uint64) uint64 {
	now, ok := g.now(uint32(args[0]))
	if !ok {
		return wasiNOTSUP
	}
	return written(mem.WriteUint64Le(uint32(args[2]), now))
}

func word(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }
func long(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }

func written(ok bool) uint64 {
	if !ok {
		return wasiFAULT
	}
	return wasiOK
}

// wasiDescriptorState says that the three standard streams are character
// devices, one to be read, two to be written.
func wasiDescriptorState(_ *guest, mem api.Memory, args []uint64) uint64 {
	const (
		characterDevice = 2
		rightRead       = 1 << 1
		rightWrite      = 1 << 6
	)
	fd, at := uint32(args[0]), uint32(args[1])
	if fd > stderr {
		return wasiBADF
	}
	state, ok := mem.Read(at, 24)
	if !ok {
		return wasiFAULT
	}
	clear(state)
	state[0] = characterDevice
	state[8] = rightWrite
	if fd == stdin {
		state[8] = rightRead
	}
	return wasiOK
}

// wasiRead finds standard input at its end.
func wasiRead(_ *guest, mem api.Memory, args []uint64) uint64 {
	if uint32(args[0]) != stdin {
		return wasiBADF
	}
	return written(mem.WriteUint32Le(uint32(args[3]), 0))
}

func wasiSeek(_ *guest, _ api.Memory, args []uint64) uint64 {
	if uint32(args[0]) > stderr {
		return wasiBADF
	}
	return wasiSPIPE
}

// wasiWrite turns standard output and error into log lines.
func wasiWrite(g *guest, mem api.Memory, args []uint64) uint64 {
	fd, vectors, count, result := uint32(args[0]), uint32(args[1]), uint32(args[2]), uint32(args[3])
	if fd != stdout && fd != stderr {
		return wasiBADF
	}
	if count > maxVectors {
		return wasiINVAL
	}
	list, ok := mem.Read(vectors, count*8)
	if !ok {
		return wasiFAULT
	}
	total := uint32(0)
	for ; len(list) > 0 && total < maxWrite; list = list[8:] {
		piece, ok := mem.Read(word(list), word(list[4:]))
		if !ok {
			return wasiFAULT
		}
		piece = piece[:min(len(piece), int(maxWrite-total))]
		g.charge(vectorFuel + uint64(len(piece)))
		g.journal.stream(int(fd-stdout), piece)
		total += uint32(len(piece))
	}
	return written(mem.WriteUint32Le(result, total))
}

// wasiPoll lets every sleep pass at once, by moving the guest's clock; a wait
// for a descriptor fails.
func wasiPoll(g *guest, mem api.Memory, args []uint64) uint64 {
	const (
		subscription, event = 48, 32
		clock               = 0
		absolute            = 1
	)
	in, out, count, result := uint32(args[0]), uint32(args[1]), uint32(args[2]), uint32(args[3])
	if count == 0 || count > maxSubscriptions {
		return wasiINVAL
	}
	subs, ok := mem.Read(in, count*subscription)
	if !ok {
		return wasiFAULT
	}
	events, ok := mem.Read(out, count*event)
	if !ok {
		return wasiFAULT
	}
	for i := range int(count) {
		sub, ev := subs[i*subscription:][:subscription], events[i*event:][:event]
		userdata, tag := long(sub), sub[8]
		id, timeout, flags := word(sub[16:]), long(sub[24:]), sub[40]
		clear(ev)
		binary.LittleEndian.PutUint64(ev, userdata)
		ev[10] = tag
		if tag != clock {
			ev[8] = wasiBADF
			continue
		}
		now, ok := g.now(id)
		if !ok {
			ev[8] = wasiNOTSUP
			continue
		}
		if flags&absolute != 0 {
			timeout -= min(timeout, now)
		}
		g.slept += min(timeout, math.MaxUint64-g.slept)
	}
	return written(mem.WriteUint32Le(result, count))
}

func wasiRandom(g *guest, mem api.Memory, args []uint64) uint64 {
	if uint32(args[1]) > maxRandom {
		return wasiINVAL
	}
	room, ok := mem.Read(uint32(args[0]), uint32(args[1]))
	if !ok {
		return wasiFAULT
	}
	g.charge(uint64(len(room)))
	g.draw(room)
	return wasiOK
}

// wasiExit ends the guest's call; there is no way back into its code.
func wasiExit(g *guest, _ api.Memory, stack []uint64) {
	g.exited, g.exitCode = true, uint32(stack[0])
	panic(errExited)
}
