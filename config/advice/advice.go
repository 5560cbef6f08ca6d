// Package advice holds wording shared by New and Check, so that a search for a message finds both. It is
// for this library only, and can change at any time.
package advice

// What is wrong, and what to do.
const (
	MakeSecret  = "make one with: openssl rand -base64 48"
	Weak        = "below OWASP's minimum (argon2id 19456 KiB and 2 passes, bcrypt cost 10, scrypt cost 17)"
	MustBeHTTPS = "must be https; http is for localhost only"
	TakeMailer  = "take one of package ginauth/mailer"
	Sender      = `like "Acme <no-reply@acme.example>"`
	Page        = "of your front end, as https://app.example.com/page/" // and a placeholder
)
