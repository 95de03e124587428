package store_test

import (
	"context"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// interrupted is a storage that lets somebody else go first, once, between what is read and what is then written.
type interrupted struct {
	*inMap
	beside func()
}

func (s *interrupted) Read(ctx context.Context, id string) (string, error) {
	text, err := s.inMap.Read(ctx, id)
	if beside := s.beside; beside != nil {
		s.beside = nil
		beside()
	}
	return text, err
}

// What the name says: of two changes at once, by two programs, the one that was written last is left, though both were acknowledged; and a save
// that comes late brings back a session that has ended meanwhile.
func TestStorageLosesWhatIsChangedBeside(t *testing.T) {
	for name, beside := range map[string]func(other store.Store) error{
		"a change": func(other store.Store) error {
			return other.Replace(ctx, "k", 1, core.Record{Revision: 2, Seen: 1, Deadline: 9, Body: "theirs"})
		},
		"its end": func(other store.Store) error { return other.Delete(ctx, "k", 1) },
	} {
		t.Run(name, func(t *testing.T) {
			shared := &interrupted{inMap: new(inMap)}
			ours, theirs := store.LastWriteWins(shared), store.LastWriteWins(shared.inMap)
			want(t, ours.Create(ctx, "k", core.Record{Revision: 1, Seen: 1, Deadline: 9, Body: "body"}), nil)
			shared.beside = func() { want(t, beside(theirs), nil) }
			mine := core.Record{Revision: 2, Seen: 1, Deadline: 9, Body: "mine"}
			want(t, ours.Replace(ctx, "k", 1, mine), nil)
			if kept, err := theirs.Load(ctx, "k"); err != nil || kept != mine {
				t.Errorf("it keeps more than its name says, so the page says too little of it: %+v, %v", kept, err)
			}
		})
	}
}
