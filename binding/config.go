package binding

// PublicConfig is the response of GET config/: what a front end needs to know to show its forms. It depends on the
// configuration only, and is the same for every client.
type PublicConfig struct {
	Login        PublicLogin    `json:"login"`
	Registration PublicSignUp   `json:"registration"`
	Username     PublicUsername `json:"username"`
	Email        PublicEmail    `json:"email"`
	Password     PublicPassword `json:"password"`
	Factors      []string       `json:"factors"`            // names of the second factors that users can have, sorted
	Captcha      *PublicCaptcha `json:"captcha"`            // null without captchas
	Languages    []string       `json:"languages"`          // of messages and mails, as BCP 47 tags, sorted
	Language     string         `json:"default_language"`   // used if the reader's language is not in languages
	EmailChecked string         `json:"email_verification"` // config.Config.EmailVerification: "none", "optional" or "mandatory"
	Features     map[string]any `json:"features"`           // what features say about themselves, by their names
}

// PublicLogin says how users log in.
type PublicLogin struct {
	Methods     []string `json:"methods"`     // what login/ accepts: "username", "email"
	Credentials []string `json:"credentials"` // what the header Auth-Credential can ask for: "cookie", "token", "jwt"
	Code        bool     `json:"code"`        // whether login/code/ exists
}

// PublicSignUp says what registration/ asks for. The uses are "required", "optional" and "off".
type PublicSignUp struct {
	Username   string `json:"username"`
	Email      string `json:"email"`
	LogsIn     bool   `json:"logs_in"`    // whether a sign-up also logs in
	Restricted bool   `json:"restricted"` // whether config.Config.RegisterGuard can reject it
}

// PublicUsername has the rules for new user names.
type PublicUsername struct {
	MinLength int    `json:"min_length"` // in characters
	MaxLength int    `json:"max_length"` // in characters
	Pattern   string `json:"pattern"`    // for the whole name, in the syntax of Go's package regexp; empty for none
}

// PublicEmail has the limit of e-mail addresses.
type PublicEmail struct {
	MaxLength int `json:"max_length"` // in characters
}

// PublicPassword has the rules for new passwords. The application can have further ones.
type PublicPassword struct {
	MinLength int      `json:"min_length"` // in characters
	MaxBytes  int      `json:"max_bytes"`  // in bytes of UTF-8
	Rules     []string `json:"rules"`      // the library's other rules: "not_similar", "not_common", "not_numeric", "not_breached"
}

// PublicCaptcha says which captcha to show, and where. Paths have no slash at their ends.
type PublicCaptcha struct {
	Kind      string   `json:"kind"`       // "turnstile", "hcaptcha", "recaptcha"; empty for a verifier of the application
	SiteKey   string   `json:"site_key"`   // config.Captcha.SiteKey
	Always    []string `json:"always"`     // routes that ask for one in each request
	AfterHalf []string `json:"after_half"` // routes that ask for one after several attempts
}
