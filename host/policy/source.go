// Where policies come from.

package policy

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/sluice-run/sluice/host/sandbox"
)

// MaxModule is the size of a policy module in bytes.
const MaxModule = sandbox.DefaultMaxModule

// Source is a policy before it is loaded.
type Source struct {
	// Name is what errors, logs and denials call the policy.
	Name string
	// Wasm is the module.
	Wasm []byte
	// Config is JSON text for the module, empty if the operator gave none.
	Config []byte
}

// Open reads a module from a regular file of MaxModule bytes at most. The
// policy's name is the file's, without its folder and extension.
func Open(path string) (Source, error) {
	wasm, err := readFile(path, MaxModule)
	if err != nil {
		return Source{}, fmt.Errorf("open policy: %w", err)
	}
	base := filepath.Base(path)
	return Source{Name: strings.TrimSuffix(base, filepath.Ext(base)), Wasm: wasm}, nil
}

// readFile looks before it opens, since opening a pipe would wait for a writer.
func readFile(path string, limit int64) ([]byte, error) {
	problem := func(text string) error {
		return &os.PathError{Op: "read", Path: path, Err: errors.New(text)}
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, problem("it is not a regular file")
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	switch {
	case err != nil:
		return nil, err
	case int64(len(data)) > limit:
		return nil, problem(fmt.Sprintf("it is over the limit of %d bytes", limit))
	case len(data) == 0:
		return nil, problem("it is empty")
	}
	return data, nil
}
