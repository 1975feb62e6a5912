package sandbox

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// testCache is a folder for compiled code that tests share, so that a Go guest
// is compiled once: SLUICE_TEST_CACHE, or one that is made for this run.
var testCache = os.Getenv("SLUICE_TEST_CACHE")

func TestMain(m *testing.M) {
	if testCache != "" {
		goleak.VerifyTestMain(m)
		return
	}
	var err error
	if testCache, err = os.MkdirTemp("", "sluice-test-cache"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(testCache)
		os.Exit(code)
	}))
}
