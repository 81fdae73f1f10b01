// Every page: light or dark by choice.
const button = document.querySelector("[data-theme-toggle]");
button.hidden = false;
button.addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  try { localStorage.setItem("theme", root.dataset.theme); } catch { /* private window */ }
});
// A form that asks again by itself when a choice is made; typing still ends with Enter.
for (const form of document.querySelectorAll("form[data-eager]")) form.addEventListener("change", (event) => { if (event.target.matches("select, [type=checkbox]")) form.requestSubmit(); });
