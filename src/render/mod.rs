//! Findings and figures as text for terminals and machines.
