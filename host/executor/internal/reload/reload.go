// Package reload keeps a value up to date with the files that it was read from.
package reload

import (
	"os"
	"sync"
)

// Value is what was read from files. It looks at the files whenever it is asked,
// and reads them again if they have changed.
type Value[T any] struct {
	paths   []string
	read    func() (T, error)
	problem func(error)

	mu    sync.Mutex
	value T
	seen  []os.FileInfo // the files as they were last read; nil: not there
}

// New reads the value for the first time. Later on, problem hears why a change
// could not be read, once per change; nil hears nothing.
func New[T any](read func() (T, error), problem func(error), paths ...string) (*Value[T], error) {
	if problem == nil {
		problem = func(error) {}
	}
	v := &Value[T]{paths: paths, read: read, problem: problem}
	v.seen = v.look() // before reading: a change in between is seen next time
	var err error
	v.value, err = read()
	return v, err
}

// Get gives the value of the files as they are now, or, if they cannot be read,
// as they were when they last could.
func (v *Value[T]) Get() T {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.look()
	if v.same(now) {
		return v.value
	}
	v.seen = now
	value, err := v.read()
	if err != nil {
		v.problem(err)
		return v.value
	}
	v.value = value
	return v.value
}

func (v *Value[T]) look() []os.FileInfo {
	files := make([]os.FileInfo, len(v.paths))
	for i, path := range v.paths {
		if info, err := os.Stat(path); err == nil {
			files[i] = info
		}
	}
	return files
}

func (v *Value[T]) same(now []os.FileInfo) bool {
	for i, a := range v.seen {
		b := now[i]
		if a == nil || b == nil {
			if a != b {
				return false
			}
			continue
		}
		// A file put in another's place may have its time and size.
		if !os.SameFile(a, b) || !a.ModTime().Equal(b.ModTime()) || a.Size() != b.Size() {
			return false
		}
	}
	return true
}
