// Notice when something is recorded: by the server's feed of changes where there is one, else by asking now and then.
const EVERY = 15_000;

/** Call when the record has grown, with its new position. */
export function follow(position, grown) {
  let last = position;
  const look = async () => {
    if (document.hidden) return;
    try {
      const found = await (await fetch("/position", { cache: "no-cache" })).json();
      if (found.position !== last) grown((last = found.position), found);
    } catch { /* the server is away: ask again later */ }
  };
  const address = document.body.dataset.stream;
  if (address) {
    const stream = new EventSource(`${address}?after=${position}`);
    const soon = () => setTimeout(look, 700); // the record is looked at twice a second
    stream.onmessage = soon;
    for (const name of ["change", "announcement", "recorded", "AnnouncementRecorded", "AnnouncementCorrected", "AnnouncementRetracted"]) stream.addEventListener(name, soon);
  }
  setInterval(look, EVERY);
  document.addEventListener("visibilitychange", look);
}
