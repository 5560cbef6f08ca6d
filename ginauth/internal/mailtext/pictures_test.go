package mailtext

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// testdata/pictures has the pictures of mails for the README: the golden HTML in a browser 640 pixels wide. The file SHA256
// records the HTML of each picture. -update changes neither, so that the test asks you to look at the picture of a changed
// mail.
var pictures = flag.Bool("pictures", false, "retake the pictures of changed mails, with the browser named by CHROMIUM")

// takeAnew is the command for that. The existing pictures use the Liberation fonts.
const takeAnew = "CHROMIUM=/path/to/chromium go test ./ginauth/internal/mailtext -run TestPictures -pictures"

func TestPictures(t *testing.T) {
	t.Parallel()
	r, folder := open(t), filepath.Join("testdata", "pictures")
	list := filepath.Join(folder, "SHA256")
	text, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	var taken strings.Builder
	for line := range strings.Lines(string(text)) {
		hash, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		kind, lang, _ := strings.Cut(name, ".")
		page := render(t, r, sample(kind, lang)).HTML
		now := fmt.Sprintf("%x", sha256.Sum256([]byte(space.ReplaceAllString(page, " "))))
		switch file := filepath.Join(folder, name+".png"); {
		case hash == now:
		case *pictures:
			if err := takePicture(t, page, file); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		default:
			t.Errorf("%s.html differs from its picture; look at it, and retake the picture:\n%s", name, takeAnew)
		}
		names = append(names, filepath.Join(folder, name+".png"))
		fmt.Fprintf(&taken, "%s  %s\n", now, name)
	}
	if files, err := filepath.Glob(filepath.Join(folder, "*.png")); err != nil || !slices.Equal(files, names) {
		t.Errorf("SHA256 lists %q, the pictures are %q, %v", names, files, err)
	}
	if *pictures && !t.Failed() {
		if err := os.WriteFile(list, []byte(taken.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// space matches white space, which HTML collapses: its amount does not change a picture.
var space = regexp.MustCompile(`\s+`)

// takePicture writes a screenshot of a page, without most of the empty space around it.
func takePicture(t *testing.T, page, file string) error {
	t.Helper()
	dir := t.TempDir()
	source, shot := filepath.Join(dir, "page.html"), filepath.Join(dir, "page.png")
	if err := os.WriteFile(source, []byte(page), 0o600); err != nil {
		return err
	}
	browser := exec.CommandContext(t.Context(), cmp.Or(os.Getenv("CHROMIUM"), "chromium"), "--headless", "--hide-scrollbars",
		"--force-device-scale-factor=1.25", "--window-size=640,1600", "--screenshot="+shot, "file://"+source)
	if out, err := browser.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	in, err := os.Open(shot)
	if err != nil {
		return err
	}
	defer in.Close()
	whole, err := png.Decode(in)
	if err != nil {
		return err
	}
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	part := whole.(interface {
		SubImage(image.Rectangle) image.Image
	}).SubImage(contentOf(whole))
	return errors.Join((&png.Encoder{CompressionLevel: png.BestCompression}).Encode(out, part), out.Close())
}

// contentOf returns the area that differs from the background, with a margin.
func contentOf(m image.Image) (content image.Rectangle) {
	all := m.Bounds()
	background := m.At(all.Min.X, all.Min.Y)
	for y := all.Min.Y; y < all.Max.Y; y++ {
		for x := all.Min.X; x < all.Max.X; x++ {
			if m.At(x, y) != background {
				content = content.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return content.Inset(-28).Intersect(all)
}
