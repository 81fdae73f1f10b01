"""What was said of the infrastructure along a lane. Source: design §6."""

from tracker.state.lanes import Lane
from tracker.state.record import View


def readiness_tracks(view: View, lane: Lane) -> tuple[int, ...]:
    """The tracks of what parties said of the infrastructure of a lane's places, for its mode."""
    by_place = view.readiness_at.get(lane.mode)
    if by_place is None:
        return ()
    places = {place.lower() for place in lane.places}
    return tuple(sorted(track for place in places for track in by_place.get(place, ())))
