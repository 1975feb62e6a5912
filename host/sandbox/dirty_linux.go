// Which pages of a private mapping were written to: the kernel gives those a
// page of their own, which is no longer one of the file's.

//go:build linux && (amd64 || arm64)

package sandbox

import (
	"encoding/binary"
	"os"
	"runtime"
	"sync"
	"syscall"
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

// A scannedMemory asks with PAGEMAP_SCAN, since Linux 6.7.
type scannedMemory struct {
	mappedMemory
	arg     scanArg
	regions [maxDirty]pageRegion
}

func (m *scannedMemory) reset() error {
	base := uint64(uintptr(unsafe.Pointer(unsafe.SliceData(m.memory))))
	end := base + uint64(len(m.memory))
	m.arg = scanArg{
		size:     uint64(unsafe.Sizeof(m.arg)),
		start:    base,
		end:      end,
		vec:      uint64(uintptr(unsafe.Pointer(&m.regions))),
		vecLen:   maxDirty,
		maxPages: maxDirty,
		inverted: pageIsFile,
		mask:     pageIsFile,
		anyOf:    pageIsPresent | pageIsSwapped,
	}
	found, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(m.pagemap), pagemapScan, uintptr(unsafe.Pointer(&m.arg)))
	runtime.KeepAlive(m)
	if errno != 0 {
		return errno
	}
	if m.arg.walkEnd < end {
		return m.drop()
	}
	for _, r := range m.regions[:found] {
		m.restore(int(r.start-base), int(r.end-base))
	}
	return nil
}

// From the kernel's documentation of /proc/pid/pagemap.
const (
	entrySize       = 8
	entryIsPresent  = 1 << 63
	entryIsSwapped  = 1 << 62
	entryIsFilePage = 1 << 61
)

// A pagemapMemory reads /proc/self/pagemap.
type pagemapMemory struct {
	mappedMemory
	entries []byte
}

func (m *pagemapMemory) reset() error {
	first := int64(uintptr(unsafe.Pointer(unsafe.SliceData(m.memory)))) / int64(pageBytes)
	for done := 0; done < len(m.entries); {
		n, err := unix.Pread(m.pagemap, m.entries[done:], first*entrySize+int64(done))
		if err != nil {
			return err
		}
		if n == 0 {
			return syscall.EIO
		}
		done += n
	}
	dirty := 0
	for at := 0; at < len(m.memory); at += pageBytes {
		entry := binary.LittleEndian.Uint64(m.entries[at/pageBytes*entrySize:])
		if entry&(entryIsPresent|entryIsSwapped) == 0 || entry&entryIsFilePage != 0 {
			continue
		}
		if dirty++; dirty > maxDirty {
			return m.drop()
		}
		m.restore(at, at+pageBytes)
	}
	return nil
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

// tryWay covers a memory of three pages with an image, reads one, writes to
// one, leaves one alone, and looks at what a reset makes of them.
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
	for range 2 {
		at := len(memory) - pageBytes
		want := memory[at]
		memory[at] = want + 1
		if covered.reset() != nil || memory[at] != want {
			return false
		}
	}
	return true
}
