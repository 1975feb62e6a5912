// The guests of this package's tests, assembled by hand.

package policy_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sluice-run/sluice/abi"
	"github.com/sluice-run/sluice/host/policy"
	w "github.com/sluice-run/sluice/host/sandbox/wasmtest"
)

// cacheDir is shared by all tests, since a Go guest takes long to compile: the
// folder SLUICE_TEST_CACHE, which several packages can share, or one for this
// run.
var cacheDir = os.Getenv("SLUICE_TEST_CACHE")

func TestMain(m *testing.M) {
	if cacheDir != "" {
		goleak.VerifyTestMain(m)
		return
	}
	var err error
	if cacheDir, err = os.MkdirTemp("", "policy-test-cache"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(cacheDir)
		os.Exit(code)
	}))
}

const (
	hookParams = w.I32 + w.I32
	bufferAt   = 8 << 20
	answerAt   = 4096
	// Where the hop stands in the fixed part of a message.
	requestHop  = 15 * 4
	responseHop = 21 * 4
)

// onRedirect runs its body on any hop but the first; loading tries only that.
func onRedirect(hop uint32, body ...w.Code) w.Code {
	return w.Seq(w.LocalGet(0), w.I32Load(hop), w.If(body...))
}

func answer(ptr, size uint32) w.Code {
	return w.Seq(w.I64Const(int64(uint64(ptr)<<32|uint64(size))), w.Return)
}

// guest is a policy module with the given hooks; data lies at answerAt. Either
// hook may be nil, and allows in the end if it does not return before.
func guest(data string, onRequest, onResponse w.Code) []byte {
	var m w.Module
	log := m.Import(abi.ImportModule, abi.ImportLog, w.I32+w.I32+w.I32, "")
	exit := m.Import("wasi_snapshot_preview1", "proc_exit", w.I32, "")
	if log != logFunc || exit != exitFunc {
		panic("the imports have other numbers")
	}
	m.Memory(256, 256)
	m.ExportMemory(abi.ExportMemory)
	m.Data(answerAt, data)
	m.Export(abi.ExportVersion, m.Func("", "", ""))
	m.Export(abi.ExportBuffer, m.Func(w.I32, w.I32, "", w.I32Const(bufferAt)))
	if onRequest != nil {
		m.Export(abi.ExportOnRequest, m.Func(hookParams, w.I64, "", onRequest, w.I64Const(0)))
	}
	if onResponse != nil {
		m.Export(abi.ExportOnResponse, m.Func(hookParams, w.I64, "", onResponse, w.I64Const(0)))
	}
	return m.Bytes()
}

// Numbers of the imported functions.
const (
	logFunc  = 0
	exitFunc = 1
)

func load(t testing.TB, src policy.Source, change ...func(*policy.Options)) *policy.Policy {
	t.Helper()
	p, err := tryLoad(src, change...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Close(context.Background())) })
	return p
}

func tryLoad(src policy.Source, change ...func(*policy.Options)) (*policy.Policy, error) {
	opts := policy.Options{
		CacheDir: cacheDir, Concurrency: 2,
		LoadTimeout: 5 * time.Minute, MaxWait: time.Minute,
	}
	for _, c := range change {
		c(&opts)
	}
	return policy.Load(context.Background(), src, opts)
}

func request() *abi.Request {
	return &abi.Request{
		Method: "GET", URL: "http://example.com/a?b", Scheme: "http", Host: "example.com", Port: 80, Path: "/a", Query: "b",
		Headers: []abi.Header{{Name: "accept", Value: "*/*"}},
	}
}

func response() *abi.Response {
	return &abi.Response{
		Status: 200, Headers: []abi.Header{{Name: "content-type", Value: "text/plain"}},
		Method: "GET", URL: "http://example.com/a?b", Scheme: "http", Host: "example.com", Port: 80, Path: "/a", Query: "b",
	}
}
