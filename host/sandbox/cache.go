// The folder for compiled code. What lies in it is run as native code.

package sandbox

import (
	"fmt"
	"os"

	"github.com/tetratelabs/wazero"
)

// openCache opens a folder that nobody else can write to, making it if needed.
func openCache(dir string) (wazero.CompilationCache, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("compile cache: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("compile cache: %w", err)
	}
	if err := checkPrivate(info); err != nil {
		return nil, fmt.Errorf("compile cache %s: %w", dir, err)
	}
	cache, err := wazero.NewCompilationCacheWithDir(dir)
	if err != nil {
		return nil, fmt.Errorf("compile cache: %w", err)
	}
	return cache, nil
}
