package config

// The reader's language, for functions of the application that get a context.

import "context"

type languageKey struct{}

// LanguageOf returns the language of the response to the request, as "de" or "pt", from the context that
// hooks and functions of [FormTx] get: ResponseLocale, else the user's own, else what the client prefers,
// else DefaultLocale. It is empty outside a request, as in Auth.SetPassword.
func LanguageOf(ctx context.Context) string {
	lang, _ := ctx.Value(languageKey{}).(string)
	return lang
}

// WithLanguage returns a context with a language for [LanguageOf]. The library calls it; call it to test a
// hook or form.
func WithLanguage(ctx context.Context, lang string) context.Context {
	return context.WithValue(ctx, languageKey{}, lang)
}
