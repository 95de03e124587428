package main

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel/internal/mutants"
	"github.com/satchel-go/satchel/internal/tree"
	"github.com/satchel-go/satchel/internal/walls"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		args  string
		want  []job
		setup time.Duration
	}{
		{"", []job{{word: "tests"}}, 0},
		{"lint", []job{{word: "lint"}}, 0},
		{"fuzz 5s", []job{{word: "fuzz", each: 5 * time.Second}}, 0},
		{"-setup 41s tools lint fuzz tests", []job{{word: "tools"}, {word: "lint"}, {word: "fuzz"}, {word: "tests"}}, 41 * time.Second},
		{"-setup 41s", []job{{word: "tests"}}, 41 * time.Second},
		{"long 1m fuzz", []job{{word: "long", each: time.Minute}, {word: "fuzz"}}, 0},
		{"mutants 7 mutants", []job{{word: "mutants", rule: 7}, {word: "mutants"}}, 0},
	} {
		got, setup, err := parse(strings.Fields(c.args))
		if err != nil || !slices.Equal(got, c.want) || setup != c.setup {
			t.Errorf("%q: got %v, %v, %v", c.args, got, setup, err)
		}
	}
	for _, args := range []string{"everything", "5s", "tests 5s", "fuzz 5s 6s", "fuzz -5s", "mutants " + strconv.Itoa(mutants.Rules+1), "mutants 0", "mutants 7 8", "lint 7", "7", "-setup soon", "-setup"} {
		if got, _, err := parse(strings.Fields(args)); err == nil {
			t.Errorf("%q: got %v, want an error", args, got)
		}
	}
}

func TestShareOfTheFuzzBudget(t *testing.T) {
	for _, c := range []struct {
		n, atOnce int
		want      time.Duration
	}{
		{0, 1, 5 * time.Second},
		{1, 1, 5 * time.Second},
		{24, 1, 5 * time.Second},
		{48, 1, 2500 * time.Millisecond},
		{48, 2, 5 * time.Second},
		{60, 2, 4 * time.Second},
		{1000, 2, time.Second},
	} {
		if got := share(c.n, c.atOnce); got != c.want {
			t.Errorf("%d targets, %d at once: got %v each, want %v", c.n, c.atOnce, got, c.want)
		}
	}
}

func TestEvents(t *testing.T) {
	in := `{"Action":"build-output","ImportPath":"x/broken","Output":"# x/broken\n"}
{"Action":"build-output","ImportPath":"x/broken","Output":"broken.go:1: undefined\n"}
{"Action":"build-fail","ImportPath":"x/broken"}
{"Action":"start","Package":"x/broken"}
{"Action":"output","Package":"x/broken","Output":"FAIL\tx/broken [build failed]\n"}
{"Action":"fail","Package":"x/broken","FailedBuild":"x/broken"}
{"Action":"run","Package":"x/good","Test":"TestA"}
{"Action":"output","Package":"x/good","Test":"TestA","Output":"=== RUN   TestA\n"}
{"Action":"output","Package":"x/good","Test":"TestA","Output":"    a_test.go:1: a log that nobody needs\n"}
{"Action":"output","Package":"x/good","Test":"TestA","Output":"--- PASS: TestA (0.00s)\n"}
{"Action":"pass","Package":"x/good","Test":"TestA"}
{"Action":"output","Package":"x/good","Test":"TestB","Output":"    b_test.go:2: redis-server is not installed here\n"}
{"Action":"output","Package":"x/good","Test":"TestB","Output":"--- SKIP: TestB (0.00s)\n"}
{"Action":"skip","Package":"x/good","Test":"TestB"}
{"Action":"output","Package":"x/good","Output":"PASS\n"}
{"Action":"output","Package":"x/good","Output":"ok  \tx/good\t0.003s\n"}
{"Action":"pass","Package":"x/good"}
{"Action":"output","Package":"x/bad","Test":"TestC","Output":"    c_test.go:3: got 1, want 2\n"}
{"Action":"output","Package":"x/bad","Test":"TestC","Output":"--- FAIL: TestC (0.00s)\n"}
{"Action":"fail","Package":"x/bad","Test":"TestC"}
{"Action":"output","Package":"x/bad","Output":"FAIL\tx/bad\t0.003s\n"}
{"Action":"fail","Package":"x/bad"}
{"Action":"output","Package":"x/panics","Test":"TestD","Output":"panic: oh\n"}
{"Action":"output","Package":"x/panics","Output":"FAIL\tx/panics\t0.003s\n"}
{"Action":"fail","Package":"x/panics"}
{"Action":"output","Package":"x/none","Output":"?   \tx/none\t[no test files]\n"}
{"Action":"skip","Package":"x/none"}
the linker says something`
	want := `# x/broken
broken.go:1: undefined
FAIL	x/broken [build failed]
skipped: TestB: b_test.go:2: redis-server is not installed here
ok  	x/good	0.003s
    c_test.go:3: got 1, want 2
--- FAIL: TestC (0.00s)
FAIL	x/bad	0.003s
still running: TestD
panic: oh
FAIL	x/panics	0.003s
the linker says something`
	var out strings.Builder
	got, err := readEvents(strings.NewReader(in), &out)
	if err != nil || out.String() != want {
		t.Errorf("%v, printed:\n%s\nwant:\n%s", err, &out, want)
	}
	if want := (count{passed: 1, failed: 3, skipped: 1}); got != want {
		t.Errorf("counted %v, want %v", got, want)
	}
}

func TestLateStopOfTheFuzzer(t *testing.T) {
	const head = "fuzz: elapsed: 5s, execs: 812 (160/sec), new interesting: 3 (total: 9)\n--- FAIL: FuzzX (5.02s)\n"
	for text, want := range map[string]bool{
		head + "    context deadline exceeded\nFAIL\nexit status 1\n":                                                   true,
		head + "    --- FAIL: FuzzX (0.00s)\n        x_test.go:9: wrong\n":                                              false,
		head + "    context deadline exceeded\n    x_test.go:9: wrong\n":                                                false,
		head + "    context deadline exceeded\n    Failing input written to testdata/fuzz/FuzzX/1\n":                    false,
		head + "    fuzzing process hung or terminated unexpectedly: exit status 2\n    panic: oh\nFAIL\n":              false,
		"x_test.go:1:1: undefined: y\nFAIL\n":                                                                           false,
		"--- FAIL: FuzzX (0.02s)\n    --- FAIL: FuzzX/seed#0 (0.00s)\n        x_test.go:9: context deadline exceeded\n": false,
	} {
		if got := isLateStop(text); got != want {
			t.Errorf("got %v, want %v, of:\n%s", got, want, text)
		}
	}
	if got := lastProgress(head + head); got != "812 runs, corpus 9 (3 new)" {
		t.Errorf("progress: got %q", got)
	}
}

func TestRoomsAndModules(t *testing.T) {
	h := &house{modules: []tree.Module{{Dir: "."}, {Dir: "store/redis"}, {Dir: "store/redis/deep"}, {Dir: "bench"}}}
	for _, c := range []struct{ room, module, spelled string }{
		{".", ".", "."},
		{"core", ".", "./core"},
		{"store", ".", "./store"},
		{"store/redis", "store/redis", "."},
		{"store/redisx", ".", "./store/redisx"},
		{"store/redis/wire", "store/redis", "./wire"},
		{"store/redis/deep/er", "store/redis/deep", "./er"},
	} {
		module := h.moduleOf(c.room)
		if spelled := inModule(module, c.room); module != c.module || spelled != c.spelled {
			t.Errorf("%s: got %s in %s, want %s in %s", c.room, spelled, module, c.spelled, c.module)
		}
	}
	tests := []walls.Func{{Room: "core", Name: "TestA"}, {Room: "core", Name: "TestB"}, {Room: "bench", Name: "TestC"}}
	if got := h.roomsOf(".", tests); !slices.Equal(got, []string{"./core"}) || !h.has("bench", tests) || h.has("store/redis", tests) {
		t.Errorf("rooms of the root module: %v", got)
	}
}

func TestToolOfAnotherVersionIsNotUsed(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	h := &house{top: t.TempDir()}
	self, err := os.Executable() // a Go program, but not the tool
	if err != nil {
		t.Fatal(err)
	}
	dir := h.toolDir(golangci)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(dir, golangci.name)); err != nil {
		t.Fatal(err)
	}
	if bin, err := h.find(golangci); err == nil || !strings.Contains(err.Error(), "./test tools") {
		t.Errorf("got %q, %v", bin, err)
	}
}

// plant writes a small repository and makes it the working folder.
func plant(t *testing.T, files map[string]string) {
	t.Helper()
	top := t.TempDir()
	for name, text := range files {
		full := filepath.Join(top, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(top)
}

var durations = regexp.MustCompile(` +[\d.]+m?s `)

// A repository with a nested module is tested whole: both modules, allocations apart from the race detector's pass, and a
// failure in the nested one is the exit status of all.
func TestWholeRun(t *testing.T) {
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	plant(t, map[string]string{
		"go.mod":                "module " + tree.ModulePath + "\n\ngo 1.26\n",
		"go.work":               "go 1.26\n\nuse .\n", // the nested module is tested without it
		"core/core.go":          "package core\n",
		"core/race_test.go":     "//go:build race\n\npackage core\n\nimport \"testing\"\n\nfunc TestRace(t *testing.T) {}\n",
		"core/core_test.go":     "package core\n\nimport (\n\t\"os\"\n\t\"testing\"\n)\n\nfunc TestGood(t *testing.T) {\n\tif os.Getenv(\"GOGC\")+os.Getenv(\"GOMEMLIMIT\") != \"\" {\n\t\tt.Error(\"a test runs otherwise than everywhere\")\n\t}\n}\n\nfunc TestAllocNone(t *testing.T) {}\n",
		"store/redis/go.mod":    "module " + tree.ModulePath + "/store/redis\n\ngo 1.26\n",
		"store/redis/a.go":      "package redis\n",
		"store/redis/a_test.go": "package redis\n\nimport \"testing\"\n\nfunc TestBad(t *testing.T) { t.Error(\"planted\") }\n",
	})
	var out strings.Builder
	if err := run(t.Context(), &out, []string{"-setup", "3s"}); !errors.Is(err, errFailed) {
		t.Errorf("a failure in a nested module: got %v", err)
	}
	_, table, _ := strings.Cut(out.String(), "== what took how long\n")
	got := strings.Split(durations.ReplaceAllString(table, " "), "\n")
	for i := range got {
		got[i] = strings.Join(strings.Fields(got[i]), " ")
	}
	race := (&house{out: &strings.Builder{}, top: "."}).race(t.Context())
	want := []string{
		"set-up before ./test ok", "vet the workspace ok", "build for the race detector ok", "vet . ok", "test . ok 2 passed, 0 failed, 0 skipped", "test without -race . ok 1 passed, 0 failed, 0 skipped",
		"vet store/redis ok", "test store/redis FAILED 0 passed, 1 failed, 0 skipped", "all, some steps side by side FAILED", "", "3 passed, 1 failed, 0 skipped", "",
	}
	if !race {
		want = slices.Delete(slices.Delete(want, 5, 6), 2, 3) // there is one pass with both tests
		want[8] = "2 passed, 1 failed, 0 skipped"
	}
	if !slices.Equal(got, want) {
		t.Errorf("got table %q, want %q, of\n%s", got, want, &out)
	}
	if !strings.Contains(out.String(), "a_test.go:5: planted") {
		t.Errorf("the failure is not shown:\n%s", &out)
	}
}

// A fuzz target that finds something fails the run and shows its input, and a long run leaves its results in a dated file.
func TestFuzzAndLong(t *testing.T) {
	plant(t, map[string]string{
		"go.mod":                "module " + tree.ModulePath + "\n\ngo 1.26\n",
		"core/core.go":          "package core\n",
		"core/broken/b_test.go": "package broken\n\nimport \"testing\"\n\nfunc FuzzBroken(f *testing.F) { undefined() }\n",
		"store/redis/go.mod":    "module " + tree.ModulePath + "/store/redis\n\ngo 1.26\n",
		"store/redis/a_test.go": "package redis\n\nimport \"testing\"\n\nfunc FuzzGood(f *testing.F) {\n\tf.Add(\"\")\n\tf.Fuzz(func(*testing.T, string) {})\n}\n\n" +
			"func FuzzFinds(f *testing.F) {\n\tf.Add(\"\")\n\tf.Fuzz(func(t *testing.T, s string) {\n\t\tif s != \"\" {\n\t\t\tt.Error(\"planted\")\n\t\t}\n\t})\n}\n\n" +
			"func FuzzHangs(f *testing.F) {\n\tf.Add(\"\")\n\tf.Fuzz(func(t *testing.T, s string) {\n\t\tfor s != \"\" {\n\t\t}\n\t})\n}\n",
		"core/core_test.go": "package core\n\nimport (\n\t\"os\"\n\t\"testing\"\n)\n\nfunc TestLongSoak(t *testing.T) {\n\tif os.Getenv(\"SATCHEL_LONG\") != \"1\" {\n\t\tt.Error(\"not asked for\")\n\t}\n}\n\nfunc FuzzX(f *testing.F) {\n\tf.Add(1)\n\tf.Fuzz(func(t *testing.T, n int) { t.Error(\"planted\") })\n}\n",
	})
	var out strings.Builder
	if err := run(t.Context(), &out, []string{"long", "1s"}); !errors.Is(err, errFailed) {
		t.Errorf("a fault that fuzzing finds: got %v, of\n%s", err, &out)
	}
	files, _ := filepath.Glob("results/long-20*.txt")
	if len(files) != 1 {
		t.Fatalf("results: %v", files)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`, commit .*, go1\.\d+.* CPUs\n\n`, `soak \. .* ok +1 passed, 0 failed`, `fuzz core FuzzX .* FAILED`,
		`build the targets of core/broken .* FAILED`, `fuzz store/redis FuzzGood .* ok +\d+ runs`, `fuzz store/redis FuzzFinds .* FAILED`,
		`fuzz store/redis FuzzHangs .* FAILED`, // though Go waits ten seconds for an input
	} {
		if !regexp.MustCompile(want).Match(text) {
			t.Errorf("the results lack %q:\n%s", want, text)
		}
	}
	for _, want := range []string{
		`b_test\.go:5:\d+: undefined: undefined`, `a_test\.go:14: planted`,
		`commit store/redis/testdata/fuzz/FuzzFinds/[0-9a-f]+ with the mend:\ngo test fuzz v1\nstring\(".+"\)\n`,
		`fuzzing process hung`, `commit store/redis/testdata/fuzz/FuzzHangs/[0-9a-f]+ with the mend:\ngo test fuzz v1\nstring\(".+"\)\n`,
	} {
		if !regexp.MustCompile(want).MatchString(out.String()) {
			t.Errorf("what is printed lacks %q:\n%s", want, &out)
		}
	}
	if strings.Contains(out.String(), "without coverage guidance") {
		t.Errorf("a target was built without counters:\n%s", &out)
	}
	if found, _ := filepath.Glob("store/redis/testdata/fuzz/FuzzFinds/*"); len(found) == 0 {
		t.Error("the finding is not in the folder")
	}
}

// A look is late if a worker had to be killed, which takes two seconds.
func TestLateLook(t *testing.T) {
	for text, want := range map[string]bool{
		"":   false,
		"ok": false,
		"fuzz: elapsed: 3s, execs: 50 (17/sec), new interesting: 0 (total: 2)\nPASS\n":                                                           false,
		"fuzz: elapsed: 4s, execs: 50 (17/sec), new interesting: 0 (total: 2)\nPASS\n":                                                           false,
		"fuzz: elapsed: 0s, gathering baseline coverage: 1/1 completed, now fuzzing with 1 workers\nfuzz: elapsed: 5s, execs: 4 (1/sec)\nPASS\n": true,
		"fuzz: elapsed: 1m0s, minimizing\nPASS\n":                                                                                                true,
	} {
		if got := isLate(text, 3*time.Second); got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

// Without a C compiler there is no race detector: a person's run goes on without it, CI fails.
func TestRaceDetectorIsRequiredInCI(t *testing.T) {
	t.Setenv("CGO_ENABLED", "0")
	for _, ci := range []bool{false, true} {
		h := &house{out: &strings.Builder{}, top: ".", ci: ci}
		if h.race(t.Context()) || h.failed() != ci {
			t.Errorf("CI %v: failed %v", ci, h.failed())
		}
	}
}

// What builds has room, unless somebody has decided otherwise, in either way.
func TestBuildersHaveRoom(t *testing.T) {
	h := &house{out: &strings.Builder{}, top: "."}
	for _, c := range []struct {
		percent, limit string
		want           bool
	}{{"", "", true}, {"50", "", false}, {"", "1GiB", false}, {"50", "1GiB", false}} {
		t.Setenv("GOGC", c.percent)
		t.Setenv("GOMEMLIMIT", c.limit)
		cmd := h.tester(t.Context(), ".")
		for _, setting := range roomy {
			if got := slices.Contains(h.builder(t.Context(), ".", "go").Env, setting); got != c.want {
				t.Errorf("with GOGC=%q and GOMEMLIMIT=%q: %s is set %v", c.percent, c.limit, setting, got)
			}
			if slices.Contains(cmd.Env, setting) && !strings.Contains(strings.Join(cmd.Args, " "), "-exec=env -u GOGC -u GOMEMLIMIT") {
				t.Errorf("with GOGC=%q and GOMEMLIMIT=%q tests are run as %q", c.percent, c.limit, cmd.Args)
			}
			if !c.want && slices.Contains(cmd.Env, setting) {
				t.Errorf("with GOGC=%q and GOMEMLIMIT=%q a test is built with %s", c.percent, c.limit, setting)
			}
		}
	}
}
