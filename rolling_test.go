package satchel_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/store"
)

// The two programs of a rolling deploy, and what they know of a basket. The newer has a field more, or a new version.
type (
	basketOld struct {
		Items []string `cbor:"1,keyasint"`
	}
	basketKeeps struct {
		Items []string `cbor:"1,keyasint"`
		codec.Unknown
	}
	basketNew struct {
		Items []string `cbor:"1,keyasint"`
		Notes []string `cbor:"2,keyasint,omitempty"`
	}
	// basketCounts is version 2: how many of each, and notes, which version 1 cannot say.
	basketCounts struct {
		Count map[string]int `cbor:"1,keyasint"`
		Notes []string       `cbor:"2,keyasint,omitempty"`
	}
)

var (
	basket1 = codec.Version(1, codec.CBOR[basketOld]())
	basket2 = codec.Migrate(basket1, codec.CBOR[basketCounts](), func(b basketOld) (basketCounts, error) {
		count := map[string]int{}
		for _, item := range b.Items {
			count[item]++
		}
		return basketCounts{Count: count}, nil
	})
	basket2Still1 = codec.StillWriting(basket1, basket2, itemsOf)
)

func itemsOf(b basketCounts) (basketOld, error) {
	var items []string
	for _, item := range slices.Sorted(maps.Keys(b.Count)) {
		items = append(items, slices.Repeat([]string{item}, b.Count[item])...)
	}
	return basketOld{Items: items}, nil
}

// program is one build of an application. It puts items into its basket, and notes if it knows them.
type program struct {
	name  string
	place func(store.Store, satchel.Keys) satchel.Placement
	put   func(ctx ctx, item string) error
	note  func(ctx ctx, text string) error // nil before there were notes
	read  func(ctx ctx) (items, notes []string, ok bool, err error)
}

// build makes a program of how its type takes an item and a note, and gives both.
func build[T any](name string, c codec.Codec[T], put, note func(T, string) T, read func(T) (items, notes []string)) *program {
	kind := satchel.NewKind[T]("basket").WithCodec(c)
	update := func(change func(T, string) T) func(ctx, string) error {
		if change == nil {
			return nil
		}
		return func(ctx ctx, text string) error {
			_, err := kind.Update(ctx, func(v T) T { return change(v, text) })
			return err
		}
	}
	return &program{
		name: name, put: update(put), note: update(note),
		place: func(s store.Store, keys satchel.Keys) satchel.Placement {
			if s != nil {
				return kind.ServerSide(s)
			}
			return kind.ClientSide(keys, satchel.Unrevocable)
		},
		read: func(ctx ctx) (items, notes []string, ok bool, err error) {
			v, ok, err := kind.Get(ctx)
			items, notes = read(v)
			return items, notes, ok, err
		},
	}
}

// withItem returns a list with one more, in the order in which version 2 gives them back.
func withItem(list []string, item string) []string {
	list = append(list, item)
	slices.Sort(list)
	return list
}

var (
	putOld   = func(b basketOld, item string) basketOld { b.Items = withItem(b.Items, item); return b }
	readOld  = func(b basketOld) (items, notes []string) { return b.Items, nil }
	putCount = func(b basketCounts, item string) basketCounts {
		if b.Count == nil {
			b.Count = map[string]int{}
		}
		b.Count[item]++
		return b
	}
	noteCount = func(b basketCounts, note string) basketCounts { b.Notes = append(b.Notes, note); return b }
	readCount = func(b basketCounts) (items, notes []string) {
		old, _ := itemsOf(b)
		return old.Items, b.Notes
	}

	plainOld = build("plain old", codec.CBOR[basketOld](), putOld, nil, readOld)
	keepsOld = build("keeps", codec.CBOR[basketKeeps](), func(b basketKeeps, item string) basketKeeps {
		b.Items = withItem(b.Items, item)
		return b
	}, nil, func(b basketKeeps) (items, notes []string) { return b.Items, nil })
	plainNew = build("plain new", codec.CBOR[basketNew](),
		func(b basketNew, item string) basketNew { b.Items = withItem(b.Items, item); return b },
		func(b basketNew, note string) basketNew { b.Notes = append(b.Notes, note); return b },
		func(b basketNew) (items, notes []string) { return b.Items, b.Notes })

	version1 = build("version 1", basket1, putOld, nil, readOld)
	still1   = build("still 1", basket2Still1, putCount, nil, readCount)
	version2 = build("version 2", basket2, putCount, noteCount, readCount)
	noNotes2 = build("version 2 without notes", basket2, putCount, nil, readCount)
)

// deploy is what runs, one fleet after the other, and what that may cost.
type deploy struct {
	fleets [][]*program
	newest *program
	// refuses names the programs that may not write what newer ones have written: ErrNewerSchema, and no other error.
	refuses []*program
	// blind are those which see no session there.
	blind []*program
}

var deploys = map[string]deploy{
	"a field more, and old nodes keep what they do not know": {
		fleets: [][]*program{{keepsOld}, {keepsOld, plainNew}, {plainNew}, {plainNew, keepsOld}, {keepsOld}, {plainNew}},
		newest: plainNew,
	},
	"a field more, and old nodes know only their own": {
		fleets: [][]*program{{plainOld}, {plainOld, plainNew}, {plainNew}, {plainNew, plainOld}, {plainOld}, {plainNew}},
		newest: plainNew, refuses: []*program{plainOld},
	},
	"a version more, in one deploy": {
		fleets: [][]*program{{version1}, {version1, version2}, {version2}, {version2, version1}, {version1}, {version2}},
		newest: version2, refuses: []*program{version1}, blind: []*program{version1},
	},
	"a version more, in two deploys": {
		fleets: [][]*program{{version1}, {version1, still1}, {still1}, {still1, noNotes2}, {noNotes2}, {noNotes2, still1}, {still1}, {noNotes2}},
		newest: version2,
	},
	"a version more, in two deploys, and what only it can say": {
		fleets: [][]*program{{version1}, {version1, still1}, {still1}, {still1, version2}, {version2}, {version2, still1}, {still1}, {version2}},
		newest: version2, refuses: []*program{still1},
	},
}

// While nodes of two programs read and write the same sessions, there and back, no item and no note is lost; reading is never an
// error, and writing only where the older program would lose something; and when all nodes are new all sessions are well.
func TestRollingDeploy(t *testing.T) {
	for name, d := range deploys {
		for _, place := range []string{"server-side", "client-side"} {
			t.Run(name+", "+place, func(t *testing.T) { newRolling(t, d, place).run() })
		}
	}
}
