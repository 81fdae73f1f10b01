// Before the first paint, so that a chosen theme does not flash. Not a module: those wait.
{
  const kept = (() => { try { return localStorage.getItem("theme"); } catch { return null; } })();
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
  document.documentElement.classList.add("scripted");
}
