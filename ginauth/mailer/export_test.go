package mailer

// WithDefaults lets tests see defaults that take a privileged port to see otherwise.
var WithDefaults = SMTP.withDefaults
