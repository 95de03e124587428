package redis

import (
	"context"
	"fmt"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// script is a Lua program with the name that the server gives it, which is the SHA-1 of its text. The names are written down
// here, and a test asks a server for them, because computing one is forbidden in some deployments.
type script struct{ text, name string }

// What a script answers.
const (
	absent   = 0
	done     = 1
	conflict = 2
	garbled  = 3
)

// replaceScript keeps ARGV[2] in place of a value of the revision ARGV[1], to be collected at ARGV[3].
//
// The scripts compare revisions as bytes, because a Lua number has 53 bits, and instants as numbers, because Lua compares strings
// by the server's locale. To GETRANGE an empty value, which is nobody's record, looks like none, hence EXISTS.
var replaceScript = script{`
local head = redis.call('GETRANGE', KEYS[1], 0, 20)
if head == '' and redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if #head < 21 or string.byte(head) ~= 1 then return 3 end
if string.sub(head, 2, 9) ~= ARGV[1] then return 2 end
if ARGV[3] == '' then
  redis.call('SET', KEYS[1], ARGV[2])
else
  redis.call('SET', KEYS[1], ARGV[2], 'PXAT', ARGV[3])
end
return 1
`, "fcf6c51882a904baa820dc5271adb02532bcb4e9"}

// touchScript moves the instants of a value of the revision ARGV[1] forward to ARGV[2] and ARGV[3], to be collected at ARGV[4]. It
// moves no body, and writes nothing if nothing moves: a write is announced to every cache that follows the key.
var touchScript = script{`
local head = redis.call('GETRANGE', KEYS[1], 0, 20)
if head == '' and redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if #head < 21 or string.byte(head) ~= 1 then return 3 end
local function instant(s)
  local a, b, c, d, e, f = string.byte(s, 1, 6)
  return ((((a * 256 + b) * 256 + c) * 256 + d) * 256 + e) * 256 + f
end
local seen, deadline = string.sub(head, 10, 15), string.sub(head, 16, 21)
if instant(ARGV[2]) >= instant(deadline) then return 0 end
if string.sub(head, 2, 9) ~= ARGV[1] then return 2 end
local used = instant(ARGV[2]) > instant(seen)
local later = instant(ARGV[3]) > instant(deadline)
if used then seen = ARGV[2] end
if later then deadline = ARGV[3] end
if used or later then redis.call('SETRANGE', KEYS[1], 9, seen .. deadline) end
if later and ARGV[4] == '' then redis.call('PERSIST', KEYS[1]) end
if later and ARGV[4] ~= '' then redis.call('PEXPIREAT', KEYS[1], ARGV[4]) end
return 1
`, "53b6900f512679e4d3b3179e9ed8bdc39ba2a5f5"}

// deleteScript removes a value of the revision ARGV[1], of whatever layout that has one.
var deleteScript = script{`
local head = redis.call('GETRANGE', KEYS[1], 0, 8)
if head == '' and redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if #head < 9 or string.byte(head) < 1 or string.byte(head) > 31 then return 3 end
if string.sub(head, 2) ~= ARGV[1] then return 2 end
redis.call('DEL', KEYS[1])
return 1
`, "e8eb12605ee8a6e34550bd0b5fec70a28b977159"}

// run runs a script by its name, or, on a server that does not know it, by its text, from which the server learns it.
func (s *Store) run(ctx context.Context, method string, sc script, key core.Key, args ...string) error {
	name := s.name(key)
	answer, err := call(ctx, &s.calls, func(ctx context.Context) (int64, error) {
		answer, err := s.client.Do(ctx, s.client.B().Evalsha().Sha1(sc.name).Numkeys(1).Key(name).Arg(args...).Build()).AsInt64()
		if says(err, noScript) {
			answer, err = s.client.Do(ctx, s.client.B().Eval().Script(sc.text).Numkeys(1).Key(name).Arg(args...).Build()).AsInt64()
		}
		return answer, err
	})
	switch {
	case says(err, wrongType):
		return store.ErrGarbled
	case says(err, noMemory):
		return store.ErrFull
	case err != nil:
		return failed(ctx, method, err)
	}
	switch answer {
	case done:
		return nil
	case absent:
		return store.ErrNotFound
	case conflict:
		return store.ErrConflict
	case garbled:
		return store.ErrGarbled
	}
	return failed(ctx, method, fmt.Errorf("the script answered %d", answer))
}
