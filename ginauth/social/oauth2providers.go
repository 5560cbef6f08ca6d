package social

// Providers of plain OAuth 2 as data. What each says about addresses, and about access tokens, is in its documentation, which the
// comments name.

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"

	"github.com/ginauth/gin-rest-auth/config"
)

// GitHub returns GitHub: an OAuth app, or a GitHub app with the permission "Email addresses: read". The primary address counts as
// verified if GitHub says so. https://docs.github.com/en/rest/users/emails
// Access tokens: https://docs.github.com/en/rest/apps/oauth-applications#check-a-token
func GitHub(clientID string, secret config.Secret) Provider {
	p := OAuth2("github", oauth2.Endpoint{
		AuthURL: "https://github.com/login/oauth/authorize", TokenURL: "https://github.com/login/oauth/access_token",
	}, clientID, secret, gitHubUser)
	p.Scopes, p.vouches = []string{"read:user", "user:email"}, true
	p.CheckToken = func(ctx context.Context, api *API) error {
		body, _ := json.Marshal(map[string]string{"access_token": api.Token}) // a map of texts has no invalid value
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://api.github.com/applications/"+url.PathEscape(api.ClientID)+"/token", strings.NewReader(string(body)))
		if err != nil {
			return fmt.Errorf("%w: the URL is invalid", ErrUnavailable)
		}
		r.SetBasicAuth(api.ClientID, api.Secret)
		var info struct {
			App struct {
				ClientID string `json:"client_id"`
			} `json:"app"`
		}
		err = api.Do(r, &info)
		return api.issuedTo(err, info.App.ClientID)
	}
	return p
}

func gitHubUser(ctx context.Context, api *API) (Profile, error) {
	var user struct {
		ID    id     `json:"id"` // the login can be given to another person
		Login string `json:"login"`
		Name  string `json:"name"`
	}
	if err := api.Get(ctx, "https://api.github.com/user", &user); err != nil {
		return Profile{}, err
	}
	var emails []struct {
		Email    string `json:"email"`
		Primary  yes    `json:"primary"`
		Verified yes    `json:"verified"`
	}
	if err := api.Get(ctx, "https://api.github.com/user/emails", &emails); err != nil {
		return Profile{}, err
	}
	out := Profile{Subject: string(user.ID), Username: user.Login}
	out.FirstName, out.LastName = SplitName(user.Name)
	for _, e := range emails {
		if e.Primary {
			out.Email, out.EmailVerified = e.Email, bool(e.Verified)
		}
	}
	return out, nil
}

// Facebook returns Facebook Login. No address counts as verified: Meta's documentation does not say that it is.
// https://developers.facebook.com/docs/graph-api/reference/user
// Access tokens: https://developers.facebook.com/docs/graph-api/reference/debug_token
func Facebook(clientID string, secret config.Secret) Provider {
	const graph = "https://graph.facebook.com/v23.0"
	p := OAuth2("facebook", oauth2.Endpoint{
		AuthURL: "https://www.facebook.com/v23.0/dialog/oauth", TokenURL: graph + "/oauth/access_token",
	}, clientID, secret, func(ctx context.Context, api *API) (Profile, error) {
		var user struct {
			ID    id     `json:"id"`
			Email string `json:"email"`
			First string `json:"first_name"`
			Last  string `json:"last_name"`
		}
		// https://developers.facebook.com/docs/graph-api/guides/secure-requests#appsecret_proof
		mac := hmac.New(sha256.New, []byte(api.Secret))
		mac.Write([]byte(api.Token))
		query := url.Values{"fields": {"id,email,first_name,last_name"}, "appsecret_proof": {hex.EncodeToString(mac.Sum(nil))}}
		err := api.Get(ctx, graph+"/me?"+query.Encode(), &user)
		return Profile{Subject: string(user.ID), Email: user.Email, FirstName: user.First, LastName: user.Last}, err
	})
	p.Scopes = []string{"public_profile", "email"}
	p.CheckToken = func(ctx context.Context, api *API) error {
		var info struct {
			Data struct {
				AppID id  `json:"app_id"`
				Valid yes `json:"is_valid"`
			} `json:"data"`
		}
		query := url.Values{"input_token": {api.Token}, "access_token": {api.ClientID + "|" + api.Secret}}
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, graph+"/debug_token?"+query.Encode(), nil)
		if err != nil {
			return fmt.Errorf("%w: the URL is invalid", ErrUnavailable)
		}
		if err = api.Do(r, &info); err == nil && !info.Data.Valid {
			err = fmt.Errorf("%w: the access token is not valid", ErrRefused)
		}
		return api.issuedTo(err, string(info.Data.AppID))
	}
	return p
}

// X returns X, formerly Twitter, with OAuth 2. It needs PKCE, so clients send code_verifier with the code. confirmed_email counts as
// verified by its name, which is all that X's documentation says about it; the application needs permission to request it.
// https://docs.x.com/x-api/users/get-my-user
// X cannot say which application an access token was issued to.
func X(clientID string, secret config.Secret) Provider {
	p := OAuth2("x", oauth2.Endpoint{
		AuthURL: "https://x.com/i/oauth2/authorize", TokenURL: "https://api.x.com/2/oauth2/token", AuthStyle: oauth2.AuthStyleInHeader,
	}, clientID, secret, func(ctx context.Context, api *API) (Profile, error) {
		var user struct {
			Data struct {
				ID       id     `json:"id"`
				Username string `json:"username"`
				Name     string `json:"name"`
				Email    string `json:"confirmed_email"`
			} `json:"data"`
		}
		err := api.Get(ctx, "https://api.x.com/2/users/me?user.fields=confirmed_email,name,username", &user)
		out := Profile{Subject: string(user.Data.ID), Email: user.Data.Email, EmailVerified: user.Data.Email != "", Username: user.Data.Username}
		out.FirstName, out.LastName = SplitName(user.Data.Name)
		return out, err
	})
	p.Scopes, p.vouches = []string{"tweet.read", "users.read", "users.email"}, true
	return p
}

// Discord returns Discord. The field verified says whether the address is verified. https://docs.discord.com/developers/resources/user
// Access tokens: https://docs.discord.com/developers/topics/oauth2 (Get Current Authorization Information)
func Discord(clientID string, secret config.Secret) Provider {
	p := OAuth2("discord", oauth2.Endpoint{
		AuthURL: "https://discord.com/oauth2/authorize", TokenURL: "https://discord.com/api/oauth2/token",
	}, clientID, secret, func(ctx context.Context, api *API) (Profile, error) {
		var user struct {
			ID       id     `json:"id"`
			Username string `json:"username"`
			Name     string `json:"global_name"`
			Email    string `json:"email"`
			Verified yes    `json:"verified"`
		}
		err := api.Get(ctx, "https://discord.com/api/users/@me", &user)
		out := Profile{Subject: string(user.ID), Email: user.Email, EmailVerified: bool(user.Verified), Username: user.Username}
		out.FirstName, out.LastName = SplitName(user.Name)
		return out, err
	})
	p.Scopes, p.vouches = []string{"identify", "email"}, true
	p.CheckToken = func(ctx context.Context, api *API) error {
		var info struct {
			Application struct {
				ID id `json:"id"`
			} `json:"application"`
		}
		err := api.Get(ctx, "https://discord.com/api/oauth2/@me", &info)
		return api.issuedTo(err, string(info.Application.ID))
	}
	return p
}

// Spotify returns Spotify. Its documentation says that the address is unverified.
// https://developer.spotify.com/documentation/web-api/reference/get-current-users-profile
// Spotify cannot say which application an access token was issued to.
func Spotify(clientID string, secret config.Secret) Provider {
	p := OAuth2("spotify", oauth2.Endpoint{
		AuthURL: "https://accounts.spotify.com/authorize", TokenURL: "https://accounts.spotify.com/api/token", AuthStyle: oauth2.AuthStyleInHeader,
	}, clientID, secret, func(ctx context.Context, api *API) (Profile, error) {
		var user struct {
			ID    id     `json:"id"`
			Name  string `json:"display_name"`
			Email string `json:"email"`
		}
		err := api.Get(ctx, "https://api.spotify.com/v1/me", &user)
		out := Profile{Subject: string(user.ID), Email: user.Email}
		out.FirstName, out.LastName = SplitName(user.Name)
		return out, err
	})
	p.Scopes = []string{"user-read-email"}
	return p
}
