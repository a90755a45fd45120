"""What both Python suites share: server processes, a raw RESP client, waiting, memory watching, real input."""
