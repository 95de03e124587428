package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/satchel-go/satchel/internal/folders"
)

// A directory is a folder with the file FORMAT, and the folders 00 to 3f: a record lies in the one that the first byte of
// its file's name gives, modulo 64.
const (
	formatName = "FORMAT"
	formatText = "satchel directory, format 1\n"
)

// New opens the directory, or makes it, and returns an error that lists everything wrong with the configuration. It refuses
// a folder that holds other files, one that everybody shares (with the sticky bit, as /tmp), and parts that are no regular
// files or folders: a link, a pipe or a device is neither opened nor written to. It tightens the modes of the folder and of
// those in it if others have been given access.
func (c DirectoryConfig) New() (*Directory, error) {
	var wrong []error
	if c.Path == "" {
		wrong = append(wrong, errors.New("store: Path is empty"))
	}
	if c.Sync > SyncNone {
		wrong = append(wrong, fmt.Errorf("store: Sync is %d, no mode", c.Sync))
	}
	if c.SweepEvery < 0 {
		wrong = append(wrong, fmt.Errorf("store: SweepEvery is %v, less than 0", c.SweepEvery))
	}
	if !locksFiles {
		wrong = append(wrong, fmt.Errorf("store: a directory needs file locks: %w", errors.ErrUnsupported))
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	d := newDirectory(c.Sync)
	if err := d.openAll(c.Path); err != nil {
		return nil, errors.Join(fmt.Errorf("store: open directory: %w", err), d.Close())
	}
	if c.SweepEvery > 0 {
		d.stop = c.sweeping().begin(d.Sweep)
	}
	return d, nil
}

// sweeping is how the directory's own goroutine sweeps.
func (c DirectoryConfig) sweeping() SweepConfig {
	now := c.Now
	if now == nil {
		now = time.Now
	}
	return SweepConfig{Every: c.SweepEvery, Limit: directoryLooks, Failed: c.SweepFailed, Now: now}
}

func newDirectory(sync Sync) *Directory {
	d := &Directory{sync: sync, sweeping: make(chan struct{}, 1), ending: make(chan struct{}), stop: func() {}}
	for i := range d.drawers {
		d.drawers[i].turn, d.drawers[i].ending = make(chan struct{}, 1), d.ending
	}
	return d
}

// openAll makes what is missing and opens it. Here paths may show in errors: an operator has given them.
func (d *Directory) openAll(path string) error {
	if err := os.Mkdir(path, 0o700); err == nil {
		err = folders.Flush(filepath.Dir(filepath.Clean(path)))
		if err != nil {
			return err
		}
	} else if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: if the path is meant, make the folders above it first", err)
	} else if !errors.Is(err, fs.ErrExist) {
		return err
	}
	stat, err := os.Stat(path) // a pipe would keep its opener waiting
	if err != nil {
		return err
	}
	if !stat.IsDir() {
		return fmt.Errorf("%s is no folder", path)
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return err
	}
	top := rootFolder{root}
	defer top.close()
	if err := notShared(root); err != nil {
		return err
	}
	if err := claim(top); err != nil {
		return err
	}
	if err := tighten(root, "."); err != nil {
		return err
	}
	for i := range d.drawers {
		if err := d.drawers[i].openIn(root, fmt.Sprintf("%02x", i)); err != nil {
			return err
		}
	}
	if d.timeLimit, err = timeLimit(d.drawers[0].folder); err != nil {
		return err
	}
	return top.flush()
}

// claim looks whether the folder is a directory of this format, and makes it one if nothing is in it.
func claim(top rootFolder) error {
	format, err := openRegular(top.Root, formatName, os.O_RDONLY)
	if err == nil {
		return errors.Join(checkFormat(top, format), format.Close())
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	list, err := top.list()
	if err != nil {
		return err
	}
	defer list.Close()
	names, err := list.Readdirnames(-1)
	if err != nil {
		return err
	}
	for _, name := range names {
		// What systems and tools put into a new folder is no reason to refuse it.
		if name != formatName && name != "lost+found" && !strings.HasPrefix(name, ".") {
			return fmt.Errorf("%s holds other files, such as %s", top.Name(), name)
		}
	}
	temp, err := writeTemp(top, formatText)
	if err != nil {
		return err
	}
	return top.rename(temp, formatName)
}

func checkFormat(top rootFolder, format io.Reader) error {
	text, err := io.ReadAll(io.LimitReader(format, int64(len(formatText))+1))
	if err == nil && string(text) != formatText {
		err = fmt.Errorf("%s/%s is of another format", top.Name(), formatName)
	}
	return err
}

// notShared refuses a folder in which everybody has files: its mode cannot be tightened.
func notShared(root *os.Root) error {
	stat, err := root.Stat(".")
	if err == nil && hasModes && stat.Mode()&fs.ModeSticky != 0 && stat.Mode().Perm()&0o022 != 0 {
		err = fmt.Errorf("%s is shared with others: make a folder inside it", root.Name())
	}
	return err
}

// tighten takes a folder from everybody but its owner.
func tighten(root *os.Root, name string) error {
	if !hasModes {
		return nil
	}
	stat, err := root.Stat(name)
	if err != nil || stat.Mode().Perm() == 0o700 {
		return err
	}
	return root.Chmod(name, 0o700)
}

// writeTemp writes and flushes a file under a name of its own.
func writeTemp(in folder, text string) (name string, err error) {
	name = newTempName()
	f, err := in.create(name)
	if err != nil {
		return "", err
	}
	_, err = io.WriteString(f, text)
	return name, errors.Join(err, f.Sync(), f.Close())
}

// openIn makes and opens the folder of a drawer and its lock file.
func (d *drawer) openIn(root *os.Root, name string) error {
	if err := root.Mkdir(name, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	stat, err := root.Lstat(name)
	if err != nil {
		return err
	}
	if !stat.IsDir() {
		return fmt.Errorf("%s/%s is no folder", root.Name(), name)
	}
	if err := tighten(root, name); err != nil {
		return err
	}
	inner, err := root.OpenRoot(name)
	if err != nil {
		return err
	}
	d.folder = rootFolder{inner}
	d.lock, err = openLock(inner)
	if err != nil {
		return err
	}
	// After a crash the ledger may say what never came to the disk. This needs no lock: a scan that is going on finds its
	// number gone, and what a writer enters at this instant is no worse than nothing.
	_, err = d.lock.WriteAt(make([]byte, ledgerSize), 0)
	return err
}

// shut closes a drawer, when nobody changes it.
func (d *drawer) shut() error {
	if d.folder == nil {
		return nil // it was never opened
	}
	d.turn <- struct{}{}
	defer func() { <-d.turn }()
	err := d.close()
	if d.lock != nil {
		err = errors.Join(err, d.lock.Close())
	}
	return err
}

// timeLimit tries how far and how finely the disk keeps files' times: until 2106, until 2038 or not exactly at all.
func timeLimit(in folder) (limit int64, err error) {
	name, err := writeTemp(in, "")
	if err != nil {
		return 0, err
	}
	for _, seconds := range []int64{1<<32 - 1, 1<<31 - 1} {
		t := time.Unix(seconds, 123_456_789/fileTimeStep*fileTimeStep)
		if in.setTime(name, t) != nil {
			continue // it cannot be told such a time
		}
		stat, err := in.stat(name)
		if err != nil {
			break
		}
		if stat.ModTime().Equal(t) {
			limit = seconds * 1000
			break
		}
	}
	return limit, in.remove(name)
}
