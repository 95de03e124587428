package satchelfiber

import (
	"github.com/gofiber/fiber/v3"

	"github.com/satchel-go/satchel/adapters/answer"
)

// ClearSiteData makes the browser forget all that it keeps of the origin, with the answer to a logout, and marks that no-store:
//
//	if err := accounts.Clear(c); err == nil {
//		satchelfiber.ClearSiteData(c)
//	}
//
// It goes with the answer if the session has been ended, and not if that failed. What it takes away, and where browsers
// follow it, stands at [answer.ClearSiteData].
func ClearSiteData(c fiber.Ctx) { answer.ClearsSite(c.Set) }
