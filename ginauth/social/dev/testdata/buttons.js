import { done, logIn, logInByPopup } from "/social.js"; // of README.md

const show = (text) => { document.getElementById("result").textContent = text; };
const tell = (login) => login.then((out) => out && show("Hello " + out.user.username), (error) => show(error.message));

document.getElementById("redirect").addEventListener("click", () => logIn("dev"));
document.getElementById("popup").addEventListener("click", () => tell(logInByPopup("dev")));
if (location.search) tell(done());
