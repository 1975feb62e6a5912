// A guest in Go that uses what programs use: maps, strings, sorting, formatting,
// the garbage collector.
package main

import (
	"fmt"
	"sort"
	"strings"
	"unsafe"
)

var (
	input []byte
	seen  = map[string]int{}
)

//go:wasmexport buffer
func buffer(size uint32) uint32 {
	input = make([]byte, size)
	return uint32(uintptr(unsafe.Pointer(unsafe.SliceData(input))))
}

//go:wasmexport hash
func hash(_, size uint32) uint64 {
	words := strings.Fields(string(input[:size]))
	sort.Strings(words)
	for _, w := range words {
		seen[w]++
	}
	var h uint64
	for _, b := range []byte(fmt.Sprint(len(seen), words, seen)) {
		h = h*31 + uint64(b)
	}
	return h
}

func main() {}
