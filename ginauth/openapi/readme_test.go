package openapi_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ginauth/gin-rest-auth/example/chromium"
)

// readmeDriver calls the front end of README.md on a server. fetch in Node does not keep cookies, so it does.
const readmeDriver = `
const original = globalThis.fetch;
let cookie = "";
globalThis.fetch = async (input, init) => {
  const request = new Request(input, init);
  if (request.credentials !== "include") throw new Error("credentials: " + request.credentials);
  if (cookie) request.headers.set("Cookie", cookie);
  const response = await original(request);
  const set = response.headers.getSetCookie().find((line) => line.startsWith("session="));
  if (set) cookie = set.split(";")[0];
  return response;
};
const base = process.argv[2];
await original(base + "/registration/", { method: "POST", body: new URLSearchParams({
  username: "ann", password1: "Looking-Glass-7", password2: "Looking-Glass-7" }) });
const front = await import("./front.js");
console.log(await front.currentUser());
try { await front.logIn("ann", "wrong"); } catch (error) { console.log(error.message); }
console.log((await front.logIn("ann", "Looking-Glass-7")).username, (await front.currentUser()).username);
await front.logOut();
console.log(await front.currentUser());
`

// TestReadmeTypeScript compiles the TypeScript of README.md, a front end, with the types of the document, and runs it.
func TestReadmeTypeScript(t *testing.T) {
	if os.Getenv("GINAUTH_TEST_NPM") == "" {
		t.Skip("set GINAUTH_TEST_NPM=1; the test needs Node 20 and npm")
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	code := regexp.MustCompile("(?s)```ts\n(.*?)```").FindSubmatch(readme)
	if code == nil {
		t.Fatal("README.md has no TypeScript")
	}
	base := chromium.Example(t) + "/auth"
	dir := filepath.Join("testdata", "client", "build", "readme")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	front := strings.Replace(string(code[1]), "https://api.example.com/auth", base, 1)
	for name, text := range map[string]string{"front.ts": front, "driver.js": readmeDriver} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := exec.CommandContext(t.Context(), "sh", "-ec", `
		../../install.sh
		bin=../../node_modules/.bin
		$bin/openapi-typescript "$1/openapi.json" --output auth.d.ts
		$bin/tsc --strict --noUncheckedIndexedAccess --target es2022 --module nodenext --skipLibCheck front.ts
		node driver.js "$1"`, "sh", base)
	run.Dir = dir
	out, err := run.CombinedOutput()
	if want := "null\nName or password is wrong.\nann ann\nnull\n"; err != nil || !strings.HasSuffix(string(out), want) {
		t.Errorf("%v:\n%s", err, out)
	}
}
