// Notice when something is recorded: by the server's feed of changes where there is one, else by asking now and then.
const EVERY = document.body.dataset.revision ? 2_000 : 15_000; // files are being edited, or a store grows

/** Call when the record has grown, or its files have changed, with what the server says of it. */
export function follow(position, grown) {
  const mark = (found) => `${found.position} ${found.revision}`;
  let last = mark({ position, revision: document.body.dataset.revision });
  const look = async () => {
    if (document.hidden) return;
    try {
      const found = await (await fetch("/position", { cache: "no-cache" })).json();
      if (mark(found) !== last) { last = mark(found); grown(found); }
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
