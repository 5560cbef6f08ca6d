package config

// The reader's language, for the application's functions that get a context.

import "context"

type languageKey struct{}

// LanguageOf returns the language of the response, such as "de" or "pt", from the context that hooks and
// functions of [FormTx] get. It is ResponseLocale, else the user's own language, else what the client
// prefers, else DefaultLocale. Outside a request, as in Auth.SetPassword, it is empty.
func LanguageOf(ctx context.Context) string {
	lang, _ := ctx.Value(languageKey{}).(string)
	return lang
}

// WithLanguage returns a context with a language for [LanguageOf]. The library calls it for every request. Call
// it in tests of your hooks and forms.
func WithLanguage(ctx context.Context, lang string) context.Context {
	return context.WithValue(ctx, languageKey{}, lang)
}
