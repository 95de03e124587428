package faults

// all are the faults in their order. Brackets say under which setting of a peer.
var all = []fault{
	{
		"logout undone by a request in flight", scsLogoutUndone, nil, filesLogoutUndone, fiberLogoutUndone, satchelLogoutUndone,
		[4]verdict{has, none, has, has},
		[]string{"TestRule1LateSave", "logout-in-flight.txt"},
	},
	{
		"a read-only request overwrites a writer (scs with an IdleTimeout)", scsReadOverwrites, cookiesReadOverwrites, filesReadOverwrites, fiberReadOverwrites, satchelReadOverwrites,
		[4]verdict{has, free, free, has},
		[]string{"TestRule3Reading", "reader-overtaken.txt"},
	},
	{
		"of two writers' changes one is gone", scsLostUpdate, nil, filesLostUpdate, fiberLostUpdate, satchelLostUpdate,
		[4]verdict{has, none, has, has},
		[]string{"TestRule2ManyWriters", "TestTabsAtOnceLoseNothing"},
	},
	{
		"a record saved after its deadline lives for ever (scs on goredisstore)", scsSavedLate, nil, nil, nil, satchelSavedLate,
		[4]verdict{has, none, none, none},
		[]string{"TestNoWritePastDeadline", "TestRule4Expiry", "past-deadline.txt"},
	},
	{
		"an ID that the client chose is adopted", scsFixation, nil, filesFixation, fiberFixation, satchelFixation,
		[4]verdict{free, none, free, free},
		[]string{"TestRule5Foreign", "fixation.txt"},
	},
	{
		"a bad cookie or record is a 500 at each request (gorilla as its doc.go handles errors)", scsGarbled, cookiesGarbled, filesGarbled, fiberGarbled, satchelGarbled,
		[4]verdict{has, has, has, has},
		[]string{"TestRule8Undecodable", "bad-tokens.txt"},
	},
	{
		"a session outlives its logout, or “end all” ends none (scs with HashTokenInStore)", scsEndsNone, cookiesOutliveLogout, filesOutliveLogout, fiberOutlivesLogout, satchelEndsNone,
		[4]verdict{has, has, free, free},
		[]string{"TestRule1LogoutFollowsTombstones", "TestEndAllRaces"},
	},
	{
		"a flush before the first write sends the header without the cookie", scsFlush, nil, nil, nil, satchelFlush,
		[4]verdict{has, none, none, none},
		[]string{"TestFault08_HeadersLeaveWithoutTheCookie"},
	},
	{
		"a handle kept after its request reads another user's session", scsKeptHandle, nil, nil, fiberKeptHandle, satchelKeptHandle,
		[4]verdict{free, none, none, has},
		[]string{"TestHeldAfterTheRequest", "TestOneConnectionManyPeople"},
	},
	{
		"anonymous requests that use no session write to the store", scsIdleWrites, nil, filesIdleWrites, fiberIdleWrites, satchelIdleWrites,
		[4]verdict{free, none, free, has},
		[]string{"TestRule3Untouched", "untouched.txt"},
	},
	{
		"a seal whose key is wrong silently takes an older key", nil, cookiesOlderKey, nil, nil, satchelOlderKey,
		[4]verdict{none, has, none, none},
		[]string{"TestRule6NoOtherAlgorithmNoOtherKey"},
	},
	{
		"a token is accepted under another cookie's name", scsMoved, cookiesMoved, nil, fiberMoved, satchelMoved,
		[4]verdict{has, free, none, has},
		[]string{"TestItem53_ATokenCannotBeMoved", "moved.txt"},
	},
	{
		"the IV stands outside of what is authenticated", nil, cookiesBitFlips, nil, nil, satchelBitFlips,
		[4]verdict{none, free, none, none},
		[]string{"TestASVS911NothingBeforeTheTag", "TestRule6EveryFieldIsBound"},
	},
	{
		"MaxAge binds the browser alone", scsMaxAge, cookiesMaxAge, nil, nil, satchelMaxAge,
		[4]verdict{free, has, none, none},
		[]string{"TestItem52_ExpiryIsInsideTheToken", "TestRule4Expiry"},
	},
	{
		"a store out of reach logs everybody out", scsOutage, nil, nil, fiberOutage, satchelOutage,
		[4]verdict{free, none, none, free},
		[]string{"TestRule7Outage", "outage.txt"},
	},
	{
		"a cache serves what has ended elsewhere", nil, nil, nil, nil, satchelCaches,
		[4]verdict{none, none, none, none},
		[]string{"TestCacheEndedElsewhere", "TestCacheRemembersNoMiss", "TestCacheFillRaces"},
	},
	{
		"random IDs flood a cache", nil, nil, nil, nil, satchelRandomIDs,
		[4]verdict{none, none, none, none},
		[]string{"TestCacheFlood", "TestFloodOfForgeriesMovesNothing"},
	},
	{
		"a file cut short by a crash is an error for ever", nil, nil, filesCutShort, nil, satchelCutShort,
		[4]verdict{none, none, has, none},
		[]string{"TestDirectoryWritesWhole", "TestDirectoryAfterEveryCrash", "TestDirectoryReadsMakeNothing"},
	},
	{
		"whoever reads the store holds working tokens", scsStoredToken, nil, filesStoredToken, fiberStoredToken, satchelStoredToken,
		[4]verdict{has, none, free, has},
		[]string{"TestItem56_TheStoreHoldsNoToken", "TestItem31_AListHoldsNoToken"},
	},
	{
		"clearing has other attributes than setting", scsClears, cookiesClear, filesClear, fiberClears, satchelClears,
		[4]verdict{free, free, free, free},
		[]string{"TestFault20_ClearTakesAwayWhatSetGave", "clear.txt"},
	},
	{
		"a cookie that the browser drops is sent without an error", nil, cookiesTooLarge, nil, nil, satchelTooLarge,
		[4]verdict{none, has, none, none},
		[]string{"TestItem41_SizesAreRefusedBeforeAnythingIsWritten", "TestACookieThatABrowserWouldDrop"},
	},
	{
		"a client that hangs up leaves the session unsaved", scsHangsUp, nil, nil, nil, satchelHangsUp,
		[4]verdict{has, none, none, none},
		[]string{"TestClientHangsUp", "TestClientHasGone"},
	},
	{
		"a goroutine stays when nobody needs it any more", scsGoroutine, cookiesGoroutine, filesGoroutine, fiberGoroutine, satchelGoroutine,
		[4]verdict{has, free, free, has},
		[]string{"TestMemoryCloseWaits", "TestWatchGoroutines"},
	},
	{
		"an element of a list escapes its field", scsLists, cookiesLists, filesLists, nil, satchelLists,
		[4]verdict{free, free, free, none},
		[]string{"TestCBORLaws", "TestReflectionKeepsTheRulesOfCodecs"},
	},
	{
		"a logout after the first byte does nothing, without an error", scsLateLogout, cookiesLateLogout, filesLateLogout, nil, satchelLateLogout,
		[4]verdict{free, has, free, none},
		[]string{"TestRule9GoneAfterALateClear", "late-clear.txt"},
	},
}
