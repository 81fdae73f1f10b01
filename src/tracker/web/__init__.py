"""Pages for people: map, time slider, timelines, explanations. Drawn on the server, updated in the browser."""
