// The names a module is held to, and every limit with its default.

package sandbox

import (
	"runtime"
	"time"

	"github.com/sluice-run/sluice/host/sandbox/internal/wasmbin"
)

// Defaults of Options.
const (
	DefaultMaxModule   = 8 << 20
	DefaultMemoryLimit = 64 << 20
	DefaultMaxAnswer   = 4 << 20
	DefaultLoadTimeout = 30 * time.Second
	DefaultFuel        = 100_000_000
	DefaultStartFuel   = 4_000_000_000
	DefaultMaxWait     = time.Second
)

const (
	// MaxLogLine is the length of one log line in bytes; the rest is cut.
	MaxLogLine = 1024
	// MaxLogLines is the number of log lines of one call; the rest is counted.
	MaxLogLines = 32
	// MaxSentence is the length of a configuration error in bytes; the rest is
	// cut.
	MaxSentence = 1024

	// MaxStack is how deep calls within a guest may go, in bytes of stack. A frame
	// is counted by what it could take at most, mostly several times what it does.
	MaxStack = 16 << 20

	pageSize = 64 << 10
	maxPages = 1 << 16
)

// warmUpRounds is how often the calls of Options.WarmUp are made: as many as a
// Go guest needs until its memory settles.
const warmUpRounds = 32

// Limits bounds what a module may be made of, count by count: sections,
// functions, locals, blocks, tables, segments. A module within the defaults
// compiles in bounded time and memory.
type Limits = wasmbin.Limits

// DefaultLimits returns limits that a Go program of some megabytes passes with
// room to spare.
func DefaultLimits() Limits { return wasmbin.DefaultLimits() }

// A WarmUp is a call made while loading.
type WarmUp struct {
	Hook  string
	Input []byte
}

// ABI holds the names by which host and guest know each other. The exported
// memory is always called "memory", the optional start function "_initialize".
type ABI struct {
	// Version is an export func() whose presence is the ABI's version; it is
	// never called. Empty: not asked for.
	Version string
	// Buffer is an export func(size i32) -> ptr i32: where the host may write
	// size bytes for the next call, or 0 if there is no room. Required.
	Buffer string
	// Configure is an export func(ptr, len i32) -> i64, optional, called once per
	// start with the configuration, or with 0 and 0 if there is none. 0 accepts,
	// anything else points to a sentence.
	Configure string
	// Hooks are the exports func(ptr, len i32) -> i64 that may be called. A
	// module has at least one of them.
	Hooks []string
	// ImportModule and ImportLog name the host's func(level, ptr, len i32).
	ImportModule string
	ImportLog    string
}

// Options are a module's names and limits. A limit of 0 (or less) stands for
// its default.
type Options struct {
	// Name is what errors call the module; "module" if empty.
	Name string
	ABI  ABI

	// MaxModule is the size of a module in bytes, DefaultMaxModule.
	MaxModule int
	// Limits bounds the module's parts; the zero struct stands for DefaultLimits.
	// Its ModuleBytes and MemoryPages count only where they are tighter than
	// MaxModule and MemoryLimit.
	Limits Limits
	// MemoryLimit is the linear memory of one instance in bytes, rounded down to
	// pages of 64 KiB, DefaultMemoryLimit. Growing beyond it fails in the guest.
	MemoryLimit int
	// MaxAnswer is the size of a hook's answer in bytes, DefaultMaxAnswer.
	MaxAnswer int
	// LoadTimeout bounds compiling, DefaultLoadTimeout.
	LoadTimeout time.Duration
	// Fuel bounds one call of a hook, DefaultFuel. A unit is one plain instruction,
	// so a call takes about a nanosecond per unit at most, and needs the same
	// number of units on every machine. It is a bound on runaway code; neither the
	// caller's context nor the scheduler interrupts a guest before.
	Fuel int64
	// StartFuel bounds each step of starting: the module's start function,
	// _initialize, configure. DefaultStartFuel.
	StartFuel int64
	// WarmUp are calls made before the snapshot is taken, several times in turn, so
	// that memory which a guest's runtime sets up on first use is part of the
	// snapshot. Their answers and log lines are dropped, those for hooks that the
	// module does not have are skipped, and one that fails fails the load.
	WarmUp []WarmUp
	// Concurrency is the number of calls at once, and of instances at most, four
	// times runtime.GOMAXPROCS. Instances are made when they are first needed and
	// kept, so a module takes at most Concurrency*MemoryLimit of memory; where
	// pages can be shared, only what calls write.
	Concurrency int
	// MaxWait bounds the wait for a turn when Concurrency calls are running,
	// DefaultMaxWait.
	MaxWait time.Duration

	// CacheDir is a folder for compiled code; "" keeps it in memory only. It is
	// made with mode 0700. What lies in it is run as native code, so a folder
	// that others own or may write to is refused.
	CacheDir string
	// Log takes the guest's log lines: valid UTF-8, MaxLogLine bytes at most,
	// MaxLogLines per call. Several calls may log at once. nil drops the lines.
	Log func(level uint32, text string)

	// reset chooses how memory is brought back; tests try them all.
	reset resetWay
}

// Levels that the sandbox itself uses with Options.Log; a guest may use others.
const (
	levelInfo = 1
	levelWarn = 2
)

func (o Options) withDefaults() Options {
	if o.Name == "" {
		o.Name = "module"
	}
	setDefault(&o.MaxModule, DefaultMaxModule)
	setDefault(&o.MemoryLimit, DefaultMemoryLimit)
	setDefault(&o.MaxAnswer, DefaultMaxAnswer)
	setDefault(&o.LoadTimeout, DefaultLoadTimeout)
	setDefault(&o.Fuel, DefaultFuel)
	setDefault(&o.StartFuel, DefaultStartFuel)
	setDefault(&o.Concurrency, 4*runtime.GOMAXPROCS(0))
	setDefault(&o.MaxWait, DefaultMaxWait)
	if o.Limits == (Limits{}) {
		o.Limits = DefaultLimits()
	}
	o.Limits.ModuleBytes = min(o.Limits.ModuleBytes, o.MaxModule)
	o.Limits.MemoryPages = min(o.Limits.MemoryPages, int(o.memoryPages()))
	return o
}

func setDefault[T int | int64 | time.Duration](field *T, value T) {
	if *field <= 0 {
		*field = value
	}
}

// memoryPages is MemoryLimit in pages, within what WebAssembly can address.
func (o *Options) memoryPages() uint32 {
	return uint32(min(max(o.MemoryLimit/pageSize, 1), maxPages))
}
