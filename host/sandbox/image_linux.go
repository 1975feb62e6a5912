// Images as sealed files in memory: instances map them privately, so that they
// share all pages that nobody writes to, and only written pages have to be
// brought back.

//go:build linux && (amd64 || arm64)

package sandbox

import (
	"bytes"
	"os"
	"unsafe"

	"github.com/tetratelabs/wazero/experimental"
	"golang.org/x/sys/unix"
)

// newImage keeps a copy of a memory in the way that is asked for, or by copying
// if the system does not let it.
func newImage(memory []byte, way resetWay) image {
	ways := []resetWay{resetScan, resetPagemap}
	if way != resetBest {
		ways = []resetWay{way}
	}
	for _, way := range ways {
		if way == resetCopy || len(memory) == 0 || !wayWorks(way) {
			continue
		}
		if image, err := mapImage(memory, way); err == nil {
			return image
		}
	}
	return &copiedImage{bytes.Clone(memory)}
}

// A mappedImage is a sealed memfd.
type mappedImage struct {
	way     resetWay
	file    *os.File
	pagemap *os.File
	bytes   []byte // a view that nobody writes to
}

// mapImage copies a memory to a file and seals that.
func mapImage(memory []byte, way resetWay) (_ *mappedImage, err error) {
	i := &mappedImage{way: way}
	defer func() {
		if err != nil {
			i.close()
		}
	}()
	fd, err := unix.MemfdCreate("sluice-snapshot", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, err
	}
	i.file = os.NewFile(uintptr(fd), "sluice-snapshot")
	if _, err = i.file.WriteAt(memory, 0); err != nil {
		return nil, err
	}
	const seals = unix.F_SEAL_WRITE | unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_SEAL
	if _, err = unix.FcntlInt(i.file.Fd(), unix.F_ADD_SEALS, seals); err != nil {
		return nil, err
	}
	if i.pagemap, err = os.Open("/proc/self/pagemap"); err != nil {
		return nil, err
	}
	i.bytes, err = unix.Mmap(int(i.file.Fd()), 0, len(memory), unix.PROT_READ, unix.MAP_PRIVATE)
	return i, err
}

func (i *mappedImage) size() int { return len(i.bytes) }

func (i *mappedImage) allocator() experimental.MemoryAllocator {
	return experimental.MemoryAllocatorFunc(reserve)
}

func (i *mappedImage) close() {
	if i.bytes != nil {
		_ = unix.Munmap(i.bytes)
	}
	_ = i.pagemap.Close()
	_ = i.file.Close()
}

// cover puts a private mapping of the file in the memory's place.
func (i *mappedImage) cover(memory []byte) (covered, error) {
	_, err := unix.MmapPtr(int(i.file.Fd()), 0, unsafe.Pointer(unsafe.SliceData(memory)), uintptr(len(memory)),
		unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_FIXED)
	if err != nil {
		return nil, err
	}
	return newMappedMemory(i, memory), nil
}

// A region is a range of addresses reserved for one memory, of which a growing
// part can be used. Memory stays where it is, so covering it once is enough.
type region struct {
	base     unsafe.Pointer
	reserved uint64
	usable   uint64
}

// reserve makes a region for a memory that never gets larger than limit. A
// region without room stands for a failure: it cannot be grown to any size.
func reserve(_, limit uint64) experimental.LinearMemory {
	base, err := unix.MmapPtr(-1, 0, nil, uintptr(limit), unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
	if err != nil {
		return &region{}
	}
	return &region{base: base, reserved: limit}
}

// Reallocate makes the first size bytes usable.
func (r *region) Reallocate(size uint64) []byte {
	if size > r.reserved {
		return nil
	}
	if size > r.usable {
		more := unsafe.Slice((*byte)(unsafe.Add(r.base, r.usable)), size-r.usable)
		if unix.Mprotect(more, unix.PROT_READ|unix.PROT_WRITE) != nil {
			return nil
		}
		r.usable = size
	}
	return unsafe.Slice((*byte)(r.base), size)
}

// Free ends the region and whatever covers it.
func (r *region) Free() {
	if r.reserved > 0 {
		_ = unix.MunmapPtr(r.base, uintptr(r.reserved))
		*r = region{}
	}
}
