package tree

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Note appends a line to the file of the day below results/, which is what a run leaves: name and date name it. A file that is new
// begins with the heading. dir is any folder of the repository.
func Note(dir, name, heading, line string) error {
	top, err := Top(dir)
	if err != nil {
		return err
	}
	path := filepath.Join(top, "results", name+"-"+time.Now().UTC().Format(time.DateOnly)+".txt")
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644) //nolint:gosec // results are for everybody
	if err != nil {
		return fmt.Errorf("note a result: %w", err)
	}
	if stat, err := f.Stat(); err == nil && stat.Size() == 0 {
		line = heading + line
	}
	_, err = f.WriteString(line)
	return errors.Join(err, f.Close())
}
