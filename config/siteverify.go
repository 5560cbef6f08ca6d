package config

// SiteVerify: the verifier for Turnstile, hCaptcha and reCAPTCHA.

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// SiteVerify is a [CaptchaVerifier] for services with the protocol of reCAPTCHA. [Turnstile], [HCaptcha] and [ReCaptcha]
// return one. Change its fields before the first use only.
type SiteVerify struct {
	URL    string // of the service, where solutions are verified
	Secret Secret // from the service
	Kind   string // name of the service, which GET config/ shows to front ends; may be empty

	// Hostnames are the hosts of the pages on which the captcha can be solved: "www.example.com". Answers
	// from other pages are wrong. Default: any host that the service allows.
	Hostnames []string

	// Actions are the values of the widget's action with which a solution counts, such as "login". Turnstile and reCAPTCHA v3
	// return it. hCaptcha and reCAPTCHA v2 do not: with them, every solution is wrong. Default: any action, or none.
	Actions []string

	// MinScore is the lowest score that is accepted, up to 1. Set it with keys of reCAPTCHA v3 only: without
	// a score in the response, every solution is wrong. Default: 0, the score does not count.
	MinScore float64

	// Client sends the requests. Its Timeout is how long a request can take; 0 means 3 seconds.
	// Default: a client that follows no redirect.
	Client *http.Client
}

// Turnstile returns a verifier for Cloudflare Turnstile.
func Turnstile(secret Secret) *SiteVerify {
	return &SiteVerify{URL: "https://challenges.cloudflare.com/turnstile/v0/siteverify", Secret: secret, Kind: "turnstile"}
}

// HCaptcha returns a verifier for hCaptcha.
func HCaptcha(secret Secret) *SiteVerify {
	return &SiteVerify{URL: "https://api.hcaptcha.com/siteverify", Secret: secret, Kind: "hcaptcha"}
}

// ReCaptcha returns a verifier for reCAPTCHA v2, with a minScore of 0, or v3, with the lowest score that you accept.
func ReCaptcha(secret Secret, minScore float64) *SiteVerify {
	return &SiteVerify{URL: "https://www.google.com/recaptcha/api/siteverify", Secret: secret, Kind: "recaptcha", MinScore: minScore}
}

const (
	siteVerifyTimeout = 3 * time.Second
	siteVerifyBody    = 64 << 10
	maxCaptchaAnswer  = 8 << 10
)

func (v *SiteVerify) check(bad complaint) {
	switch {
	case v == nil:
		bad("is nil")
	case !isServer(v.URL):
		bad("URL %q must be an absolute URL without a query", v.URL)
	case v.Secret == "":
		bad("Secret is missing; the captcha service has it")
	case v.MinScore < 0 || v.MinScore > 1:
		bad("MinScore must be between 0 and 1, not %v", v.MinScore)
	}
}

var siteVerifyClient = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// verdict is the response of a service.
type verdict struct {
	Success  *bool    `json:"success"`
	Score    *float64 `json:"score"`
	Hostname string   `json:"hostname"`
	Action   string   `json:"action"`
	Errors   []string `json:"error-codes"`
}

// Verify implements CaptchaVerifier.
func (v *SiteVerify) Verify(ctx context.Context, answer, ip string) (bool, error) {
	if !plausible(answer) {
		return false, nil
	}
	client, timeout := siteVerifyClient, siteVerifyTimeout
	if v.Client != nil {
		client, timeout = v.Client, cmp.Or(v.Client.Timeout, timeout)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	form := url.Values{"secret": {string(v.Secret)}, "response": {answer}}
	if ip != "" {
		form.Set("remoteip", ip)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, v.URL, strings.NewReader(form.Encode()))
	if err != nil {
		return false, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return false, err
	}
	defer response.Body.Close()
	return v.judge(response)
}

// plausible reports whether a solution can be the token of a widget. Other texts are not sent: a service that rejects such a
// request would seem to be down.
func plausible(answer string) bool {
	return answer != "" && len(answer) <= maxCaptchaAnswer && !strings.ContainsFunc(answer, func(r rune) bool { return r <= ' ' || r > '~' })
}

// judge reads a response. A status that the client's solution can cause is not an error: an attacker could otherwise make the
// verifier fail, and pass.
func (v *SiteVerify) judge(response *http.Response) (bool, error) {
	status := response.StatusCode
	rejected := status >= 400 && status < 500 && status != http.StatusTooManyRequests && status != http.StatusRequestTimeout
	if status != http.StatusOK && !rejected {
		return false, fmt.Errorf("the captcha service responded with the status %d", status)
	}
	var got verdict
	err := json.NewDecoder(io.LimitReader(response.Body, siteVerifyBody)).Decode(&got)
	if err == nil && got.Success == nil {
		err = errors.New("it has no success")
	}
	switch {
	case slices.Contains(got.Errors, "invalid-input-secret"), slices.Contains(got.Errors, "missing-input-secret"),
		slices.Contains(got.Errors, "internal-error"):
		return false, fmt.Errorf("the captcha service responded with the errors %q", got.Errors)
	case rejected:
		return false, nil
	case err != nil:
		return false, fmt.Errorf("the response of the captcha service is malformed: %w", err)
	case !*got.Success, v.MinScore > 0 && (got.Score == nil || *got.Score < v.MinScore):
		return false, nil
	}
	listed := func(list []string, value string) bool { return len(list) == 0 || slices.Contains(list, value) }
	return listed(v.Hostnames, got.Hostname) && listed(v.Actions, got.Action), nil
}
