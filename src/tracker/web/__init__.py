"""Pages for people: map, time machine, timelines, why. Drawn on the server, moved in the browser."""
