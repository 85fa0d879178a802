"""What an answer rests on: its markers, the support of each of its sentences, the places that it cites."""
