package cmd

// sessions, export, check, migrate, rotate-secret.

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// userSessions is the JSON result of sessions.
type userSessions struct {
	ID       int64             `json:"id"`
	Sessions []binding.Session `json:"sessions"`
}

// sessions is the command sessions.
func sessions() command {
	return command{"sessions", "USER", "List the sessions of a user, or end one or all.", func(flags *flag.FlagSet) func(*call) (result, error) {
		end := flags.String("end", "", "end the session with this `ID`")
		endAll := flags.Bool("end-all", false, "end all sessions and personal tokens")
		return func(l *call) (result, error) {
			user, err := l.user()
			switch {
			case err != nil:
				return result{}, err
			case *end != "" && *endAll:
				return result{}, usageError("give --end or --end-all, not both")
			case *end != "":
				err = l.endSession(user, *end)
			case *endAll:
				err = l.auth.EndSessions(l.ctx, user.ID)
			}
			if err != nil {
				return result{}, err
			}
			return l.listSessions(user.ID)
		}
	}}
}

// endSession ends one session of a user.
func (l *call) endSession(user *models.User, id string) error {
	session, account, err := l.core.SessionByID(l.ctx, id)
	if err != nil || session.UserID != user.ID || session.Personal {
		return fmt.Errorf("%w: user %d has no session %q", core.ErrNoRow, user.ID, id)
	}
	if err := l.core.EndSession(l.ctx, user.ID, id, false); err != nil {
		return err
	}
	e := config.Event{User: account, Session: session}
	l.core.Record(l.ctx, config.EventSessionRevoked, e)
	l.core.After(l.ctx, config.EventSessionRevoked, e)
	return nil
}

func (l *call) listSessions(id int64) (result, error) {
	account, err := l.core.UserByID(l.ctx, id)
	if err != nil {
		return result{}, err
	}
	rows, err := l.core.SessionsOf(l.ctx, account.Base(), false)
	if err != nil {
		return result{}, err
	}
	out := userSessions{id, []binding.Session{}}
	var text bytes.Buffer
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tMETHOD\tLAST SEEN\tEXPIRES\tIP\tCLIENT")
	for i := range rows {
		s := binding.SessionOf(&rows[i], false, l.core.AMR(&rows[i]), core.ACR(&rows[i]))
		out.Sessions = append(out.Sessions, s)
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", rows[i].ID, rows[i].Method, shown(rows[i].LastSeenAt), shown(rows[i].ExpiresAt), rows[i].IP, rows[i].UserAgent)
	}
	if err := table.Flush(); err != nil || len(rows) > 0 {
		return result{text: text.String(), data: out}, err
	}
	return result{text: fmt.Sprintf("User %d has no sessions.", id), data: out}, nil
}

func shown(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }

// export is the command export.
func export() command {
	return command{"export", "USER", "Print everything that is stored about a user as JSON, without secrets.", func(*flag.FlagSet) func(*call) (result, error) {
		return func(l *call) (result, error) {
			user, err := l.user()
			if err != nil {
				return result{}, err
			}
			out, err := l.core.ExportOf(l.ctx, user.ID)
			if err != nil {
				return result{}, err
			}
			text, err := json.MarshalIndent(out, "", "  ")
			return result{text: string(text), data: out}, err
		}
	}}
}

// finding is a finding of check in JSON.
type finding struct {
	Severity ginauth.Severity `json:"severity"`
	Setting  string           `json:"setting"`
	Problem  string           `json:"problem"`
	Fix      string           `json:"fix"`
}

func check(*flag.FlagSet) func(*call) (result, error) {
	return func(l *call) (result, error) {
		all, done, lines := []finding{}, result{}, []string{}
		for _, f := range l.auth.Check(l.ctx) {
			all, lines = append(all, finding(f)), append(lines, f.String())
			done.attention = done.attention || f.Severity == ginauth.SeverityError
		}
		if len(all) == 0 {
			lines = []string{"No problems found."}
		}
		done.text, done.data = strings.Join(lines, "\n"), map[string]any{"findings": all}
		return done, nil
	}
}

// migrations is the JSON result of migrate.
type migrations struct {
	Migrations []string `json:"migrations"` // those that ran or, with --dry-run, would run
	SQL        string   `json:"sql,omitempty"`
}

// migrate is the command migrate.
func migrate() command {
	return command{"migrate", "", "Create and change tables. Run it before a new release starts.", func(flags *flag.FlagSet) func(*call) (result, error) {
		dryRun := flags.Bool("dry-run", false, "print the pending migrations and their SQL, and change nothing")
		return func(l *call) (result, error) {
			pending, err := l.auth.PendingMigrations(l.ctx)
			if err != nil {
				return result{}, err
			}
			out := migrations{Migrations: append([]string{}, pending...)}
			if *dryRun {
				var sql strings.Builder
				err := l.auth.MigrationSQL(l.ctx, &sql)
				out.SQL = sql.String()
				text := "-- Nothing to do."
				if out.SQL != "" {
					text = fmt.Sprintf("-- %d pending migrations: %s\n\n%s", len(pending), strings.Join(pending, ", "), out.SQL)
				}
				return result{text: text, data: out, attention: len(pending) > 0 || out.SQL != ""}, err
			}
			if err := l.auth.Migrate(l.ctx); err != nil {
				return result{}, err
			}
			return result{text: fmt.Sprintf("%d migrations ran. %s", len(pending), strings.Join(pending, ", ")), data: out}, nil
		}
	}}
}

// secrets is the JSON result of rotate-secret.
type secrets struct {
	Secret     string   `json:"secret"`                // the new one
	OldSecrets []string `json:"old_secrets,omitempty"` // with --show-present: the present Secret and OldSecrets
}

// rotateSecret is the command rotate-secret. It changes nothing.
func rotateSecret() command {
	return command{"rotate-secret", "", "Print a new Secret, and the OldSecrets that keep the present one valid.", func(flags *flag.FlagSet) func(*call) (result, error) {
		show := flags.Bool("show-present", false, "print the present secrets as well, which then are in your terminal")
		return func(l *call) (result, error) {
			random := make([]byte, 48)
			if _, err := io.ReadFull(l.auth.Config().Rand, random); err != nil {
				return result{}, err
			}
			out, cfg := secrets{Secret: base64.StdEncoding.EncodeToString(random)}, l.auth.Config()
			line := fmt.Sprintf("the present Secret and the %d present OldSecrets", len(cfg.OldSecrets))
			if *show {
				for _, s := range append([]config.Secret{cfg.Secret}, cfg.OldSecrets...) {
					out.OldSecrets = append(out.OldSecrets, string(s))
				}
				line = fmt.Sprintf("%q", out.OldSecrets)
			}
			return result{text: fmt.Sprintf(rotation, out.Secret, line, cfg.Session.Absolute), data: out}, nil
		}
	}}
}

const rotation = `Secret:     %s
OldSecrets: %s

With one instance, set both and restart. With several, first add the new secret to OldSecrets and keep Secret; when all
instances have that, set both as above. Remove the present secret after %s (Session.Absolute). If it was stolen, remove
it now: users then log in again.
`
