// The names a module is held to, and every limit with its default.

package sandbox

import (
	"runtime"
	"time"
)

// Defaults of Options.
const (
	DefaultMaxModule   = 8 << 20
	DefaultMemoryLimit = 64 << 20
	DefaultMaxAnswer   = 4 << 20
	DefaultLoadTimeout = 30 * time.Second
	DefaultCallTimeout = 250 * time.Millisecond
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

	pageSize = 64 << 10
	maxPages = 1 << 16
)

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
	// MemoryLimit is the linear memory of one instance in bytes, rounded down to
	// pages of 64 KiB, DefaultMemoryLimit. Growing beyond it fails in the guest.
	MemoryLimit int
	// MaxAnswer is the size of a hook's answer in bytes, DefaultMaxAnswer.
	MaxAnswer int
	// LoadTimeout bounds a whole Load, and later the start of each further
	// instance, DefaultLoadTimeout.
	LoadTimeout time.Duration
	// CallTimeout bounds one call of a hook, DefaultCallTimeout. It is a bound on
	// runaway code, not a latency goal: calls take microseconds.
	CallTimeout time.Duration
	// Concurrency is the number of calls at once, runtime.GOMAXPROCS. As many
	// instances again stand ready, and one more is being started, so a module
	// takes at most (2*Concurrency+1)*MemoryLimit of memory.
	Concurrency int
	// MaxWait bounds the wait for a turn when Concurrency calls are running,
	// DefaultMaxWait.
	MaxWait time.Duration

	// CacheDir is a folder for compiled code; "" keeps it in memory only. It is
	// made with mode 0700. What lies in it is run as native code, so a folder
	// that others own or may write to is refused.
	CacheDir string
	// Log takes the guest's log lines: valid UTF-8, MaxLogLine bytes at most,
	// MaxLogLines per call. Several calls may log at once. Instances after the
	// first do not log while they start. nil drops the lines.
	Log func(level uint32, text string)
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
	setDefault(&o.CallTimeout, DefaultCallTimeout)
	setDefault(&o.Concurrency, runtime.GOMAXPROCS(0))
	setDefault(&o.MaxWait, DefaultMaxWait)
	return o
}

func setDefault[T int | time.Duration](field *T, value T) {
	if *field <= 0 {
		*field = value
	}
}

// memoryPages is MemoryLimit in pages, within what WebAssembly can address.
func (o *Options) memoryPages() uint32 {
	return uint32(min(max(o.MemoryLimit/pageSize, 1), maxPages))
}
