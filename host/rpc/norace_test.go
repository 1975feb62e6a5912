//go:build !race

package rpc_test

// raceEnabled: the race detector makes a sync.Pool forget at random.
const raceEnabled = false
