// Package sandbox runs WebAssembly modules that nobody has to trust. It knows
// bytes in and bytes out, and nothing about HTTP or policies.
//
// # Loading
//
// [Load] takes a module's bytes through everything that can go wrong before the
// first call does. They are inspected down to each instruction, so that nothing
// reaches the compiler that could take it down; rewritten to count their fuel;
// compiled under a deadline. One instance is started, configured and warmed up,
// and its state is kept as the snapshot. What Load returns works.
//
//	m, err := sandbox.Load(ctx, wasm, config, sandbox.Options{
//		Name: "standard",
//		ABI:  sandbox.ABI{Buffer: "sluice_buffer", Hooks: []string{"sluice_on_request"}},
//	})
//	if err != nil {
//		return err
//	}
//	defer m.Close(ctx)
//	hook, ok := m.Hook("sluice_on_request") // once
//	out, err := m.Call(ctx, hook, in, nil)  // for each message
//
// # Calling
//
// Every [Module.Call] finds its instance as the snapshot is: memory, globals,
// tables, clock and random bytes are those of a module that was just started,
// configured and warmed up, so nothing of one call can be seen in the next.
//
// A call writes its input where the module's buffer function says, calls the
// hook with pointer and length, and copies the answer out. A hook returns
// ptr<<32|len, or 0 for "no answer". Calls allocate nothing but room for the
// answer, if out has too little.
//
// Instances are made when needed, by mapping the snapshot, and used again: after
// a call the pages that it wrote are copied back. An instance whose guest failed
// or whose memory grew is thrown away.
//
// # Bringing memory back
//
// On Linux (amd64 and arm64) the snapshot is a sealed file in memory that all
// instances map privately. They share what they only read, and the kernel tells
// which pages they wrote: by the ioctl PAGEMAP_SCAN since Linux 6.7, else by
// /proc/self/pagemap. Elsewhere, or where these do not answer as they should, the
// whole memory is copied, which is as clean and slower: some ten microseconds for
// each megabyte.
//
// Only memory and globals are brought back. Modules that could change anything
// else (table.set and its like, data.drop, elem.drop) are refused.
//
// # Fuel
//
// A guest is bounded by the instructions it executes, not by time: Options.Fuel
// for each call, Options.StartFuel for each step of starting. A unit is one plain
// instruction; calls, bulk operations, growing memory and the host's functions
// cost more. The same input needs the same fuel on every machine, which
// [Module.CallMetered] reports. Nothing else ends a call early: a canceled
// context ends the wait for a turn only.
//
// # What a guest can reach
//
// The host's log function, and as much of WASI preview 1 as language runtimes
// need to start: a clock that stands still at the moment of loading (a sleep
// passes at once and moves it), random bytes from one seed per load, no
// arguments, no environment, standard output and error as log lines, standard
// input at its end. There are no files, sockets or descriptors beyond these
// three. A module that imports anything else is refused by the import's name.
// The random bytes are the same in each call, but others than while starting.
//
// # Limits
//
// Each has a field in [Options] and a default beside it: module size, the counts
// of its parts ([Limits]), memory per instance, fuel, time to compile, calls and
// instances at once, time to wait for a turn, answer size. Log lines are capped by
// [MaxLogLine] and [MaxLogLines], recursion by [MaxStack].
//
// # Errors
//
// A failure is an [*Error] with a [Kind]; both errors.As(err, &e) and
// errors.Is(err, sandbox.Trap) work. Error texts name what is wrong and hold
// nothing of the input.
//
// # Sources
//
// WebAssembly Core Specification 2.0; WASI snapshot preview 1 (witx); the Linux
// kernel's Documentation/admin-guide/mm/pagemap.rst, memfd_create(2).
package sandbox
