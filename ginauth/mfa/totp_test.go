package mfa

import (
	"encoding/base64"
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"github.com/ginauth/gin-rest-auth/models"
)

// TestRFC6238 compares codes with the test vectors of RFC 6238, appendix B, for SHA-1.
func TestRFC6238(t *testing.T) {
	t.Parallel()
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{
		59: "94287082", 1111111109: "07081804", 1111111111: "14050471", 1234567890: "89005924", 2000000000: "69279037", 20000000000: "65353130",
	} {
		row := TOTP{Digits: 8, Period: 30}
		if got, err := codeAt(secret, at/30, 8); err != nil || got != want {
			t.Errorf("at %d: %s, %v; want %s", at, got, err, want)
		}
		if step, err := row.match(secret, want, time.Unix(at, 0)); err != nil || step != at/30 {
			t.Errorf("at %d: step %d, %v", at, step, err)
		}
		row.Digits = 6
		if _, err := row.match(secret, want[2:], time.Unix(at, 0)); err != nil {
			t.Errorf("at %d: six digits: %v", at, err)
		}
		row.LastStep = at / 30
		if _, err := row.match(secret, want[2:], time.Unix(at, 0)); err == nil {
			t.Errorf("at %d: accepted twice", at)
		}
	}
}

// FuzzCode: no text that is not a code is taken for one, whatever it is.
func FuzzCode(f *testing.F) {
	for _, seed := range []string{"123456", " 12 34 56", "１２３４５６", "0260-2b3f", "0123-4567-89AB-cdef", "+23456", "\x00"} {
		f.Add(seed)
	}
	options := feature{Options: Options{Digits: 6}}
	f.Fuzz(func(t *testing.T, code string) {
		bare := withoutSpaces(code)
		if digits := strings.Trim(bare, "0123456789") == "" && len(bare) == 6; options.isTOTP(code) != digits {
			t.Errorf("isTOTP(%q) is %v", code, !digits)
		}
		if isRecovery(code) && strings.Trim(strings.ToLower(code), "0123456789abcdef- ") != "" {
			t.Errorf("isRecovery(%q)", code)
		}
	})
}

// TestTOTPURL compares URLs with those of dj-rest-auth.
func TestTOTPURL(t *testing.T) {
	t.Parallel()
	for issuer, want := range map[string]string{
		"":       "otpauth://totp/ann%40example.com?secret=ABC",
		"My App": "otpauth://totp/My%20App:ann%40example.com?secret=ABC&issuer=My%20App",
		"Ü&?#/":  "otpauth://totp/%C3%9C%26%3F%23%2F:ann%40example.com?secret=ABC&issuer=%C3%9C%26%3F%23%2F",
	} {
		f := feature{Options: Options{Issuer: issuer}.withDefaults("")}
		if got := f.totpURL(&models.User{Email: "ann@example.com", Username: "ann"}, "ABC"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	f := feature{Options: Options{Digits: 8, Period: time.Minute}.withDefaults("Site")}
	if got := f.totpURL(&models.User{Username: "ann b"}, "ABC"); got != "otpauth://totp/Site:ann%20b?secret=ABC&issuer=Site&digits=8&period=60" {
		t.Error(got)
	}
}

// TestQRCode: the image is well-formed, has a quiet zone, and fits the longest text.
func TestQRCode(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"otpauth://totp/x?secret=ABC", "otpauth://totp/" + strings.Repeat("%40", 454)} {
		uri, err := svgURI(text)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(uri, "data:image/svg+xml;base64,"))
		var image struct {
			XMLName xml.Name `xml:"svg"`
			ViewBox string   `xml:"viewBox,attr"`
			Paths   []struct {
				D string `xml:"d,attr"`
			} `xml:"path"`
		}
		if err == nil {
			err = xml.Unmarshal(raw, &image)
		}
		if err != nil || len(image.Paths) != 2 || !strings.HasPrefix(image.Paths[1].D, "M4 4h1v1h-1zM5 4h1v1h-1z") || len(raw) > 1<<20 {
			t.Errorf("%d characters: %d bytes, %v: %.300s", len(text), len(raw), err, raw)
		}
	}
}
