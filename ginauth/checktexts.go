package ginauth

// Findings about the application's own mails.

import "strings"

// ofTexts finds own mails that leave out what their readers need to know.
func (k *checker) ofTexts() error {
	if k.cfg.Texts == nil || k.mails == nil {
		return nil
	}
	why := map[string]string{
		"Opened": "when the account was opened, by which the owner of the address tells a stranger's account from their own",
		"When":   "when it happened", "IP": "from which IP address it was done", "Device": "on which device it was done",
	}
	lacks, err := k.mails.Lacks()
	for _, l := range lacks {
		k.add(SeverityWarning, "Texts", "show {{."+l.Field+"}} in them, or in the layout", "these mails do not say %s: %s",
			why[l.Field], strings.Join(l.Files, ", "))
	}
	return err
}
