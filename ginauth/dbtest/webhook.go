package dbtest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/webhook"
	"github.com/ginauth/gin-rest-auth/models"
)

// This file has the web-hooks of each event, and their signatures. The test of package webhook has their settings.

var webhookCases = Group{Name: "webhook", Cases: []func(*Case){
	hooksTellEachEvent, hooksTellOfCalls, hooksTellOnlyWhatIsListed, hooksAreSignedBySeveralSecrets, hooksHaveOwnData, hooksCostNoReads,
	hooksAreRolledBack, hooksOfRetriedChangesAreStoredOnce, hooksHaveNoSecrets,
	hooksAreTriedEightTimes, hooksNeedSuccess, hooksSurviveACrash, hooksAreSharedByInstances, hooksDoNotDelayMails, hooksRun, hooksAreSwept,
	hooksFollowTheirEndpoint, hungEndpointDelaysNoOther, hooksQuoteNoResponse,
	featuresTellTheirEvents, endpointsCanListEventsOfFeatures, eventsMustBeDeclared,
}}

const hookSecret = config.Secret("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD2rEyZAGFJvI=")

// hook is a web-hook that a receiver got.
type hook struct {
	webhook.Payload
	ID   string
	At   time.Time // in its header
	Body string
}

// receiver is a server that gets web-hooks.
type receiver struct {
	*httptest.Server
	c *Case

	mu     sync.Mutex
	got    []hook
	answer func(w http.ResponseWriter, r *http.Request) // nil for 204
}

// receiver starts a server. It fails the test if a web-hook is not signed with hookSecret.
func (c *Case) receiver() *receiver {
	signer, err := standardwebhooks.NewWebhook(string(hookSecret))
	if err != nil {
		c.Fatal(err)
	}
	r := &receiver{c: c}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body) // an aborted request has a wrong signature
		if err := signer.VerifyIgnoringTimestamp(body, request.Header); err != nil {
			c.Errorf("%v: %s", err, body)
		}
		seconds, _ := strconv.ParseInt(request.Header.Get("webhook-timestamp"), 10, 64)
		h := hook{ID: request.Header.Get("webhook-id"), At: time.Unix(seconds, 0).UTC(), Body: string(body)}
		if err := json.Unmarshal(body, &h.Payload); err != nil || request.Method != http.MethodPost || request.Header.Get("Content-Type") != "application/json" {
			c.Errorf("%v: %s %v", err, request.Method, request.Header)
		}
		r.mu.Lock()
		r.got = append(r.got, h)
		answer := r.answer
		r.mu.Unlock()
		if answer == nil {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		answer(w, request)
	}))
	c.Cleanup(r.Close)
	return r
}

// endpoint returns the endpoint of the server.
func (r *receiver) endpoint(events ...webhook.Event) webhook.Endpoint {
	return webhook.Endpoint{URL: r.URL, Secrets: []config.Secret{hookSecret}, Events: events}
}

// status sets the response of the server.
func (r *receiver) status(code int) {
	r.respond(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
}

func (r *receiver) respond(answer func(http.ResponseWriter, *http.Request)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

// take sends what is due and returns what the server got, in the order of the events.
func (r *receiver) take() []hook {
	r.c.Helper()
	if _, err := r.c.Auth.SendOutbox(context.Background()); err != nil {
		r.c.Fatal(err)
	}
	return r.taken()
}

// taken returns what the server got.
func (r *receiver) taken() []hook {
	r.mu.Lock()
	defer r.mu.Unlock()
	got := r.got
	r.got = nil
	var rows []models.Delivery
	if err := r.c.DB.Order("id").Find(&rows).Error; err != nil {
		r.c.Fatal(err)
	}
	at := func(h hook) int {
		return slices.IndexFunc(rows, func(d models.Delivery) bool { return "msg_"+d.MessageID == h.ID })
	}
	slices.SortStableFunc(got, func(a, b hook) int { return at(a) - at(b) })
	return got
}

// want sends what is due and compares the types of what the server got.
func (r *receiver) want(events ...webhook.Event) []hook {
	r.c.Helper()
	got := r.take()
	var types []webhook.Event
	for _, h := range got {
		types = append(types, h.Type)
	}
	if !slices.Equal(types, events) {
		r.c.Fatalf("got %q, want %q", types, events)
	}
	return got
}

// hooked starts an application that sends web-hooks to servers.
func (c *Case) hooked(o webhook.Options, change ...func(*config.Config)) {
	c.Helper()
	o.AllowPrivateNetworks, o.InsecureAllowHTTP = true, true
	c.With(webhook.Feature(o)).StartMail(change...)
}

// hookedTo is hooked with one server.
func (c *Case) hookedTo(change ...func(*config.Config)) *receiver {
	c.Helper()
	r := c.receiver()
	c.hooked(webhook.Options{Endpoints: []webhook.Endpoint{r.endpoint()}}, change...)
	return r
}

// registered stores a user with CreateUser, who can log in, and returns the ID.
func (c *Case) registered(name string) int64 {
	c.Helper()
	account := c.Auth.Config().NewUser()
	account.Base().Username, account.Base().Email = name, name+"@example.com"
	if err := c.Auth.CreateUser(c.Context(), account, authtest.Password); err != nil {
		c.Fatal(err)
	}
	return account.Base().ID
}

func hooksTellEachEvent(c *Case) {
	r := c.hookedTo(withEverything)
	ann := c.Client()
	ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	id := float64(c.user("ann").ID)
	hooks := r.want(webhook.UserCreated, webhook.SessionCreated)
	data := hooks[0].Data
	if data["id"] != id || data["username"] != "ann" || data["email"] != "ann@example.com" || len(data) != 3 {
		c.Error(data)
	}
	if h := hooks[0]; !h.Timestamp.Equal(c.Clock.Now()) || !h.At.Equal(c.Clock.Now()) || h.ID == hooks[1].ID {
		c.Errorf("%+v at %v", h, c.Clock.Now())
	}
	if data := hooks[1].Data; data["method"] != "register" || len(data["session_id"].(string)) != 26 {
		c.Error(data)
	}
	c.verify(c.Box.Empty()[0].Key(c.T)).Want(200)
	if data := r.want(webhook.UserEmailVerified)[0].Data; data["address"] != "ann@example.com" {
		c.Error(data)
	}
	email, mail := c.added(ann, "ann@work.example")
	verifyIn(ann, mail.Key(c.T)).Want(200)
	ann.Post(emailPath(email.ID, "primary"), nil).Want(200)
	old := emails(ann)
	for _, e := range old {
		if !e.Primary {
			ann.Delete(fmt.Sprintf("/auth/emails/%d/", e.ID)).Want(204)
		}
	}
	hooks = r.want(webhook.UserEmailAdded, webhook.UserEmailVerified, webhook.UserEmailChanged, webhook.UserEmailRemoved)
	for i, address := range []string{"ann@work.example", "ann@work.example", "ann@work.example", "ann@example.com"} {
		if hooks[i].Data["address"] != address {
			c.Errorf("%s: %v", hooks[i].Type, hooks[i].Data)
		}
	}
	c.Clock.Advance(time.Hour)
	c.LoggedIn("ann").Post("/auth/logout/", nil).Want(200)
	c.LoggedIn("ann")
	ann = c.LoggedIn("ann")
	ann.Delete("/auth/sessions/").Want(204)
	hooks = r.want(webhook.SessionCreated, webhook.SessionEnded, webhook.SessionCreated, webhook.SessionCreated, webhook.SessionRevoked, webhook.SessionRevoked)
	for i, like := range map[int]int{1: 0, 4: 2} {
		if id := hooks[i].Data["session_id"]; id == nil || id != hooks[like].Data["session_id"] {
			c.Errorf("%s: %v", hooks[i].Type, hooks[i].Data)
		}
	}
	ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	r.want(webhook.UserPasswordChanged)
	ann.Post("/auth/user/delete/", obj{"password": "Mirror-Maze-88"}).Want(200)
	if data := r.want(webhook.UserDeleted)[0].Data; data["id"] != id || data["email"] != "ann@work.example" {
		c.Error(data)
	}
}

func typesOf(hooks []hook) (all []webhook.Event) {
	for _, h := range hooks {
		all = append(all, h.Type)
	}
	return all
}

// hooksTellOfCalls: calls of the application have the same web-hooks, with all data, although some events have only an ID.
func hooksTellOfCalls(c *Case) {
	r := c.hookedTo(usesTypes, func(cfg *config.Config) { cfg.DeleteGrace = time.Hour })
	id := c.registered("ann")
	r.want(webhook.UserCreated)
	ctx := context.Background()
	for _, call := range []error{
		c.Auth.SetActive(ctx, id, false), c.Auth.SetActive(ctx, id, true), c.Auth.Ban(ctx, id, "canary", time.Time{}), c.Auth.Unban(ctx, id),
		c.Auth.SetPassword(ctx, id, "Mirror-Maze-88"), c.Auth.EndSessions(ctx, id),
		c.Auth.DeleteUser(ctx, id),
	} {
		if call != nil {
			c.Fatal(call)
		}
	}
	for _, h := range r.want(webhook.UserDeactivated, webhook.UserActivated, webhook.UserBanned, webhook.UserUnbanned, webhook.UserPasswordChanged, webhook.SessionRevoked, webhook.UserDeleted) {
		if strings.Contains(h.Body, "canary") {
			c.Errorf("%s tells the reason of the ban: %s", h.Type, h.Body)
		}
		if h.Data["id"] != float64(id) || h.Data["email"] != "ann@example.com" {
			c.Errorf("%s: %v", h.Type, h.Data)
		}
	}
	bob := c.SignedUp("bob")
	bob.Post("/auth/user/delete/", obj{"password": authtest.Password}).Want(200)
	c.LoggedIn("bob")
	r.want(webhook.UserCreated, webhook.SessionCreated, webhook.UserDeletionScheduled, webhook.SessionCreated)
}

func usesTypes(cfg *config.Config) { cfg.NewUser = config.Model[Member]() }

// hooksTellOnlyWhatIsListed: an endpoint gets its own events; failed logins are never told, since strangers cause them.
func hooksTellOnlyWhatIsListed(c *Case) {
	all, some := c.receiver(), c.receiver()
	c.hooked(webhook.Options{Endpoints: []webhook.Endpoint{all.endpoint(), some.endpoint(webhook.UserCreated, webhook.UserDeleted)}})
	c.SignedUp("ann")
	c.Client().Post("/auth/login/", wrong("ann")).Want(400)
	c.LoggedIn("ann")
	all.want(webhook.UserCreated, webhook.SessionCreated, webhook.SessionCreated)
	if types := typesOf(some.taken()); !slices.Equal(types, []webhook.Event{webhook.UserCreated}) {
		c.Error(types)
	}
}

// hooksAreSignedBySeveralSecrets: while a secret is replaced, both sign, so the receiver can have either.
func hooksAreSignedBySeveralSecrets(c *Case) {
	r := c.receiver()
	to := r.endpoint(webhook.UserCreated)
	to.Secrets = []config.Secret{"whsec_bmV3IHNlY3JldCBvZiAzMiBieXRlcyAtLS0tLS0tLS0=", hookSecret}
	c.hooked(webhook.Options{Endpoints: []webhook.Endpoint{to}})
	next, err := standardwebhooks.NewWebhook(string(to.Secrets[0]))
	if err != nil {
		c.Fatal(err)
	}
	r.respond(func(w http.ResponseWriter, request *http.Request) {
		body := r.got[len(r.got)-1].Body
		if err := next.VerifyIgnoringTimestamp([]byte(body), request.Header); err != nil {
			c.Error(err)
		}
		w.WriteHeader(http.StatusOK)
	})
	c.SignedUp("ann")
	r.want(webhook.UserCreated)
}

// hooksHaveOwnData: the application adds and removes data, from its own type of user.
func hooksHaveOwnData(c *Case) {
	r := c.receiver()
	c.hooked(webhook.Options{
		Endpoints: []webhook.Endpoint{r.endpoint()},
		Data: func(_ context.Context, event webhook.Event, e config.Event) (map[string]any, error) {
			return map[string]any{"plan": e.User.(*Member).Username + "'s " + string(event), "email": nil}, nil
		},
	}, usesTypes)
	id := c.registered("ann")
	if err := c.Auth.SetActive(context.Background(), id, false); err != nil {
		c.Fatal(err)
	}
	for _, h := range r.want(webhook.UserCreated, webhook.UserDeactivated) {
		if _, has := h.Data["email"]; has || h.Data["plan"] != "ann's "+string(h.Type) || h.Data["id"] != float64(id) {
			c.Error(h.Data)
		}
	}
}
