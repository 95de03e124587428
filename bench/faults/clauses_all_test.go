package faults

import "testing"

// clauses are in the order of the faults.
var clauses = []clause{
	{
		8, "what begins after a 103 has no cookie",
		[]asked{{ofSCS, scsAfterHints, has}},
		nil, satchelAfterHints,
		[]string{"TestFault08_HeadersLeaveWithoutTheCookie"},
	},
	{
		8, "who hijacks before the first write finds a header without the cookie",
		[]asked{{ofSCS, scsHijacked, has}},
		nil, satchelHijacked,
		[]string{"TestWireHijack", "TestWireFailedHijackIsAnswered"},
	},
	{
		8, "a failed commit is answered with its error and then the page",
		[]asked{{ofSCS, scsFailsAndGoesOn, has}, {ofFiber, fiberFailsAndGoesOn, free}},
		nil, satchelFailsAndGoesOn,
		[]string{"TestFault08_HeadersLeaveWithoutTheCookie"},
	},
	{
		9, "two middlewares in one request lose a session",
		[]asked{{ofSCS, scsTwo, free}, {ofCookies, cookiesTwo, free}, {ofFiles, filesTwo, free}, {ofFiber, fiberTwo, has}, {irisName, irisTwo, free}},
		nil, satchelTwo,
		[]string{"TestEachContextLooksOutwardThroughItsOwn"},
	},
	{
		9, "two goroutines of one request race for what it has of sessions",
		[]asked{{ofSCS, racing("scs", "github.com/alexedwards/scs"), free}, {ofCookies, racing("gorilla", "github.com/gorilla/sessions.(*Registry).Get"), has}},
		nil, racing("satchel", "github.com/satchel-go/satchel"),
		[]string{"TestConcurrentExchange"},
	},
	{
		15, "what is written while the store is out of reach is dropped in silence",
		[]asked{
			{ofSCS, scsDropsWrites, free},
			{ofFiles, filesDropWrites, free},
			{ofFiber, fiberDropsWrites, free},
			{redisstoreName, redisstoreDropsWrites, free},
			{irisOnRedis, irisDropsWrites, has},
			{beegoName, beegoDropsWrites, has},
		},
		nil, satchelDropsWrites,
		[]string{"TestRule7Outage", "outage.txt"},
	},
	{
		16, "a session that was not there yet is remembered as missing",
		[]asked{{irisOnRedis, irisRemembersMisses, free}},
		naiveRemembersMisses, satchelRemembersMisses,
		[]string{"TestCacheRemembersNoMiss"},
	},
	{
		16, "what is read while the session ends is served after its end",
		[]asked{{irisOnRedis, irisReadsTheEnded, free}},
		naiveFills, satchelFills,
		[]string{"TestCacheFillRaces", "TestFeedFillRaces"},
	},
	{
		16, "what one node writes while another ends the session brings it back",
		[]asked{{irisOnRedis, irisRevives, has}},
		nil, satchelRevives,
		[]string{"TestRule1LateSave"},
	},
	{
		18, "another process reads a file while it is written, and finds no session",
		[]asked{{ofFiles, filesTorn, has}, {beegoName, beegoTorn, has}},
		nil, satchelTorn,
		[]string{"TestDirectoryWritesWhole", "TestDirectoryBetweenProcesses"},
	},
	{
		22, "what is kept of a request and saved later writes into another's answer",
		[]asked{{ofFiber, fiberSavesLate, has}},
		nil, satchelSavesLate,
		[]string{"TestHeldAfterTheRequest"},
	},
	{
		23, "who stops the goroutine that sweeps races with it",
		[]asked{{ofSCS, racing("memstore", "memstore.(*MemStore)"), has}, {goSessionName, racing("go-session", "github.com/go-session"), free}},
		nil, racing("memory", "github.com/satchel-go/satchel"),
		[]string{"TestMemoryCloseWaits"},
	},
}

func racing(what, where string) func(*testing.T) verdict {
	return func(t *testing.T) verdict { return raced(t, what, where) }
}
