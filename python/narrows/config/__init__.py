"""The one configuration file, parsed once into types; unknown keys are errors with file and line."""

from narrows.config.located import Located, load, locate
from narrows.config.sections import (
    ApprovalsSection,
    ChatPersonSection,
    Config,
    ConsoleSection,
    ExportSection,
    GatewaySection,
    IssuerSection,
    JournalSection,
    ListenSection,
    NotifierSection,
    OwnerSection,
    RecordingsSection,
    RetentionSection,
    SessionsSection,
    StorageSection,
    TicketsSection,
    TlsSection,
)
from narrows.config.targets import CredentialSection, TargetSection

__all__ = [
    "ApprovalsSection",
    "ChatPersonSection",
    "Config",
    "ConsoleSection",
    "CredentialSection",
    "ExportSection",
    "GatewaySection",
    "IssuerSection",
    "JournalSection",
    "ListenSection",
    "Located",
    "NotifierSection",
    "OwnerSection",
    "RecordingsSection",
    "RetentionSection",
    "SessionsSection",
    "StorageSection",
    "TargetSection",
    "TicketsSection",
    "TlsSection",
    "load",
    "locate",
]
