// Which pages of a private mapping were written to: the kernel gives those a
// page of their own, which is no longer one of the file's.

//go:build linux && (amd64 || arm64)

package sandbox

import (
	"encoding/binary"
	"io"
	"os"
	"runtime"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

var pageBytes = os.Getpagesize()

// maxDirty is the number of written pages that are copied back one by one; with
// more, dropping them all is cheaper.
const maxDirty = 128

// From the kernel's uapi/linux/fs.h.
const (
	pagemapScan = 0xc0606610 // _IOWR('f', 16, struct pm_scan_arg)

	pageIsFile    = 1 << 2
	pageIsPresent = 1 << 3
	pageIsSwapped = 1 << 4
)

// pageRegion is the kernel's struct page_region.
type pageRegion struct {
	start, end uint64
	categories uint64
}

// scanArg is the kernel's struct pm_scan_arg.
type scanArg struct {
	size, flags                      uint64
	start, end, walkEnd              uint64
	vec, vecLen, maxPages            uint64
	inverted, mask, anyOf, returning uint64
}

// A mappedMemory is a private mapping of an image.
//
// A page that was written to once stays private until it is dropped, so the
// pages to bring back only become more. The first write to a page is a page
// fault, and the kernel counts those of each thread: while a call's thread has
// none, there is no need to look for new pages.
type mappedMemory struct {
	memory, image []byte
	find          func(*mappedMemory) (all bool, err error)
	pagemap       int

	dirty   []span // the pages that are known to be written to
	faults  int64  // of the thread, when the call began
	written bool   // there may be more than in dirty

	arg     scanArg      // resetScan
	regions []pageRegion // resetScan
	entries []byte       // resetPagemap
}

// A span is a run of pages, as offsets in the memory.
type span struct{ start, end int }

func newMappedMemory(image *mappedImage, memory []byte) *mappedMemory {
	m := &mappedMemory{
		memory: memory, image: image.bytes, pagemap: int(image.pagemap.Fd()),
		dirty:   make([]span, 0, maxDirty),
		written: true, // the first look never relies on the count of faults
	}
	if image.way == resetPagemap {
		m.find = (*mappedMemory).readPagemap
		m.entries = make([]byte, len(memory)/pageBytes*entrySize)
		return m
	}
	m.find = (*mappedMemory).scanPagemap
	m.regions = make([]pageRegion, maxDirty)
	return m
}

func (m *mappedMemory) enter() {
	runtime.LockOSThread()
	m.faults = threadFaults()
}

func (m *mappedMemory) leave() {
	if m.faults != threadFaults() {
		m.written = true
	}
	runtime.UnlockOSThread()
}

// threadFaults counts the page faults of this thread.
func threadFaults() int64 {
	var usage unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_THREAD, &usage) // fails for no good pointer only
	return usage.Minflt + usage.Majflt
}

func (m *mappedMemory) reset() error {
	if m.written {
		m.dirty = m.dirty[:0]
		all, err := m.find(m)
		if err != nil {
			return err
		}
		if !all { // the next call has to fault its pages in anew, which is cheaper
			m.dirty = m.dirty[:0]
			return unix.Madvise(m.memory, unix.MADV_DONTNEED)
		}
		m.written = false
	}
	for _, s := range m.dirty {
		copy(m.memory[s.start:s.end], m.image[s.start:s.end])
	}
	return nil
}

// base is the address of the memory.
func (m *mappedMemory) base() uint64 {
	return uint64(uintptr(unsafe.Pointer(unsafe.SliceData(m.memory))))
}

// scanPagemap asks for the written pages with PAGEMAP_SCAN, since Linux 6.7.
// all is false if there are too many.
func (m *mappedMemory) scanPagemap() (all bool, err error) {
	base := m.base()
	end := base + uint64(len(m.memory))
	m.arg = scanArg{
		size:     uint64(unsafe.Sizeof(m.arg)),
		start:    base,
		end:      end,
		vec:      uint64(uintptr(unsafe.Pointer(unsafe.SliceData(m.regions)))),
		vecLen:   maxDirty,
		maxPages: maxDirty,
		inverted: pageIsFile,
		mask:     pageIsFile,
		anyOf:    pageIsPresent | pageIsSwapped,
	}
	found, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(m.pagemap), pagemapScan, uintptr(unsafe.Pointer(&m.arg)))
	runtime.KeepAlive(m)
	if errno != 0 {
		return false, errno
	}
	for _, r := range m.regions[:found] {
		m.dirty = append(m.dirty, span{int(r.start - base), int(r.end - base)})
	}
	return m.arg.walkEnd == end, nil
}

// From the kernel's documentation of /proc/pid/pagemap.
const (
	entrySize       = 8
	entryIsPresent  = 1 << 63
	entryIsSwapped  = 1 << 62
	entryIsFilePage = 1 << 61
)

// readPagemap finds the written pages in /proc/self/pagemap. all is false if
// there are too many.
func (m *mappedMemory) readPagemap() (all bool, err error) {
	first := int64(m.base()) / int64(pageBytes) * entrySize
	for done := 0; done < len(m.entries); {
		n, err := unix.Pread(m.pagemap, m.entries[done:], first+int64(done))
		if err != nil {
			return false, err
		}
		if n == 0 {
			return false, io.ErrUnexpectedEOF
		}
		done += n
	}
	for at := 0; at < len(m.memory); at += pageBytes {
		entry := binary.LittleEndian.Uint64(m.entries[at/pageBytes*entrySize:])
		if entry&(entryIsPresent|entryIsSwapped) == 0 || entry&entryIsFilePage != 0 {
			continue
		}
		if len(m.dirty) == maxDirty {
			return false, nil
		}
		m.dirty = append(m.dirty, span{at, at + pageBytes})
	}
	return true, nil
}

// wayWorks tells whether the system answers right in this way.
func wayWorks(way resetWay) bool {
	switch way {
	case resetScan:
		return scanWorks()
	case resetPagemap:
		return pagemapWorks()
	default:
		return false
	}
}

var (
	scanWorks    = sync.OnceValue(func() bool { return tryWay(resetScan) })
	pagemapWorks = sync.OnceValue(func() bool { return tryWay(resetPagemap) })
)

// tryWay covers a memory with an image, writes to a new page in each round, and
// looks whether it is brought back.
func tryWay(way resetWay) bool {
	content := make([]byte, pageSize)
	for i := range content {
		content[i] = byte(i / pageBytes)
	}
	image, err := mapImage(content, way)
	if err != nil {
		return false
	}
	defer image.close()
	region := reserve(0, pageSize)
	defer region.Free()
	memory := region.Reallocate(pageSize)
	if memory == nil {
		return false
	}
	covered, err := image.cover(memory)
	if err != nil {
		return false
	}
	for at := 0; at < len(memory); at += pageBytes {
		for range 2 { // the second write is no fault
			covered.enter()
			memory[at]++
			covered.leave()
			if covered.reset() != nil || memory[at] != content[at] {
				return false
			}
		}
	}
	return true
}
