// What the host's functions know about the instance that calls them.

package sandbox

import (
	"context"
	crand "crypto/rand"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/tetratelabs/wazero/api"
)

// A world is what all instances of a module see alike, fixed at load.
type world struct {
	realtime  uint64   // nanoseconds since 1970
	startSeed [32]byte // of random bytes while starting
	callSeed  [32]byte // of random bytes in each call
}

func newWorld() (w world) {
	w.realtime = uint64(time.Now().UnixNano())
	_, _ = crand.Read(w.startSeed[:]) // never fails
	_, _ = crand.Read(w.callSeed[:])
	return w
}

// monotonicStart is where the monotonic clock of every instance stands; Go's
// runtime takes 0 for a broken clock.
const monotonicStart = uint64(1e9)

// A guest is the host's side of one instance.
type guest struct {
	world    *world
	fuel     api.MutableGlobal
	journal  journal
	random   rand.ChaCha8
	drawn    bool   // random is no longer where it began
	slept    uint64 // nanoseconds
	exited   bool
	exitCode uint32
}

// reset brings the guest to where each call finds it.
func (g *guest) reset(slept uint64) {
	g.slept = slept
	if g.drawn {
		g.random.Seed(g.world.callSeed)
		g.drawn = false
	}
}

// draw fills b with random bytes.
func (g *guest) draw(b []byte) {
	g.drawn = true
	_, _ = g.random.Read(b) // never fails
}

// now reads a clock of WASI.
func (g *guest) now(clock uint32) (uint64, bool) {
	const (
		realtime  = 0
		monotonic = 1
	)
	switch clock {
	case realtime:
		return g.world.realtime + g.slept, true
	case monotonic:
		return monotonicStart + g.slept, true
	default:
		return 0, false
	}
}

var (
	// errExited unwinds a guest that called proc_exit.
	errExited = errors.New("the guest ended itself")
	// errExhausted unwinds a guest that cannot pay for a host function.
	errExhausted = errors.New("the guest is out of fuel")
)

// charge takes fuel for what the host does, before it does it.
func (g *guest) charge(units uint64) {
	left := int64(g.fuel.Get()) - int64(units)
	g.fuel.Set(uint64(left))
	if left < 0 {
		panic(errExhausted)
	}
}

// A visit is the context of all entries into an instance; the engine hands it to
// the host's functions.
type visit struct {
	context.Context
	guest *guest
}

type guestKey struct{}

func (v *visit) Value(key any) any {
	if key == (guestKey{}) {
		return v.guest
	}
	return v.Context.Value(key)
}

func guestOf(ctx context.Context) *guest { return ctx.Value(guestKey{}).(*guest) }
