package main

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/png"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var gallery = flag.String("gallery", "", "a folder for the pictures of the documents")

// TestGallery makes the pictures of the documents. README.md of the example has the command.
func TestGallery(t *testing.T) {
	if *gallery == "" {
		t.Skip("set -gallery to make the pictures of the documents")
	}
	v := visit(t, 1280)
	shot := func(name string) { v.shot(name, 1280, "light") }
	v.open("/signup", "Create your account")
	v.fill("username", "ann", "email", "ann@example.com", "password", "Looking-Glass-7")
	shot("sign-up")
	v.press("Create account")
	v.Sees("Hello ann")
	v.mail("Confirm your e-mail address")
	v.Visit(v.inbox)
	v.Sees("Kind")
	v.Until("the mail", func() bool { return v.Eval(`document.readyState`) == "complete" }) // with its frame
	shot("inbox")
	v.confirm()
	v.galleryOfLists()
	v.elsewhere()
	v.open("/account/devices", "iPhone")
	shot("sessions")
	v.open("/account", "You are logged in as ann.")
	v.shot("dark", 1280, "dark")
	v.open("/account/factors", "Authenticator app")
	v.press("Set up the app")
	v.Sees("Scan the code")
	v.Until("the code", func() bool { return v.Eval(`document.querySelector(".qr img").complete`) == true })
	shot("second-factor")
	v.galleryOfOperators(shot)
}

// shot takes a picture of the page, without the cursor and what tells the user something for a moment.
func (v *visitor) shot(name string, width int, scheme string) {
	v.t.Helper()
	v.Eval(`document.activeElement?.blur(); document.getElementById("toast")?.replaceChildren()`)
	if err := os.WriteFile(filepath.Join(*gallery, name+".png"), reduced(v.t, v.Picture(width, scheme)), 0o644); err != nil {
		v.t.Fatal(err)
	}
	v.Resize(v.width, 800, "light")
}

// galleryOfLists writes the list of ann, and shows it on a phone.
func (v *visitor) galleryOfLists() {
	v.t.Helper()
	v.open("/", "Hello ann")
	for _, item := range []string{"Bread", "Six eggs", "Coffee", "Tomatoes", "A lemon"} {
		v.fill("text", item)
		v.press("Add")
		v.Sees(item)
	}
	v.toggle(`document.querySelector(".items input")`)
	v.Sees("1 of 5 done")
	v.shot("phone", 390, "light")
}

// galleryOfOperators logs in as one, and as a user who has a second factor.
func (v *visitor) galleryOfOperators(shot func(string)) {
	v.t.Helper()
	v.secure()
	v.logOut()
	v.enter("ann")
	v.Sees("Second step")
	shot("second-step")
	v.command(strings.Join([]string{
		"username,email,is_staff,is_active,date_joined", "bob,bob@example.com,true,true,2026-01-05T10:00:00Z", "carla,carla@shop.example,false,true,2026-03-14T10:00:00Z",
		"dmitri,dmitri@mail.example,false,false,2026-01-05T10:00:00Z", "elif,elif@example.com,false,true,2026-05-02T10:00:00Z", "",
	}, "\n"), "import", "--format", "csv", "-")
	v.command("", "ban", "elif", "--reason", "spam")
	v.operator()
	v.open("/operators", "carla")
	shot("operators")
	v.open("/operators/users/1", "ann@example.com")
	shot("operators-user")
	v.press("Act as this user")
	v.fill("reason", "Ticket 7")
	v.press("Act as this user")
	v.Sees("You are acting as ann.")
	v.Sees("1 of 5 done")
	shot("acting")
}

// elsewhere logs ann in with other devices.
func (v *visitor) elsewhere() {
	v.t.Helper()
	for _, agent := range []string{
		"Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
	} {
		r, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.at+"/auth/login/", strings.NewReader("username=ann&password=Looking-Glass-7"))
		if err != nil {
			v.t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("User-Agent", agent)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			v.t.Fatal(err)
		}
		_ = response.Body.Close()
	}
}

// reduced returns a picture with its 256 most frequent colours, which takes a third of the bytes and looks the same.
func reduced(t *testing.T, picture []byte) []byte {
	t.Helper()
	from, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	size, count := from.Bounds(), map[color.Color]int{}
	for y := range size.Dy() {
		for x := range size.Dx() {
			count[from.At(x, y)]++
		}
	}
	palette := color.Palette(slices.SortedFunc(maps.Keys(count), func(a, b color.Color) int { return count[b] - count[a] }))
	palette = palette[:min(len(palette), 256)]
	nearest, to := map[color.Color]uint8{}, image.NewPaletted(size, palette)
	for c := range count {
		nearest[c] = uint8(palette.Index(c))
	}
	for y := range size.Dy() {
		for x := range size.Dx() {
			to.SetColorIndex(x, y, nearest[from.At(x, y)])
		}
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, to); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
