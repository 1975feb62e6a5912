package main

// The flags that choose a policy, shared by the commands.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/sluice-run/sluice/host/policy"
	"github.com/sluice-run/sluice/host/sandbox"
)

// policyFlags choose a policy.
type policyFlags struct {
	Policy       string `help:"Policy module; the standard policy if not given." placeholder:"FILE.wasm" group:"Policy:"`
	PolicyConfig string `help:"The policy's configuration, YAML or JSON." placeholder:"FILE" group:"Policy:"`
	cacheFlags
}

// cacheFlags choose where compiled policies are kept.
type cacheFlags struct {
	CacheDir string `help:"Private folder for compiled policies; by default in the user's cache folder." placeholder:"DIR" env:"SLUICE_CACHE_DIR" group:"Policy:"`
	NoCache  bool   `help:"Keep compiled policies in memory only." group:"Policy:"`
}

// given says that one of the flags was set.
func (f *policyFlags) given() bool { return f.Policy != "" || f.PolicyConfig != "" }

// load opens, compiles and starts the policy.
func (f *policyFlags) load(ctx context.Context, log *slog.Logger) (*policy.Policy, error) {
	source, err := f.source()
	if err != nil {
		return nil, err
	}
	options := policy.Options{Logger: log, CacheDir: f.folder(log)}
	loaded, err := policy.Load(ctx, source, options)
	var module *sandbox.Error
	if err != nil && options.CacheDir != "" && !errors.As(err, &module) && ctx.Err() == nil {
		// Not the module's fault, hence the folder's: a policy works without.
		log.Warn("policies are compiled anew each time", "problem", err.Error())
		options.CacheDir = ""
		loaded, err = policy.Load(ctx, source, options)
	}
	return loaded, err
}

func (f *policyFlags) source() (policy.Source, error) {
	source := policy.Standard()
	if f.Policy != "" {
		var err error
		if source, err = policy.Open(f.Policy); err != nil {
			return policy.Source{}, err
		}
	}
	if f.PolicyConfig == "" {
		return source, nil
	}
	text, err := readConfig(f.PolicyConfig)
	if err != nil {
		return policy.Source{}, err
	}
	source.Config, err = policy.ParseConfig(text)
	if err != nil {
		return policy.Source{}, fmt.Errorf("%s: %w", f.PolicyConfig, err)
	}
	return source, nil
}

func readConfig(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, policy.MaxConfig+1))
	if err == nil && len(text) > policy.MaxConfig {
		err = fmt.Errorf("%s: a policy's configuration is at most %d KiB long", path, policy.MaxConfig>>10)
	}
	return text, err
}

// folder is empty if there is to be none.
func (f *cacheFlags) folder(log *slog.Logger) string {
	switch {
	case f.NoCache:
		return ""
	case f.CacheDir != "":
		return f.CacheDir
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		log.Warn("policies are compiled anew each time", "problem", err.Error())
		return ""
	}
	return filepath.Join(dir, "sluice")
}
