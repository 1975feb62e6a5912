// From a source to a policy that answers.

package policy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"time"

	"github.com/sluice-run/sluice/abi"
	"github.com/sluice-run/sluice/host/sandbox"
)

// Options are a policy's limits and its log. The zero value is valid; the limits
// and their defaults are those of sandbox.Options.
type Options struct {
	MemoryLimit int
	LoadTimeout time.Duration
	Fuel        int64
	StartFuel   int64
	Concurrency int
	MaxWait     time.Duration
	CacheDir    string

	// Logger takes the module's log lines, sandbox.MaxLogLines per call at most,
	// as the attribute "text" beside "policy". nil drops them.
	Logger *slog.Logger
}

// Policy is a loaded policy. Its methods may be called at once.
type Policy struct {
	name       string
	sha256     string
	module     *sandbox.Module
	onRequest  hook
	onResponse hook
}

// A hook is one that the module may not have.
type hook struct {
	sandbox.Hook
	exists bool
}

// Load makes a policy of a source and tries its hooks. Nothing remains of one
// that fails.
func Load(ctx context.Context, src Source, opts Options) (*Policy, error) {
	module, err := sandbox.Load(ctx, src.Wasm, src.Config, sandbox.Options{
		Name: src.Name,
		ABI: sandbox.ABI{
			Version:      abi.ExportVersion,
			Buffer:       abi.ExportBuffer,
			Configure:    abi.ExportConfigure,
			Hooks:        []string{abi.ExportOnRequest, abi.ExportOnResponse},
			ImportModule: abi.ImportModule,
			ImportLog:    abi.ImportLog,
		},
		MaxModule:   MaxModule,
		MemoryLimit: opts.MemoryLimit,
		MaxAnswer:   abi.MaxMessage,
		LoadTimeout: opts.LoadTimeout,
		Fuel:        opts.Fuel,
		StartFuel:   opts.StartFuel,
		WarmUp:      warmUp(),
		Concurrency: opts.Concurrency,
		MaxWait:     opts.MaxWait,
		CacheDir:    opts.CacheDir,
		Log:         logLines(opts.Logger, src.Name),
	})
	if err != nil {
		return nil, fmt.Errorf("load policy: %w", err)
	}
	sum := sha256.Sum256(src.Wasm)
	p := &Policy{name: src.Name, sha256: hex.EncodeToString(sum[:]), module: module}
	p.onRequest.Hook, p.onRequest.exists = module.Hook(abi.ExportOnRequest)
	p.onResponse.Hook, p.onResponse.exists = module.Hook(abi.ExportOnResponse)
	if err := p.try(ctx); err != nil {
		_ = module.Close(context.WithoutCancel(ctx))
		return nil, fmt.Errorf("load policy: on trial: %w", err)
	}
	return p, nil
}

// The messages that a policy is warmed up with and tried on: a plain request and
// its response.
var (
	trialRequest = abi.Request{
		Method: "GET", URL: "https://example.com/", Scheme: "https", Host: "example.com", Port: 443, Path: "/",
		Headers: []abi.Header{{Name: "accept", Value: "*/*"}},
	}
	trialResponse = abi.Response{
		Status: 200, Headers: []abi.Header{{Name: "content-type", Value: "text/plain"}}, Body: abi.BodyBytes,
		Method: "GET", URL: "https://example.com/", Scheme: "https", Host: "example.com", Port: 443, Path: "/",
	}
)

// try asks about the trial's messages. Any decision will do.
func (p *Policy) try(ctx context.Context) error {
	var decision abi.Decision
	if err := p.OnRequest(ctx, &trialRequest, &decision); err != nil {
		return err
	}
	return p.OnResponse(ctx, &trialResponse, &decision)
}

// Name is the source's name.
func (p *Policy) Name() string { return p.name }

// SHA256 is the module's checksum in lower-case hexadecimal digits.
func (p *Policy) SHA256() string { return p.sha256 }

// Close ends the policy when the calls in flight are done, or returns ctx's
// error if that ends first.
func (p *Policy) Close(ctx context.Context) error { return p.module.Close(ctx) }

// logLines adapts the module's log lines. Its words are never the message of
// the record, where they could pass for the host's.
func logLines(logger *slog.Logger, name string) func(level uint32, text string) {
	if logger == nil {
		return nil
	}
	logger = logger.With("policy", name)
	levels := [...]slog.Level{
		abi.LogDebug: slog.LevelDebug,
		abi.LogInfo:  slog.LevelInfo,
		abi.LogWarn:  slog.LevelWarn,
		abi.LogError: slog.LevelError,
	}
	return func(level uint32, text string) {
		level = min(level, abi.LogError)
		logger.LogAttrs(context.Background(), levels[level], "policy log", slog.String("text", text))
	}
}
