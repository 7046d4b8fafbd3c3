"""What leaves the portal on paper: the words of figures and states, the acceptance report and the ledgers. No interface here."""
