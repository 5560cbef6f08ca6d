package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/ginauth/gin-rest-auth/example/chromium"
)

var pictures = flag.String("pictures", "", "a folder for pictures of the pages")

// axe is the script of axe-core, which finds mistakes that keep people with disabilities out.
var axe = struct {
	sync.Once
	script string
}{}

// visitor uses the example in Chromium: with the keyboard on a wide screen, and by tapping on a narrow one.
type visitor struct {
	*chromium.Browser
	t      *testing.T
	env    map[string]string
	at     string // URL of the example
	width  int
	inbox  string // URL of the development inbox
	secret string // of the authenticator app
}

// flows counts the tests of onBothSizes.
var flows atomic.Int64

// onBothSizes runs a test on a phone or on a desktop in turns, with a browser and a server of its own. With GINAUTH_CI_MATRIX=1 it runs
// on both. settings are like "DEV=true".
func onBothSizes(t *testing.T, test func(*visitor), settings ...string) {
	turn := flows.Add(1) % 2
	for i, size := range []struct {
		name  string
		width int
	}{{"phone", 390}, {"desktop", 1280}} {
		if int64(i) != turn && os.Getenv("GINAUTH_CI_MATRIX") != "1" {
			continue
		}
		t.Run(size.name, func(t *testing.T) {
			t.Parallel()
			v := visit(t, size.width, settings...)
			test(v)
			v.checkConsole()
		})
	}
}

func visit(t *testing.T, width int, settings ...string) *visitor {
	browser := chromium.Open(t)
	axe.Do(func() { axe.script = browser.Script("axe-core/axe.min.js") })
	env := sqliteEnv(t)
	env["TRUSTED_NETWORKS"] = "127.0.0.0/8"
	for _, setting := range settings {
		name, value, _ := strings.Cut(setting, "=")
		env[name] = value
	}
	v := &visitor{Browser: browser, t: t, env: env, at: strings.Replace(start(t, env).url, "127.0.0.1", "localhost", 1), width: width}
	r, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Get(v.at + "/dev/mail")
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	v.inbox = r.Header.Get("Location")
	v.Resize(width, 800, "light")
	t.Cleanup(func() {
		if t.Failed() && *pictures != "" {
			v.save("failed-"+strings.ReplaceAll(t.Name(), "/", "-")+".png", "light")
		}
	})
	return v
}

// open opens a path of the example.
func (v *visitor) open(path, sees string) {
	v.t.Helper()
	v.Visit(v.at + path)
	v.Sees(sees)
}

// scope is where a person looks: a dialog, if one is open.
const scope = `([...document.querySelectorAll("dialog[open]")].at(-1) ?? document)`

// field is the input with a name.
func field(name string) string { return fmt.Sprintf(`%s.querySelector("[name='%s']")`, scope, name) }

// button is the button or link with a text, or the start of its accessible name. Those of the page come before those of its header.
func button(text string) string {
	return fmt.Sprintf(`(all => all.find(e => e.closest("main, dialog")) ?? all[0])([...%s.querySelectorAll("button, a")]`+
		`.filter(e => e.checkVisibility() && (e.textContent.trim() === %q || e.ariaLabel?.startsWith(%q))))`, scope, text, text)
}

// wait waits for an element that can be used.
func (v *visitor) wait(element string) {
	v.t.Helper()
	v.Until(element, func() bool { return v.Eval(`Boolean(`+element+`) && `+element+`.ariaDisabled !== "true"`) == true })
}

// fill types into the fields of a form: names and values in turn.
func (v *visitor) fill(pairs ...string) {
	v.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		v.wait(field(pairs[i]))
		v.Eval(fmt.Sprintf(`(e => { e.focus(); e.select(); })(%s)`, field(pairs[i])))
		v.Type(pairs[i+1])
	}
}

// press presses a button or follows a link, by its text.
func (v *visitor) press(text string) {
	v.t.Helper()
	element := button(text)
	v.wait(element)
	if v.width < 500 {
		v.Tap(element)
		return
	}
	if v.Eval(fmt.Sprintf(`(e => { e.focus(); return document.activeElement === e; })(%s)`, element)) != true {
		v.t.Fatalf("%s cannot be focused", text)
	}
	v.Key("Enter")
}

// toggle presses a checkbox, and waits until it has changed.
func (v *visitor) toggle(element string) {
	v.t.Helper()
	v.wait(element)
	before := v.Eval(element + `.checked`)
	if v.width < 500 {
		v.Tap(element)
	} else {
		v.Eval(element + `.focus()`)
		v.Key(" ")
	}
	v.Until(element+" to change", func() bool { return v.Eval(element+`.checked`) != before })
}

// wrong waits until a problem appears at a field, which must have the focus and be described by the problem.
func (v *visitor) wrong(name, text string) {
	v.t.Helper()
	v.Until(text+" at "+name, func() bool {
		return v.Eval(fmt.Sprintf(`(e => e?.getAttribute("aria-invalid") === "true" && e.getAttribute("aria-describedby").split(" ").some(id => document.getElementById(id)?.textContent.includes(%q)))(%s)`, text, field(name))) == true
	})
}

// look checks the page as it is: accessible in both colour schemes, not wider than the screen, and with targets that fingers can hit.
func (v *visitor) look(name string) {
	v.t.Helper()
	v.Eval(axe.script)
	for scheme, rules := range map[string]string{"light": ``, "dark": `, runOnly: ["color-contrast"]`} {
		v.Resize(v.width, 800, scheme)
		v.Eval(`window.findings = undefined; axe.run({ resultTypes: ["violations"]` + rules + ` }).then(r => { findings = JSON.stringify(r.violations.map(v => v.impact + " " + v.id + ": " + v.nodes.map(n => n.html).join(" "))); }, e => { findings = JSON.stringify([String(e)]); })`)
		v.Until("axe", func() bool { return v.Eval(`window.findings`) != nil })
		var findings []string
		text, _ := v.Eval(`window.findings`).(string)
		if err := json.Unmarshal([]byte(text), &findings); err != nil || len(findings) > 0 {
			v.t.Errorf("%s, %s: %q, %v", name, scheme, findings, err)
		}
		if *pictures != "" {
			v.save(fmt.Sprintf("%s-%d-%s.png", name, v.width, scheme), scheme)
		}
	}
	if wide := v.Eval("document.documentElement.scrollWidth > innerWidth"); wide != false {
		v.t.Errorf("%s is wider than %d pixels", name, v.width)
	}
	small := v.Eval(`[...document.querySelectorAll("button, .button, input:not([type=checkbox]):not([type=hidden]), select, nav a")].filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 44).map(e => e.outerHTML).join("\n")`)
	if small != "" {
		v.t.Errorf("%s has targets of less than 44 pixels: %v", name, small)
	}
}

func (v *visitor) save(name, scheme string) {
	v.t.Helper()
	if err := os.WriteFile(filepath.Join(*pictures, name), v.Picture(v.width, scheme), 0o644); err != nil {
		v.t.Fatal(err)
	}
}

// checkConsole wants no errors in the console but the responses of the API that the pages show, and no requests to other hosts.
func (v *visitor) checkConsole() {
	v.t.Helper()
	problems, hosts, _ := v.Seen()
	for _, problem := range problems {
		if !expected.MatchString(problem) {
			v.t.Errorf("the console has %s", problem)
		}
	}
	for host := range hosts {
		if name, _, _ := strings.Cut(host, ":"); name != "localhost" && name != "127.0.0.1" {
			v.t.Errorf("the browser called %s", host)
		}
	}
}

var expected = regexp.MustCompile(`^error: Failed to load resource: the server responded with a status of 4\d\d \([\w ]+\) http://localhost:\d+/(auth|api)/` +
	`|^verbose: \[DOM\] Password forms should have`) // the page for a link of a mail does not know whose password it sets

// mail opens the newest mail with a subject in the inbox, and returns its text.
func (v *visitor) mail(subject string) string {
	v.t.Helper()
	entry := fmt.Sprintf(`[...document.querySelectorAll("nav li a")].find(e => e.innerText.includes(%q))`, subject)
	v.Until("a mail: "+subject, func() bool {
		v.Visit(v.inbox)
		v.Sees("Development inbox")
		return v.Eval(`Boolean(`+entry+`)`) == true
	})
	v.Visit(fmt.Sprint(v.Eval(entry + `.href + "?text"`)))
	v.Sees("Plain text")
	return fmt.Sprint(v.Eval(`document.querySelector("pre").innerText`))
}

// newTab waits for the tab that an action opens.
func (v *visitor) newTab(action func()) {
	v.t.Helper()
	_, _, tabs := v.Seen()
	action()
	v.Until("a new tab", func() bool { _, _, now := v.Seen(); return now > tabs })
	v.Resize(v.width, 800, "light")
}

// follow opens the link of a mail, with the path of a page. It opens in a new tab, as in a mail program.
func (v *visitor) follow(subject, path string) {
	v.t.Helper()
	v.mail(subject)
	element := fmt.Sprintf(`document.querySelector('pre a[href*="%s"]')`, path)
	v.wait(element)
	v.newTab(func() { v.Tap(element) })
}

var codeForm = regexp.MustCompile(`\b[A-Z0-9]{4}-[A-Z0-9]{4}\b`)

// code returns the code of a mail, which it reads in another tab.
func (v *visitor) code(subject string) string {
	v.t.Helper()
	v.newTab(func() { v.Eval(fmt.Sprintf(`void open(%q, "_blank", "noopener")`, v.inbox)) })
	code := codeForm.FindString(v.mail(subject))
	v.CloseTab()
	if code == "" {
		v.t.Fatalf("no code in the mail about %s", subject)
	}
	return code
}

// totp returns a code of the authenticator app, of this half minute or the next.
func (v *visitor) totp(steps int) string {
	v.t.Helper()
	code, err := totp.GenerateCode(v.secret, time.Now().Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		v.t.Fatal(err)
	}
	return code
}
