//go:build race

package crypto_test

const raceDetector = true
