// Noticing that a policy's files have changed.

package policy

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settle is how long files must be left alone before a change counts, so that
// one that is still being written is not read.
const settle = 200 * time.Millisecond

// Watch calls changed each time one of the files has been replaced or written
// and then left alone for a moment, until ctx is done. It watches their folders,
// so that files may be renamed into place, be missing for a while, or be links
// that are turned. It returns an error if the folders cannot be watched.
func Watch(ctx context.Context, files []string, changed func()) error {
	notify, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watch policy files: %w", err)
	}
	defer notify.Close()
	for _, folder := range folders(files) {
		if err := notify.Add(folder); err != nil {
			return fmt.Errorf("watch policy files: %s: %w", folder, err)
		}
	}
	w := watch{files: files, told: looks(files)}
	timer := time.NewTimer(settle) // something may have changed before we watched
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-notify.Events:
			// Whichever file it was: the look below finds out.
		case err := <-notify.Errors:
			if err == nil {
				return nil
			}
			// Events were lost. The look below does not depend on them.
		case <-timer.C:
			if w.settled() {
				changed()
			}
		}
		if w.moving() {
			timer.Reset(settle)
		}
	}
}

func folders(files []string) []string {
	list := make([]string, 0, len(files))
	for _, file := range files {
		list = append(list, filepath.Dir(file))
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// look is what tells one state of a file from another; the zero value is a
// missing file.
type look struct {
	info os.FileInfo
}

func (l look) same(other look) bool {
	if l.info == nil || other.info == nil {
		return l.info == nil && other.info == nil
	}
	return os.SameFile(l.info, other.info) && l.info.Size() == other.info.Size() && l.info.ModTime().Equal(other.info.ModTime())
}

func looks(files []string) []look {
	list := make([]look, len(files))
	for i, file := range files {
		if info, err := os.Stat(file); err == nil {
			list[i].info = info
		}
	}
	return list
}

// watch compares how the files look with how they looked.
type watch struct {
	files  []string
	told   []look // when changed was called last
	latest []look // while they are moving; nil if they are not
}

// moving says whether the files look different from what was told, and
// remembers how.
func (w *watch) moving() bool {
	now := looks(w.files)
	if slices.EqualFunc(now, w.told, look.same) {
		w.latest = nil
		return false
	}
	w.latest = now
	return true
}

// settled says whether the files have changed and are all there, as they were a
// moment ago.
func (w *watch) settled() bool {
	now := looks(w.files)
	if w.latest == nil || !slices.EqualFunc(now, w.latest, look.same) {
		return false
	}
	if slices.ContainsFunc(now, func(l look) bool { return l.info == nil }) {
		return false
	}
	w.told, w.latest = now, nil
	return true
}
