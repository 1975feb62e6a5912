// Package outfile writes a file that is either whole or not there.
//
// What is written goes into a neighbour, FILE.PID.part, which takes the file's
// name at the end. A process that is killed leaves the .part, never a half file
// that looks whole; the file that was there before stays until then.
package outfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// File is a file in the making.
type File struct {
	f    *os.File
	part string // empty when writing straight to a device or a pipe
	path string
}

// Create begins the file. What exists and is no regular file, such as /dev/null
// or a named pipe, is written to directly. A symbolic link is followed.
func Create(path string) (*File, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, fmt.Errorf("%s is a directory", path)
	case !info.Mode().IsRegular():
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return nil, err
		}
		return &File{f: f}, nil
	default:
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return nil, err
		}
	}
	part := fmt.Sprintf("%s.%d.part", path, os.Getpid())
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, err
	}
	return &File{f: f, part: part, path: path}, nil
}

func (f *File) Write(p []byte) (int, error) { return f.f.Write(p) }

// Commit gives the file its name.
func (f *File) Commit() error {
	err := f.f.Close()
	if f.part == "" {
		return err
	}
	if err == nil {
		err = os.Rename(f.part, f.path)
	}
	if err != nil {
		_ = os.Remove(f.part)
	}
	return err
}

// Discard throws away what was written.
func (f *File) Discard() {
	_ = f.f.Close()
	if f.part != "" {
		_ = os.Remove(f.part)
	}
}
