//go:build race

package policy_test

// raceDetector says that everything takes ten times as long.
const raceDetector = true
