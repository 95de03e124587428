package answer

// ClearSiteData is the value of the field of that name with which an answer to a logout makes the browser forget all that
// it keeps of the origin: what it has cached, its cookies, and what scripts have stored (Clear Site Data, section 3.1).
//
// It takes away every cookie of the registrable domain, also those that the same answer sets and those that have nothing to
// do with the logout, and browsers follow it on https only. It is no replacement for ending the session, which it does not.
const ClearSiteData = `"cache", "cookies", "storage"`

// ClearsSite are the fields of an answer to a logout, for whoever wants the browser to forget all of the site: each is set,
// in place of what an answer has. A commit that fails takes them back.
func ClearsSite(set func(name, value string)) {
	set("Clear-Site-Data", ClearSiteData)
	set("Cache-Control", "no-store")
}
