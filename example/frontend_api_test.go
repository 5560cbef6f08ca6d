package main

// What other programs do in browser tests: requests to the API, and commands on the database.

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// command runs a command of the example on the database of the server.
func (v *visitor) command(stdin string, args ...string) {
	v.t.Helper()
	if err := run(v.t.Context(), args, func(name string) string { return v.env[name] }, strings.NewReader(stdin), io.Discard, io.Discard); err != nil {
		v.t.Fatalf("%v: %v", args, err)
	}
}

// api sends a request as another program does.
func (v *visitor) api(method, path, token, body string) int {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), method, v.at+path, strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// people adds users who have an address and no password.
func (v *visitor) people(n int) {
	v.t.Helper()
	var file strings.Builder
	file.WriteString("username,email\n")
	for i := range n {
		fmt.Fprintf(&file, "user%02d,user%02d@example.com\n", i, i)
	}
	v.command(file.String(), "import", "--format", "csv", "-")
}

// register signs a user up at the API, as another program does.
func (v *visitor) register(name string) {
	v.t.Helper()
	form := fmt.Sprintf(`{"username": %q, "email": "%s@example.com", "password1": "Looking-Glass-7", "password2": "Looking-Glass-7"}`, name, name)
	if status := v.api(http.MethodPost, "/auth/registration/", "", form); status != 201 {
		v.t.Fatalf("%s: %d", name, status)
	}
}

// mayLogIn reports whether ann can log in.
func (v *visitor) mayLogIn() bool {
	v.t.Helper()
	return v.api(http.MethodPost, "/auth/login/", "", `{"username": "ann", "password": "Looking-Glass-7"}`) == 200
}

// query changes rows of the database, as time does.
func (v *visitor) query(sql string, values ...any) {
	v.t.Helper()
	db, err := openDatabase(v.env["DATABASE_URL"], "")
	if err != nil {
		v.t.Fatal(err)
	}
	pool, err := db.DB()
	if err != nil {
		v.t.Fatal(err)
	}
	defer pool.Close()
	changed := db.Exec(sql, values...)
	if changed.Error != nil || changed.RowsAffected == 0 {
		v.t.Fatalf("%s: %d rows, %v", sql, changed.RowsAffected, changed.Error)
	}
}

// ago is a time as rows have it.
func ago(d time.Duration) time.Time { return time.Now().Add(-d).UTC().Truncate(time.Millisecond) }

// age makes all sessions old, so that sensitive actions ask who the user is.
func (v *visitor) age() {
	v.t.Helper()
	v.query("UPDATE auth_session SET created_at = ?, proven_at = NULL", ago(2*time.Hour))
}
