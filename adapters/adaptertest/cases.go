package adaptertest

import "testing"

func runCases(t *testing.T, a Adapter) { t.Helper(); _ = a }
