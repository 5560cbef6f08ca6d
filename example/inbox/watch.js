// Loads the page again when a mail arrives.
const shown = Number(document.body.dataset.last);

async function look() {
  if (document.hidden) return;
  try {
    const response = await fetch("/last");
    if (Number(await response.text()) === shown) return;
    if (document.body.dataset.chosen === "true") document.getElementById("fresh").hidden = false;
    else location.reload();
  } catch {
    // The server has stopped; it may come back.
  }
}

setInterval(look, 1000);
document.addEventListener("visibilitychange", look);
