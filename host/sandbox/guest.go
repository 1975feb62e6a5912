// What the host's functions know about the instance that calls them.

package sandbox

import (
	"context"
	"errors"
	"math/rand/v2"
)

// A world is what all instances of a module see alike, fixed at load.
type world struct {
	realtime uint64 // nanoseconds since 1970
	seed     [32]byte
}

// monotonicStart is where the monotonic clock of every instance stands; Go's
// runtime takes 0 for a broken clock.
const monotonicStart = uint64(1e9)

// A guest is the host's side of one instance.
type guest struct {
	world    *world
	random   *rand.ChaCha8
	journal  journal
	slept    uint64 // nanoseconds
	exited   bool
	exitCode uint32
}

func newGuest(w *world, log func(uint32, string)) *guest {
	return &guest{world: w, random: rand.NewChaCha8(w.seed), journal: journal{write: log}}
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

// errExited unwinds a guest that called proc_exit.
var errExited = errors.New("the guest ended itself")

// A visit is the context of one entry into a guest; the engine hands it to the
// host's functions.
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
