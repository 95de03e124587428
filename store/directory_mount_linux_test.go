package store_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/need"
	"github.com/satchel-go/satchel/internal/servers"
	"github.com/satchel-go/satchel/store"
)

// childElsewhere runs what needs a disk of its own, in a child that sees its mounts alone.
func childElsewhere(task string, _ *store.Directory, path string) error {
	disk := filepath.Join(path, "..", "disk")
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=1m,mode=700"); err != nil {
		fmt.Fprintln(os.Stdout, "refused:", err)
		return nil
	}
	d, err := store.DirectoryConfig{Path: filepath.Join(disk, "sessions")}.New()
	if err != nil {
		return err
	}
	defer d.Close()
	switch task {
	case "mount":
		return nil
	case "full":
		return fillDisk(d)
	case "read-only":
		return readOnly(d, disk)
	}
	return fmt.Errorf("no task %q", task)
}

// fillDisk writes until there is no room: what was there stays, and there is room again when something goes.
func fillDisk(d *store.Directory) error {
	rec := core.Record{Revision: 1, Seen: 1, Deadline: 1 << 40, Body: strings.Repeat("b", 10_000)}
	next := rec
	next.Revision, next.Body = 2, strings.Repeat("c", 100_000)
	n := 0
	for ; ; n++ {
		if err := d.Create(ctx, key(n), rec); errors.Is(err, syscall.ENOSPC) {
			break
		} else if err != nil || n > 1000 {
			return fmt.Errorf("record %d: %w", n, err)
		}
	}
	if n < 10 {
		return fmt.Errorf("full after %d", n)
	}
	if err := d.Replace(ctx, key(0), 1, next); !errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("Replace returned %w", err)
	}
	if err := d.Touch(ctx, key(0), 1, 2, 1<<40+1); err != nil {
		return err // by time, which needs no room
	}
	for i := range n {
		if got, err := d.Load(ctx, key(i)); err != nil || got.Body != rec.Body {
			return fmt.Errorf("record %d: %w", i, err)
		}
	}
	if _, err := d.Load(ctx, key(n)); !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("the refused one: %w", err)
	}
	for i := range n {
		if err := d.Delete(ctx, key(i), 1); err != nil {
			return err
		}
	}
	return d.Create(ctx, key(0), next)
}

// readOnly shows a directory that exists on a disk that cannot be written to.
func readOnly(d *store.Directory, disk string) error {
	if err := d.Create(ctx, key(1), record(1, 9, "body")); err != nil {
		return err
	}
	if err := d.Close(); err != nil {
		return err
	}
	if err := syscall.Mount("", disk, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		return err
	}
	if _, err := store.NewDirectory(filepath.Join(disk, "sessions")); !errors.Is(err, syscall.EROFS) {
		return fmt.Errorf("New on a read-only disk returned %w", err)
	}
	return nil
}

func TestDirectoryOnRealDisks(t *testing.T) {
	for _, task := range []string{"mount", "full", "read-only"} {
		t.Run(task, func(t *testing.T) {
			top := t.TempDir()
			want(t, os.Mkdir(filepath.Join(top, "disk"), 0o700), nil)
			process, output := child(t, task, filepath.Join(top, "kept"))
			servers.Apart(process)
			err := process.Start()
			said := ""
			if err == nil {
				said, _ = output.ReadString('\n')
				err = process.Wait()
			}
			if errors.Is(err, syscall.EPERM) || strings.HasPrefix(said, "refused: ") {
				t.Logf("no disk can be mounted here: %v %s", err, said)
				need.Long(t) // which a run for hours has to have
			}
			if err != nil {
				t.Fatalf("%v: %s", err, said)
			}
		})
	}
}
