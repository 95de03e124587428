package core_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"
)

// A second implementation, of the encoding direction only, written from SPEC.md with the standard library and without a
// look at the rooms. It is slow, plain and knows nothing of policies.

func oracleText(raw string) string { return base64.RawURLEncoding.EncodeToString([]byte(raw)) }

// oracleField is a length of four bytes, and the text.
func oracleField(s string) string {
	return string(binary.BigEndian.AppendUint32(nil, uint32(len(s)))) + s
}

func oracleInstant(ms int64) string {
	return string(binary.BigEndian.AppendUint64(nil, uint64(ms))[2:])
}

// oracleKey is section 3 of SPEC.md.
func oracleKey(kind, audience, tenant, id string) string {
	sum := sha256.Sum256([]byte(oracleField("satchel key v1") + oracleField(kind) + oracleField(audience) + oracleField(tenant) + id))
	return string(sum[:])
}

// oracleBody is section 4.
func oracleBody(v vector) string {
	switch {
	case v.has("hidden"):
		return "\x01\x40" + v.hex("family") + v.hex("successor") + v.hex("hidden")
	case v.has("successor"):
		return "\x01\x80" + v.hex("family") + v.hex("successor")
	}
	flags, parts := byte(0), oracleInstant(v.number("created"))
	short := func(s string) string { return string([]byte{byte(len(s))}) + s }
	if subject := v.text("subject"); subject != "" {
		flags |= 0x01
		parts += oracleInstant(v.number("authenticated")) + short(subject)
	}
	if v.has("methods") {
		flags |= 0x02
		parts += string([]byte{byte(v.number("level"))}) + short(v.text("methods"))
	}
	for _, pair := range []struct {
		flag          byte
		first, second string
	}{{0x04, "own-idle", "own-absolute"}, {0x08, "issued", "adopted"}, {0x10, "everyone", "epoch"}} {
		if v.has(pair.first) {
			flags |= pair.flag
			parts += oracleInstant(v.number(pair.first)) + oracleInstant(v.number(pair.second))
		}
	}
	if v.has("serial") {
		flags |= 0x20
		parts += string(binary.BigEndian.AppendUint64(nil, uint64(v.number("serial"))))
	}
	return "\x01" + string([]byte{flags}) + v.hex("family") + parts + v.text("payload")
}

// oracleHidden is an ID hidden under another, as section 4 has it.
func oracleHidden(v vector, old, successor string) string {
	sum := sha256.Sum256([]byte(oracleField("satchel successor key v1") + oracleField(v.text("kind")) + oracleField(v.text("audience")) +
		oracleField(v.text("tenant")) + old))
	out := make([]byte, 32)
	for i := range out {
		out[i] = sum[i] ^ successor[i]
	}
	return string(out)
}

// oracleToken is sections 2, 5 and 6, for a session that is created at made.
func oracleToken(v vector) string {
	entropy := v.hex("entropy")
	family, entropy := entropy[:16], entropy[16:]
	var src string
	version, purpose := "\x02", "payload"
	if v.word("place") == "server-side" {
		version, purpose = "\x01", "id"
		src, entropy = entropy[:32], entropy[32:]
	} else {
		src = "\x01\x00" + family + oracleInstant(v.number("made")) + v.text("payload")
		if subject := v.text("subject"); subject != "" {
			src = "\x01\x01" + family + oracleInstant(v.number("made")) + oracleInstant(v.number("made")) +
				string([]byte{byte(len(subject))}) + subject + v.text("payload")
		}
	}
	bound := func(label, clear string) string {
		return oracleField(label) + version + oracleField(v.text("kind")) + oracleField(purpose) +
			oracleField(v.text("audience")) + oracleField(v.text("tenant")) + clear
	}
	for transform := range strings.SplitSeq(v.word("chain"), ", ") {
		switch transform {
		case "sign":
			id, secret := oraclePrimary(v.word("keyring"))
			key := oracleDerive(secret, oracleField("satchel sign key v1")+oracleField(v.text("kind"))+oracleField(purpose))
			clear := string([]byte{byte(len(id))}) + id
			mac := hmac.New(sha256.New, []byte(key))
			mac.Write([]byte(bound("satchel sign tag v1", clear) + src))
			src = clear + src + string(mac.Sum(nil))
		case "seal":
			id, secret := oraclePrimary(v.word("keyring"))
			e := oracleExponent(v.number("absolute"))
			epoch := v.number("made") / (3_600_000 << e)
			key := oracleDerive(secret, oracleField("satchel seal key v1")+oracleField(v.text("kind"))+oracleField(purpose)+
				string([]byte{byte(e)})+string(binary.BigEndian.AppendUint64(nil, uint64(epoch))))
			clear := string([]byte{byte(len(id))}) + id + string([]byte{byte(e)}) + oracleInstant(v.number("made"))
			block, err := aes.NewCipher([]byte(key))
			if err != nil {
				v.t.Fatal(err)
			}
			gcm, err := cipher.NewGCM(block)
			if err != nil {
				v.t.Fatal(err)
			}
			nonce := entropy[:12]
			entropy = entropy[12:]
			src = clear + nonce + string(gcm.Seal(nil, []byte(nonce), []byte(src), []byte(bound("satchel seal tag v1", clear))))
		}
	}
	return oracleText(version + src)
}

// oracleExponent is the smallest e for which a life is at most 31 epochs of 2^e hours, and 9 for an unlimited one.
func oracleExponent(life int64) int {
	for e := range 9 {
		if life > 0 && life <= 31*(3_600_000<<e) {
			return e
		}
	}
	return 9
}

func oraclePrimary(ring string) (id, secret string) {
	for entry := range strings.SplitSeq(ring, ";") {
		parts := strings.Split(strings.TrimSpace(entry), ":")
		if parts[1] == "primary" {
			raw, _ := base64.RawURLEncoding.DecodeString(parts[2])
			return parts[0], string(raw)
		}
	}
	return "", ""
}

func oracleDerive(secret, info string) string {
	key, err := hkdf.Key(sha256.New, []byte(secret), nil, info, 32)
	if err != nil {
		panic(err)
	}
	return string(key)
}
