package mailer

// WithDefaults shows tests the defaults, whose ports need privileges to listen on.
var WithDefaults = SMTP.withDefaults
