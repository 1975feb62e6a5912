// The state in which every call finds its instance, and the ways to bring it
// back.

package sandbox

import (
	"errors"

	"github.com/tetratelabs/wazero/experimental"
)

// A snapshot is all state of an instance. Inspection has refused modules that
// have any other: tables change only with instructions that it does not let
// pass.
type snapshot struct {
	image   image
	globals []uint64 // in the order of instance.globals
	slept   uint64
}

// An image is the memory of a snapshot.
type image interface {
	size() int
	// allocator backs the memory of instances that will be covered; nil leaves it
	// to the engine.
	allocator() experimental.MemoryAllocator
	// cover makes a memory of the image's size equal to it.
	cover(memory []byte) (covered, error)
	close()
}

// covered is the memory of one instance that was covered with an image. All
// writes to it happen between enter and leave, in one goroutine.
type covered interface {
	enter()
	leave()
	// reset makes it equal to the image again. The memory has not grown since.
	reset() error
}

// resetWay is how memory is brought back.
type resetWay uint8

const (
	resetBest    resetWay = iota // the first of the others that works here
	resetScan                    // written pages, found by the ioctl PAGEMAP_SCAN
	resetPagemap                 // written pages, found by reading pagemap
	resetCopy                    // all of it
)

var errNoRoom = errors.New("the memory cannot be grown to the snapshot's size")

// take makes a snapshot of the instance.
func (i *instance) take() *snapshot {
	memory, _ := i.memory.Read(0, i.memory.Size())
	s := &snapshot{image: newImage(memory, i.opts.reset), slept: i.guest.slept}
	for _, global := range i.globals {
		s.globals = append(s.globals, global.Get())
	}
	return s
}

// begin makes a new instance equal to the snapshot.
func (i *instance) begin(s *snapshot) error {
	size := uint32(s.image.size())
	if grow := size - i.memory.Size(); grow > 0 {
		if _, ok := i.memory.Grow(grow / pageSize); !ok {
			return errNoRoom
		}
	}
	memory, _ := i.memory.Read(0, size)
	var err error
	if i.covered, err = s.image.cover(memory); err != nil {
		return err
	}
	i.snapshot = s
	i.guest.drawn = true
	i.resume()
	return nil
}

// A copiedImage works everywhere, in time that grows with the memory's size.
type copiedImage struct{ bytes []byte }

func (c *copiedImage) size() int                               { return len(c.bytes) }
func (c *copiedImage) allocator() experimental.MemoryAllocator { return nil }
func (c *copiedImage) close()                                  {}

func (c *copiedImage) cover(memory []byte) (covered, error) {
	copy(memory, c.bytes)
	return &copiedMemory{memory, c.bytes}, nil
}

type copiedMemory struct{ memory, image []byte }

func (c *copiedMemory) enter() {}
func (c *copiedMemory) leave() {}

func (c *copiedMemory) reset() error {
	copy(c.memory, c.image)
	return nil
}
