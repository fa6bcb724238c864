"""Records audit events in an Annals log, without ever making its host wait."""

from .actions import Actions, InvalidActions
from .event import Event, Fault, Principal, api_key, service, system, user
from .recorder import Recorder

__all__ = [
    "Actions",
    "Event",
    "Fault",
    "InvalidActions",
    "Principal",
    "Recorder",
    "api_key",
    "service",
    "system",
    "user",
]
