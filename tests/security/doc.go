// Package security attacks the real command: it holds no code, only tests.
//
// The attacks are data, in testdata:
//
//	forbidden.yaml  URLs that try to reach addresses which are not public
//	allowed.yaml    odd URLs that must work, and what the origin must get
//	messages.yaml   methods, headers and bodies, and what the origin must get
//	frames.yaml     websocket frames, messages and upgrades
//
// One executor is built and started for each list. A trap listens on a port of
// every address of the machine and counts who connects; an origin keeps every
// byte that it is sent. After each case the executor must still make an
// ordinary request, and after all of them it must not have grown.
//
// names_test.go lies about names instead: an executor within the process asks a
// DNS server of the tests' own.
package security
