"""Responses, from the moment they come in to the day they go."""
